package paper

// Published are the accuracies that the paper prints, as shares of one.
type Published struct {
	SVM         float64 `json:"svm"`
	Forest      float64 `json:"forest"`
	Network     float64 `json:"network"`
	NetworkName string  `json:"network_name"`
}

// published has the paper's numbers by dataset. Its M are a support vector
// machine with an RBF kernel and a random forest with early stopping.
func published(dataset string) (Published, bool) {
	p, ok := map[string]Published{
		"mnist":    {.9792, .9614, .988, "2-layer CNN"},
		"cifar10":  {.4008, .3586, .9504, "DenseNet-121"},
		"cifar100": {.1442, .1426, .7778, "ResNet-101"},
	}[dataset]
	return p, ok
}

// reference is the published accuracy of a kind of M.
func (p Published) reference(kind string) (float64, bool) {
	switch kind {
	case "svm":
		return p.SVM, true
	case "forest":
		return p.Forest, true
	}
	return 0, false
}

// What the paper says of a claim.
const (
	saysHolds = "holds"
	saysFails = "does not hold"
	saysNone  = "not claimed"
)

// claimed is what the paper says of a claim for a triplet: (1) to (3) of all;
// (4) of all but MNIST, where it says that nothing is left to M alone; (5) of
// CIFAR-100 with the support vector machine.
func claimed(claim int, dataset, kind string) string {
	if _, ok := published(dataset); !ok || kind != "svm" && kind != "forest" {
		return saysNone
	}
	switch {
	case claim == 4 && dataset == "mnist":
		return saysFails
	case claim == 5 && !(dataset == "cifar100" && kind == "svm"):
		return saysNone
	}
	return saysHolds
}
