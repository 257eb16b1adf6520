package curriculum

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"

	"shoal/internal/usage"
)

// Order is a way to train on a partition.
type Order string

// The orders; each names the sets of examples that its passes visit.
const (
	EasyFirst    Order = "easy-first"     // some passes over the easy examples, then over all
	HardFirst    Order = "hard-first"     // some passes over the hard examples, then over all
	EasyOnly     Order = "easy-only"      // the easy examples
	HardOnly     Order = "hard-only"      // the hard examples
	Random       Order = "random"         // all examples
	RandomAsEasy Order = "random-as-easy" // as many as are easy, drawn once from all
	RandomAsHard Order = "random-as-hard" // as many as are hard, drawn once from all
)

// Orders lists them.
func Orders() []Order {
	return []Order{EasyFirst, HardFirst, EasyOnly, HardOnly, Random, RandomAsEasy, RandomAsHard}
}

// HasFirst reports whether the order begins with passes over a part.
func (o Order) HasFirst() bool { return o == EasyFirst || o == HardFirst }

// Control is the random order to compare with: the one that visits as many examples. Random and its
// like are their own.
func (o Order) Control() Order {
	switch o {
	case EasyOnly, RandomAsEasy:
		return RandomAsEasy
	case HardOnly, RandomAsHard:
		return RandomAsHard
	}
	return Random
}

// Check returns an error unless the order is one of Orders and passes, the number of passes over
// its first part, is 1 or more for easy-first and hard-first and 0 for all others.
func (o Order) Check(passes int) error {
	switch {
	case !slices.Contains(Orders(), o):
		var names []string
		for _, known := range Orders() {
			names = append(names, string(known))
		}
		return fmt.Errorf("unknown order %q: want one of %s%s", o, strings.Join(names, ", "), usage.DidYouMean(string(o), names))
	case o.HasFirst() && passes < 1:
		return fmt.Errorf("order %q with %d passes: want 1 or more", o, passes)
	case !o.HasFirst() && passes != 0:
		return fmt.Errorf("%d passes mean nothing to order %q: they are for %s and %s", passes, o, EasyFirst, HardFirst)
	}
	return nil
}

// Plan says which examples a training visits: Passes times First, then Then as often as there are
// steps for. Both are ascending; see Visits for the sequence within a pass.
type Plan struct {
	First  []int
	Passes int
	Then   []int
}

// Everything is the plan of a training without a partition: passes over all n examples.
func Everything(n int) Plan { return Plan{Then: count(n)} }

// Plan follows an order. passes is the number of passes over the first part of easy-first and
// hard-first, 1 at least, and 0 for all other orders. seed draws the examples of random-as-easy and
// random-as-hard and changes no other order. It is an error if the order leaves nothing to train
// on.
func (p *Partition) Plan(o Order, passes int, seed uint64) (Plan, error) {
	if err := o.Check(passes); err != nil {
		return Plan{}, err
	}
	plan := Everything(p.Examples)
	plan.Passes = passes
	switch o {
	case EasyFirst:
		plan.First = p.Easy
	case HardFirst:
		plan.First = p.Hard
	case EasyOnly:
		plan.Then = p.Easy
	case HardOnly:
		plan.Then = p.Hard
	case RandomAsEasy:
		plan.Then = draw(plan.Then, len(p.Easy), seed)
	case RandomAsHard:
		plan.Then = draw(plan.Then, len(p.Hard), seed)
	}
	if len(plan.Then) == 0 || o.HasFirst() && len(plan.First) == 0 {
		return Plan{}, fmt.Errorf("order %q leaves no examples: %d are easy and %d hard", o, len(p.Easy), len(p.Hard))
	}
	return plan, nil
}

// draw returns n of the indices, ascending, drawn without replacement. It is written out as a
// partial shuffle of Fisher and Yates, so that the draw outlives changes of the standard library's
// own.
func draw(from []int, n int, seed uint64) []int {
	r := rand.NewPCG(seed, 0x70617274)
	from = slices.Clone(from)
	for i := range n {
		skip, _ := bits.Mul64(r.Uint64(), uint64(len(from)-i))
		j := i + int(skip)
		from[i], from[j] = from[j], from[i]
	}
	return slices.Sorted(slices.Values(from[:n]))
}
