package published

import (
	"slices"
	"testing"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		dataset, kind string
		want          float64
	}{
		{"mnist", "svm", .9792}, {"mnist", "forest", .9614}, {"cifar10", "svm", .4008}, {"cifar10", "forest", .3586},
		{"cifar100", "svm", .1442}, {"cifar100", "forest", .1426}, {"cifar10", "knn", 0},
	} {
		if n, ok := For(c.dataset); !ok || n.Reference(c.kind, c.kind) != c.want || n.Reference(c.kind+"-strong", c.kind) != 0 || !(n.Network > n.SVM) {
			t.Errorf("%s: %+v, want %v for %s and a better network", c.dataset, n, c.want, c.kind)
		}
	}
	for _, name := range []string{"fashion", "folder:mnist", ""} {
		if n, ok := For(name); ok {
			t.Errorf("the paper has no dataset %q, got %+v", name, n)
		}
	}
	if got := Datasets(); !slices.Equal(got, []string{"mnist", "cifar10", "cifar100"}) {
		t.Errorf("datasets %q", got)
	}
}

func TestClaims(t *testing.T) {
	mnist, ten, hundred := Triplet{"mnist", "cnn2", "svm", "svm"}, Triplet{"cifar10", "densenet121", "svm", "svm"}, Triplet{"cifar100", "resnet101", "svm", "svm"}
	for _, dataset := range append(Datasets(), "fashion") {
		for k, triplet := range Triplets(dataset) {
			if !triplet.OfPaper() || triplet.Dataset != dataset || k > 1 || dataset == "fashion" {
				t.Errorf("triplet %d of %s is %+v", k, dataset, triplet)
			}
		}
	}
	forest := func(t Triplet) Triplet { t.Reference, t.Kind = "forest", "forest"; return t }
	named := func(t Triplet, name string) Triplet { t.Reference = name; return t }
	on := func(t Triplet, network string) Triplet { t.Network = network; return t }
	for _, c := range []struct {
		claim   int
		triplet Triplet
		want    string
	}{
		{1, mnist, Holds}, {4, forest(mnist), Fails}, {4, ten, Holds},
		{5, hundred, Holds}, {5, forest(hundred), NotClaimed}, {5, mnist, NotClaimed}, {5, on(hundred, "ResNet-101"), Holds},
		{2, Triplet{"fashion", "cnn2", "svm", "svm"}, NotClaimed}, {6, mnist, Holds}, {7, ten, NotClaimed}, {2, Triplet{"cifar10", "densenet121", "knn", "knn"}, NotClaimed},
		// The paper trained one network on each dataset, and its M are no others of their kind.
		{5, on(hundred, "resnet20"), NotClaimed}, {2, on(ten, "resnet101"), NotClaimed}, {1, on(mnist, ""), NotClaimed},
		{5, named(hundred, "svm-strong"), NotClaimed}, {2, named(ten, "ladder-svm"), NotClaimed}, {1, Triplet{"mnist", "cnn2", "starved-svm", "network"}, NotClaimed},
	} {
		if got := Claim(c.claim, c.triplet); got != c.want {
			t.Errorf("claim %d, %+v: %q, want %q", c.claim, c.triplet, got, c.want)
		}
	}
}
