package record

import (
	"slices"
	"time"
)

// pace estimates the time to the end of a training. Steps and evaluations are timed apart: a schedule
// that scores every step at first and few later would have the first minutes promise hours.
type pace struct {
	scored []int // steps after which the learner is scored, ascending
	total  int

	known     bool // the rest was set, at the first step of this process
	start     time.Time
	step      int
	evaluated float64 // seconds
	index     int     // of the next evaluation in scored
}

// left is the seconds that the steps and evaluations after step take, 0 while unknown; evaluated is
// the seconds of all evaluations until now. It is called for every step, the first included, after that
// step's evaluation.
func (p *pace) left(step int, now time.Time, evaluated float64) float64 {
	if !p.known {
		// An evaluation of the first step is over, but nobody knows how long this process has taken for it.
		p.known, p.start, p.step, p.evaluated = true, now, step, evaluated
		p.index = p.after(step)
		return 0
	}
	steps, evaluations := step-p.step, p.after(step)-p.index
	if steps < 1 {
		return 0
	}
	scoring := evaluated - p.evaluated
	training := max(0, now.Sub(p.start).Seconds()-scoring)
	rest := float64(training / float64(steps) * float64(p.total-step))
	if evaluations == 0 { // then those of before tell
		scoring, evaluations = evaluated, p.index
	}
	if evaluations > 0 {
		rest += float64(scoring / float64(evaluations) * float64(len(p.scored)-p.after(step)))
	}
	return rest
}

// after is the index of the first evaluation after a step.
func (p *pace) after(step int) int {
	index, found := slices.BinarySearch(p.scored, step)
	if found {
		index++
	}
	return index
}
