package runlog

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"shoal/contingency"
	"shoal/internal/packing"
)

// Rewind takes a run back to the state after step: the next evaluation may be of any later step.
// What the run has of later steps stays, and is read, until AppendEvaluation replaces it or Trim
// removes it: it may be a week's work, and the training that repeats it may be stopped again. A
// process that dies meanwhile leaves a run that is still rewound; see [Meta].RewoundTo.
func (r *Run) Rewind(step int) error {
	err := r.transact(func(tx *sql.Tx) error { return r.markRewound(tx, step) })
	if err == nil {
		err = r.readStanding()
	}
	return within(fmt.Sprintf("rewind run %q to step %d", r.dir, step), err)
}

// Trim removes what a run that was rewound still has of steps after its last evaluation that stands.
func (r *Run) Trim() error {
	err := r.transact(func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM "+r.table("evaluation")+" WHERE step > ?", r.last); err != nil {
			return err
		}
		return r.markRewound(tx, r.last)
	})
	if err != nil {
		return fmt.Errorf("delete evaluations after step %d of run %q: %w", r.last, r.dir, err)
	}
	r.rewound = false
	return nil
}

// markRewound notes that the evaluations after step don't stand, if there are any.
func (r *Run) markRewound(tx *sql.Tx, step int) error {
	var beyond int
	if err := tx.QueryRow("SELECT count(*) FROM "+r.table("evaluation")+" WHERE step > ?", step).Scan(&beyond); err != nil {
		return err
	}
	if beyond == 0 {
		_, err := tx.Exec("DELETE FROM meta WHERE key = ?", r.key(keyRewound))
		return err
	}
	return r.setMeta(tx, r.key(keyRewound), strconv.Itoa(step))
}

// readStanding reads which evaluations of a run that is open for writing stand.
func (r *Run) readStanding() error {
	meta, err := r.Meta()
	if err != nil {
		return err
	}
	r.rewound = meta.RewoundTo >= -1
	query, args := "SELECT coalesce(max(step), -1) FROM "+r.table("evaluation"), []any{}
	if r.rewound {
		query, args = query+" WHERE step <= ?", append(args, meta.RewoundTo)
	}
	return r.read.QueryRow(query, args...).Scan(&r.last)
}

// replace removes, from a run that was rewound, the evaluations up to that of e, and says how it
// differs from the one of its step.
func (r *Run) replace(tx *sql.Tx, e Evaluation) (replaced bool, differ int, err error) {
	if !r.rewound {
		return false, 0, nil
	}
	var packed []byte
	err = tx.QueryRow("SELECT predictions FROM "+r.table("evaluation")+" WHERE step = ?", e.Step).Scan(&packed)
	if err == nil {
		replaced, differ = true, r.differ(packed, e.Predictions)
	} else if !errors.Is(err, sql.ErrNoRows) {
		return false, 0, err
	}
	if _, err := tx.Exec("DELETE FROM "+r.table("evaluation")+" WHERE step > ? AND step <= ?", r.last, e.Step); err != nil {
		return false, 0, err
	}
	return replaced, differ, r.markRewound(tx, e.Step)
}

// differ counts the predictions that differ from stored ones: all of them where those are damaged.
func (r *Run) differ(packed []byte, predictions []uint16) int {
	raw, err := r.dec.DecodeAll(packed, nil)
	if err != nil {
		return len(predictions)
	}
	if now, err := packing.Classes(predictions, len(r.classes)); err == nil && bytes.Equal(raw, now) {
		return 0
	}
	old, err := packing.ReadClasses(raw, len(r.labels), len(r.classes))
	if err != nil {
		return len(predictions)
	}
	return len(old) - contingency.Right(old, predictions)
}
