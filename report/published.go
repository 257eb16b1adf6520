package report

import "strings"

// Published are the accuracies that the paper prints, as shares of one.
type Published struct {
	SVM, Forest, Network float64
	NetworkName          string
}

// paperNumbers are keyed by dataset; the paper's M are an RBF support vector machine and an early-stopped random forest.
var paperNumbers = map[string]Published{
	"mnist":    {.9792, .9614, .988, "2-layer CNN"},
	"cifar10":  {.4008, .3586, .9504, "DenseNet-121"},
	"cifar100": {.1442, .1426, .7778, "ResNet-101"},
}

// PublishedFor finds the paper's numbers by a dataset's name, however it is spelt: "CIFAR-10", "cifar10".
func PublishedFor(dataset string) (Published, bool) {
	key := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(dataset))
	p, ok := paperNumbers[key]
	return p, ok
}

// Reference is the published accuracy of a kind of reference, 0 where there is none.
func (p Published) Reference(kind string) float64 {
	switch strings.ToLower(kind) {
	case "svm":
		return p.SVM
	case "forest":
		return p.Forest
	}
	return 0
}
