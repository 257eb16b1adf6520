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
	// Score is (Models + Doubt) / (the number of models + 1), in (1/2, 1].
	Score  float64
	Models int     // that say Answer: the references, and the network at the last evaluation
	Doubt  float64 // the network's, of the label, 0 to 1; see Suspects
	Never  bool
}

// Suspects ranks the examples that more than half of the models give one answer to that isn't the
// label; none without references. A model that is right about an example by its own account gives no
// such answer.
//
// First come those with the most models against the label, of them those whose label the network doubts
// most, of them those of which the references that say the answer are surest by their margins. The
// network's doubt is 1 - p[i], where p has its probabilities of the n labels at the last evaluation. For
// NaN, and where p is nil, it is the share of late evaluations at which the network is wrong: late are
// those of the last tenth of the steps, since early mistakes say that an example is hard, not that its
// label is wrong (records/2026-11-27-suspects has all of this in numbers).
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
	l.doubts(out, l.late(learned.From), p)
	firm := firmness(out, refs, right[1:], n)
	for k := range out {
		s := &out[k]
		s.Score = (float64(s.Models) + s.Doubt) / float64(len(refs)+2)
	}
	slices.SortStableFunc(out, func(a, b Suspect) int {
		return cmp.Or(cmp.Compare(b.Models, a.Models), cmp.Compare(b.Doubt, a.Doubt), cmp.Compare(firm[b.Example], firm[a.Example]))
	})
	return out
}

// doubts sets the network's doubt of each suspect.
func (l *Log) doubts(suspects []Suspect, late int, p []float32) {
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
		s.Doubt = float64(wrong[s.Example]) / float64(last+1-late)
		if p != nil && !math.IsNaN(float64(p[s.Example])) {
			s.Doubt = 1 - float64(p[s.Example])
		}
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
