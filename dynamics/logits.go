package dynamics

import (
	"fmt"
	"math"
)

// Accumulator gathers measures that need logits, one evaluation at a time, so that no more than one
// evaluation's logits are in memory.
type Accumulator struct {
	labels      []uint16
	classes     int
	evaluations int
	margin      []float64 // sums over evaluations, one an example
	error       []float64
	p, pp       []float64 // of the probability of the label, and its square
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
	n := len(labels)
	return &Accumulator{labels: labels, classes: classes, margin: make([]float64, n),
		error: make([]float64, n), p: make([]float64, n), pp: make([]float64, n)}, nil
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
	for i, y := range a.labels {
		row := logits[i*a.classes : (i+1)*a.classes]
		softmax(prob, row)
		rival := math.Inf(-1)
		squares := 0.0
		for c, p := range prob {
			if c == int(y) {
				p--
			} else {
				rival = math.Max(rival, float64(row[c]))
			}
			squares += float64(p * p)
		}
		a.margin[i] += float64(row[y]) - rival
		a.error[i] += math.Sqrt(squares)
		a.p[i] += prob[y]
		a.pp[i] += float64(prob[y] * prob[y])
	}
	a.evaluations++
	return nil
}

// softmax writes the probabilities that logits stand for.
func softmax(out []float64, logits []float32) {
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
}

// LogitMeasures have one entry an example, each a mean over the evaluations.
type LogitMeasures struct {
	// AUM is the margin: logit of the label minus the largest other logit (Pleiss et al. 2020).
	AUM []float64
	// EL2N is the Euclidean norm of probabilities minus the one-hot label, in [0, sqrt 2] (Paul et
	// al. 2021).
	EL2N []float64
	// Confidence and Variability are the mean and the population standard deviation of the label's
	// probability (Swayamdipta et al. 2020).
	Confidence  []float64
	Variability []float64
}

// Measures are the measures over what was added so far; an error before the first Add.
func (a *Accumulator) Measures() (*LogitMeasures, error) {
	if a.evaluations == 0 {
		return nil, fmt.Errorf("logits: no evaluation was added")
	}
	n, T := len(a.labels), float64(a.evaluations)
	m := &LogitMeasures{AUM: make([]float64, n), EL2N: make([]float64, n), Confidence: make([]float64, n), Variability: make([]float64, n)}
	for i := range n {
		m.AUM[i], m.EL2N[i] = a.margin[i]/T, a.error[i]/T
		mean := a.p[i] / T
		m.Confidence[i] = mean
		m.Variability[i] = math.Sqrt(math.Max(0, a.pp[i]/T-float64(mean*mean)))
	}
	return m, nil
}
