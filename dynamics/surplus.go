package dynamics

import "math"

// Surplus is what a reference gets right of the examples that other seeds of a network miss at their
// ends, beside what the network itself gets right of them where it is as accurate as the reference.
// Counts are examples, one number a seed.
type Surplus struct {
	// Reference[a] counts what a fit of the reference gets right and every other seed than a misses at
	// its end, in the mean over fits; Network[a] what seed a gets right, where it is as accurate, and the
	// same others miss.
	Reference, Network []float64
	// Difference is the mean over seeds of Reference - Network, with an interval for seeds and examples
	// together, never narrower than ±2: where few examples count, or none, those that could have are not
	// seen. Undefined for fewer than LeastSeeds seeds.
	Difference Estimate
}

// SurplusOf compares like for like. Independence would be the wrong null, since seeds miss the same
// hard examples, and so would be a seed at its end, which is more accurate than the reference. It is
// the count behind claim 4 ([JudgeLeft], of the one fit that a study has) and behind what a better
// network misses (package easiness, of several fits). right has, for each of n examples, the share
// of the fits that are right, and at the evaluation of each seed where it is as accurate. A single seed
// is its own other.
func SurplusOf(right []float64, seeds []*Log, at []int) Surplus {
	missed, n := MissedAtEnds(seeds), len(right)
	out := Surplus{Reference: make([]float64, len(seeds)), Network: make([]float64, len(seeds))}
	surplus, totals := make([][]float64, len(seeds)), make([]float64, len(seeds)) // a seed and example
	for a, l := range seeds {
		equal, end := l.at(at[a]), l.at(len(l.Steps)-1)
		surplus[a] = make([]float64, n)
		for i, s := range right {
			others, of := missed[i], len(seeds)-1
			if of == 0 {
				of = 1
			} else if !end.get(i) {
				others--
			}
			if others < of {
				continue
			}
			out.Reference[a] += s
			surplus[a][i] = s
			if equal.get(i) {
				out.Network[a]++
				surplus[a][i]--
			}
		}
		totals[a] = out.Reference[a] - out.Network[a]
	}
	if len(seeds) >= LeastSeeds { // the variance of a sum over n examples is n times that of one
		out.Difference = seedsAndExamples(totals, math.Max(1, float64(n)*commonVariance(surplus)))
	}
	return out
}

// MissedAtEnds is how many seeds miss each example at their ends.
func MissedAtEnds(seeds []*Log) []int {
	missed := make([]int, len(seeds[0].Labels))
	for _, l := range seeds {
		end := l.at(len(l.Steps) - 1)
		for i := range missed {
			if !end.get(i) {
				missed[i]++
			}
		}
	}
	return missed
}

// EquallyAccurate is the evaluation whose accuracy is nearest to a given one, and whether the two count
// as equal.
func (l *Log) EquallyAccurate(accuracy float64) (t int, equal bool) {
	own := l.Accuracies()
	t = nearest(own, accuracy)
	return t, SameAccuracy(own[t], accuracy)
}

// SameAccuracy says whether two accuracies count as equal: their logits differ by at most SameLogit.
func SameAccuracy(a, b float64) bool {
	logit := func(p float64) float64 { return math.Log(p / (1 - p)) }
	return a == b || math.Abs(logit(a)-logit(b)) <= SameLogit
}

// SameLogit is by how much the logits of two accuracies may differ that count as one.
const SameLogit = .1
