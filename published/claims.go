package published

// What the paper says of a claim.
const (
	Holds      = "holds"
	Fails      = "does not hold"
	NotClaimed = "not claimed"
	Sometimes  = "holds for some" // of all its triplets together
)

// Claim is what the paper says of claim 1 to 7 for a dataset and a kind of reference: Holds for 1
// to 3 of all its triplets, and for 4 of all but MNIST, where it says that nothing is left to M
// alone (Fails); 5 is claimed of CIFAR-100 with the support vector machine only; 6 is a part of
// 3; and 7 is claimed of some triplets without saying of which, so of none by itself (see Overall).
func Claim(claim int, dataset, kind string) string {
	if numbers, ok := For(dataset); !ok || numbers.Reference(kind) == 0 {
		return NotClaimed
	}
	switch {
	case claim == 4 && dataset == "mnist":
		return Fails
	case claim == 7:
		return NotClaimed
	case claim == 5 && !(dataset == "cifar100" && kind == "svm"):
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
