package easiness

import (
	"math"
	"slices"

	"shoal/dynamics"
)

// Rules is the version of the rules by which answers are made. Reports that have none, 0, have intervals of
// correlations and shares over examples only.
const Rules = 1

// Report is both answers for every reference of some runs, and a census of the examples behind them.
type Report struct {
	Dataset  string   `json:"dataset"`
	Network  string   `json:"network"`
	Classes  []string `json:"classes"` // their names
	Runs     []string `json:"runs"`    // folders, one a seed
	Seeds    []uint64 `json:"seeds"`   // 0 where a run doesn't know its own
	Examples int      `json:"examples"`
	Refits   int      `json:"refits"`
	BagSeed  uint64   `json:"bag_seed"`
	Rules    int      `json:"rules"` // by which the answers were made: see the constant
	Answers  []Answer `json:"references"`
	// Notes are what a reader has to know: references that were left out, runs that aren't finished.
	Notes []string `json:"notes,omitempty"`
	// LabelErrors is where the marks on labels are from; "" where nothing is known of this split's.
	LabelErrors string    `json:"label_errors"`
	Groups      []Group   `json:"groups"`
	Census      []Example `json:"census"`
	// Left is how many examples of the groups are not in the census, which is bounded.
	Left int `json:"left_out"`
}

// Answer is both questions about one reference.
type Answer struct {
	Shared Shared `json:"easiness"`
	Missed Missed `json:"missed"`
}

// Example is one row of the census. Numbers that are not known are null.
type Example struct {
	ID         int    `json:"id"`
	Name       string `json:"name,omitempty"` // of its file
	Label      uint16 `json:"label"`
	LabelError bool   `json:"label_error"` // people found the label to be wrong; false says nothing
	// ShallowOnly are the names of the references of which 90 % of the refits get it right, while every
	// seed misses it at its end.
	ShallowOnly []string `json:"shallow_only"`
	// Never: no seed gets it right at any evaluation.
	Never      bool               `json:"never_right"`
	Network    []uint16           `json:"network"` // the class that each seed predicts at its end
	References []ExampleReference `json:"references"`
	Contrast   dynamics.NullFloat `json:"contrast"`       // standard deviation of the pixels, 0 to .5; of the mean of channels
	Own        dynamics.NullFloat `json:"own_distance"`   // to the nearest training example of its label
	Other      dynamics.NullFloat `json:"other_distance"` // to the nearest of another
	Picture    []byte             `json:"-"`              // a PNG
}

// ExampleReference is what one reference makes of an example.
type ExampleReference struct {
	Reference   string             `json:"reference"`
	Prediction  uint16             `json:"prediction"`   // of the run's own fit
	RefitsRight float64            `json:"refits_right"` // share of the refits
	Margin      dynamics.NullFloat `json:"margin"`       // of the run's own fit
}

// Group is what the examples of a group have in common. Counts are of all of them; medians, and the share
// OtherNearer, are of those that are described, null where nothing is known.
type Group struct {
	Name        string               `json:"name"`
	N           int                  `json:"n"`
	Described   int                  `json:"described"`
	LabelErrors int                  `json:"label_errors"`
	ByClass     []int                `json:"by_class"`
	Contrast    dynamics.NullFloat   `json:"contrast"`
	Own         dynamics.NullFloat   `json:"own_distance"`
	Other       dynamics.NullFloat   `json:"other_distance"`
	OtherNearer dynamics.NullFloat   `json:"other_nearer"` // share whose nearest training example has another label
	Margins     []dynamics.NullFloat `json:"margins"`      // of the references, in their order
}

// GroupOf summarises a group of examples of so many classes, with answers of so many references. Of all its
// examples label and label error count; described are those of them of which more is known.
func GroupOf(name string, all, described []Example, classes, references int) Group {
	g := Group{Name: name, N: len(all), Described: len(described), ByClass: make([]int, classes)}
	var contrast, own, other []float64
	margins := make([][]float64, references)
	nearer := 0
	for _, e := range all {
		g.ByClass[e.Label]++
		if e.LabelError {
			g.LabelErrors++
		}
	}
	for _, e := range described {
		contrast = known(contrast, e.Contrast)
		if a, b := e.Own.Known(), e.Other.Known(); a != nil && b != nil {
			own, other = append(own, *a), append(other, *b)
			if *b < *a {
				nearer++
			}
		}
		for k := range margins {
			margins[k] = known(margins[k], e.References[k].Margin)
		}
	}
	g.Contrast, g.Own, g.Other = median(contrast), median(own), median(other)
	g.OtherNearer = unknown
	if len(own) > 0 {
		g.OtherNearer = dynamics.NullFloat(float64(nearer) / float64(len(own)))
	}
	for _, m := range margins {
		g.Margins = append(g.Margins, median(m))
	}
	return g
}

// unknown is no number.
var unknown = dynamics.NullFloat(math.NaN())

// known appends x where it is known.
func known(list []float64, x dynamics.NullFloat) []float64 {
	if v := x.Known(); v != nil {
		list = append(list, *v)
	}
	return list
}

// median is the middle value, the mean of the two middle ones of an even number.
func median(x []float64) dynamics.NullFloat {
	if len(x) == 0 {
		return unknown
	}
	x = slices.Sorted(slices.Values(x))
	return dynamics.NullFloat((x[(len(x)-1)/2] + x[len(x)/2]) / 2)
}
