package track

import (
	"context"
	"math"
	"slices"

	"shoal/dynamics"
)

// trials are accuracies by the number of training examples.
type trials map[int]float64

const (
	mostTrials = 10 // of one search
	widen      = 3  // the factor by which a search widens until it has the accuracy between two trials
	unit       = 16 // numbers of examples are multiples of it: BatchNorm needs some in every batch
)

func logit(p float64) float64 { return math.Log(p / (1 - p)) }

// search looks for the number of training examples, from least to most, with which a learner's
// accuracy is near target: between two trials by a line in ln n and logit, as learning curves are
// nearly straight there. It returns the number of the nearest trial, and whether that is near.
func (known trials) search(ctx context.Context, least, most int, target float64, try func(n int) (accuracy float64, err error)) (n int, ok bool, err error) {
	for range mostTrials {
		n, ok := known.nearest(target)
		if ok {
			return n, true, nil
		}
		next := known.next(least, most, target)
		if _, tried := known[next]; tried {
			return n, false, nil
		}
		accuracy, err := try(next)
		if err != nil || ctx.Err() != nil {
			return 0, false, err
		}
		known[next] = accuracy
	}
	n, ok = known.nearest(target)
	return n, ok, nil
}

// nearest is the trial nearest to an accuracy, the smallest of equals.
func (known trials) nearest(target float64) (n int, ok bool) {
	best := math.Inf(1)
	for _, k := range known.sizes() {
		if gap := math.Abs(logit(known[k]) - logit(target)); gap < best {
			n, best = k, gap
		}
	}
	return n, best <= dynamics.SameLogit
}

// sizes are the numbers of examples tried, sorted.
func (known trials) sizes() []int {
	var out []int
	for k := range known {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// next is the number to try next.
func (known trials) next(least, most int, target float64) int {
	below, above := 0, 0 // the nearest trials on both sides, by their numbers
	for _, k := range known.sizes() {
		if known[k] < target {
			below = k
		} else if above == 0 {
			above = k
		}
	}
	n := 0.0
	switch {
	case below == 0 && above == 0:
		n = math.Sqrt(float64(least) * float64(most))
	case above == 0:
		n = widen * float64(below)
	case below == 0 || below > above: // a learning curve that isn't monotone is searched from above
		n = float64(above) / widen
	default:
		n = between(float64(below), float64(above), known[below], known[above], target)
	}
	rounded := int(math.Round(n/unit)) * unit
	return min(max(rounded, least), most)
}

// between interpolates, and stays a tenth of the way from either end.
func between(below, above, low, high, target float64) float64 {
	part := (logit(target) - logit(low)) / (logit(high) - logit(low))
	if !(part >= .1) {
		part = .1
	}
	return math.Exp(math.Log(below) + float64(math.Min(part, .9)*(math.Log(above)-math.Log(below))))
}
