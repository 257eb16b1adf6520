package simdraws

import (
	"fmt"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Bound is how often at least and at most something has to happen, as shares of the draws. 0 and 1
// bound nothing.
type Bound struct{ Least, Most float64 }

// chance is how rare a count must be at the bound itself to miss it. Draws have fixed seeds, so that what
// holds once holds always: chance can spoil the choice of a bound, no later run of the test.
const chance = .025

// Check holds a count against the bound. It is missed where chance doesn't explain it: by exact binomial
// tails, also of few draws. A bound that no count of so many draws can miss asserts nothing, and is an
// error, too.
func (b Bound) Check(count, draws int) error {
	switch {
	case !b.tells(draws):
		return fmt.Errorf("%g to %g can't be missed in %d draws, so it asserts nothing: draw more often", b.Least, b.Most, draws)
	case b.tooFew(count, draws), b.tooMany(count, draws):
		return fmt.Errorf("got %d of %d draws, want %g to %g, which chance doesn't explain", count, draws, b.Least, b.Most)
	}
	return nil
}

// tells reports whether each side that bounds something can be missed.
func (b Bound) tells(draws int) bool {
	return draws > 0 && (b.Least <= 0 || b.tooFew(0, draws)) && (b.Most >= 1 || b.tooMany(draws, draws))
}

func (b Bound) tooFew(count, draws int) bool {
	return b.Least > 0 && atMost(count, draws, b.Least) < chance
}

func (b Bound) tooMany(count, draws int) bool {
	return b.Most < 1 && 1-atMost(count-1, draws, b.Most) < chance
}

// atMost is the probability of so many or fewer of so many draws.
func atMost(count, draws int, p float64) float64 {
	if count < 0 {
		return 0
	}
	return distuv.Binomial{N: float64(draws), P: p}.CDF(float64(count))
}
