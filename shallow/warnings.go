package shallow

import "fmt"

// warnings are what a reader of a fitted model's predictions of some examples has to know: what the
// model's facts warn of, and the classes that it never saw.
func warnings(m Model, train, examples Examples) []string {
	return append(Warnings(m.Facts()), examples.Unseen(trained(m, train))...)
}

// Warnings returns those in a model's facts, which may have been JSON since; never nil.
func Warnings(facts map[string]any) []string {
	out := []string{}
	switch list := facts["warnings"].(type) {
	case []string:
		out = append(out, list...)
	case []any:
		for _, w := range list {
			out = append(out, fmt.Sprint(w))
		}
	}
	return out
}

// trained returns the examples that a model given train is fitted to.
func trained(m Model, train Examples) Examples {
	n, _ := m.Params()["train"].(int) // 0: all
	return train.First(n)
}
