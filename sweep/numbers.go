package sweep

import (
	"context"
	"fmt"
	"math"
	"slices"

	"shoal/contingency"
	"shoal/dynamics"
)

// Number is one statistic of the last evaluation, of all runs of a setting.
type Number struct {
	Statistic string               `json:"statistic"`
	Reference string               `json:"reference,omitempty"` // "" for a statistic of the network alone
	Values    []dynamics.NullFloat `json:"values"`              // run by run; null where undefined or infinite
	// Mean is over the runs, of the logarithms where the statistic is a ratio.
	Mean dynamics.NullFloat `json:"mean"`
	// Interval is the mean's, over seeds and examples, from three runs on; of a single run it is that of
	// the statistic, over examples alone.
	Interval dynamics.Estimate `json:"interval"`
	// NoMean says why seeds have no mean although each may have a value: "" where they have one.
	NoMean string `json:"no_mean,omitempty"`

	statistic contingency.Statistic
	readings  []contingency.Reading // run by run
	sample    dynamics.Sample
}

// statistics are those that have an interval.
func statistics() (out []contingency.Statistic) {
	for _, s := range contingency.Statistics() {
		if s.Form >= contingency.WithInterval {
			out = append(out, s)
		}
	}
	return out
}

// scaled is a statistic's value on the scale on which means are taken and differences are made: ratios
// by their logarithms. NaN where it isn't defined.
func scaled(s contingency.Statistic, t contingency.Table) float64 {
	r := s.At(t)
	switch {
	case !r.Defined:
		return math.NaN()
	case s.Unit == contingency.Times:
		return finite(math.Log(r.Value))
	}
	return r.Value
}

// finite is x, or NaN for an infinity.
func finite(x float64) float64 {
	if math.IsInf(x, 0) {
		return math.NaN()
	}
	return x
}

// bounded keeps the interval of a share, which is least or more, or of a difference of two, within what it can be.
func bounded(s contingency.Statistic, e dynamics.Estimate, least float64) dynamics.Estimate {
	if s.Unit == contingency.Share && e.Defined {
		e.Lo, e.Hi = math.Max(e.Lo, least), math.Min(e.Hi, 1)
	}
	return e
}

// unscaled takes an estimate back from that scale.
func unscaled(s contingency.Statistic, e dynamics.Estimate) dynamics.Estimate {
	if s.Unit != contingency.Times || !e.Defined {
		return e
	}
	return dynamics.Estimate{Value: math.Exp(e.Value), Lo: math.Exp(e.Lo), Hi: math.Exp(e.Hi), Defined: true}
}

// cell is where a run's tables against a reference are among all that are resampled.
type cell struct {
	run       *outcome
	reference string
}

// resampled has the tables of many runs, and their statistics in all replicates.
type resampled struct {
	tables map[cell]contingency.Table
	values map[cell][][]float64 // statistic × replicate
}

// resample resamples the examples of runs that are all of one evaluation split, against the references
// that are named; a run without any is taken against itself, for the statistics of the network alone.
func resample(ctx context.Context, groups []*group, references []string, o dynamics.Resampling) (*resampled, error) {
	var cells []cell
	var pairs []dynamics.Answers
	for _, g := range groups {
		for _, run := range g.runs {
			cells, pairs = append(cells, cell{run, ""}), append(pairs, dynamics.Answers{Deep: run.right, Shallow: run.right})
			for _, name := range references {
				cells, pairs = append(cells, cell{run, name}), append(pairs, dynamics.Answers{Deep: run.right, Shallow: run.reference(name).right})
			}
		}
	}
	x := &resampled{tables: map[cell]contingency.Table{}, values: map[cell][][]float64{}}
	all := statistics()
	replicates := o.Replicates
	for k, c := range cells {
		t, err := contingency.CountRight(pairs[k].Shallow, pairs[k].Deep)
		if err != nil {
			return nil, fmt.Errorf("run %q: %w", c.run.folder, err)
		}
		x.tables[c] = t
		values := make([][]float64, len(all))
		for i := range values {
			values[i] = make([]float64, replicates)
		}
		x.values[c] = values
	}
	err := dynamics.ResampleTables(ctx, pairs, o, func(r int, tables []contingency.Table) {
		for k, t := range tables {
			for i, s := range all {
				if (cells[k].reference == "") == (s.Of == contingency.OfNetwork) {
					x.values[cells[k]][i][r] = scaled(s, t)
				}
			}
		}
	})
	return x, err
}

// numbers are those of a group: of its network, and against each reference.
func (x *resampled) numbers(g *group, references []string) []Number {
	var out []Number
	for _, name := range append([]string{""}, references...) {
		for i, s := range statistics() {
			if (name == "") == (s.Of == contingency.OfNetwork) {
				out = append(out, x.number(g, name, i, s))
			}
		}
	}
	return out
}

func (x *resampled) number(g *group, reference string, i int, s contingency.Statistic) Number {
	n := Number{Statistic: s.Name, Reference: reference, statistic: s}
	var mean float64
	for _, run := range g.runs {
		c := cell{run, reference}
		v := scaled(s, x.tables[c])
		reading := s.At(x.tables[c])
		n.readings = append(n.readings, reading)
		mean += v / float64(len(g.runs))
		n.sample.Values, n.sample.Replicates = append(n.sample.Values, v), append(n.sample.Replicates, x.values[c][i])
		n.sample.Unseen += dynamics.Unseen(x.tables[c], func(t contingency.Table) float64 { return scaled(s, t) }) / float64(len(g.runs))
		value := math.NaN()
		if reading.Defined && !reading.Infinite { // a ratio of 0, which has no logarithm, is one
			value = reading.Value
		}
		n.Values = append(n.Values, dynamics.NullFloat(value))
	}
	if len(g.runs) == 0 {
		mean = math.NaN()
	}
	n.Mean = dynamics.NullFloat(unscaled(s, dynamics.Estimate{Value: mean, Defined: true}).Value)
	if len(g.runs) > 1 {
		n.NoMean = noMean(n.readings)
	}
	n.Interval = bounded(s, unscaled(s, n.sample.Crossed()), 0)
	if len(g.runs) == 1 {
		if r := n.readings[0]; r.Defined && !r.OneSided {
			n.Interval = dynamics.Estimate{Value: r.Value, Lo: r.Lo, Hi: r.Hi, Defined: true}
		}
	}
	return n
}

// Verdict is what a comparison of two settings or runs says.
type Verdict string

// The verdicts. A comparison that can't be made, such as of too few seeds, has none.
const (
	Higher       Verdict = "higher"
	Lower        Verdict = "lower"
	NotToldApart Verdict = Verdict(dynamics.NotToldApart)
)

// Comparison is a difference of one statistic, B minus A; of a ratio it is the factor B over A.
type Comparison struct {
	Statistic  string             `json:"statistic"`
	Reference  string             `json:"reference,omitempty"`
	A          string             `json:"a"` // the settings
	B          string             `json:"b"`
	Difference dynamics.Estimate  `json:"difference"`
	Factor     bool               `json:"factor,omitempty"`
	P          dynamics.NullFloat `json:"p"`         // of a difference so large if there is none
	Corrected  dynamics.NullFloat `json:"corrected"` // for the comparisons of its family
	Verdict    Verdict            `json:"verdict"`
}

// compare compares one number of two groups.
func compare(a, b *group, x, y Number) Comparison {
	c := Comparison{Statistic: x.Statistic, Reference: x.Reference, A: a.name, B: b.name, Factor: x.statistic.Unit == contingency.Times}
	d, p := y.sample.Minus(x.sample, sameSeeds(a, b))
	c.Difference, c.P = bounded(x.statistic, unscaled(x.statistic, d), -1), dynamics.NullFloat(p)
	return c
}

// sameSeeds reports whether the runs of both have the same seeds, in the same order.
func sameSeeds(a, b *group) bool {
	return slices.EqualFunc(a.runs, b.runs, func(x, y *outcome) bool { return x.seeded && y.seeded && x.seed == y.seed })
}

// judge corrects a family of comparisons for their number, and says which are told apart at 5 %.
func judge(family []Comparison) {
	p := make([]float64, len(family))
	for i, c := range family {
		p[i] = float64(c.P)
	}
	for i, corrected := range dynamics.Holm(p) {
		c := &family[i]
		c.Corrected = dynamics.NullFloat(corrected)
		none := 0.0
		if c.Factor {
			none = 1
		}
		switch {
		case !c.Difference.Defined:
		case !(corrected <= .05):
			c.Verdict = NotToldApart
		case c.Difference.Value > none:
			c.Verdict = Higher
		default:
			c.Verdict = Lower
		}
	}
}
