package easiness

import (
	"fmt"
	"math"

	"shoal/contingency"
	"shoal/dynamics"
)

// Missed is what a reference gets right and a far better network misses, beside what an equally good
// network gets right and the same seeds miss. Counts are means over refits and seeds. Where Reason is
// not empty, nothing is compared.
type Missed struct {
	Reference       string            `json:"reference"`
	Network         string            `json:"network"`
	Refits          int               `json:"refits"`
	Seeds           int               `json:"seeds"`
	Accuracy        float64           `json:"accuracy"`         // mean of the refits
	NetworkAccuracy float64           `json:"network_accuracy"` // mean of the seeds at their ends
	ByReference     float64           `json:"by_reference"`     // right for one refit, missed by all other seeds
	ByNetwork       float64           `json:"by_network"`       // right for a seed where it is as accurate, missed by all others
	Difference      dynamics.Estimate `json:"difference"`
	Reason          string            `json:"reason,omitempty"`
	// Named are the examples that 90 % of the refits get right and every seed misses at its end: a list to
	// look at, whose length is no evidence.
	Named []int `json:"named"`
}

// namedShare is the share of the refits that have to be right on a named example.
const namedShare = .9

// Miss compares like for like: see the package's comment. It takes 2 refits and 3 seeds or more, of
// networks that end better than the reference.
func Miss(labels []uint16, refits Family, network string, seeds []*dynamics.Log) (Missed, error) {
	if err := check(labels, refits, seeds); err != nil {
		return Missed{}, err
	}
	out := Missed{Reference: refits.Name, Network: network, Refits: len(refits.Right), Seeds: len(seeds), Accuracy: refits.accuracy(), Named: []int{}}
	end := Family{Name: network}
	for _, l := range seeds {
		end.Right = append(end.Right, l.Correct(len(l.Steps)-1))
	}
	share := rightShares(refits, len(labels))
	wrong := wrongSeeds(end, len(labels))
	if len(seeds) > 0 {
		out.NetworkAccuracy = end.accuracy()
		for i, s := range share {
			if s >= namedShare && wrong[i] == len(seeds) {
				out.Named = append(out.Named, i)
			}
		}
	}
	if out.Reason = tooFew(out.Refits, out.Seeds, 3); out.Reason != "" {
		return out, nil
	}
	if !(out.NetworkAccuracy > out.Accuracy) {
		out.Reason = fmt.Sprintf("%s ends at %.2f %%, no better than %s with %.2f %%: train longer", network, 100*out.NetworkAccuracy, refits.Name, 100*out.Accuracy)
		return out, nil
	}
	at, reason := equallyAccurate(refits, network, seeds)
	if out.Reason = reason; reason == "" {
		out.compare(share, wrong, end, at, seeds)
	}
	return out, nil
}

// rightShares is the share of the refits that are right on each example.
func rightShares(refits Family, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		count := 0
		for _, r := range refits.Right {
			if r[i] {
				count++
			}
		}
		if count > 0 {
			out[i] = float64(count) / float64(len(refits.Right))
		}
	}
	return out
}

// wrongSeeds is how many seeds miss each example at their ends.
func wrongSeeds(end Family, n int) []int {
	out := make([]int, n)
	for _, r := range end.Right {
		for i, right := range r {
			if !right {
				out[i]++
			}
		}
	}
	return out
}

// compare counts over seeds a: what all but a miss, and a refit, or a itself where it was as accurate
// (evaluation at[a]), gets right. What an example adds to either is a mean over seeds.
func (out *Missed) compare(share []float64, wrong []int, end Family, at []int, seeds []*dynamics.Log) {
	n, count := len(share), float64(len(seeds))
	difference := make([]float64, n)
	for a, l := range seeds {
		then := l.Correct(at[a])
		for i, s := range share {
			others := wrong[i]
			if !end.Right[a][i] {
				others--
			}
			if others < len(seeds)-1 {
				continue
			}
			out.ByReference += s / count
			difference[i] += s / count
			if then[i] {
				out.ByNetwork += 1 / count
				difference[i] -= 1 / count
			}
		}
	}
	out.Difference = total(difference)
}

// total is the sum of a number an example, with its interval. The variance is taken as 1 at least: where
// few examples count, or none, those that could have are not to be seen.
func total(values []float64) dynamics.Estimate {
	sum, squares := 0.0, 0.0
	for _, v := range values {
		sum += v
		squares += float64(v * v)
	}
	half := float64(contingency.Z95 * math.Sqrt(math.Max(1, squares-float64(sum*sum)/float64(len(values)))))
	return dynamics.Estimate{Value: sum, Lo: sum - half, Hi: sum + half, Defined: true}
}
