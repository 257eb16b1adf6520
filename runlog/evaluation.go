package runlog

import (
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"

	"shoal/contingency"
	"shoal/internal/packing"
)

// Evaluation is one scoring of the network on the whole evaluation split. Whoever trains may not
// know all of it: Epoch, Loss and Seconds are NaN then.
type Evaluation struct {
	Step        int     // training steps done, from 0, which is the untrained network
	Epoch       float64 // passes over the training split done, from 0
	Loss        float64 // mean cross entropy on the evaluation split
	Accuracy    float64 // 0 to 1; follows from the predictions, what a writer gives is ignored
	Seconds     float64 // that the scoring took, from 0
	Predictions []uint16
	// Right says of every example whether the network is right, for tasks where that is not "the
	// predicted class is the label" (top 5, several labels); nil where it is.
	Right []bool
	// Values are numbers of every example by name, such as its loss. They are kept at half precision:
	// three digits, and at most 65504 in size. Evaluations doesn't read them; see Run.Values.
	Values map[string][]float32
}

// Scored is what follows from an evaluation's predictions.
type Scored struct {
	Accuracy float64             // 0 to 1
	Tables   []contingency.Table // one a reference, in their order
	// Replaced: the run was rewound and had an evaluation of this step, from which Differ predictions
	// differ.
	Replaced bool
	Differ   int
}

// check reports what of e does not fit the run.
func (r *Run) check(e Evaluation) error {
	if e.Step < 0 {
		return fmt.Errorf("step is %d, want 0 or more", e.Step)
	}
	if len(e.Predictions) != len(r.labels) {
		return fmt.Errorf("%d predictions, want %d, one an example", len(e.Predictions), len(r.labels))
	}
	if e.Right != nil && len(e.Right) != len(r.labels) {
		return fmt.Errorf("right has %d entries, want %d, one an example", len(e.Right), len(r.labels))
	}
	for name, values := range e.Values {
		if len(values) != len(r.labels) {
			return fmt.Errorf("%d values of %q, want %d, one an example", len(values), name, len(r.labels))
		}
	}
	for _, v := range []float64{e.Epoch, e.Loss, e.Accuracy, e.Seconds} {
		if math.IsInf(v, 0) {
			return fmt.Errorf("epoch %v, loss %v, accuracy %v, seconds %v: want finite numbers, or NaN for what is not known", e.Epoch, e.Loss, e.Accuracy, e.Seconds)
		}
	}
	if e.Epoch < 0 || e.Seconds < 0 {
		return fmt.Errorf("epoch %v, seconds %v: want 0 or more", e.Epoch, e.Seconds)
	}
	return nil
}

// AppendEvaluation adds e and its table against every reference. When it returns, both are in the
// database. Steps come in increasing order. In a run that was rewound it replaces what the run had
// up to its step.
func (r *Run) AppendEvaluation(e Evaluation) (Scored, error) {
	scored, err := r.append(e)
	if err != nil {
		return Scored{}, fmt.Errorf("write evaluation of step %d to run %q: %w", e.Step, r.dir, err)
	}
	r.last = e.Step
	return scored, nil
}

func (r *Run) append(e Evaluation) (Scored, error) {
	if err := r.check(e); err != nil {
		return Scored{}, err
	}
	if r.last >= e.Step {
		return Scored{}, fmt.Errorf("the run is at step %d already", r.last)
	}
	packed, err := packing.Classes(e.Predictions, len(r.classes))
	if err != nil {
		return Scored{}, err
	}
	var scored Scored
	err = r.transact(func(tx *sql.Tx) error {
		replaced, differ, err := r.replace(tx, e)
		if err == nil {
			scored, err = r.write(tx, e, packed)
		}
		scored.Replaced, scored.Differ = replaced, differ
		return err
	})
	return scored, err
}

// write writes an evaluation and its table against every reference.
func (r *Run) write(tx *sql.Tx, e Evaluation, packed []byte) (scored Scored, err error) {
	if scored.Accuracy, err = r.insert(tx, e, packed); err != nil {
		return scored, err
	}
	for _, ref := range r.references {
		t, err := r.writeTable(tx, e, ref)
		if err != nil {
			return scored, err
		}
		scored.Tables = append(scored.Tables, t)
	}
	return scored, nil
}

// insert writes the evaluation itself and returns its accuracy.
func (r *Run) insert(tx *sql.Tx, e Evaluation, packed []byte) (accuracy float64, err error) {
	table := r.table("evaluation")
	accuracy = e.accuracy(r.labels)
	row := []any{e.Step, nullable(e.Epoch), nullable(e.Loss), accuracy, nullable(e.Seconds), r.enc.EncodeAll(packed, nil), packing.Bits(e.Right)}
	_, err = tx.Exec("INSERT INTO "+table+"(step, epoch, loss, accuracy, seconds, predictions, right, checksum) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
		append(row, checksum(table, row...))...)
	if err != nil {
		return accuracy, err
	}
	table = r.table("value")
	for name, values := range e.Values {
		data := r.enc.EncodeAll(packing.Halves(values), nil)
		if _, err := tx.Exec("INSERT INTO "+table+"(step, name, data, checksum) VALUES(?, ?, ?, ?)",
			e.Step, name, data, checksum(table, e.Step, name, data)); err != nil {
			return accuracy, err
		}
	}
	return accuracy, nil
}

// accuracy is the share of examples that the network gets right.
func (e Evaluation) accuracy(labels []uint16) float64 {
	if e.Right == nil {
		return contingency.Accuracy(labels, e.Predictions)
	}
	return contingency.RightShare(e.Right)
}

// count is the table of an evaluation against a reference.
func (r *Run) count(e Evaluation, ref Reference) (contingency.Table, error) {
	if e.Right == nil && ref.Right == nil {
		return contingency.Count(r.labels, ref.Predictions, e.Predictions)
	}
	right := e.Right
	if right == nil {
		right = contingency.Correct(r.labels, e.Predictions)
	}
	return contingency.CountRight(ref.Correct(r.labels), right)
}

// writeTable counts and stores the table of one evaluation against one reference.
func (r *Run) writeTable(tx *sql.Tx, e Evaluation, ref Reference) (contingency.Table, error) {
	t, err := r.count(e, ref)
	if err != nil {
		return t, err
	}
	_, err = tx.Exec("INSERT INTO "+r.table("contingency")+"(step, reference_id, both, shallow_only, deep_only, neither) VALUES(?, ?, ?, ?, ?, ?)",
		e.Step, ref.ID, t.Both, t.ShallowOnly, t.DeepOnly, t.Neither)
	return t, err
}

// Evaluations yields the evaluations after step, in order; all of them for -1. A reader that
// follows a run asks again from the last step it has seen.
func (r *Run) Evaluations(after int) iter.Seq2[Evaluation, error] {
	return func(yield func(Evaluation, error) bool) {
		err := r.each(func(rows *sql.Rows) error {
			e, err := r.scan(rows)
			if err != nil {
				return fmt.Errorf("step %d: %w", e.Step, err)
			}
			if !yield(e, nil) {
				return errEnough
			}
			return nil
		}, "SELECT "+r.columns("evaluation")+" FROM "+r.table("evaluation")+" WHERE step > ? ORDER BY step", after)
		if err != nil && err != errEnough {
			yield(Evaluation{}, fmt.Errorf("read evaluations of run %q: %w", r.dir, err))
		}
	}
}

// errEnough ends a query whose reader wants no more.
var errEnough = errors.New("enough")

func (r *Run) scan(rows *sql.Rows) (Evaluation, error) {
	var e Evaluation
	var packed, right []byte
	var epoch, loss, seconds *float64
	var sum *int64
	if err := rows.Scan(&e.Step, &epoch, &loss, &e.Accuracy, &seconds, &packed, &right, &sum); err != nil {
		return e, err
	}
	e.Epoch, e.Loss, e.Seconds = known(epoch), known(loss), known(seconds)
	if err := r.verify(sum, "evaluation", e.Step, nullable(e.Epoch), nullable(e.Loss), e.Accuracy, nullable(e.Seconds), packed, right); err != nil {
		return e, err
	}
	raw, err := r.dec.DecodeAll(packed, nil)
	if err != nil {
		return e, fmt.Errorf("predictions are damaged: %w", err)
	}
	if e.Predictions, err = packing.ReadClasses(raw, len(r.labels), len(r.classes)); err != nil {
		return e, within("predictions", err)
	}
	if e.Right, err = packing.ReadBits(right, len(r.labels)); err != nil {
		return e, within("right", err)
	}
	if got := e.accuracy(r.labels); got != e.Accuracy {
		return e, fmt.Errorf("accuracy is %v, the predictions' is %v: %s was changed; restore it from a copy", e.Accuracy, got, Database)
	}
	return e, r.check(e)
}

// ValueNames lists the names of the values per example that the evaluations have, sorted.
func (r *Run) ValueNames() ([]string, error) {
	var names []string
	if r.version == 1 {
		return nil, nil
	}
	err := r.each(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}, "SELECT DISTINCT name FROM "+r.table("value")+" ORDER BY name")
	return names, within(fmt.Sprintf("read values of run %q", r.dir), err)
}

// StepValues are the values of one name of one evaluation, one an example.
type StepValues struct {
	Step   int
	Values []float32
}

// Values yields the values per example of one name, in step order, of the evaluations that have
// them.
func (r *Run) Values(name string) iter.Seq2[StepValues, error] {
	return func(yield func(StepValues, error) bool) {
		if r.version == 1 {
			return
		}
		err := r.each(func(rows *sql.Rows) error {
			var v StepValues
			var data []byte
			var sum *int64
			err := rows.Scan(&v.Step, &data, &sum)
			if err == nil {
				err = r.verify(sum, "value", v.Step, name, data)
			}
			if err == nil {
				data, err = r.dec.DecodeAll(data, nil)
			}
			if err == nil {
				v.Values, err = packing.ReadHalves(data, len(r.labels))
			}
			if err != nil {
				return fmt.Errorf("step %d: %w", v.Step, err)
			}
			if !yield(v, nil) {
				return errEnough
			}
			return nil
		}, "SELECT step, data, checksum FROM "+r.table("value")+" WHERE name = ? ORDER BY step", name)
		if err != nil && err != errEnough {
			yield(StepValues{}, fmt.Errorf("read values %q of run %q: %w", name, r.dir, err))
		}
	}
}

// LastStep is the step of the last evaluation, -1 when there is none. In a run that was rewound it
// is the last one that stands.
func (r *Run) LastStep() (int, error) {
	if r.lock != nil {
		return r.last, nil
	}
	last := -1
	err := r.read.QueryRow("SELECT coalesce(max(step), -1) FROM " + r.table("evaluation")).Scan(&last)
	if err != nil {
		return -1, fmt.Errorf("read last step of run %q: %w", r.dir, err)
	}
	return last, nil
}

// Steps lists the steps of all evaluations, ascending; in a run that was rewound, of those that
// stand.
func (r *Run) Steps() ([]int, error) {
	upTo := math.MaxInt64
	if r.lock != nil {
		upTo = r.last
	}
	var steps []int
	err := r.each(func(rows *sql.Rows) error {
		var step int
		err := rows.Scan(&step)
		steps = append(steps, step)
		return err
	}, "SELECT step FROM "+r.table("evaluation")+" WHERE step <= ? ORDER BY step", upTo)
	if err != nil {
		return nil, fmt.Errorf("read steps of run %q: %w", r.dir, err)
	}
	return steps, nil
}

// Mark tells an evaluation, as it is stored, from what may take its place.
type Mark struct {
	Step int
	Sum  int64 // the row's checksum; 0 in runs of schema 1
}

// Marks lists the marks of all evaluations, ascending by step: a reader that follows a run finds out
// by them whether evaluations that it has read were replaced.
func (r *Run) Marks() ([]Mark, error) {
	sum := "checksum"
	if r.version == 1 {
		sum = "0"
	}
	var marks []Mark
	err := r.each(func(rows *sql.Rows) error {
		var m Mark
		err := rows.Scan(&m.Step, &m.Sum)
		marks = append(marks, m)
		return err
	}, "SELECT step, "+sum+" FROM "+r.table("evaluation")+" ORDER BY step")
	return marks, within(fmt.Sprintf("read marks of run %q", r.dir), err)
}
