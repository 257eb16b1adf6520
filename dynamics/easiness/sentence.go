package easiness

import (
	"fmt"

	"shoal/dynamics"
)

// Sentence is the answer in words, without the full stop.
func (s Shared) Sentence() string {
	if s.Reason != "" {
		return fmt.Sprintf("whether %s and %s find the same examples easy can't be told: %s", s.Reference, s.Network, s.Reason)
	}
	if !s.Ratio.Defined && len(s.BySeed) == 2 {
		return s.common(two(s.BySeed[0].Ratio) + " is common to both for one seed and " + two(s.BySeed[1].Ratio) + " for the other, with intervals over examples: two seeds are too few for one over seeds")
	}
	verdict := "part of easiness is the example's, part the family's"
	switch r := s.Ratio; {
	case r.Lo <= 0 && r.Hi >= 1:
		verdict = "whether easiness is the example's or the family's can't be told: the interval has none of it and all of it within"
	case r.Lo <= 1 && r.Hi >= 1:
		verdict = "easiness is the example's: nothing of it is told apart as the family's"
	case r.Lo <= 0:
		verdict = "easiness is the family's: nothing of it is told apart as the example's"
	case r.Lo > 1:
		verdict = "the two agree more with each other than each with itself, which one latent scale doesn't explain"
	}
	return s.common(two(s.Ratio) + " is common to both: " + verdict)
}

// common begins a sentence on the part that is common to refits and seeds.
func (s Shared) common(part string) string {
	return fmt.Sprintf("of what refits of %s and seeds of %s repeat at %.2f and %.2f %% accuracy, the part %s", s.Reference, s.Network, 100*s.Accuracy, 100*s.NetworkAccuracy, part)
}

// Sentence is the answer in words, without the full stop.
func (m Missed) Sentence() string {
	if m.Reason != "" && len(m.BySeed) == 2 {
		a, b := m.BySeed[0], m.BySeed[1]
		return fmt.Sprintf("one refit of %s gets %.1f and %.1f examples right that the other of two seeds of %s misses at its end, a seed as accurate %.1f and %.1f: two seeds are too few for an interval over seeds",
			m.Reference, a.ByReference, b.ByReference, m.Network, a.ByNetwork, b.ByNetwork)
	}
	if m.Reason != "" {
		return fmt.Sprintf("whether %s misses more of what %s gets right than equal networks miss of each other can't be told: %s", m.Network, m.Reference, m.Reason)
	}
	verdict := "not told apart from churn"
	switch {
	case m.Difference.Lo > 0:
		verdict = "more than churn: there are examples that the reference learns and the better network doesn't"
	case m.Difference.Hi < 0:
		verdict = "fewer than churn would leave"
	}
	return fmt.Sprintf("one refit of %s gets %.1f examples right that all other seeds of %s miss at their ends, a seed of %s as accurate %.1f: a difference of %.1f [%.1f, %.1f], %s",
		m.Reference, m.ByReference, m.Network, m.Network, m.ByNetwork, m.Difference.Value, m.Difference.Lo, m.Difference.Hi, verdict)
}

// two prints an estimate with two decimals.
func two(e dynamics.Estimate) string { return fmt.Sprintf("%.2f [%.2f, %.2f]", e.Value, e.Lo, e.Hi) }
