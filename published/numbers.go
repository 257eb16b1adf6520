package published

// Numbers are the accuracies printed for one dataset, as shares of one.
type Numbers struct {
	SVM, Forest, Network float64
	NetworkName          string // as the paper writes it: "DenseNet-121"
	network              string // as studies name it
}

// table has the datasets in the paper's order.
var table = []struct {
	dataset string
	Numbers
}{
	{"mnist", Numbers{SVM: .9792, Forest: .9614, Network: .988, NetworkName: "2-layer CNN", network: "cnn2"}},
	{"cifar10", Numbers{SVM: .4008, Forest: .3586, Network: .9504, NetworkName: "DenseNet-121", network: "densenet121"}},
	{"cifar100", Numbers{SVM: .1442, Forest: .1426, Network: .7778, NetworkName: "ResNet-101", network: "resnet101"}},
}

// Datasets lists the paper's datasets in its order.
func Datasets() []string {
	var names []string
	for _, row := range table {
		names = append(names, row.dataset)
	}
	return names
}

// Triplets lists those of a dataset: its network against each of the paper's references, which are named
// like their kinds; none for another dataset.
func Triplets(dataset string) []Triplet {
	numbers, ok := For(dataset)
	if !ok {
		return nil
	}
	var out []Triplet
	for _, kind := range []string{"svm", "forest"} {
		out = append(out, Triplet{dataset, numbers.network, kind, kind})
	}
	return out
}

// For returns the numbers of a dataset; false when the paper has none.
func For(dataset string) (Numbers, bool) {
	for _, row := range table {
		if row.dataset == dataset {
			return row.Numbers, true
		}
	}
	return Numbers{}, false
}

// Reference is the accuracy of a reference, 0 where the paper has none: its M have the name of their
// kind, while stronger models, rungs of ladders and starved networks have names of their own.
func (n Numbers) Reference(name, kind string) float64 {
	switch {
	case name != kind:
	case kind == "svm":
		return n.SVM
	case kind == "forest":
		return n.Forest
	}
	return 0
}
