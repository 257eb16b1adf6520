package shallow

import (
	"fmt"
	"strings"
)

// parameterHelp says what each parameter does.
var parameterHelp = map[string]string{
	"c":           "cost of an error: the larger, the more closely the training examples are followed",
	"gamma":       "of the RBF kernel, the larger the nearer an example has to be to count: scale, auto or a number",
	"kernel":      "rbf or linear",
	"tolerance":   "how near to the optimum the solver stops",
	"iterations":  "most iterations of the solver (0 for the own bound of svm), or trees of boosting",
	"trees":       "most trees",
	"max-depth":   "most levels of a tree, 0 for any number",
	"min-leaf":    "fewest examples in a leaf",
	"features":    "features that are tried at a node, 0 for the square root of their number",
	"patience":    "rounds without improvement after which no tree is added, 0 to add all",
	"round":       "trees of a round",
	"improvement": "by which share the out-of-bag error has to fall in a round",
	"scaling":     "of features that are numbers, to mean 0 and deviation 1: standard, or none",
	"leaves":      "most leaves of a tree",
	"shrinkage":   "of every step: the learning rate",
	"l2":          "added to the Hessians of a leaf",
	"validation":  "share of the examples by which it stops early",
	"k":           "neighbours that vote",
	"train":       "fit to the first N training examples, 0 for all",
}

// ParameterHelp says what a parameter does, in one line: whose it is, what it means, and its value in
// the preset "default". It is "" for a name that no kind has.
func ParameterHelp(name string) string {
	text := parameterHelp[name]
	if text == "" {
		return ""
	}
	var owners, defaults []string
	for _, kind := range Kinds() {
		for _, parameter := range Parameters(kind) {
			if parameter != name {
				continue
			}
			owners = append(owners, kind)
			if value := defaultOf(kind, name); len(defaults) == 0 || defaults[len(defaults)-1] != value {
				defaults = append(defaults, value)
			}
		}
	}
	whose := strings.Join(owners, ", ")
	if len(owners) == len(Kinds()) {
		whose = "all models"
	}
	return fmt.Sprintf("%s: %s (default %s)", whose, text, strings.Join(defaults, ", "))
}

// defaultOf is the value of a parameter in the preset "default".
func defaultOf(kind, name string) string {
	if name == "scaling" { // no parameter of the model: it is done before
		return standard
	}
	m, err := New(kind, "default", "", nil)
	if err != nil {
		return ""
	}
	for _, key := range []string{name, "max_" + name} {
		if value, ok := m.Params()[key]; ok {
			return fmt.Sprint(value)
		}
	}
	return "0"
}
