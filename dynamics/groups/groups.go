package groups

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"shoal/contingency"
	"shoal/dynamics"
)

// Attribute sorts the examples of an evaluation split into groups.
type Attribute struct {
	Name   string
	Groups []string // names of the groups, at least two
	Of     []int    // the group of each example, None for none
}

// None is the group of an example without one.
const None = -1

// Check reports what is wrong with an attribute of n examples.
func (a Attribute) Check(n int) error {
	if a.Name == "" {
		return errors.New("an attribute has no name")
	}
	if len(a.Of) != n {
		return fmt.Errorf("attribute %q has %d values, want %d, one an example", a.Name, len(a.Of), n)
	}
	if len(a.Groups) < 2 {
		return fmt.Errorf("attribute %q has fewer than two groups (%q): there is nothing to compare; leave the column out", a.Name, a.Groups)
	}
	for i, g := range a.Of {
		if g < None || g >= len(a.Groups) {
			return fmt.Errorf("attribute %q: group %d of example %d, want 0 to %d, or none", a.Name, g, i, len(a.Groups)-1)
		}
	}
	return nil
}

// Comparison is what [Compare] finds.
type Comparison struct {
	EarlyStep     int     `json:"early_step"`     // half way
	EarlyAccuracy float64 `json:"early_accuracy"` // of the network there
	Tests         int     `json:"tests"`          // that the correction is over
	Groups        []Group `json:"groups"`
}

// Group is what is known of one group.
type Group struct {
	Attribute  string              `json:"attribute"`
	Name       string              `json:"group"`
	N          int                 `json:"n"`
	Early      Errors              `json:"early"` // of the network
	End        Errors              `json:"end"`   // of the network, at the last evaluation
	References []Errors            `json:"references"`
	Tables     []contingency.Table `json:"tables"` // at the last evaluation, against each reference
	// Later is the probability that an example of the group is learned for good later than another one
	// that isn't of it; those that are wrong at the end come last. Its interval is not corrected.
	Later dynamics.Estimate `json:"later"`
	// MedianStep is the training step from which half of the group's examples are right for good, nil
	// where fewer than half are.
	MedianStep *int `json:"median_step"`
	Never      int  `json:"never_right"` // examples that are right at no evaluation
}

// Verdict says whether a group's errors stand out.
type Verdict string

// What a comparison can say.
const (
	More  Verdict = "more"
	Fewer Verdict = "fewer"
	Same  Verdict = "can't be told apart"
)

// Errors are those of a model in a group, beside the others'.
type Errors struct {
	Wrong       int               `json:"wrong"`
	Share       float64           `json:"share"`        // of the group's examples
	OthersShare float64           `json:"others_share"` // of the other examples
	Ratio       dynamics.Estimate `json:"ratio"`        // risk ratio within classes; undefined where one side has no errors
	Within      bool              `json:"within_classes"`
	P           float64           `json:"p"`      // two-sided, of this comparison alone
	Corrected   float64           `json:"p_holm"` // over all of them
	Verdict     Verdict           `json:"verdict"`
	strata      []contingency.Table
}

// level is that at which errors stand out.
const level = .05

// Compare compares the groups of attributes of a log's examples. The log needs an evaluation.
func Compare(l *dynamics.Log, references []dynamics.Reference, attributes []Attribute) (*Comparison, error) {
	m, err := dynamics.Measure(l)
	if err != nil {
		return nil, err
	}
	for _, a := range attributes {
		if err := a.Check(len(l.Labels)); err != nil {
			return nil, err
		}
	}
	accuracy := l.Accuracies()
	early := halfWay(accuracy)
	c := &Comparison{EarlyStep: l.Steps[early], EarlyAccuracy: accuracy[early]}
	end := l.Correct(len(l.Steps) - 1)
	for _, a := range attributes {
		for g, name := range a.Groups {
			x := Group{Attribute: a.Name, Name: name, Early: errorsOf(l.Labels, a, g, l.Correct(early)), End: errorsOf(l.Labels, a, g, end)}
			for _, r := range references {
				right := r.Correct(l.Labels)
				x.References = append(x.References, errorsOf(l.Labels, a, g, right))
				x.Tables = append(x.Tables, tableOf(a, g, right, end))
			}
			x.order(l, m, a, g)
			c.Groups = append(c.Groups, x)
		}
	}
	c.correct()
	return c, nil
}

// halfWay is the first evaluation that is half way from the first accuracy to the best.
func halfWay(accuracy []float64) int {
	half := (accuracy[0] + slices.Max(accuracy)) / 2
	return slices.IndexFunc(accuracy, func(a float64) bool { return a >= half })
}

// errorsOf compares the errors in a group with those of the others, class by class.
func errorsOf(labels []uint16, a Attribute, group int, right []bool) Errors {
	classes := make([]contingency.Table, int(slices.Max(labels))+1)
	var all contingency.Table
	for i, g := range a.Of {
		if g != None { // "shallow" is being in the group, "deep" is being wrong
			classes[labels[i]].Add(g == group, !right[i])
			all.Add(g == group, !right[i])
		}
	}
	e := Errors{Wrong: all.Both, Within: true, strata: classes}
	if !slices.ContainsFunc(classes, func(t contingency.Table) bool { return t.ShallowRight() > 0 && t.ShallowRight() < t.N() }) {
		e.Within, e.strata = false, []contingency.Table{all}
	}
	e.Share, e.OthersShare = share(all.Both, all.ShallowRight()), share(all.DeepOnly, all.N()-all.ShallowRight())
	e.P = pValue(e.strata)
	return e
}

func share(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// tableOf is the table of a group's examples.
func tableOf(a Attribute, group int, shallow, deep []bool) (t contingency.Table) {
	for i, g := range a.Of {
		if g == group {
			t.Add(shallow[i], deep[i])
		}
	}
	return t
}

// Tables are the tables of an attribute's groups, at every evaluation, against a reference.
func Tables(l *dynamics.Log, r dynamics.Reference, a Attribute) [][]contingency.Table {
	shallow := r.Correct(l.Labels)
	out := make([][]contingency.Table, len(l.Steps))
	for t := range out {
		out[t] = make([]contingency.Table, len(a.Groups))
		for i, right := range l.Correct(t) {
			if g := a.Of[i]; g != None {
				out[t][g].Add(shallow[i], right)
			}
		}
	}
	return out
}

// order fills in when the group's examples are learned.
func (x *Group) order(l *dynamics.Log, m *dynamics.Measures, a Attribute, group int) {
	var mine, others []float64
	for i, g := range a.Of {
		at := float64(m.LearnedForGood[i])
		switch {
		case g == group:
			x.N++
			mine = append(mine, at)
			if m.NeverRight[i] {
				x.Never++
			}
		case g != None:
			others = append(others, at)
		}
	}
	x.Later = dynamics.AUC(mine, others)
	slices.Sort(mine)
	if len(mine) > 0 {
		if step, _, ok := l.When(int(mine[(len(mine)-1)/2])); ok {
			x.MedianStep = &step
		}
	}
}

// tests are all comparisons of errors.
func (c *Comparison) tests() []*Errors {
	var out []*Errors
	for k := range c.Groups {
		g := &c.Groups[k]
		out = append(out, &g.Early, &g.End)
		for j := range g.References {
			out = append(out, &g.References[j])
		}
	}
	return out
}

// correct fills in what depends on how many tests there are.
func (c *Comparison) correct() {
	tests := c.tests()
	c.Tests = len(tests)
	z := math.Sqrt2 * math.Erfinv(1-level/float64(max(len(tests), 1)))
	var p []float64
	for _, e := range tests {
		p = append(p, e.P)
	}
	for k, corrected := range dynamics.Holm(p) {
		e := tests[k]
		e.Corrected, e.Verdict = corrected, Same
		e.Ratio = dynamics.MantelHaenszel(e.strata, z)
		if !(corrected < level) {
			continue
		}
		if more, expected := observed(e.strata); more > expected {
			e.Verdict = More
		} else {
			e.Verdict = Fewer
		}
	}
}
