// Package orders compares runs that differ in the order of training only: which examples were
// visited when. It has the statistics; package curriculum has the orders themselves, which are
// plain names here.
package orders

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"shoal/dynamics"
)

// Order is one of the orders that may be compared.
type Order struct {
	Name    string
	Control string // name of the order to compare it with beside the baseline; may be its own
}

// Outcome is the result of one run of one order.
type Outcome struct {
	Run      string // its folder, for messages
	Order    string
	Passes   int // over the first part of the order, if it has one, else 0
	Examples int // that the run sees at least once, if it is long enough
	Seed     uint64
	Steps    []int     // of the evaluations, ascending
	Epochs   []float64 // the same in epochs
	Accuracy []float64 // at each of them
}

// name is the order with its passes.
func (o Outcome) name() string { return fmt.Sprintf("%s %d", o.Order, o.Passes) }

// final is the accuracy of the last evaluation.
func (o Outcome) final() float64 { return o.Accuracy[len(o.Accuracy)-1] }

// check returns an error unless the outcome is that of one of the known orders and has an
// evaluation.
func (o Outcome) check(known []Order) error {
	n := len(o.Accuracy)
	switch {
	case !slices.ContainsFunc(known, func(k Order) bool { return k.Name == o.Order }):
		return fmt.Errorf("run %q has the order %q: want one of %v", o.Run, o.Order, names(known))
	case n == 0:
		return fmt.Errorf("run %q has no evaluation", o.Run)
	case len(o.Steps) != n || len(o.Epochs) != n:
		return fmt.Errorf("run %q has %d steps and %d epochs for %d accuracies: want one each", o.Run, len(o.Steps), len(o.Epochs), n)
	}
	return nil
}

func names(known []Order) []string {
	var out []string
	for _, k := range known {
		out = append(out, k.Name)
	}
	return out
}

// Comparison compares the orders of runs that differ in nothing else. The caller of Compare fills
// all but Rows.
type Comparison struct {
	Dataset   string  `json:"dataset"`
	Network   string  `json:"network"`
	Steps     int     `json:"steps"`
	Epochs    float64 `json:"epochs"`
	Reference string  `json:"reference"` // that cut the partition
	Easy      int     `json:"easy"`
	Hard      int     `json:"hard"`
	Rows      []Row   `json:"orders"`
}

// Row is the result of all runs of one order.
type Row struct {
	Order    string            `json:"order"`
	Passes   int               `json:"passes,omitempty"` // over the first part of the order, if it has one
	Examples int               `json:"examples"`         // that a run sees at least once, if it is long enough
	Seeds    []uint64          `json:"seeds"`
	Values   []float64         `json:"accuracies"` // of the last evaluation, in the order of Seeds
	Accuracy dynamics.Estimate `json:"accuracy"`   // mean over seeds, Student's interval; undefined below three
	Curve    []Point           `json:"curve"`      // at the evaluations that all seeds have
	// Differences are the mean accuracies minus those of the baseline, the order random, and of the
	// order's own control.
	ToRandom  Difference `json:"to_random"`
	ToControl Difference `json:"to_control"`
}

// Name is the order, with its passes where there are several.
func (r Row) Name() string {
	if r.Passes > 1 {
		return fmt.Sprintf("%s (%d passes)", r.Order, r.Passes)
	}
	return r.Order
}

// Text is the accuracy in per cent: the mean with half the width of its interval, or the seeds
// themselves where they are too few for one.
func (r Row) Text() string {
	if e := r.Accuracy; e.Defined {
		return fmt.Sprintf("%.2f ± %.2f", 100*e.Value, 100*(e.Hi-e.Value))
	}
	var all []string
	for _, x := range r.Values {
		all = append(all, fmt.Sprintf("%.2f", 100*x))
	}
	text := strings.Join(all, ", ")
	if len(all) > 1 {
		text += " (too few)"
	}
	return text
}

// Mean is the mean of Values, which one seed has too.
func (r Row) Mean() float64 { return mean(r.Values) }

// OwnControl reports whether ToControl says something that ToRandom doesn't.
func (r Row) OwnControl() bool {
	return r.ToControl.Control != r.ToRandom.Control && r.ToControl.Control != r.Order
}

// Compared reports whether any row has a difference to random order, and whether any has one to a
// control of its own.
func (c *Comparison) Compared() (toRandom, toControl bool) {
	for _, r := range c.Rows {
		toRandom = toRandom || r.ToRandom.Difference.Defined
		toControl = toControl || r.OwnControl() && r.ToControl.Difference.Defined
	}
	return toRandom, toControl
}

// Point is the accuracy over seeds at one evaluation.
type Point struct {
	Step     int               `json:"step"`
	Epoch    float64           `json:"epoch"`
	Mean     float64           `json:"mean"`
	Accuracy dynamics.Estimate `json:"accuracy"` // with Student's interval; undefined with fewer than three seeds
}

// Difference is a difference of mean accuracies, order minus control.
type Difference struct {
	Control    string            `json:"control"`
	Difference dynamics.Estimate `json:"difference"`
	Paired     bool              `json:"paired"` // the same seeds on both sides
	// Verdict is Better, Worse, NotToldApart when the interval contains 0, or ""
	// when there is nothing to compare.
	Verdict dynamics.Outcome `json:"verdict"`
}

// Compare tabulates runs by their order, in the sequence of known, with 95 % intervals over seeds.
// Every order is compared with the baseline and with its control. A difference is that of pairs
// when both orders have the same seeds (Student's interval of the differences), else that of two
// groups (Welch's). Intervals are not corrected for how many there are: of twenty true differences
// of 0, one is excluded on average. Two runs of one order and seed are an error, and so are an
// unknown order and a run without an evaluation.
func Compare(runs []Outcome, known []Order, baseline string) ([]Row, error) {
	groups := map[string][]Outcome{}
	for _, o := range runs {
		if err := o.check(known); err != nil {
			return nil, err
		}
		of := groups[o.name()]
		at, twice := slices.BinarySearchFunc(of, o.Seed, func(a Outcome, seed uint64) int { return cmp.Compare(a.Seed, seed) })
		if twice {
			return nil, fmt.Errorf("run %q has order %s and seed %d, which another run has too: give each once", o.Run, o.Order, o.Seed)
		}
		groups[o.name()] = slices.Insert(of, at, o)
	}
	var rows []Row
	for _, k := range known {
		var of []Row
		for _, group := range groups {
			if group[0].Order == k.Name {
				of = append(of, rowOf(group))
			}
		}
		slices.SortFunc(of, func(a, b Row) int { return a.Passes - b.Passes })
		rows = append(rows, of...)
	}
	for i := range rows {
		r := &rows[i]
		r.ToRandom = r.minus(rows, baseline)
		k := slices.IndexFunc(known, func(k Order) bool { return k.Name == r.Order })
		r.ToControl = r.minus(rows, known[k].Control)
	}
	return rows, nil
}

// rowOf gathers the runs of one order, which are in the order of their seeds.
func rowOf(group []Outcome) Row {
	r := Row{Order: group[0].Order, Passes: group[0].Passes, Examples: group[0].Examples}
	for _, o := range group {
		r.Seeds, r.Values = append(r.Seeds, o.Seed), append(r.Values, o.final())
	}
	r.Accuracy = dynamics.OverSeeds(r.Values)
	for t, step := range group[0].Steps {
		var values []float64
		for _, o := range group {
			if k, found := slices.BinarySearch(o.Steps, step); found {
				values = append(values, o.Accuracy[k])
			}
		}
		if len(values) == len(group) {
			r.Curve = append(r.Curve, Point{step, group[0].Epochs[t], mean(values), dynamics.OverSeeds(values)})
		}
	}
	return r
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// minus compares with a control, which may be missing.
func (r *Row) minus(rows []Row, name string) Difference {
	out := Difference{Control: name}
	k := slices.IndexFunc(rows, func(c Row) bool { return c.Order == name })
	if k < 0 || name == r.Order {
		return out
	}
	control := rows[k]
	if slices.Equal(r.Seeds, control.Seeds) {
		out.Paired = true
		pairs := make([]float64, len(r.Values))
		for i, v := range r.Values {
			pairs[i] = v - control.Values[i]
		}
		out.Difference = dynamics.OverSeeds(pairs)
	} else {
		out.Difference = dynamics.SeedDifference(r.Values, control.Values)
	}
	switch d := out.Difference; {
	case !d.Defined:
	case d.Lo > 0:
		out.Verdict = dynamics.Better
	case d.Hi < 0:
		out.Verdict = dynamics.Worse
	default:
		out.Verdict = dynamics.NotToldApart
	}
	return out
}
