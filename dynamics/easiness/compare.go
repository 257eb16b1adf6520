package easiness

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"shoal/contingency"
	"shoal/dynamics"
)

// Family is models of one kind: refits of a reference, or seeds of a network.
type Family struct {
	Name  string
	Right [][]bool // members × n: what each gets right
}

// accuracy is the mean of the members' accuracies, 0 to 1.
func (f Family) accuracy() float64 {
	sum := 0.0
	for _, r := range f.Right {
		sum += contingency.RightShare(r) / float64(len(f.Right))
	}
	return sum
}

// check reports members that don't fit n examples.
func (f Family) check(n int) error {
	for k, r := range f.Right {
		if len(r) != n {
			return fmt.Errorf("%s: member %d has answers to %d examples, want %d", f.Name, k+1, len(r), n)
		}
	}
	return nil
}

// Shares are parts of the variance of what decides whether a model gets an example right; they sum to
// 1. One that is about 0 may come out below.
type Shares struct {
	Example dynamics.Estimate `json:"example"` // what the other family sees alike
	Family  dynamics.Estimate `json:"family"`  // what its own family alone repeats
	Noise   dynamics.Estimate `json:"noise"`   // what changes from one member to the next
}

// Compared is what two families share.
type Compared struct {
	Between           dynamics.Estimate `json:"rho_between"`
	Ratio             dynamics.Estimate `json:"ratio"`
	ReferenceVariance Shares            `json:"reference_variance"`
	NetworkVariance   Shares            `json:"network_variance"`
}

// Shared is how much of easiness a reference and a network share. Where Reason is not empty, nothing
// is estimated.
type Shared struct {
	Reference       string            `json:"reference"`
	Network         string            `json:"network"`
	Refits          int               `json:"refits"`
	Seeds           int               `json:"seeds"`
	Accuracy        float64           `json:"accuracy"`         // mean of the refits
	NetworkAccuracy float64           `json:"network_accuracy"` // mean of the seeds where they are compared
	Steps           []int             `json:"steps"`            // where that is, one a seed
	WithinReference dynamics.Estimate `json:"rho_refits"`       // over refits and examples
	WithinNetwork   dynamics.Estimate `json:"rho_seeds"`        // over seeds and examples; of two seeds over examples
	// Compared is over refits, seeds and examples together; undefined for fewer than three seeds.
	Compared
	// BySeed is the same with one seed alone between the families, each over examples only: the refits,
	// and how the seeds agree, are taken as given.
	BySeed []Compared `json:"by_seed"`
	// Note says what intervals don't cover; empty from three refits and three seeds on.
	Note   string `json:"note,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Compare answers whether easiness is the example's: how the refits of a reference and the seeds of a
// network agree within and between the two, where they are equally accurate. All logs and refits are of
// the examples of labels.
func Compare(labels []uint16, refits Family, network string, seeds []*dynamics.Log) (Shared, error) {
	if err := check(labels, refits, seeds); err != nil {
		return Shared{}, err
	}
	out := Shared{Reference: refits.Name, Network: network, Refits: len(refits.Right), Seeds: len(seeds), Accuracy: refits.accuracy()}
	if out.Reason = tooFew(out.Refits, out.Seeds, 2); out.Reason != "" {
		return out, nil
	}
	deep := Family{Name: network}
	var at []int
	at, out.Reason = equallyAccurate(refits, network, seeds)
	for k, t := range at {
		out.Steps = append(out.Steps, seeds[k].Steps[t])
		deep.Right = append(deep.Right, seeds[k].Correct(t))
	}
	out.NetworkAccuracy = deep.accuracy()
	if out.Reason != "" {
		return out, nil
	}
	out.estimate(labels, refits, deep)
	return out, nil
}

// check reports answers that are not to the same examples.
func check(labels []uint16, refits Family, seeds []*dynamics.Log) error {
	if err := refits.check(len(labels)); err != nil {
		return err
	}
	for k, l := range seeds {
		if err := l.Check(); err != nil {
			return fmt.Errorf("run %d: %w", k+1, err)
		}
		if len(l.Labels) != len(labels) || contingency.Right(l.Labels, labels) != len(labels) {
			return fmt.Errorf("run %d scores other examples: its labels differ", k+1)
		}
	}
	return nil
}

// tooFew says that there are fewer refits than 2, or fewer seeds than needed.
func tooFew(refits, seeds, needed int) string {
	if refits >= 2 && seeds >= needed {
		return ""
	}
	text := fmt.Sprintf("it takes 2 refits and %d seeds or more; there are %d and %d", needed, refits, seeds)
	switch seeds {
	case 1:
		return "one seed: " + text
	case 2:
		if needed > 2 {
			return "two seeds are too few for an interval: " + text
		}
	}
	return text
}

// equallyAccurate finds the evaluation of each seed whose accuracy is nearest to the refits', and says
// where that is not near enough.
func equallyAccurate(refits Family, network string, seeds []*dynamics.Log) (at []int, reason string) {
	want := refits.accuracy()
	for k, l := range seeds {
		t, equal := l.EquallyAccurate(want)
		at = append(at, t)
		if !equal && reason == "" {
			reason = fmt.Sprintf("%s of run %d is %.2f %% accurate at the evaluation nearest to the %.2f %% of the refits of %s: train longer, or score more often there",
				network, k+1, 100*l.Accuracies()[t], 100*want, refits.Name)
		}
	}
	return at, reason
}

// estimate estimates correlations, ratio and shares of two families.
func (out *Shared) estimate(labels []uint16, refits, deep Family) {
	s := strataOf(labels)
	m := s.members(0, refits)
	d := s.members(len(m), deep)
	size := len(m) + len(d)
	all := [3]correlation{s.common(within(m), size), s.common(within(d), size), s.common(across(m, d), size)}
	bySeed := make([]correlation, len(d))
	for k := range d {
		bySeed[k] = s.common(across(m, d[k:k+1]), size)
	}
	few := fmt.Sprintf("too few examples that %s and %s get right and wrong: their agreement has no estimate", out.Reference, out.Network)
	if slices.ContainsFunc(slices.Concat(all[:], bySeed), func(c correlation) bool { return math.IsNaN(c.rho) }) {
		out.Reason = few
		return
	}
	x := estimatesOf(all, len(m), len(d))
	out.WithinReference, out.WithinNetwork = x.fisher(0), x.fisher(1)
	if !(x.rho[0] > 0 && x.rho[1] > 0) {
		out.Reason = fmt.Sprintf("refits of %s, or seeds of %s, don't agree with each other: there is nothing to share", out.Reference, out.Network)
		return
	}
	if !out.WithinReference.Defined || !out.WithinNetwork.Defined { // without some member nothing is left
		out.Reason = few
		return
	}
	for _, one := range bySeed {
		out.BySeed = append(out.BySeed, estimatesOf([3]correlation{all[0], all[1], one}, 0, 0).compared())
	}
	if len(d) >= dynamics.LeastSeeds {
		out.Compared = x.compared()
	}
	out.Note = note(len(m), len(d))
}

// note says what the intervals of so many refits and seeds don't cover; nothing where they cover all.
func note(refits, seeds int) string {
	var parts []string
	if seeds < dynamics.LeastSeeds {
		parts = append(parts, "two seeds: too few for an interval, so that each has its own, over examples")
	}
	if refits < dynamics.LeastSeeds {
		parts = append(parts, "two refits: too few for an interval, so that these are taken as given")
	}
	return strings.Join(parts, "; ")
}
