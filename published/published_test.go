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
		if n, ok := For(c.dataset); !ok || n.Reference(c.kind) != c.want || !(n.Network > n.SVM) {
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
	for _, c := range []struct {
		claim         int
		dataset, kind string
		want          string
	}{
		{1, "mnist", "svm", Holds}, {4, "mnist", "forest", Fails}, {4, "cifar10", "svm", Holds},
		{5, "cifar100", "svm", Holds}, {5, "cifar100", "forest", NotClaimed}, {5, "mnist", "svm", NotClaimed},
		{2, "fashion", "svm", NotClaimed}, {6, "mnist", "svm", Holds}, {7, "cifar10", "svm", NotClaimed}, {2, "cifar10", "knn", NotClaimed},
	} {
		if got := Claim(c.claim, c.dataset, c.kind); got != c.want {
			t.Errorf("claim %d, %s, %s: %q, want %q", c.claim, c.dataset, c.kind, got, c.want)
		}
	}
}
