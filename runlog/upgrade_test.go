package runlog

import (
	"database/sql"
	"fmt"
	"math"
	"path/filepath"
	"shoal/internal/packing"
	"strings"
	"testing"
)

// makeVersion1 writes the database of a run as schema 1 had it.
func makeVersion1(t *testing.T, r *Run) string {
	t.Helper()
	h, err := r.Load(t.Context())
	must(t, err)
	stored, err := r.metaTable()
	must(t, err)
	dir := t.TempDir()
	db, err := connect(filepath.Join(dir, Database), writing, place{})
	must(t, err)
	exec := func(query string, args ...any) {
		t.Helper()
		_, err := db.Exec(query, args...)
		must(t, err)
	}
	exec(fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=1", applicationID) + `;
		CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
		CREATE TABLE example(id INTEGER PRIMARY KEY, label INTEGER NOT NULL, image BLOB);
		CREATE TABLE reference(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, params_json TEXT NOT NULL,
			accuracy REAL NOT NULL, fit_seconds REAL NOT NULL, predictions BLOB NOT NULL, margins BLOB);
		CREATE TABLE evaluation(step INTEGER PRIMARY KEY, epoch REAL NOT NULL, loss REAL NOT NULL, accuracy REAL NOT NULL,
			seconds REAL NOT NULL, predictions BLOB NOT NULL);
		CREATE TABLE contingency(
			step INTEGER NOT NULL REFERENCES evaluation(step) ON DELETE CASCADE,
			reference_id INTEGER NOT NULL REFERENCES reference(id) ON DELETE CASCADE,
			both INTEGER NOT NULL, shallow_only INTEGER NOT NULL, deep_only INTEGER NOT NULL, neither INTEGER NOT NULL,
			PRIMARY KEY(step, reference_id)) WITHOUT ROWID`)
	stored[keySchema] = "1"
	for key, value := range stored {
		exec("INSERT INTO meta VALUES(?, ?)", key, value)
	}
	for i, label := range h.Log.Labels {
		exec("INSERT INTO example VALUES(?, ?, ?)", i, int(label), []byte{byte(i)})
	}
	for _, ref := range h.References {
		raw, _ := packing.Classes(ref.Predictions, 3)
		exec("INSERT INTO reference VALUES(?, ?, ?, ?, ?, ?, ?, ?)", ref.ID, ref.Name, ref.Kind, ref.ParamsJSON, ref.Accuracy, ref.FitSeconds, raw, packMargins(ref.Margins))
		exec("INSERT INTO meta VALUES(?, ?)", keyFacts+ref.Name, ref.FactsJSON)
	}
	for k, p := range h.Log.Predictions {
		raw, _ := packing.Classes(p, 3)
		infinite := func(x float64) float64 {
			if math.IsNaN(x) {
				return math.Inf(1)
			}
			return x
		}
		exec("INSERT INTO evaluation VALUES(?, ?, ?, ?, ?, ?)", h.Log.Steps[k], infinite(h.Log.Epochs[k]), infinite(h.Loss[k]), h.Log.Accuracies()[k], infinite(h.Scoring[k]), r.enc.EncodeAll(raw, nil))
		for _, ref := range h.References {
			table, err := r.count(Evaluation{Predictions: p}, ref)
			must(t, err)
			exec("INSERT INTO contingency VALUES(?, ?, ?, ?, ?, ?)", h.Log.Steps[k], ref.ID, table.Both, table.ShallowOnly, table.DeepOnly, table.Neither)
		}
	}
	must(t, db.Close())
	return dir
}

// A run of schema 1 is read as it is, and becomes one of schema 2 when it is written, with the same
// contents.
func TestVersion1(t *testing.T) {
	r := newRun(t, 3)
	m := reference("m", 0, 1, 0, 1, 1, 2)
	m.Margins = []float32{1, 2, 3, 4, 5, 6}
	_, err := r.AddReference(m)
	must(t, err)
	_, err = r.AddReference(reference("n", 2, 1, 0, 1, 1, 2))
	must(t, err)
	record(t, r, evaluation(0, 0, 0, 2, 0, 0, 2))
	nan := math.NaN()
	record(t, r, Evaluation{Step: 4, Epoch: nan, Loss: nan, Seconds: nan, Predictions: []uint16{0, 0, 2, 0, 0, 2}})
	want, err := everything(t, r.Dir())
	must(t, err)

	dir := makeVersion1(t, r)
	for _, stage := range []string{"version 1", "upgraded"} {
		got, err := everything(t, dir)
		must(t, err)
		if got != want {
			t.Errorf("%s: read\n%s, want\n%s", stage, got, want)
		}
		up, err := Open(dir)
		must(t, err)
		if up.version != 2 || len(up.ReferenceNames()) != 2 {
			t.Errorf("opened for writing it has version %d and references %q", up.version, up.ReferenceNames())
		}
		must(t, up.Close())
	}
	up, err := Open(dir)
	must(t, err)
	defer up.Close()
	record(t, up, evaluation(9, 1, 1, 1, 1, 1, 1))
	var version int
	must(t, up.db.QueryRow("PRAGMA user_version").Scan(&version))
	if h, err := up.Load(t.Context()); err != nil || len(h.Log.Steps) != 3 || version != 2 {
		t.Errorf("after an evaluation: %+v (%v), version %d", h, err, version)
	}
}

// A damaged run of schema 1 stays as it is.
func TestVersion1Damaged(t *testing.T) {
	r := newRun(t, 3)
	record(t, r, evaluation(0, 0, 0, 2, 0, 0, 2))
	dir := makeVersion1(t, r)
	db, err := sql.Open("sqlite", filepath.Join(dir, Database))
	must(t, err)
	_, err = db.Exec("UPDATE evaluation SET predictions = x'00'")
	must(t, err)
	must(t, db.Close())
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "schema 1") {
		t.Errorf("error is %v", err)
	}
	if _, err := OpenReadOnly(dir); err != nil {
		t.Errorf("it can't be read any more: %v", err)
	}
}
