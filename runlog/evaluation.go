package runlog

import (
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"

	"shoal/contingency"
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
}

// Scored is what follows from an evaluation's predictions.
type Scored struct {
	Accuracy float64             // 0 to 1
	Tables   []contingency.Table // one a reference, in their order
}

// unknown stands for NaN in the columns of schema 1, which take no NULL: a reader that doesn't know
// of it sees an infinite number, not a wrong one.
var unknown = math.Inf(1)

// stored is the form of a number in the database, known its reverse.
func stored(x float64) float64 {
	if math.IsNaN(x) {
		return unknown
	}
	return x
}

func known(x float64) float64 {
	if x == unknown {
		return math.NaN()
	}
	return x
}

// check reports what of e does not fit the run.
func (r *Run) check(e Evaluation) error {
	if e.Step < 0 {
		return fmt.Errorf("step is %d, want 0 or more", e.Step)
	}
	if len(e.Predictions) != len(r.labels) {
		return fmt.Errorf("%d predictions, want %d, one an example", len(e.Predictions), len(r.labels))
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
// database. Steps come in increasing order.
func (r *Run) AppendEvaluation(e Evaluation) (Scored, error) {
	scored, err := r.append(e)
	if err != nil {
		return Scored{}, fmt.Errorf("write evaluation of step %d to run %q: %w", e.Step, r.dir, err)
	}
	return scored, nil
}

func (r *Run) append(e Evaluation) (Scored, error) {
	if err := r.check(e); err != nil {
		return Scored{}, err
	}
	raw, err := packClasses(e.Predictions, len(r.classes))
	if err != nil {
		return Scored{}, err
	}
	e.Accuracy = contingency.Accuracy(r.labels, e.Predictions)
	scored := Scored{Accuracy: e.Accuracy}
	err = r.transact(func(tx *sql.Tx) error {
		var last sql.NullInt64
		if err := tx.QueryRow("SELECT max(step) FROM evaluation").Scan(&last); err != nil {
			return err
		}
		if last.Valid && int(last.Int64) >= e.Step {
			return fmt.Errorf("the run is at step %d already", last.Int64)
		}
		if _, err := tx.Exec("INSERT INTO evaluation(step, epoch, loss, accuracy, seconds, predictions) VALUES(?, ?, ?, ?, ?, ?)",
			e.Step, stored(e.Epoch), stored(e.Loss), e.Accuracy, stored(e.Seconds), r.enc.EncodeAll(raw, nil)); err != nil {
			return err
		}
		for _, ref := range r.references {
			t, err := r.writeTable(tx, e, ref)
			if err != nil {
				return err
			}
			scored.Tables = append(scored.Tables, t)
		}
		return nil
	})
	return scored, err
}

// writeTable counts and stores the table of one evaluation against one reference.
func (r *Run) writeTable(tx *sql.Tx, e Evaluation, ref Reference) (contingency.Table, error) {
	t, err := contingency.Count(r.labels, ref.Predictions, e.Predictions)
	if err != nil {
		return t, err
	}
	_, err = tx.Exec("INSERT INTO contingency(step, reference_id, both, shallow_only, deep_only, neither) VALUES(?, ?, ?, ?, ?, ?)",
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
		}, "SELECT step, epoch, loss, accuracy, seconds, predictions FROM evaluation WHERE step > ? ORDER BY step", after)
		if err != nil && err != errEnough {
			yield(Evaluation{}, fmt.Errorf("read evaluations of run %q: %w", r.dir, err))
		}
	}
}

// errEnough ends a query whose reader wants no more.
var errEnough = errors.New("enough")

func (r *Run) scan(rows *sql.Rows) (Evaluation, error) {
	var e Evaluation
	var packed []byte
	if err := rows.Scan(&e.Step, &e.Epoch, &e.Loss, &e.Accuracy, &e.Seconds, &packed); err != nil {
		return e, err
	}
	e.Epoch, e.Loss, e.Seconds = known(e.Epoch), known(e.Loss), known(e.Seconds)
	raw, err := r.dec.DecodeAll(packed, nil)
	if err != nil {
		return e, fmt.Errorf("predictions are damaged: %w", err)
	}
	if e.Predictions, err = unpackClasses(raw, len(r.labels), len(r.classes)); err != nil {
		return e, err
	}
	return e, r.check(e)
}

// LastStep is the step of the last evaluation, -1 when there is none.
func (r *Run) LastStep() (int, error) {
	last := -1
	err := r.db.QueryRow("SELECT coalesce(max(step), -1) FROM evaluation").Scan(&last)
	if err != nil {
		return -1, fmt.Errorf("read last step of run %q: %w", r.dir, err)
	}
	return last, nil
}

// Steps lists the steps of all evaluations, ascending.
func (r *Run) Steps() ([]int, error) {
	var steps []int
	err := r.each(func(rows *sql.Rows) error {
		var step int
		err := rows.Scan(&step)
		steps = append(steps, step)
		return err
	}, "SELECT step FROM evaluation ORDER BY step")
	if err != nil {
		return nil, fmt.Errorf("read steps of run %q: %w", r.dir, err)
	}
	return steps, nil
}

// DeleteAfter removes the evaluations after step, and their tables: what a resumed run computes
// again.
func (r *Run) DeleteAfter(step int) error {
	err := r.transact(func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM contingency WHERE step > ?", step); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM evaluation WHERE step > ?", step)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete evaluations after step %d of run %q: %w", step, r.dir, err)
	}
	return nil
}
