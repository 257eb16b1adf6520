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
	// Score is the mean, over the network and the references, of how firmly each says Answer, 0 to 1: the
	// network by the share of evaluations at which it does, from the first that is better than chance; a
	// reference by the share of all examples of which it is less sure, by its margin, or 1 where it has
	// none; 0 where it says something else.
	Score  float64
	Models int // that say Answer: the references, and the network at the last evaluation
	Never  bool
}

// Suspects ranks the examples that more than half of the models give one answer to that isn't the
// label, by score; none without references. A model that is right about an example by its own account gives no such answer.
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
		for t := learned.From; t <= last; t++ {
			if l.Predictions[t][i] == answer {
				s.Score++
			}
		}
		s.Score /= float64(last + 1 - learned.From)
		for k, r := range refs {
			if r.Predictions[i] == answer && !right[k+1][i] {
				s.Score += sure[k][i]
			}
		}
		s.Score /= float64(len(refs) + 1)
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Suspect) int { return cmp.Compare(b.Score, a.Score) })
	return out
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
