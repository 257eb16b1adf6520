package runlog

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"shoal/contingency"
	"shoal/dynamics"
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

// AddReference adds a reference and its table against every evaluation, and returns its id.
func (r *Run) AddReference(ref Reference) (int, error) {
	err := r.checkReference(ref)
	if err == nil {
		ref.Accuracy = contingency.Accuracy(r.labels, ref.Predictions)
		err = r.transact(func(tx *sql.Tx) error { return r.addReference(tx, &ref) })
	}
	if err != nil {
		return 0, fmt.Errorf("add reference %q to run %q: %w", ref.Name, r.dir, err)
	}
	r.references = append(r.references, ref)
	return ref.ID, nil
}

// addReference writes a reference and its tables, and gives it its ID.
func (r *Run) addReference(tx *sql.Tx, ref *Reference) error {
	raw, err := packClasses(ref.Predictions, len(r.classes))
	if err != nil {
		return err
	}
	if ref.FactsJSON != "" {
		if err := setMeta(tx, keyFacts+ref.Name, ref.FactsJSON); err != nil {
			return err
		}
	}
	done, err := tx.Exec("INSERT INTO reference(name, kind, params_json, accuracy, fit_seconds, predictions, margins) VALUES(?, ?, ?, ?, ?, ?, ?)",
		ref.Name, ref.Kind, ref.ParamsJSON, ref.Accuracy, ref.FitSeconds, raw, packMargins(ref.Margins))
	if err != nil {
		return err
	}
	id, err := done.LastInsertId()
	ref.ID = int(id)
	for e, evaluationErr := range r.Evaluations(-1) {
		if err = errors.Join(err, evaluationErr); err == nil {
			_, err = r.writeTable(tx, e, *ref)
		}
		if err != nil {
			return err
		}
	}
	return err
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
		var ref Reference
		var raw, margins []byte
		err := rows.Scan(&ref.ID, &ref.Name, &ref.Kind, &ref.ParamsJSON, &ref.Accuracy, &ref.FitSeconds, &raw, &margins)
		if err == nil {
			ref.Predictions, err = unpackClasses(raw, len(r.labels), len(r.classes))
		}
		if err == nil {
			ref.Margins, err = unpackMargins(margins, len(r.labels))
		}
		if err != nil {
			return fmt.Errorf("%q: %w", ref.Name, err)
		}
		ref.FactsJSON = facts[keyFacts+ref.Name]
		all = append(all, ref)
		return nil
	}, "SELECT id, name, kind, params_json, accuracy, fit_seconds, predictions, margins FROM reference ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("read references of run %q: %w", r.dir, err)
	}
	return all, nil
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
	}, "SELECT step, both, shallow_only, deep_only, neither FROM contingency WHERE reference_id = ? ORDER BY step", reference)
	if err != nil {
		return nil, fmt.Errorf("read tables of run %q: %w", r.dir, err)
	}
	return all, nil
}
