package export

import (
	"context"
	"fmt"
	"path/filepath"

	"shoal/contingency"
	"shoal/dynamics"
)

// kind is the type of a column.
type kind int

const (
	integer kind = iota // int64
	real                // float64, finite
	boolean             // bool
	text                // string
)

type column struct {
	name string
	kind kind
}

// table is rows of int64, float64, bool, string or nil, which is no value.
type table struct {
	columns []column
	rows    [][]any
}

// tables writes both tables into a folder.
func (d *data) tables(ctx context.Context, dir, extension string, write func(path string, t *table) error) error {
	for _, make := range []struct {
		name  string
		table func() (*table, error)
	}{{"curves", d.curves}, {"examples", d.examples}} {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, err := make.table()
		if err != nil {
			return err
		}
		if err := write(filepath.Join(dir, make.name+extension), t); err != nil {
			return err
		}
	}
	return nil
}

// curves has a row for each evaluation and reference.
func (d *data) curves() (*table, error) {
	t := &table{columns: []column{
		{"step", integer}, {"epoch", real}, {"loss", real}, {"accuracy", real}, {"accuracy_lo", real}, {"accuracy_hi", real}, {"seconds", real},
		{"reference", text}, {"reference_kind", text}, {"reference_accuracy", real},
		{"both", integer}, {"shallow_only", integer}, {"deep_only", integer}, {"neither", integer},
		{"r_plus", real}, {"r_plus_lo", real}, {"r_plus_hi", real}, {"r_minus", real}, {"r_minus_lo", real}, {"r_minus_hi", real},
		{"ratio", real}, {"ratio_lo", real}, {"ratio_hi", real}, {"ratio_state", text},
		{"independence", real}, {"attainable_max", real}, {"nestedness", real}, {"kappa", real}, {"agreement", real},
	}}
	n := len(d.Log.Labels)
	var curves []*dynamics.Curve
	for i := range d.References {
		c, err := d.curve(i)
		if err != nil {
			return nil, err
		}
		curves = append(curves, c)
	}
	for e, step := range d.Log.Steps {
		accuracy := contingency.Wilson(contingency.Right(d.Log.Labels, d.Log.Predictions[e]), n)
		common := []any{int64(step), d.Log.Epochs[e], d.Loss[e]}
		common = append(append(common, proportion(accuracy)...), d.Scoring[e])
		for k, c := range curves {
			row := append(common[:len(common):len(common)], d.References[k].Name, d.References[k].Kind)
			t.add(append(row, cells(c.Points[e].Values())...))
		}
		if len(curves) == 0 {
			t.add(append(common, make([]any, len(t.columns)-len(common))...))
		}
	}
	return t, nil
}

// curve is the tables against reference i.
func (d *data) curve(i int) (*dynamics.Curve, error) {
	r := d.References[i]
	c, err := dynamics.Curves(&d.Log, r.Reference)
	if err != nil {
		return nil, fmt.Errorf("reference %q: %w", r.Name, err)
	}
	return c, nil
}

// add adds a row; what is not finite becomes no value.
func (t *table) add(row []any) {
	for i, v := range row {
		if x, ok := v.(float64); ok {
			row[i] = finite(x)
		}
	}
	t.rows = append(t.rows, row)
}

// finite is x, or no value.
func finite(x float64) any {
	if x-x != 0 {
		return nil
	}
	return x
}

// cells are the columns of curves from reference_accuracy on.
func cells(v dynamics.Values) []any {
	t := v.Table
	out := []any{t.ShallowAccuracy().Value, int64(t.Both), int64(t.ShallowOnly), int64(t.DeepOnly), int64(t.Neither)}
	out = append(append(out, proportion(v.RPlus)...), proportion(v.RMinus)...)
	out = append(out, ratio(v.Ratio)...)
	for _, x := range []contingency.Number{v.Independence, v.AttainableMax, v.Nestedness, v.Kappa, t.Agreement().Number()} {
		out = append(out, number(x))
	}
	return out
}

func number(x contingency.Number) any {
	if !x.Defined {
		return nil
	}
	return x.Value
}

func proportion(p contingency.Proportion) []any {
	if !p.Defined {
		return []any{nil, nil, nil}
	}
	return []any{p.Value, p.Lo, p.Hi}
}

func ratio(r contingency.Ratio) []any {
	switch {
	case r.Infinite:
		return []any{nil, r.Lo, nil, "infinite"}
	case !r.Defined:
		return []any{nil, nil, nil, "undefined"}
	}
	return []any{r.Value, r.Lo, r.Hi, "defined"}
}

// examples has a row for each example.
func (d *data) examples() (*table, error) {
	m, err := dynamics.Measure(&d.Log)
	if err != nil {
		return nil, err
	}
	t := &table{columns: []column{
		{"id", integer}, {"label", integer}, {"class", text},
		{"first_learned_step", integer}, {"first_learned_epoch", real}, {"never_learned", boolean},
		{"learned_for_good_step", integer}, {"learned_for_good_epoch", real}, {"censored", boolean},
		{"forgetting", integer}, {"forgetting_per_epoch", integer}, {"unforgettable", boolean}, {"learning_speed", real},
		{"final_prediction", integer}, {"final_right", boolean},
	}}
	for k, r := range d.References {
		t.columns = append(t.columns, column{"prediction_" + d.names[k], integer}, column{"right_" + d.names[k], boolean})
		if r.Margins != nil {
			t.columns = append(t.columns, column{"margin_" + d.names[k], real})
		}
	}
	final := d.Log.Predictions[len(d.Log.Predictions)-1]
	for i, label := range d.Log.Labels {
		row := []any{int64(i), int64(label), d.class(label)}
		row = append(append(row, d.when(m.FirstLearned[i])...), m.NeverLearned[i])
		row = append(append(row, d.when(m.LearnedForGood[i])...), m.Censored[i])
		row = append(row, events(m.Forgetting, i), events(m.ForgettingPerEpoch, i), m.Unforgettable[i], m.LearningSpeed[i])
		row = append(row, int64(final[i]), final[i] == label)
		for _, r := range d.References {
			row = append(row, int64(r.Predictions[i]), r.Predictions[i] == label)
			if r.Margins != nil {
				row = append(row, float64(r.Margins[i]))
			}
		}
		t.add(row)
	}
	return t, nil
}

func (d *data) class(label uint16) any {
	if int(label) >= len(d.Classes) {
		return nil
	}
	return d.Classes[label]
}

// when is the step and epoch of evaluation t, counted from 1; none beyond the
// last.
func (d *data) when(t int) []any {
	step, epoch, ok := d.Log.When(t)
	if !ok {
		return []any{nil, nil}
	}
	return []any{int64(step), epoch}
}

// events is the number of forgetting events; none where it is infinite or was
// not counted.
func events(counts []int, i int) any {
	if counts == nil || counts[i] == dynamics.Forever {
		return nil
	}
	return int64(counts[i])
}
