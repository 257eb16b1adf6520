package runlog

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/internal/packing"
)

// Reference is a fixed vector of predictions on the evaluation split. Its name is unique within the
// run; its margins are the score of the winner minus the runner-up's, or nil.
type Reference struct {
	dynamics.Reference
	ID         int     // given by AddReference
	Kind       string  // "svm", "forest", "file", "network", ...
	ParamsJSON string  // what defined it
	FactsJSON  string  // what its fit found out (support vectors, warnings, ...); "" for nothing
	Accuracy   float64 // 0 to 1; follows from the predictions, what a writer gives is ignored
	FitSeconds float64
}

// Control reports whether the reference is a rung of a ladder or a starved control, which are there
// for the order of learning alone.
func (ref Reference) Control() bool {
	return strings.HasPrefix(ref.Name, dynamics.RungPrefix) || strings.HasPrefix(ref.Name, dynamics.StarvedPrefix)
}

// AddReference adds a reference and its table against every evaluation, and returns its id.
func (r *Run) AddReference(ref Reference) (int, error) {
	err := r.checkReference(ref)
	if err == nil {
		ref.Accuracy = ref.accuracy(r.labels)
		err = r.transact(func(tx *sql.Tx) error { return r.addReference(tx, &ref) })
	}
	if err != nil {
		return 0, fmt.Errorf("add reference %q to run %q: %w", ref.Name, r.dir, err)
	}
	r.references = append(r.references, ref)
	return ref.ID, nil
}

// addReference gives a reference its ID and writes it and its tables.
func (r *Run) addReference(tx *sql.Tx, ref *Reference) error {
	if err := tx.QueryRow("SELECT coalesce(max(id), 0) + 1 FROM " + r.table("reference")).Scan(&ref.ID); err != nil {
		return err
	}
	if err := r.insertReference(tx, ref); err != nil {
		return err
	}
	// Read within the transaction: with a rollback journal a reader of its own keeps a transaction that
	// outgrows SQLite's cache from writing, and is kept waiting by it.
	for e, err := range r.within(tx).Evaluations(-1) {
		if err == nil {
			_, err = r.writeTable(tx, e, *ref)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// insertReference writes a reference without its tables.
func (r *Run) insertReference(tx *sql.Tx, ref *Reference) error {
	raw, err := packing.Classes(ref.Predictions, len(r.classes))
	if err != nil {
		return err
	}
	row := append(ref.row(), raw, packing.Bits(ref.Right), packMargins(ref.Margins))
	_, err = tx.Exec("INSERT INTO "+r.table("reference")+"(id, name, kind, params_json, facts_json, accuracy, fit_seconds, predictions, right, margins, checksum) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		append(row, checksum(r.table("reference"), row...))...)
	return err
}

// row lists the columns of a reference but its vectors.
func (ref *Reference) row() []any {
	return []any{ref.ID, ref.Name, ref.Kind, ref.ParamsJSON, optional(ref.FactsJSON), ref.Accuracy, ref.FitSeconds}
}

// accuracy is the share of examples that the reference gets right.
func (ref *Reference) accuracy(labels []uint16) float64 {
	if ref.Right == nil {
		return contingency.Accuracy(labels, ref.Predictions)
	}
	return contingency.RightShare(ref.Right)
}

func (r *Run) checkReference(ref Reference) error {
	if ref.Name == "" {
		return fmt.Errorf("it has no name")
	}
	if !json.Valid([]byte(ref.ParamsJSON)) {
		return fmt.Errorf("parameters %q are not JSON", ref.ParamsJSON)
	}
	if ref.FactsJSON != "" && !json.Valid([]byte(ref.FactsJSON)) {
		return fmt.Errorf("facts %q are not JSON", ref.FactsJSON)
	}
	if len(ref.Predictions) != len(r.labels) {
		return fmt.Errorf("%d predictions, want %d, one an example", len(ref.Predictions), len(r.labels))
	}
	if ref.Right != nil && len(ref.Right) != len(r.labels) {
		return fmt.Errorf("right has %d entries, want %d, one an example", len(ref.Right), len(r.labels))
	}
	if ref.Margins != nil && len(ref.Margins) != len(r.labels) {
		return fmt.Errorf("%d margins, want %d, one an example", len(ref.Margins), len(r.labels))
	}
	for _, m := range ref.Margins {
		if v := float64(m); math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("a margin is %v, want finite numbers", v)
		}
	}
	if v := ref.FitSeconds; math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("fit seconds are %v, want a finite number", v)
	}
	return nil
}

// References returns the references in the order in which they were added.
func (r *Run) References() ([]Reference, error) {
	facts, err := r.metaTable()
	if err != nil {
		return nil, fmt.Errorf("read references of run %q: %w", r.dir, err)
	}
	var all []Reference
	err = r.each(func(rows *sql.Rows) error {
		ref, err := r.scanReference(rows)
		if err != nil {
			return fmt.Errorf("%q: %w", ref.Name, err)
		}
		if r.version == 1 {
			ref.FactsJSON = facts[keyFacts+ref.Name]
		}
		all = append(all, ref)
		return nil
	}, "SELECT "+r.columns("reference")+" FROM "+r.table("reference")+" ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("read references of run %q: %w", r.dir, err)
	}
	return all, nil
}

func (r *Run) scanReference(rows *sql.Rows) (Reference, error) {
	var ref Reference
	var raw, right, margins []byte
	var facts *string
	var sum *int64
	err := rows.Scan(&ref.ID, &ref.Name, &ref.Kind, &ref.ParamsJSON, &facts, &ref.Accuracy, &ref.FitSeconds, &raw, &right, &margins, &sum)
	if err != nil {
		return ref, err
	}
	if facts != nil {
		ref.FactsJSON = *facts
	}
	if err := r.verify(sum, "reference", append(ref.row(), raw, right, margins)...); err != nil {
		return ref, err
	}
	if ref.Predictions, err = packing.ReadClasses(raw, len(r.labels), len(r.classes)); err != nil {
		return ref, within("predictions", err)
	}
	if ref.Right, err = packing.ReadBits(right, len(r.labels)); err != nil {
		return ref, within("right", err)
	}
	if ref.Margins, err = unpackMargins(margins, len(r.labels)); err != nil {
		return ref, err
	}
	if got := ref.accuracy(r.labels); got != ref.Accuracy {
		return ref, fmt.Errorf("accuracy is %v, the predictions' is %v: %s was changed; restore it from a copy", ref.Accuracy, got, Database)
	}
	return ref, nil
}

// StepTable is the table of one evaluation.
type StepTable struct {
	Step  int
	Table contingency.Table
}

// Tables returns the stored tables against the reference, in step order.
func (r *Run) Tables(reference int) ([]StepTable, error) {
	var all []StepTable
	err := r.each(func(rows *sql.Rows) error {
		var s StepTable
		t := &s.Table
		err := rows.Scan(&s.Step, &t.Both, &t.ShallowOnly, &t.DeepOnly, &t.Neither)
		if err == nil && (t.Check() != nil || t.N() != len(r.labels)) {
			err = fmt.Errorf("step %d has %+v, want counts of %d examples", s.Step, *t, len(r.labels))
		}
		all = append(all, s)
		return err
	}, "SELECT step, both, shallow_only, deep_only, neither FROM "+r.table("contingency")+" WHERE reference_id = ? ORDER BY step", reference)
	if err != nil {
		return nil, fmt.Errorf("read tables of run %q: %w", r.dir, err)
	}
	return all, nil
}

// checkTables counts the table of every evaluation of a history again and compares it with the
// stored one.
func (r *Run) checkTables(h *History) error {
	for _, ref := range h.References {
		stored, err := r.Tables(ref.ID)
		if err != nil {
			return err
		}
		if len(stored) != len(h.Log.Steps) {
			return fmt.Errorf("run %q has %d tables against %q, want %d, one an evaluation: %s was changed; restore it from a copy", r.dir, len(stored), ref.Name, len(h.Log.Steps), Database)
		}
		for t, s := range stored {
			want, err := r.count(Evaluation{Predictions: h.Log.Predictions[t], Right: h.Log.RightGiven(t)}, ref)
			if err != nil {
				return err
			}
			if s.Step != h.Log.Steps[t] || s.Table != want {
				return fmt.Errorf("run %q: the table of step %d against %q is %+v, its predictions make that %+v: %s was changed; restore it from a copy", r.dir, s.Step, ref.Name, s.Table, want, Database)
			}
		}
	}
	return nil
}
