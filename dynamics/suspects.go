package dynamics

import (
	"cmp"
	"math"
	"slices"

	"shoal/dynamics/regime"
)

// Suspect is an example whose label may be wrong.
type Suspect struct {
	Example int
	Answer  uint16 // the class that the models give instead
	// LogOdds are the natural logarithm of the odds of Answer against the label; see Suspects.
	LogOdds float64
	Models  int // that say Answer: the references, and the network at the last evaluation
	Never   bool
}

// Score is LogOdds as a share, 0 to 1. It isn't the probability of a wrong label: models err together,
// and wrong labels are rarer than right ones.
func (s Suspect) Score() float64 { return 1 / (1 + math.Exp(-s.LogOdds)) }

// Suspects lists the examples that more than half of the models give one answer to that isn't the
// label, by how far the odds are against the label; none without references. A model that is right about
// an example by its own account gives no such answer.
//
// The odds are those of models that err independently, and by chance alike into every other class. A
// reference of accuracy a that says the answer adds ln(a (K-1) / (1-a)) for K classes, one that says the label takes
// as much away. The network adds ln((1-p) / p), with its probability p[i] of the label at the last
// evaluation. For NaN, and where p is nil, it counts like a reference, by the share of late evaluations
// at which it is wrong, less that at which it is right: late are those of the last tenth of the steps,
// since early mistakes say that an example is hard, not that its label is wrong. Of equal odds that come
// first of which the references that say the answer are surest by their margins.
// records/2026-11-27-suspects has what this finds, and what other rules do.
//
// It is a list to look through, not a verdict: what is hard for all models is on it, too.
func Suspects(l *Log, learned *regime.Learning, refs []Reference, p []float32) []Suspect {
	if len(refs) == 0 {
		return nil
	}
	n, last := len(l.Labels), len(l.Steps)-1
	right := [][]bool{l.Correct(last)}
	for _, r := range refs {
		right = append(right, r.Correct(l.Labels))
	}
	var out []Suspect
	for i, label := range l.Labels {
		answers := make([]uint16, 0, len(refs)+1)
		if !right[0][i] {
			answers = append(answers, l.Predictions[last][i])
		}
		for k, r := range refs {
			if !right[k+1][i] {
				answers = append(answers, r.Predictions[i])
			}
		}
		answer, models := mostGiven(answers)
		if answer != label && 2*models > len(refs)+1 {
			out = append(out, Suspect{Example: i, Answer: answer, Models: models, Never: learned.Never(i)})
		}
	}
	classes := max(2, distinct(l.Labels))
	l.doubt(out, l.late(learned.From), weightOf(right[0], classes), p)
	for k, r := range refs {
		w := weightOf(right[k+1], classes)
		for j := range out {
			switch s := &out[j]; {
			case right[k+1][s.Example]:
				s.LogOdds -= w
			case r.Predictions[s.Example] == s.Answer:
				s.LogOdds += w
			}
		}
	}
	firm := firmness(out, refs, right[1:], n)
	slices.SortStableFunc(out, func(a, b Suspect) int {
		return cmp.Or(cmp.Compare(b.LogOdds, a.LogOdds), cmp.Compare(firm[b.Example], firm[a.Example]))
	})
	return out
}

func distinct(labels []uint16) int {
	seen := make(map[uint16]bool)
	for _, y := range labels {
		seen[y] = true
	}
	return len(seen)
}

// weightOf is what a model's word counts, in logits: ln(a (K-1) / (1-a)) at an accuracy a, at least 0,
// and no more than one mistake in two n would be worth.
func weightOf(right []bool, classes int) float64 {
	hits := 0
	for _, r := range right {
		if r {
			hits++
		}
	}
	n := float64(len(right))
	a := min(float64(hits)/n, 1-.5/n)
	return max(0, math.Log(a*float64(classes-1)/(1-a)))
}

// leastP is the smallest probability that half precision, in which a log keeps them, tells from 0.
const leastP = 1. / (1 << 24)

// doubt adds the network's logits against the label to each suspect; w is what its word counts where p
// says nothing.
func (l *Log) doubt(suspects []Suspect, late int, w float64, p []float32) {
	last := len(l.Steps) - 1
	wrong := make(map[int]int, len(suspects))
	for t := late; t <= last; t++ {
		right := l.Correct(t)
		for _, s := range suspects {
			if !right[s.Example] {
				wrong[s.Example]++
			}
		}
	}
	for k := range suspects {
		s := &suspects[k]
		if p != nil && !math.IsNaN(float64(p[s.Example])) {
			q := max(leastP, min(1-leastP, float64(p[s.Example])))
			s.LogOdds += math.Log((1 - q) / q)
			continue
		}
		share := float64(wrong[s.Example]) / float64(last+1-late)
		s.LogOdds += float64(w * (2*share - 1))
	}
}

// firmness is, by the example of each suspect, the mean sureness of the references that say the answer.
func firmness(suspects []Suspect, refs []Reference, right [][]bool, n int) map[int]float64 {
	sum, count := make(map[int]float64, len(suspects)), make(map[int]float64, len(suspects))
	for k, r := range refs {
		sure := sureness(r, n)
		for _, s := range suspects {
			if i := s.Example; !right[k][i] && r.Predictions[i] == s.Answer {
				sum[i], count[i] = sum[i]+sure[i], count[i]+1
			}
		}
	}
	for i, c := range count {
		sum[i] /= c
	}
	return sum
}

// lateShare is the part of a training that is late.
const lateShare = .1

// late is the first evaluation of the last part of the training's steps, at least from on; the last one
// if there is no other.
func (l *Log) late(from int) int {
	last := len(l.Steps) - 1
	t := last
	for t > from && float64(l.Steps[t-1]) >= (1-lateShare)*float64(l.Steps[last]) {
		t--
	}
	return t
}

// sureness is the share of the n examples of which a reference is less sure, ties counting half; 1
// where it has no margins.
func sureness(r Reference, n int) []float64 {
	if r.Margins == nil {
		return slices.Repeat([]float64{1}, n)
	}
	x := make([]float64, n)
	for i, m := range r.Margins {
		x[i] = float64(m)
	}
	for i, rank := range midranks(x) {
		x[i] = (rank - .5) / float64(n)
	}
	return x
}

// mostGiven is the answer given most often, the smallest of equals, and how often.
func mostGiven(answers []uint16) (answer uint16, times int) {
	count := make(map[uint16]int)
	for _, a := range answers {
		count[a]++
		if count[a] > times || count[a] == times && a < answer {
			answer, times = a, count[a]
		}
	}
	return answer, times
}
