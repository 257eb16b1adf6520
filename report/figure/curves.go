package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Point is an estimate with its 95 % interval. The zero Point is "not defined": it interrupts its
// line.
type Point struct {
	Value, Low, High float64
	OK               bool
}

// Exact is a Point without an interval; a value that is not finite gives an undefined Point.
func Exact(v float64) Point {
	return Point{Value: v, Low: v, High: v, OK: finite(v)}
}

// Between is a Point with an interval; ends that are not finite fall back on the value.
func Between(v, low, high float64) Point {
	p := Exact(v)
	if finite(low) {
		p.Low = low
	}
	if finite(high) {
		p.High = high
	}
	return p
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Cell names, in the order of Curves.Cells.
const (
	Both = iota
	ShallowOnly
	DeepOnly
	Neither
)

// CellNames are the words of the table T, indexed by Both .. Neither.
var CellNames = [4]string{"both", "shallow_only", "deep_only", "neither"}

// Curves is one run seen against one reference: T evaluations in step order. Every slice has length
// T.
type Curves struct {
	Dataset, Network, Reference string // names as readers should see them: "MNIST", "cnn2", "svm"
	ReferenceAccuracy           float64
	Steps                       []int     // training steps, ascending; 0 is the untrained network
	Epochs                      []float64 // the same in passes over the training split
	Accuracy                    []float64 // of the network
	Spread                      []Point   // the same with its range over seeds; nil for a single run
	Ratio                       []Point   // R± with Katz's interval
	Constant                    []Point   // R± at one constant association, with its band; nil where it isn't known
	RPlus, RMinus               []Point   // with Wilson's intervals
	AttainableMax               []float64 // (1-m)/(d-m); +Inf while d <= m
	Nestedness, Kappa           []Point
	Tetrachoric                 []Point
	Cells                       [4][]int  // counts of examples
	Smoothed                    []Point   // the curve whose peak Mark is, at the steps; nil for none
	Mark                        *PeakMark // the peak to point at; nil: the largest single R±
	Band                        string    // what the bands are; empty: "95 % band over examples"
	Note                        string    // beneath the title: seed, limits; may be empty
	SoFar                       bool      // the run isn't finished: its last evaluation is not the end
}

// PeakMark is a peak of R± that was estimated elsewhere, on a smoothed curve.
type PeakMark struct {
	Point
	Step  int
	Epoch float64
}

// title names the dataset, the network and the reference.
func (c *Curves) title() string {
	return fmt.Sprintf("%s · %s · reference %s", c.Dataset, c.Network, c.Reference)
}

// Check reports the first slice whose length differs from that of Steps, or steps that do not
// ascend.
func (c *Curves) Check() error {
	n := len(c.Steps)
	if n == 0 {
		return fmt.Errorf("curves of %q: no evaluation; run or attach a network first", c.title())
	}
	for i := 1; i < n; i++ {
		if c.Steps[i] <= c.Steps[i-1] {
			return fmt.Errorf("curves of %q: step %d after step %d; want ascending steps", c.title(), c.Steps[i], c.Steps[i-1])
		}
	}
	lengths := []struct {
		name string
		got  int
	}{
		{"epochs", len(c.Epochs)}, {"accuracy", len(c.Accuracy)}, {"ratio", len(c.Ratio)}, {"R+", len(c.RPlus)},
		{"R-", len(c.RMinus)}, {"attainable maximum", len(c.AttainableMax)}, {"nestedness", len(c.Nestedness)},
		{"kappa", len(c.Kappa)}, {"tetrachoric correlation", len(c.Tetrachoric)}, {"both", len(c.Cells[0])}, {"shallow_only", len(c.Cells[1])},
		{"deep_only", len(c.Cells[2])}, {"neither", len(c.Cells[3])},
	}
	if c.Constant != nil && len(c.Constant) != n {
		return fmt.Errorf("curves of %q: R± at one association has %d values, want %d", c.title(), len(c.Constant), n)
	}
	for _, l := range lengths {
		if l.got != n {
			return fmt.Errorf("curves of %q: %s has %d values, want %d", c.title(), l.name, l.got, n)
		}
	}
	return nil
}

// band says what the bands are.
func (c *Curves) band() string { return cmp.Or(c.Band, "95 % band over examples") }

// bands says what the bands of R± are: that of one association isn't a range over seeds.
func (c *Curves) bands() string {
	if c.Constant == nil || c.Spread == nil {
		return c.band()
	}
	return c.band() + "; one association: mean of the seeds’ 95 % bands"
}

// Peak returns the index of the largest defined ratio, or -1.
func (c *Curves) Peak() int {
	best := -1
	for i, p := range c.Ratio {
		if p.OK && (best < 0 || p.Value > c.Ratio[best].Value) {
			best = i
		}
	}
	return best
}

// exacts are Points without intervals.
func exacts[T int | float64](v []T) []Point {
	out := make([]Point, len(v))
	for i, x := range v {
		out[i] = Exact(float64(x))
	}
	return out
}

// constant is a Point of the same value at each step.
func constant(v float64, steps []int) []Point { return slices.Repeat([]Point{Exact(v)}, len(steps)) }
