package dynamics

import (
	"fmt"
	"math"
)

// Accumulator gathers measures that need logits, one evaluation at a time, so that no more than one
// evaluation's logits are in memory.
type Accumulator struct {
	labels  []uint16
	classes int
	values  *ValueAccumulator
}

// NewAccumulator starts one for these labels and number of classes.
func NewAccumulator(labels []uint16, classes int) (*Accumulator, error) {
	if len(labels) == 0 || classes < 2 {
		return nil, fmt.Errorf("logits: %d examples of %d classes, want at least 1 of 2", len(labels), classes)
	}
	for i, y := range labels {
		if int(y) >= classes {
			return nil, fmt.Errorf("logits: example %d has label %d, want below %d", i, y, classes)
		}
	}
	return &Accumulator{labels: labels, classes: classes, values: NewValueAccumulator(len(labels))}, nil
}

// Add takes the logits of one evaluation, examples × classes. On error nothing is added.
func (a *Accumulator) Add(logits []float32) error {
	if len(logits) != len(a.labels)*a.classes {
		return fmt.Errorf("logits: got %d, want %d examples × %d classes", len(logits), len(a.labels), a.classes)
	}
	for k, v := range logits {
		if x := float64(v); math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("logits: example %d, class %d is %v", k/a.classes, k%a.classes, v)
		}
	}
	prob := make([]float64, a.classes)
	p, margin, loss, el2n := a.values.of(ValueP), a.values.of(ValueMargin), a.values.of(ValueLoss), a.values.of(ValueEL2N)
	for i, y := range a.labels {
		v := valuesOf(logits[i*a.classes:(i+1)*a.classes], int(y), prob)
		p.add(i, v.P)
		margin.add(i, v.Margin)
		loss.add(i, v.Loss)
		el2n.add(i, v.EL2N)
	}
	return nil
}

// Measures are the measures over what was added so far; an error before the first Add.
func (a *Accumulator) Measures() (*ValueMeasures, error) {
	m := a.values.Measures()
	if m == nil {
		return nil, fmt.Errorf("logits: no evaluation was added")
	}
	return m, nil
}

// Names of the values of an example that a log may keep: what LabelValues has.
const (
	ValueP      = "p_label"
	ValueMargin = "margin"
	ValueLoss   = "loss"
	ValueEL2N   = "el2n"

	// ValueLastP is ValueP of the last evaluation of a run that keeps values of no other one: no
	// measure over evaluations is made of it.
	ValueLastP = "p_label_last"
)

// LabelValues are what an example's logits say of its label.
type LabelValues struct {
	P      float64 // probability of the label
	Margin float64 // logit of the label minus the largest other
	Loss   float64 // cross entropy, in nats
	EL2N   float64 // Euclidean norm of probabilities minus the one-hot label
}

// ValuesOf computes them from the finite logits of at least two classes.
func ValuesOf[T float32 | float64](logits []T, label int) LabelValues {
	return valuesOf(logits, label, make([]float64, len(logits)))
}

// valuesOf is ValuesOf with memory for the probabilities.
func valuesOf[T float32 | float64](logits []T, label int, prob []float64) LabelValues {
	logSum := softmax(prob, logits)
	rival, squares := math.Inf(-1), 0.0
	for c, p := range prob {
		if c == label {
			p--
		} else {
			rival = math.Max(rival, float64(logits[c]))
		}
		squares += float64(p * p)
	}
	at := float64(logits[label])
	return LabelValues{P: prob[label], Margin: at - rival, Loss: logSum - at, EL2N: math.Sqrt(squares)}
}

// softmax writes the probabilities that logits stand for, and returns the logarithm of the sum of
// the logits' exponentials.
func softmax[T float32 | float64](out []float64, logits []T) float64 {
	most := math.Inf(-1)
	for _, v := range logits {
		most = math.Max(most, float64(v))
	}
	sum := 0.0
	for c, v := range logits {
		out[c] = math.Exp(float64(v) - most)
		sum += out[c]
	}
	for c := range out {
		out[c] /= sum
	}
	return most + math.Log(sum)
}
