package published

import "strings"

// What the paper says of a claim.
const (
	Holds      = "holds"
	Fails      = "does not hold"
	NotClaimed = "not claimed"
	Sometimes  = "holds for some" // of all its triplets together
)

// A Triplet is a dataset, a network and a reference, by their names in a run, and the reference's kind.
type Triplet struct{ Dataset, Network, Reference, Kind string }

// OfPaper reports whether the triplet is one of the paper's six: each dataset with the one network that
// the paper trained on it, against its M.
func (t Triplet) OfPaper() bool {
	numbers, ok := For(t.Dataset)
	return ok && plain(t.Network) == plain(numbers.network) && numbers.Reference(t.Reference, t.Kind) > 0
}

// plain is a name without what its writers differ in: ResNet-101 is resnet101.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name))
}

// Claim is what the paper says of claim 1 to 7 for a triplet, nothing for one that isn't its own: Holds
// for 1 to 3 of all its triplets, and for 4 of all but MNIST, where it says that nothing is left to M
// alone (Fails); 5 is claimed of CIFAR-100 with the support vector machine only; 6 is a part of
// 3; and 7 is claimed of some triplets without saying of which, so of none by itself (see Overall).
func Claim(claim int, t Triplet) string {
	switch {
	case !t.OfPaper():
		return NotClaimed
	case claim == 4 && t.Dataset == "mnist":
		return Fails
	case claim == 7:
		return NotClaimed
	case claim == 5 && !(t.Dataset == "cifar100" && t.Kind == "svm"):
		return NotClaimed
	}
	return Holds
}

// Overall is what the paper says of a claim for all its triplets together.
func Overall(claim int) string {
	if claim == 7 {
		return Sometimes
	}
	return Holds
}
