package dynamics

import (
	"context"
	"fmt"
	"math"

	"shoal/contingency"
)

// sameNestedness is the difference of nestedness within which two references count as equal.
const sameNestedness = 0.05

// ControlPoint is the difference at one evaluation.
type ControlPoint struct {
	Step              int                `json:"step"`
	Epoch             NullFloat          `json:"epoch"`
	Nestedness        contingency.Number `json:"nestedness"`
	ControlNestedness contingency.Number `json:"control_nestedness"`
	Difference        Estimate           `json:"difference"` // pointwise interval
}

// Control compares how the network nests with a reference and with a control reference.
type Control struct {
	Reference       string  `json:"reference"`
	Control         string  `json:"control"`
	Accuracy        float64 `json:"accuracy"`         // of the reference
	ControlAccuracy float64 `json:"control_accuracy"` // should be near it
	// Points lie at the steps of a smoothed curve.
	Points []ControlPoint `json:"points"`
	// Difference is the mean over the learning phase of nestedness with the reference minus
	// nestedness with the control.
	Difference Estimate `json:"difference"`
	FromStep   int      `json:"from_step"` // the learning phase
	ToStep     int      `json:"to_step"`
	Verdict    Outcome  `json:"verdict"` // ShallowFirst, EasyFirst, NotToldApart or CannotJudge
	Reason     string   `json:"reason"`
}

// CompareControl asks whether the network follows the reference M more than it follows any equally
// good network. control should be a network of another seed stopped at M's accuracy
// (Log.NearestAccuracy and Log.At of that run). If D learns first what M has learned BECAUSE it is
// learnable by a shallow model, its right answers are more nested with M's than with the control's;
// if it only learns first what is easy for every model, they are not.
//
// Compared is the mean of nestedness over the learning phase: from the step at which D has left
// chance to that at which it becomes as accurate as M (or the end), at points an eighth of a
// doubling of the step apart. Shallow first: the paired bootstrap's interval lies above 0. Easy
// first: it lies below 0, or within ±0.05. Otherwise they cannot be told apart.
func CompareControl(ctx context.Context, l *Log, ref, control Reference, o Resampling) (*Control, error) {
	if err := checkPair(l, ref); err != nil {
		return nil, err
	}
	if err := control.check(len(l.Labels)); err != nil {
		return nil, err
	}
	deep := rightMasks(l)
	shallow := []mask{ref.right(l.Labels), control.right(l.Labels)}
	curves := []*Curve{curveOf(l, ref.Name, deep, shallow[0]), curveOf(l, control.Name, deep, shallow[1])}
	first, second := curves[0].Points, curves[1].Points
	out := &Control{Reference: ref.Name, Control: control.Name,
		Accuracy: first[0].ShallowAccuracy().Value, ControlAccuracy: second[0].ShallowAccuracy().Value}

	at := newSmoother(first).at
	phase := learningPhase(at, onset(l, curves[0], out.Accuracy), first, out.Accuracy)
	picked := make([]mask, len(at))
	for j, t := range at {
		picked[j] = deep[t]
	}
	reps := o.replicates()
	differences, means := make([][]float64, len(at)), make([]float64, reps)
	for j := range differences {
		differences[j] = make([]float64, reps)
	}
	err := bootstrap(ctx, len(l.Labels), picked, shallow, o, func(r int, tables [][]contingency.Table) {
		values := make([]float64, len(at))
		for j := range at {
			values[j] = orNaN(tables[0][j].Nestedness()) - orNaN(tables[1][j].Nestedness())
			differences[j][r] = values[j]
		}
		means[r] = mean(values, phase)
	})
	if err != nil {
		return nil, err
	}
	values := make([]float64, len(at))
	for j, t := range at {
		a, b := first[t].Nestedness(), second[t].Nestedness()
		values[j] = orNaN(a) - orNaN(b)
		out.Points = append(out.Points, ControlPoint{Step: first[t].Step, Epoch: first[t].Epoch,
			Nestedness: a, ControlNestedness: b, Difference: Percentile(values[j], differences[j])})
	}
	if len(phase) > 0 {
		out.FromStep, out.ToStep = first[at[phase[0]]].Step, first[at[phase[len(phase)-1]]].Step
		out.Difference = Percentile(mean(values, phase), means)
	}
	out.judge(len(phase))
	return out, nil
}

// learningPhase lists the indices into at from the onset to the first evaluation as accurate as m,
// that one left out unless it is alone.
func learningPhase(at []int, onset int, points []Point, m float64) []int {
	var phase []int
	for j, t := range at {
		if t < onset {
			continue
		}
		if float64(points[t].DeepRight()) >= m*float64(points[t].N()) && len(phase) > 0 {
			break
		}
		phase = append(phase, j)
	}
	return phase
}

// mean of the values at the given indices; NaN when one is, or none are.
func mean(values []float64, indices []int) float64 {
	if len(indices) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, j := range indices {
		sum += values[j]
	}
	return sum / float64(len(indices))
}

func (c *Control) judge(phase int) {
	d := c.Difference
	switch gap := math.Abs(c.Accuracy - c.ControlAccuracy); {
	case gap > .02:
		c.Verdict, c.Reason = CannotJudge, fmt.Sprintf("the control's accuracy %.4f is not the reference's %.4f", c.ControlAccuracy, c.Accuracy)
	case phase < 3 || !d.Defined:
		c.Verdict, c.Reason = CannotJudge, fmt.Sprintf("only %d points between chance and the reference's accuracy", phase)
	case d.Lo > 0:
		c.Verdict, c.Reason = ShallowFirst, fmt.Sprintf("the network nests more with %s than with the control, by %v", c.Reference, d)
	case d.Hi < 0:
		c.Verdict, c.Reason = EasyFirst, fmt.Sprintf("the network nests less with %s than with the control, by %v", c.Reference, d)
	case d.Lo >= -sameNestedness && d.Hi <= sameNestedness:
		c.Verdict, c.Reason = EasyFirst, fmt.Sprintf("the network nests as much with the control as with %s: difference %v", c.Reference, d)
	default:
		c.Verdict, c.Reason = NotToldApart, fmt.Sprintf("the difference of nestedness, %v, has either sign within its interval", d)
	}
}
