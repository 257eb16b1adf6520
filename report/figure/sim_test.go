package figure

import (
	"math"

	"shoal/contingency"
	"shoal/report/internal/simrun"
)

// simulated computes curves with formulas of its own, but for the tetrachoric correlation, so that the
// tests of this package need no other.
func simulated(dataset, network string, o simrun.Options, ref int) Curves {
	r := simrun.Simulate(o)
	c := Curves{Dataset: dataset, Network: network, Reference: o.References[ref].Name, Steps: r.Steps, Epochs: r.Epochs}
	m := make([]bool, len(r.Labels))
	for i, p := range r.References[ref] {
		m[i] = p == r.Labels[i]
	}
	for _, row := range r.Predictions {
		var t [4]float64
		for i, p := range row {
			k := Neither
			switch d := p == r.Labels[i]; {
			case d && m[i]:
				k = Both
			case d:
				k = DeepOnly
			case m[i]:
				k = ShallowOnly
			}
			t[k]++
		}
		addTable(&c, t)
	}
	return c
}

func addTable(c *Curves, t [4]float64) {
	n := t[0] + t[1] + t[2] + t[3]
	m, d := (t[Both]+t[ShallowOnly])/n, (t[Both]+t[DeepOnly])/n
	rp, rm := t[Both]/(m*n), t[DeepOnly]/((1-m)*n)
	c.ReferenceAccuracy = m
	c.Accuracy = append(c.Accuracy, d)
	se := func(p, n float64) float64 { return 1.96 * math.Sqrt(p*(1-p)/n) }
	c.RPlus = append(c.RPlus, Between(rp, rp-se(rp, m*n), rp+se(rp, m*n)))
	c.RMinus = append(c.RMinus, Between(rm, rm-se(rm, n-m*n), rm+se(rm, n-m*n)))
	ratio := Point{}
	if t[Both] > 0 && t[DeepOnly] > 0 {
		s := 1.96 * math.Sqrt(1/t[Both]-1/(m*n)+1/t[DeepOnly]-1/(n-m*n))
		ratio = Between(rp/rm, rp/rm*math.Exp(-s), rp/rm*math.Exp(s))
	}
	c.Ratio = append(c.Ratio, ratio)
	most := math.Inf(1)
	if d > m {
		most = (1 - m) / (d - m)
	}
	c.AttainableMax = append(c.AttainableMax, most)
	c.Nestedness = append(c.Nestedness, Exact((t[Both]/n-m*d)/(math.Min(m, d)-m*d)))
	pe := m*d + (1-m)*(1-d)
	c.Kappa = append(c.Kappa, Exact(((t[Both]+t[Neither])/n-pe)/(1-pe)))
	table := contingency.Table{Both: int(t[Both]), ShallowOnly: int(t[ShallowOnly]), DeepOnly: int(t[DeepOnly]), Neither: int(t[Neither])}
	c.Tetrachoric = append(c.Tetrachoric, Point{})
	if r := table.Tetrachoric(); r.Defined {
		c.Tetrachoric[len(c.Tetrachoric)-1] = Exact(r.Value)
	}
	for k := range c.Cells {
		c.Cells[k] = append(c.Cells[k], int(t[k]))
	}
}

// simulatedOval has one frame for about every tenth of a decade of steps.
func simulatedOval(o simrun.Options) *Oval {
	r := simrun.Simulate(o)
	v := &Oval{Dataset: "simulated", Network: "cnn2", Reference: o.References[0].Name}
	v.Rank = make([]float64, len(r.Labels))
	v.ReferenceRight = make([]bool, len(r.Labels))
	for i, l := range r.Labels {
		v.ReferenceRight[i] = r.References[0][i] == l
		for _, row := range r.Predictions {
			if row[i] != l {
				v.Rank[i]++
			}
		}
	}
	next := 0.
	for t, row := range r.Predictions {
		if float64(r.Steps[t]) < next && t != len(r.Predictions)-1 {
			continue
		}
		next = math.Max(float64(r.Steps[t])+1, float64(r.Steps[t])*1.15)
		f := Frame{Step: r.Steps[t], Epoch: r.Epochs[t], Caption: "accuracy 12.3 % · R± 1.23", Right: make([]bool, len(row))}
		for i, p := range row {
			f.Right[i] = p == r.Labels[i]
		}
		v.Frames = append(v.Frames, f)
	}
	return v
}

func simulatedOrder(o simrun.Options) Order {
	r := simrun.Simulate(o)
	v := Order{Dataset: "simulated", Network: "net", Reference: "svm", Steps: r.Steps, Epochs: r.Epochs}
	for i, l := range r.Labels {
		v.ReferenceRight = append(v.ReferenceRight, r.References[0][i] == l)
		first := -1
		for t, row := range r.Predictions {
			if row[i] == l && first < 0 {
				first = r.Steps[t]
			}
		}
		v.First = append(v.First, first)
		good := -1
		for t := len(r.Steps) - 1; t >= 0 && r.Predictions[t][i] == l; t-- {
			good = r.Steps[t]
		}
		v.ForGood = append(v.ForGood, good)
	}
	return v
}
