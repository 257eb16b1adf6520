package published

// Numbers are the accuracies printed for one dataset, as shares of one.
type Numbers struct {
	SVM, Forest, Network float64
	NetworkName          string // as the paper writes it: "DenseNet-121"
}

// table has the datasets in the paper's order.
var table = []struct {
	dataset string
	Numbers
}{
	{"mnist", Numbers{SVM: .9792, Forest: .9614, Network: .988, NetworkName: "2-layer CNN"}},
	{"cifar10", Numbers{SVM: .4008, Forest: .3586, Network: .9504, NetworkName: "DenseNet-121"}},
	{"cifar100", Numbers{SVM: .1442, Forest: .1426, Network: .7778, NetworkName: "ResNet-101"}},
}

// Datasets lists the paper's datasets in its order.
func Datasets() []string {
	var names []string
	for _, row := range table {
		names = append(names, row.dataset)
	}
	return names
}

// Kinds lists the kinds of the paper's references: with each of them a dataset and its network is a triplet.
func Kinds() []string { return []string{"svm", "forest"} }

// For returns the numbers of a dataset; false when the paper has none.
func For(dataset string) (Numbers, bool) {
	for _, row := range table {
		if row.dataset == dataset {
			return row.Numbers, true
		}
	}
	return Numbers{}, false
}

// Reference is the accuracy of a kind of reference, 0 where the paper has none.
func (n Numbers) Reference(kind string) float64 {
	switch kind {
	case "svm":
		return n.SVM
	case "forest":
		return n.Forest
	}
	return 0
}
