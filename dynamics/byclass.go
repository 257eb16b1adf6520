package dynamics

import (
	"math"

	"shoal/contingency"
)

// ByClass is the table of each class 0..C-1, C-1 being the largest label, of a network
// predictions against a reference.
func ByClass(labels []uint16, ref, network Reference) ([]contingency.Table, error) {
	if err := checkAll(labels, []Reference{ref, network}); err != nil {
		return nil, err
	}
	s, d := ref.right(labels), network.right(labels)
	return byClass(labels, s.get, d.get), nil
}

func byClass(labels []uint16, shallow, deep func(i int) bool) []contingency.Table {
	out := make([]contingency.Table, classes(labels))
	for i, label := range labels {
		out[label].Add(shallow(i), deep(i))
	}
	return out
}

// ClassAdjusted is R± adjusted for class: the Mantel-Haenszel risk ratio over the classes, with the
// interval of Greenland and Robins (1985). It compares examples within a class only, so that a
// network that predicts one class for everything has exactly 1. shallow and deep tell who is right
// on example i. Undefined when no class has examples on either side, or none with the network right
// on the reference's errors.
func ClassAdjusted(labels []uint16, shallow, deep func(i int) bool) Estimate {
	return mantelHaenszel(byClass(labels, shallow, deep))
}

// classAdjustedLogs is the logarithm of the class-adjusted ratio at every evaluation; where there
// is none, that of the crude one with half examples.
func (e *evidence) classAdjustedLogs() []float64 {
	masks := make([]mask, classes(e.log.Labels))
	for c := range masks {
		masks[c] = newMask(len(e.log.Labels))
	}
	for i, y := range e.log.Labels {
		masks[y].set(i)
	}
	sizes, shallow := make([]int, len(masks)), make([]mask, len(masks))
	for c, m := range masks {
		sizes[c], shallow[c] = m.count(), m.and(e.shallow)
	}
	out := make([]float64, len(e.deep))
	tables := make([]contingency.Table, len(masks))
	for t, deep := range e.deep {
		for c, m := range masks {
			both, s, d := deep.countAnd(shallow[c]), shallow[c].count(), deep.countAnd(m)
			tables[c] = contingency.Table{Both: both, ShallowOnly: s - both, DeepOnly: d - both, Neither: sizes[c] - s - d + both}
		}
		if r := mantelHaenszel(tables); r.Defined {
			out[t] = math.Log(r.Value)
		} else {
			out[t], _ = logRatio(e.curve.Points[t].Table)
		}
	}
	return out
}

// mantelHaenszel is MantelHaenszel at 95 %.
func mantelHaenszel(strata []contingency.Table) Estimate {
	return MantelHaenszel(strata, contingency.Z95)
}

// MantelHaenszel combines the risk ratios of strata, of being right in D where M is right over where it
// is wrong, with the interval of Greenland and Robins (1985) that is z standard errors of its logarithm
// to either side. Undefined where one of the two risks is 0 in all strata.
func MantelHaenszel(strata []contingency.Table, z float64) Estimate {
	var above, below, spread float64
	for _, t := range strata {
		if t.N() == 0 {
			continue
		}
		n, n1, n0 := float64(t.N()), float64(t.ShallowRight()), float64(t.DeepOnly+t.Neither)
		a, c := float64(t.Both), float64(t.DeepOnly)
		above += a * n0 / n
		below += c * n1 / n
		spread += (float64(n1*n0*(a+c)) - float64(a*c*n)) / (n * n)
	}
	if !(above > 0 && below > 0) {
		return Estimate{}
	}
	value := above / below
	factor := math.Exp(z * math.Sqrt(math.Max(0, spread)/(above*below)))
	return estimate(value, value/factor, value*factor)
}
