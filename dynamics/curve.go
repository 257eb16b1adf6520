package dynamics

import "shoal/contingency"

// Point is the table of one evaluation against one reference; the statistics are its methods
// (Ratio, RPlus, Nestedness, ...).
type Point struct {
	Step  int       `json:"step"`
	Epoch NullFloat `json:"epoch"`
	contingency.Table
}

// Curve is the table of every evaluation of a log against one reference.
type Curve struct {
	Reference string  `json:"reference"`
	Points    []Point `json:"points"`
}

// Curves computes the table of every evaluation against the reference.
func Curves(l *Log, ref Reference) (*Curve, error) {
	if err := checkPair(l, ref); err != nil {
		return nil, err
	}
	return curveOf(l, ref.Name, rightMasks(l), ref.right(l.Labels)), nil
}

func curveOf(l *Log, name string, right []mask, shallow mask) *Curve {
	c := &Curve{Reference: name, Points: make([]Point, len(right))}
	for t := range right {
		c.Points[t] = Point{Step: l.Steps[t], Epoch: NullFloat(l.Epochs[t]), Table: tableOf(len(l.Labels), shallow, right[t])}
	}
	return c
}

// tableOf counts a table from the two right/wrong masks of n examples.
func tableOf(n int, shallow, deep mask) contingency.Table {
	both, s, d := deep.countAnd(shallow), shallow.count(), deep.count()
	return contingency.Table{Both: both, ShallowOnly: s - both, DeepOnly: d - both, Neither: n - s - d + both}
}

// Last is the last point.
func (c *Curve) Last() Point { return c.Points[len(c.Points)-1] }
