package dynamics

import (
	"cmp"
	"slices"

	"shoal/dynamics/regime"
)

// Suspect is an example whose label may be wrong.
type Suspect struct {
	Example int
	Answer  uint16 // the class that the models give instead
	// Score is (1 + x)/2, 0 to 1, with x the mean, over the network and the references, of how firmly each
	// says Answer: the network by the share of late evaluations at which it does, less that at which it
	// says the label; a reference by the share of all examples of which it is less sure, by its margin, or 1 where it has
	// none, counted against Answer where it says the label, and not where it says something else.
	Score  float64
	Models int // that say Answer: the references, and the network at the last evaluation
	Never  bool
}

// Suspects ranks the examples that more than half of the models give one answer to that isn't the
// label, by score; none without references. A model that is right about an example by its own account gives no such answer.
//
// Late evaluations are those of the last tenth of the steps: early mistakes say that an example is hard,
// not that its label is wrong (records/2026-11-27-suspects has both in numbers).
//
// It is a list to look through, not a verdict: what is hard for all models is on it, too.
func Suspects(l *Log, learned *regime.Learning, refs []Reference) []Suspect {
	n, last := len(l.Labels), len(l.Steps)-1
	sure := make([][]float64, len(refs))
	right := [][]bool{l.Correct(last)}
	for k, r := range refs {
		sure[k] = sureness(r, n)
		right = append(right, r.Correct(l.Labels))
	}
	var out []Suspect
	if len(refs) == 0 {
		return nil
	}
	late := l.late(learned.From)
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
		if answer == label || 2*models <= len(refs)+1 {
			continue
		}
		s := Suspect{Example: i, Answer: answer, Models: models, Never: learned.Never(i)}
		for t := late; t <= last; t++ {
			s.Score += against(l.Predictions[t][i], answer, label)
		}
		s.Score /= float64(last + 1 - late)
		for k, r := range refs {
			said := r.Predictions[i]
			if right[k+1][i] {
				said = label
			}
			s.Score += float64(against(said, answer, label) * sure[k][i])
		}
		s.Score = (1 + s.Score/float64(len(refs)+1)) / 2
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Suspect) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// against is 1 for what says the answer, -1 for what says the label, 0 for all else.
func against(said, answer, label uint16) float64 {
	switch said {
	case answer:
		return 1
	case label:
		return -1
	}
	return 0
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
