package dynamics

import "math"

// Forever is the number of forgetting events of an example that was never learned: infinitely many,
// so that it ranks behind every other. No real count is as large.
const Forever = math.MaxInt32

// Measures are per-example measures over a(t) = 1 when the network is right at evaluation t, t =
// 1..T. All slices have one entry an example.
type Measures struct {
	Evaluations int // T

	// FirstLearned is min{t: a(t) = 1}; T+1 where NeverRight. Log.When has the step of it.
	FirstLearned []int
	NeverRight   []bool

	// LearnedForGood is min{t: a(s) = 1 for all s >= t}; T+1 where Censored, that is where the last
	// evaluation is wrong and the log ends before it could be known.
	LearnedForGood []int
	Censored       []bool

	// Forgetting is #{t: a(t) = 1, a(t+1) = 0}; Forever where NeverRight.
	Forgetting []int
	// ForgettingPerEpoch is the same over the last evaluation of each epoch (Log.PerEpoch): Forever
	// where none of those is right. Nil when the log has no trained evaluation.
	ForgettingPerEpoch []int
	// Unforgettable: learned, and 0 events per evaluation.
	Unforgettable []bool

	// LearningSpeed is the mean of a(t), in [0, 1].
	LearningSpeed []float64
}

// Measure computes the measures of every example. Step 0 counts as an evaluation when the log has
// it.
func Measure(l *Log) (*Measures, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	m := measure(l)
	if epochs := l.PerEpoch(); len(epochs.Predictions) > 0 {
		m.ForgettingPerEpoch = measure(epochs).Forgetting
	}
	return m, nil
}

func measure(l *Log) *Measures {
	n, T := len(l.Labels), len(l.Predictions)
	m := &Measures{Evaluations: T,
		FirstLearned: make([]int, n), NeverRight: make([]bool, n),
		LearnedForGood: make([]int, n), Censored: make([]bool, n),
		Forgetting: make([]int, n), Unforgettable: make([]bool, n), LearningSpeed: make([]float64, n)}
	was := make([]bool, n)
	hits := make([]int, n)
	for i := range n {
		m.FirstLearned[i], m.LearnedForGood[i] = T+1, T+1
	}
	for t := range l.Predictions {
		now := l.at(t)
		for i := range l.Labels {
			right := now.get(i)
			switch {
			case right && !was[i]:
				m.FirstLearned[i] = min(m.FirstLearned[i], t+1)
				m.LearnedForGood[i] = t + 1 // until it is forgotten again
			case !right && was[i]:
				m.Forgetting[i]++
				m.LearnedForGood[i] = T + 1
			}
			if right {
				hits[i]++
			}
			was[i] = right
		}
	}
	for i := range n {
		m.NeverRight[i] = hits[i] == 0
		m.Censored[i] = !was[i]
		if m.NeverRight[i] {
			m.Forgetting[i] = Forever
		}
		m.Unforgettable[i] = m.Forgetting[i] == 0
		m.LearningSpeed[i] = float64(hits[i]) / float64(T)
	}
	return m
}
