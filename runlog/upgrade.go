package runlog

import (
	"database/sql"
	"fmt"
	"shoal/internal/packing"
	"slices"
	"strings"
)

// upgrade brings a run of schema 1, which is open for writing, to this version, in one transaction:
// the same rows with their checksums.
func (r *Run) upgrade() error {
	if r.version == schemaVersion {
		return nil
	}
	old := &Run{store: &store{dir: r.dir, db: r.db, version: 1, enc: r.enc, dec: r.dec}, read: r.db, labels: r.labels, classes: r.classes}
	meta, err := old.metaTable()
	if err != nil {
		return err
	}
	references, err := old.References()
	if err != nil {
		return err
	}
	r.version = schemaVersion // of the rows that are written from here on
	err = r.transact(func(tx *sql.Tx) error { return r.copyInto(tx, old, meta, references) })
	if err != nil {
		r.version = 1
	}
	return err
}

// tablesOf1 are the tables of schema 1, those first that refer to others.
var tablesOf1 = []string{"contingency", "evaluation", "reference", "example", "meta"}

// copyInto makes the tables of this version beside those of schema 1, copies and removes these.
func (r *Run) copyInto(tx *sql.Tx, old *Run, meta map[string]string, references []Reference) error {
	for _, table := range tablesOf1 {
		if _, err := tx.Exec(fmt.Sprintf("ALTER TABLE %s RENAME TO old_%s", table, table)); err != nil {
			return err
		}
	}
	old.suffix, old.read = "", tx
	if _, err := tx.Exec(schema + tablesOf("")); err != nil {
		return err
	}
	for key, value := range meta {
		if strings.HasPrefix(key, keyFacts) {
			continue
		}
		if key == keySchema {
			value = fmt.Sprint(schemaVersion)
		}
		if err := r.setMeta(tx, key, value); err != nil {
			return err
		}
	}
	if err := r.copyExamples(tx); err != nil {
		return err
	}
	for _, ref := range references {
		if err := r.insertReference(tx, &ref); err != nil {
			return err
		}
	}
	if err := r.copyEvaluations(tx, old); err != nil {
		return err
	}
	drop := "INSERT INTO contingency SELECT step, reference_id, both, shallow_only, deep_only, neither FROM old_contingency;"
	for _, table := range tablesOf1 {
		drop += "DROP TABLE old_" + table + ";"
	}
	_, err := tx.Exec(drop + fmt.Sprintf("PRAGMA user_version=%d", schemaVersion))
	return err
}

func (r *Run) copyExamples(tx *sql.Tx) error {
	images := make([][]byte, len(r.labels))
	rows, err := tx.Query("SELECT id, image FROM old_example ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		var image []byte
		if err := rows.Scan(&id, &image); err != nil {
			return err
		}
		images[id] = image
	}
	e := Examples{Labels: r.labels, Names: r.names, Image: func(i int) ([]byte, error) { return images[i], nil }}
	if slices.ContainsFunc(images, func(b []byte) bool { return b == nil }) { // a gallery is whole or not there
		e.Image = nil
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return r.writeExamples(tx, e)
}

func (r *Run) copyEvaluations(tx *sql.Tx, old *Run) error {
	rows, err := tx.Query("SELECT " + old.columns("evaluation") + " FROM old_evaluation ORDER BY step")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		e, err := old.scan(rows)
		if err != nil {
			return fmt.Errorf("step %d: %w", e.Step, err)
		}
		packed, err := packing.Classes(e.Predictions, len(r.classes))
		if err != nil {
			return err
		}
		if _, err := r.insert(tx, e, packed); err != nil {
			return err
		}
	}
	return rows.Err()
}
