package dynamics

import (
	"fmt"
	"math"
	"slices"

	"shoal/contingency"
)

// Log is a prediction log: the network's predicted class for each of n examples at each of T
// evaluations.
type Log struct {
	Labels      []uint16   // n true classes
	Steps       []int      // T training steps, strictly increasing, from 0
	Epochs      []float64  // T epochs, not decreasing; NaN where one is not known
	Predictions [][]uint16 // T × n predicted classes
	// Right says of each evaluation which of its n predictions are right, for tasks in which that is
	// not "the predicted class is the label"; nil, and nil for an evaluation, where it is.
	Right [][]bool
}

// Append adds an evaluation. An epoch that is not known is NaN; right is nil where what is right
// follows from the labels.
func (l *Log) Append(step int, epoch float64, predictions []uint16, right []bool) {
	l.Steps, l.Epochs, l.Predictions = append(l.Steps, step), append(l.Epochs, epoch), append(l.Predictions, predictions)
	if right != nil || l.Right != nil {
		l.Right = append(l.Right, make([][]bool, len(l.Predictions)-1-len(l.Right))...)
		l.Right = append(l.Right, right)
	}
}

// RightGiven is Right of evaluation t, counted from 0; nil where it follows from the labels.
func (l *Log) RightGiven(t int) []bool {
	if l.Right == nil {
		return nil
	}
	return l.Right[t]
}

// Correct says which examples the network gets right at evaluation t, counted from 0. Not to be
// changed.
func (l *Log) Correct(t int) []bool {
	if given := l.RightGiven(t); given != nil {
		return given
	}
	return contingency.Correct(l.Labels, l.Predictions[t])
}

// Reference is a fixed vector of predictions on the same examples.
type Reference struct {
	Name        string
	Predictions []uint16  // n
	Margins     []float32 // n, larger is easier for the reference; nil when unknown
	Right       []bool    // n, as in Log; nil where what is right follows from the labels
}

// Correct says which examples the reference gets right. Not to be changed.
func (r Reference) Correct(labels []uint16) []bool {
	if r.Right != nil {
		return r.Right
	}
	return contingency.Correct(labels, r.Predictions)
}

// Check returns an error when the parts of the log do not fit together.
func (l *Log) Check() error {
	n, t := len(l.Labels), len(l.Predictions)
	if n == 0 || t == 0 {
		return fmt.Errorf("prediction log: %d examples and %d evaluations, want at least one of each", n, t)
	}
	if len(l.Steps) != t || len(l.Epochs) != t {
		return fmt.Errorf("prediction log: %d steps and %d epochs for %d evaluations", len(l.Steps), len(l.Epochs), t)
	}
	if l.Right != nil && len(l.Right) != t {
		return fmt.Errorf("prediction log: right answers of %d evaluations, want %d", len(l.Right), t)
	}
	epoch := 0.0
	for i, p := range l.Predictions {
		if right := l.RightGiven(i); right != nil && len(right) != n {
			return fmt.Errorf("prediction log: step %d has right answers of %d examples, want %d", l.Steps[i], len(right), n)
		}
		if len(p) != n {
			return fmt.Errorf("prediction log: step %d has %d predictions, want %d, one a label", l.Steps[i], len(p), n)
		}
		if e := l.Epochs[i]; e < 0 || math.IsInf(e, 0) {
			return fmt.Errorf("prediction log: step %d has epoch %v, want a finite number from 0, or NaN", l.Steps[i], e)
		}
		if l.Steps[i] < 0 {
			return fmt.Errorf("prediction log: step %d is negative", l.Steps[i])
		}
		if i > 0 && l.Steps[i] <= l.Steps[i-1] {
			return fmt.Errorf("prediction log: step %d follows step %d, want increasing steps", l.Steps[i], l.Steps[i-1])
		}
		if l.Epochs[i] < epoch {
			return fmt.Errorf("prediction log: epoch %v follows epoch %v", l.Epochs[i], epoch)
		}
		if !math.IsNaN(l.Epochs[i]) {
			epoch = l.Epochs[i]
		}
	}
	return nil
}

// KnowsEpochs reports whether the epoch of every evaluation is known.
func (l *Log) KnowsEpochs() bool { return !slices.ContainsFunc(l.Epochs, math.IsNaN) }

// check returns an error when the reference does not fit n examples.
func (r Reference) check(n int) error {
	if len(r.Predictions) != n {
		return fmt.Errorf("reference %q: %d predictions, want %d, one a label", r.Name, len(r.Predictions), n)
	}
	if r.Right != nil && len(r.Right) != n {
		return fmt.Errorf("reference %q: right answers of %d examples, want %d, one a label", r.Name, len(r.Right), n)
	}
	if r.Margins != nil && len(r.Margins) != n {
		return fmt.Errorf("reference %q: %d margins, want %d, one a label", r.Name, len(r.Margins), n)
	}
	for i, m := range r.Margins {
		if math.IsNaN(float64(m)) {
			return fmt.Errorf("reference %q: margin of example %d is NaN", r.Name, i)
		}
	}
	return nil
}

// checkPair checks a log and a reference for it.
func checkPair(l *Log, ref Reference) error {
	if err := l.Check(); err != nil {
		return err
	}
	return ref.check(len(l.Labels))
}

// Final is the network at its last evaluation, as a reference.
func (l *Log) Final(name string) Reference { return l.At(name, len(l.Predictions)-1) }

// At is the network at evaluation index t (from 0), as a reference: a control for other runs.
func (l *Log) At(name string, t int) Reference {
	return Reference{Name: name, Predictions: l.Predictions[t], Right: l.RightGiven(t)}
}

// Accuracies is the network's accuracy at every evaluation.
func (l *Log) Accuracies() []float64 {
	out := make([]float64, len(l.Predictions))
	for t, p := range l.Predictions {
		if given := l.RightGiven(t); given != nil {
			out[t] = contingency.RightShare(given)
		} else {
			out[t] = contingency.Accuracy(l.Labels, p)
		}
	}
	return out
}

// NearestAccuracy is the index (from 0) of the evaluation whose accuracy is nearest to want, the
// earliest of equals: where a control network has to be stopped.
func (l *Log) NearestAccuracy(want float64) int { return nearest(l.Accuracies(), want) }

// nearest is the index of the value that is nearest to want, the earliest of equals.
func nearest(values []float64, want float64) int {
	best, at := math.Inf(1), 0
	for t, a := range values {
		if gap := math.Abs(a - want); gap < best {
			best, at = gap, t
		}
	}
	return at
}

// When is the step and the epoch of evaluation t, counted from 1 as in Measures; ok is false for t
// past the last one, which is what Measures has for an example that is never learned.
func (l *Log) When(t int) (step int, epoch float64, ok bool) {
	if t > len(l.Steps) {
		return 0, 0, false
	}
	return l.Steps[t-1], l.Epochs[t-1], true
}

// PerEpoch is the log with one evaluation an epoch: the last one within each epoch, that is in
// (e-1, e] for e = 1, 2, ... Step 0 is left out. It has no evaluation where an epoch is not known.
func (l *Log) PerEpoch() *Log {
	if !l.KnowsEpochs() {
		return &Log{Labels: l.Labels}
	}
	return l.pick(func(t int) bool {
		if l.Steps[t] == 0 {
			return false
		}
		return t == len(l.Steps)-1 || epochOf(l.Epochs[t+1]) > epochOf(l.Epochs[t])
	})
}

// epochOf is the e with epoch in (e-1, e]. The slack absorbs a quotient of step by steps an epoch
// that was rounded up past a whole number.
func epochOf(epoch float64) float64 { return math.Ceil(epoch - 1e-9) }

// pick keeps the evaluations that keep accepts; predictions are shared.
func (l *Log) pick(keep func(t int) bool) *Log {
	out := &Log{Labels: l.Labels}
	for t := range l.Predictions {
		if keep(t) {
			out.Append(l.Steps[t], l.Epochs[t], l.Predictions[t], l.RightGiven(t))
		}
	}
	return out
}

// classes is one more than the largest class among the vectors.
func classes(vectors ...[]uint16) int {
	most := 0
	for _, v := range vectors {
		if len(v) > 0 {
			most = max(most, int(slices.Max(v))+1)
		}
	}
	return most
}

// histogram is how often each class 0..C-1 occurs, C-1 being the largest one.
func histogram(vector []uint16) []int {
	out := make([]int, classes(vector))
	for _, c := range vector {
		out[c]++
	}
	return out
}
