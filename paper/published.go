package paper

import "shoal/report"

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
	if _, ok := report.PublishedFor(dataset); !ok || kind != "svm" && kind != "forest" {
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
