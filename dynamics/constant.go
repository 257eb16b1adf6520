package dynamics

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"shoal/dynamics/regime"
	"shoal/internal/parallel"
	"shoal/internal/pcg"
	"shoal/internal/textfmt"
)

// BeyondAccuracy says whether R± tells more than accuracy does: whether it leaves what it would be if
// the association between the reference and the order in which the network learns were one constant.
type BeyondAccuracy struct {
	// Says is true where R± lies outside at some evaluation, by a band that holds for all evaluations
	// together: it is true in 5 % of the runs whose association is constant, but for those in which whole
	// classes drop out at single evaluations: in 10 % of the simulated ones. Null where it can't be judged.
	Says        *bool  `json:"says"`
	Evaluations int    `json:"evaluations"` // that were compared: those from the start of learning
	Above       int    `json:"above"`       // of them, those at which R± lies above the band
	Below       int    `json:"below"`
	FirstStep   *int   `json:"first_step"` // of those outside
	LastStep    *int   `json:"last_step"`
	Reason      string `json:"reason"` // one sentence, lower case
}

// ConstantCurve is R± at one constant association, by evaluation. Entries before the start of
// learning, when a network names one class for all, are undefined.
type ConstantCurve struct {
	Ratio []Estimate // with a pointwise 95 % band
	BeyondAccuracy
}

const (
	// constantDraws is the default number of redrawn references.
	constantDraws = 1000
	// constantMargin is how far from the band R± counts as on it, as a part of R±: readings of the order
	// have noise that differs along the order, and with it the line that they give isn't quite straight.
	constantMargin = .01
)

// ConstantAssociation compares R± with what it would be at one constant association. The network's
// log is kept. The reference is drawn again and again from the straight line of package regime, and
// for each draw R± is set against that of the line which is fitted to the draw, as R± of the run is
// against that of the run's own line: so that the band knows that the line is fitted. Half an example
// is added to every cell. The simultaneous band is that of the largest deviation in standard
// deviations of its evaluation, and 1 % wider.
//
// Of few evaluations an order has few values, and nothing is judged: one or two leave R± no room beside
// the line, and with up to a dozen R± left the band in every one of many draws of a constant association.
//
// What lies outside need not be a change of regime: where difficulty has a long tail, or the network's
// noise grows with it, the association isn't constant along the order, either, and where classes differ in
// slope the line isn't theirs. A class that drops out at single evaluations takes R± with it whatever the
// order of its examples.
func ConstantAssociation(ctx context.Context, l *Log, learned *regime.Learning, ref Reference, o Resampling) (*ConstantCurve, error) {
	out := &ConstantCurve{Ratio: make([]Estimate, len(l.Steps))}
	right := ref.Correct(l.Labels)
	if read := len(l.Steps) - learned.From; read < leastEvaluations {
		out.Reason = fmt.Sprintf("it can't be told: the order of learning was read from %s, which is too coarse for a line in it; it takes %d", textfmt.Count(read, "evaluation"), leastEvaluations)
		return out, nil
	}
	line := learned.Constant(l.Labels, right)
	if line == nil || !slices.Contains(right, true) || !slices.Contains(right, false) {
		out.Reason = "it can't be told: the network learns nothing, or too much at one time, or the reference gets all or nothing of it right"
		return out, nil
	}
	e := newExpected(l, learned.From, line)
	deviations, err := e.draw(ctx, o)
	if err != nil {
		return nil, err
	}
	out.judge(l, learned.From, e.bands(out, deviations, maskOf(right)))
	return out, nil
}

// expected is the table of every evaluation, from one on, that a line expects.
type expected struct {
	line     *regime.Constant
	from     int
	deep     []mask
	counts   []int                     // that the network gets right
	at       []float64                 // ln R±
	slopes   [][2]float64              // of at, by both and by all that the reference gets right
	byClass  [][]float64               // derivative of both by the effect of each class
	byColumn [][regime.Columns]float64 // and by the coefficients of the columns
	sums     struct {                  // the same of all examples that the reference gets right
		right    float64
		byClass  []float64
		byColumn [regime.Columns]float64
	}
}

func newExpected(l *Log, from int, line *regime.Constant) *expected {
	e := &expected{line: line, from: from}
	e.sums.byClass = make([]float64, line.Classes())
	for i, p := range line.P {
		e.sums.right += p
		for k := range e.sums.byColumn {
			e.sums.byColumn[k] += line.ByColumn[k][i]
		}
		e.sums.byClass[l.Labels[i]] += line.ByClass[i]
	}
	for t := from; t < len(l.Steps); t++ {
		e.evaluation(l, t)
	}
	return e
}

// evaluation adds what the line expects of an evaluation.
func (e *expected) evaluation(l *Log, t int) {
	line, m, both := e.line, l.at(t), 0.0
	y0, y1, y2, y3 := line.ByColumn[0], line.ByColumn[1], line.ByColumn[2], line.ByColumn[3]
	var s0, s1, s2, s3 float64 // in registers, an array would be in memory
	byClass := make([]float64, line.Classes())
	for w, left := range m {
		for ; left != 0; left &= left - 1 {
			i := 64*w + bits.TrailingZeros64(left)
			both += line.P[i]
			s0, s1, s2, s3 = s0+y0[i], s1+y1[i], s2+y2[i], s3+y3[i]
			byClass[l.Labels[i]] += line.ByClass[i]
		}
	}
	count := m.count()
	d, n := float64(count), float64(len(l.Labels))
	cells := [4]float64{both, e.sums.right - both, d - both, n - d - e.sums.right + both} // both, shallow_only, deep_only, neither
	e.deep, e.counts = append(e.deep, m), append(e.counts, count)
	e.at = append(e.at, logRatioOfCells(cells[0], cells[1], cells[2], cells[3]))
	e.slopes = append(e.slopes, [2]float64{1/(cells[0]+.5) + 1/(cells[2]+.5), 1/(cells[0]+cells[1]+1) + 1/(cells[2]+cells[3]+1)})
	e.byClass, e.byColumn = append(e.byClass, byClass), append(e.byColumn, [regime.Columns]float64{s0, s1, s2, s3})
}

// logRatioOfCells is ln R± of cells, half an example added to each.
func logRatioOfCells(both, shallowOnly, deepOnly, neither float64) float64 {
	return math.Log((both + .5) / (both + shallowOnly + 1) * (deepOnly + neither + 1) / (deepOnly + .5))
}

// right is how much the number of the reference's right answers changes, to first order, with the line.
func (e *expected) right(alpha []float64, slopes [regime.Columns]float64) float64 {
	right := 0.0
	for r, b := range slopes {
		right += float64(e.sums.byColumn[r] * b)
	}
	for c, a := range alpha {
		right += float64(e.sums.byClass[c] * a)
	}
	return right
}

// change is how much ln R± of the k-th evaluation changes, to first order, with the line; right is what
// right says of it.
func (e *expected) change(k int, alpha []float64, slopes [regime.Columns]float64, right float64) float64 {
	both := 0.0
	for r, b := range slopes {
		both += float64(e.byColumn[k][r] * b)
	}
	for c, a := range alpha {
		both += float64(e.byClass[k][c] * a)
	}
	return float64(both*e.slopes[k][0]) - float64(right*e.slopes[k][1])
}

// observed is ln R± of the k-th evaluation for a reference that is right on count of n examples, on both of
// them with the network.
func (e *expected) observed(k, n, count, both int) float64 {
	return logRatioOfCells(float64(both), float64(count-both), float64(e.counts[k]-both), float64(n-count-e.counts[k]+both))
}

// draw returns, for every evaluation, by how much ln R± of each redrawn reference differs from what
// the line that is fitted to it expects.
func (e *expected) draw(ctx context.Context, o Resampling) ([][]float32, error) {
	draws, n := cmp.Or(o.Replicates, constantDraws), len(e.line.P)
	out := make([][]float32, len(e.deep))
	for k := range out {
		out[k] = make([]float32, draws)
	}
	type space struct {
		right mask
		alpha []float64
		both  []int
	}
	workers := parallel.Workers(o.Workers)
	spaces := make([]space, workers)
	parallel.For(workers, draws, func(worker, r int) {
		if ctx.Err() != nil {
			return
		}
		s := &spaces[worker]
		if s.right == nil {
			s.right, s.alpha, s.both = newMask(n), make([]float64, e.line.Classes()), make([]int, len(e.deep))
		}
		slopes := e.line.Draw(pcg.New(o.Seed, uint64(r)), s.right, s.alpha)
		count, right := s.right.count(), e.right(s.alpha, slopes)
		s.right.countAnds(e.deep, s.both)
		for k, both := range s.both {
			out[k][r] = float32(e.observed(k, n, count, both) - e.at[k] - e.change(k, s.alpha, slopes, right))
		}
	})
	return out, ctx.Err()
}

// bands fills in the curve with its pointwise band, and returns on which side of the simultaneous band
// the reference is at every evaluation: -1, 0 or 1.
func (e *expected) bands(out *ConstantCurve, deviations [][]float32, right mask) (side []int) {
	largest := make([]float64, len(deviations[0]))
	off, spreads := make([]float64, len(deviations)), make([]float64, len(deviations))
	n, count := len(e.line.P), right.count()
	sorted := make([]float64, len(largest))
	for k, values := range deviations {
		for r, v := range values {
			sorted[r] = float64(v)
		}
		mean, variance := moments(sorted)
		spread := math.Sqrt(variance)
		if spread > 0 {
			for r, v := range sorted {
				largest[r] = math.Max(largest[r], math.Abs(v-mean)/spread)
			}
			off[k], spreads[k] = e.observed(k, n, count, right.countAnd(e.deep[k]))-e.at[k]-mean, spread
		}
		lo, hi := middle(sorted)
		out.Ratio[e.from+k] = estimate(e.at[k], e.at[k]+lo, e.at[k]+hi).exp()
	}
	slices.Sort(largest)
	limit := quantile(largest, .95)
	side = make([]int, len(off))
	for k, x := range off {
		switch far := float64(limit*spreads[k]) + math.Log1p(constantMargin); {
		case x > far:
			side[k] = 1
		case x < -far:
			side[k] = -1
		}
	}
	return side
}

// judge counts the evaluations outside the simultaneous band.
func (c *ConstantCurve) judge(l *Log, from int, side []int) {
	c.Evaluations = len(side)
	for k, x := range side {
		if x == 0 {
			continue
		}
		step := l.Steps[from+k]
		if c.FirstStep == nil {
			c.FirstStep = &step
		}
		c.LastStep = &step
		if x > 0 {
			c.Above++
		} else {
			c.Below++
		}
	}
	says := c.Above+c.Below > 0
	c.Says = &says
	if !says {
		c.Reason = fmt.Sprintf("R± says nothing beyond accuracy: it is what one constant association gives at all %d evaluations", c.Evaluations)
		return
	}
	where := fmt.Sprintf("steps %s to %s", textfmt.Thousands(*c.FirstStep), textfmt.Thousands(*c.LastStep))
	if *c.FirstStep == *c.LastStep {
		where = "step " + textfmt.Thousands(*c.FirstStep)
	}
	c.Reason = fmt.Sprintf("R± says more than accuracy: at %d of %d evaluations, %s, it is not what one constant association gives (%d above, %d below)",
		c.Above+c.Below, c.Evaluations, where, c.Above, c.Below)
}
