package dynamics

import (
	"fmt"
	"math"
)

// ValueMeasures have one entry an example, each over the evaluations of which a log keeps the value
// that it is of; NaN for an example without any. A slice is nil where no evaluation has the value.
//
// They were proposed for the training split, over the epochs of a training. Here they are over
// evaluations, whenever those were; of a test split they are analogues: the network didn't train on
// its examples.
type ValueMeasures struct {
	// AUM is the mean margin: logit of the label minus the largest other logit (Pleiss et al. 2020).
	// On a training split wrong labels have a low one.
	AUM []float64
	// EL2N is the mean Euclidean norm of probabilities minus the one-hot label, in [0, sqrt 2] (Paul
	// et al. 2021).
	EL2N []float64
	// Confidence and Variability are the mean and the population standard deviation of the label's
	// probability (Swayamdipta et al. 2020): the axes of a data map.
	Confidence  []float64
	Variability []float64
	// Loss is the mean cross entropy, in nats.
	Loss []float64
}

// NamedMeasure is one of the ValueMeasures by its name in exports.
type NamedMeasure struct {
	Name, Title string
	Values      []float64
}

// Named lists those that are there.
func (m *ValueMeasures) Named() []NamedMeasure {
	if m == nil {
		return nil
	}
	var out []NamedMeasure
	for _, n := range []NamedMeasure{{"aum", "AUM", m.AUM}, {"el2n", "EL2N", m.EL2N}, {"confidence", "confidence", m.Confidence},
		{"variability", "variability", m.Variability}, {"mean_loss", "mean loss", m.Loss}} {
		if n.Values != nil {
			out = append(out, n)
		}
	}
	return out
}

// ValueAccumulator gathers ValueMeasures, one evaluation and value at a time.
type ValueAccumulator struct {
	n      int
	values map[string]*running
}

// NewValueAccumulator starts one for n examples.
func NewValueAccumulator(n int) *ValueAccumulator {
	return &ValueAccumulator{n: n, values: map[string]*running{}}
}

// Add takes the values of one name, one an example, of one evaluation. NaN stands for a value that is
// not there; names of which no measure is made are left alone.
func (a *ValueAccumulator) Add(name string, values []float32) error {
	if len(values) != a.n {
		return fmt.Errorf("%d values of %q, want %d, one an example", len(values), name, a.n)
	}
	m := a.of(name)
	for i, v := range values {
		m.add(i, float64(v))
	}
	return nil
}

// Measures are those over what was added so far; nil before that.
func (a *ValueAccumulator) Measures() *ValueMeasures {
	if len(a.values) == 0 {
		return nil
	}
	out := &ValueMeasures{}
	out.AUM, _ = a.values[ValueMargin].finish()
	out.EL2N, _ = a.values[ValueEL2N].finish()
	out.Confidence, out.Variability = a.values[ValueP].finish()
	out.Loss, _ = a.values[ValueLoss].finish()
	return out
}

func (a *ValueAccumulator) of(name string) *running {
	if a.values[name] == nil {
		a.values[name] = &running{make([]float64, a.n), make([]float64, a.n), make([]float64, a.n)}
	}
	return a.values[name]
}

// running is count, mean and sum of squared deviations from it, one an example.
type running struct{ count, mean, squares []float64 }

// add takes a value of example i (Welford 1962: a difference of sums would lose what is small).
func (m *running) add(i int, x float64) {
	if math.IsNaN(x) {
		return
	}
	m.count[i]++
	d := x - m.mean[i]
	m.mean[i] += d / m.count[i]
	m.squares[i] += float64(d * (x - m.mean[i]))
}

// finish returns means and population standard deviations.
func (m *running) finish() (mean, deviation []float64) {
	if m == nil {
		return nil, nil
	}
	mean, deviation = make([]float64, len(m.mean)), make([]float64, len(m.mean))
	for i, c := range m.count {
		mean[i], deviation[i] = math.NaN(), math.NaN()
		if c > 0 {
			mean[i], deviation[i] = m.mean[i], math.Sqrt(m.squares[i]/c)
		}
	}
	return mean, deviation
}

// TrainSplit is the name of the split that a network is trained on.
const TrainSplit = "train"
