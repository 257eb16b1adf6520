package easiness

import (
	"cmp"
	"fmt"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/internal/textfmt"
)

// Missed is what a reference gets right and a far better network misses, beside what an equally good
// network gets right and the same seeds miss. Counts are means over refits and seeds. Where Reason is
// not empty, there is no difference.
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
	BySeed          []SeedMissed      `json:"by_seed"` // both counts for each seed as the one that is left out; empty for one seed
	Reason          string            `json:"reason,omitempty"`
	// Named are the examples that 90 % of the refits get right and every seed misses at its end: a list to
	// look at, whose length is no evidence.
	Named []int `json:"named"`
}

// SeedMissed are the counts for one seed: what a refit, or the seed where it is as accurate, gets right
// and all other seeds miss.
type SeedMissed struct {
	ByReference float64 `json:"by_reference"` // mean over the refits
	ByNetwork   float64 `json:"by_network"`
}

// namedShare is the share of the refits that have to be right on a named example.
const namedShare = .9

// Miss compares like for like: see the package's comment. It takes 2 refits and 3 seeds or more, of
// networks that end better than the reference; of 2 seeds it has the counts.
func Miss(labels []uint16, refits Family, network string, seeds []*dynamics.Log) (Missed, error) {
	if err := check(labels, refits, seeds); err != nil {
		return Missed{}, err
	}
	out := Missed{Reference: refits.Name, Network: network, Refits: len(refits.Right), Seeds: len(seeds), Accuracy: refits.accuracy(), Named: []int{}}
	share := rightShares(refits, len(labels))
	if len(seeds) > 0 {
		missed := dynamics.MissedAtEnds(seeds)
		for _, l := range seeds {
			out.NetworkAccuracy += contingency.RightShare(l.Correct(len(l.Steps)-1)) / float64(len(seeds))
		}
		for i, s := range share {
			if s >= namedShare && missed[i] == len(seeds) {
				out.Named = append(out.Named, i)
			}
		}
	}
	few := tooFew(out.Refits, out.Seeds, dynamics.LeastSeeds)
	if few != "" && out.Seeds != 2 {
		out.Reason = few
		return out, nil
	}
	if !(out.NetworkAccuracy > out.Accuracy) {
		out.Reason = cmp.Or(few, fmt.Sprintf("%s ends at %s, no better than %s with %s: train longer", network, textfmt.PlainPercent(out.NetworkAccuracy), refits.Name, textfmt.PlainPercent(out.Accuracy)))
		return out, nil
	}
	at, reason := equallyAccurate(refits, network, seeds)
	if out.Reason = cmp.Or(few, reason); reason == "" {
		s := dynamics.SurplusOf(share, seeds, at)
		for a := range seeds {
			out.BySeed = append(out.BySeed, SeedMissed{s.Reference[a], s.Network[a]})
			out.ByReference += s.Reference[a] / float64(len(seeds))
			out.ByNetwork += s.Network[a] / float64(len(seeds))
		}
		out.Difference = s.Difference
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
