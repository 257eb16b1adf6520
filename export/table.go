package export

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/published"
)

// kind is the type of a column.
type kind int

const (
	integer kind = iota // int64
	real                // float64, also infinite
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

// tableNames are the tables of an export; the last two are of runs that were given groups.
var tableNames = []string{"curves", "examples", "suspects", "groups", "group_curves"}

// tables writes the tables into a folder.
func (d *data) tables(ctx context.Context, dir, extension string, write func(path string, t *table) error) error {
	makers := map[string]func() (*table, error){"curves": d.curves, "examples": d.examples, "suspects": d.suspects, "groups": d.byGroup, "group_curves": d.groupCurves}
	for _, name := range tableNames {
		if d.Groups == nil && slices.Contains(tableNames[3:], name) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		t, err := makers[name]()
		if err != nil {
			return err
		}
		if err := write(filepath.Join(dir, name+extension), t); err != nil {
			return err
		}
	}
	return nil
}

// curves has a row for each evaluation and reference.
func (d *data) curves() (*table, error) {
	network, reference, both := contingency.StatisticsOf(contingency.OfNetwork), contingency.StatisticsOf(contingency.OfReference), contingency.StatisticsOf(contingency.OfBoth)
	t := &table{columns: slices.Concat(
		[]column{{"step", integer}, {"epoch", real}, {"loss", real}}, columnsOf(network), []column{{"seconds", real}},
		[]column{{"reference", text}, {"reference_kind", text}}, columnsOf(reference),
		[]column{{"both", integer}, {"shallow_only", integer}, {"deep_only", integer}, {"neither", integer}}, columnsOf(both))}
	var curves []*dynamics.Curve
	for i := range d.References {
		c, err := d.curve(i)
		if err != nil {
			return nil, err
		}
		curves = append(curves, c)
	}
	for e, step := range d.Log.Steps {
		common := slices.Concat([]any{int64(step), d.Log.Epochs[e], d.Loss[e]}, cells(network, d.alone(e)), []any{d.Scoring[e]})
		for k, c := range curves {
			at := c.Points[e].Table
			t.add(slices.Concat(common, []any{d.References[k].Name, d.References[k].Kind}, cells(reference, at),
				[]any{int64(at.Both), int64(at.ShallowOnly), int64(at.DeepOnly), int64(at.Neither)}, cells(both, at)))
		}
		if len(curves) == 0 {
			t.add(append(common, make([]any, len(t.columns)-len(common))...))
		}
	}
	return t, nil
}

// alone is the table of an evaluation against a reference that is right nowhere: the statistics of
// the network alone can be read off it.
func (d *data) alone(e int) contingency.Table {
	deep := d.Log.Correct(e)
	t, _ := contingency.CountRight(make([]bool, len(deep)), deep) // of one length, and not empty
	return t
}

// columnsOf are the columns of statistics: NAME, and NAME_lo, NAME_hi and NAME_state of those that
// have them.
func columnsOf(statistics []contingency.Statistic) []column {
	var out []column
	for _, s := range statistics {
		out = append(out, column{s.Name, real})
		if s.Form >= contingency.WithInterval {
			out = append(out, column{s.Name + "_lo", real}, column{s.Name + "_hi", real})
		}
		if s.Form >= contingency.WithState {
			out = append(out, column{s.Name + "_state", text})
		}
	}
	return out
}

// cells are the values of columnsOf at one table.
func cells(statistics []contingency.Statistic, t contingency.Table) []any {
	var out []any
	for _, s := range statistics {
		r := s.At(t)
		if r.Infinite {
			r.Value, r.Hi = math.Inf(1), math.Inf(1)
		}
		known := r.Defined || r.Infinite
		out = append(out, when(known, r.Value))
		if s.Form >= contingency.WithInterval {
			out = append(out, when(known, r.Lo), when(known, r.Hi))
		}
		if s.Form >= contingency.WithState {
			out = append(out, r.State())
		}
	}
	return out
}

// when is x, or no value.
func when(defined bool, x float64) any {
	if !defined {
		return nil
	}
	return x
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

// add adds a row; NaN becomes no value.
func (t *table) add(row []any) {
	for i, v := range row {
		if x, ok := v.(float64); ok {
			row[i] = when(!math.IsNaN(x), x)
		}
	}
	t.rows = append(t.rows, row)
}

// examples has a row for each example.
func (d *data) examples() (*table, error) {
	m, err := dynamics.Measure(&d.Log)
	if err != nil {
		return nil, err
	}
	learned, err := d.Log.Learning()
	if err != nil {
		return nil, err
	}
	values, wrong := d.Values.Named(), d.KnownErrors()
	t := &table{columns: d.exampleColumns(values, wrong)}
	end := len(d.Log.Predictions) - 1
	final, finalRight := d.Log.Predictions[end], d.Log.Correct(end)
	right := make([][]bool, len(d.References))
	for k, r := range d.References {
		right[k] = r.Correct(d.Log.Labels)
	}
	for i, label := range d.Log.Labels {
		row := []any{int64(i), int64(label), d.class(label)}
		if d.Names != nil {
			row = slices.Insert(row, 1, any(d.Names[i]))
		}
		row = append(append(row, d.evaluation(m.FirstLearned[i])...), m.NeverRight[i])
		row = append(append(row, d.evaluation(m.LearnedForGood[i])...), m.Censored[i])
		step, _, ok := d.Log.When(learned.Switch[i] + 1)
		row = append(row, whenStep(ok, step), learned.Never(i), learned.BySpeed[i])
		row = append(row, events(m.Forgetting, i), events(m.ForgettingPerEpoch, i), m.Unforgettable[i], m.LearningSpeed[i])
		row = append(row, int64(final[i]), finalRight[i])
		for k, r := range d.References {
			row = append(row, int64(r.Predictions[i]), right[k][i])
			if r.Margins != nil {
				row = append(row, float64(r.Margins[i]))
			}
		}
		if wrong != nil {
			row = append(row, wrong.Has(i))
		}
		for _, m := range values {
			row = append(row, m.Values[i])
		}
		t.add(append(row, d.attributeCells(i)...))
	}
	return t, nil
}

// exampleColumns are those of the table of examples.
func (d *data) exampleColumns(values []dynamics.NamedMeasure, wrong *published.LabelErrors) []column {
	columns := []column{
		{"id", integer}, {"label", integer}, {"class", text},
		{"first_right_step", integer}, {"first_right_epoch", real}, {"never_right", boolean},
		{"right_for_good_step", integer}, {"right_for_good_epoch", real}, {"censored", boolean},
		{"learned_step", integer}, {"never_learned", boolean}, {"share_learned", real},
		{"times_forgotten", integer}, {"times_forgotten_per_epoch", integer}, {"unforgettable", boolean}, {"share_right", real},
		{"final_prediction", integer}, {"final_right", boolean},
	}
	if d.Names != nil {
		columns = slices.Insert(columns, 1, column{"name", text})
	}
	for k, r := range d.References {
		columns = append(columns, column{"prediction_" + d.names[k], integer}, column{"right_" + d.names[k], boolean})
		if r.Margins != nil {
			columns = append(columns, column{"margin_" + d.names[k], real})
		}
	}
	if wrong != nil {
		columns = append(columns, column{"label_error", boolean})
	}
	for _, m := range values {
		columns = append(columns, column{m.Name, real})
	}
	return append(columns, d.attributeColumns()...)
}

// class is the name of a class, or its number as text where it has none.
func (d *data) class(label uint16) string {
	if int(label) >= len(d.Classes) || d.Classes[label] == "" {
		return fmt.Sprint(label)
	}
	return d.Classes[label]
}

// evaluation is the step and epoch of evaluation t, counted from 1; none beyond the last.
func (d *data) evaluation(t int) []any {
	step, epoch, ok := d.Log.When(t)
	if !ok {
		return []any{nil, nil}
	}
	return []any{int64(step), epoch}
}

// whenStep is a step, or no value.
func whenStep(ok bool, step int) any {
	if !ok {
		return nil
	}
	return int64(step)
}

// events is the number of forgetting events; none where the example is never right or they were not counted.
func events(counts []int, i int) any {
	if counts == nil || counts[i] == dynamics.Forever {
		return nil
	}
	return int64(counts[i])
}
