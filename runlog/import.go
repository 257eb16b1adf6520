package runlog

import (
	"database/sql"
	"errors"
	"fmt"
	"shoal/internal/packing"
)

// Taken is what one transaction takes from the files of a log.
type Taken struct {
	Evaluation
	Replaced *Stretch // steps whose evaluations are removed first; nil for none
	// Read says up to which byte each file has been read. It holds for the run, whatever the split.
	Read map[string]int64
}

// Stretch is the steps after After, up to UpTo.
type Stretch struct{ After, UpTo int }

// Take adds an evaluation that was read from a log, its table against every reference, and how far
// the log's files have been read, all or nothing: an importer that is killed at any moment reads every
// evaluation exactly once. Steps may come in any order, but not twice.
func (r *Run) Take(t Taken) (Scored, error) {
	scored, err := r.take(t)
	if err != nil {
		return Scored{}, fmt.Errorf("write evaluation of step %d to run %q: %w", t.Step, r.dir, err)
	}
	r.last = max(r.last, t.Step)
	if t.Replaced != nil {
		err = r.readStanding()
	}
	return scored, err
}

func (r *Run) take(t Taken) (scored Scored, err error) {
	if err := r.check(t.Evaluation); err != nil {
		return scored, err
	}
	packed, err := packing.Classes(t.Predictions, len(r.classes))
	if err != nil {
		return scored, err
	}
	err = r.transact(func(tx *sql.Tx) error {
		if s := t.Replaced; s != nil {
			if _, err := tx.Exec("DELETE FROM "+r.table("evaluation")+" WHERE step > ? AND step <= ?", s.After, s.UpTo); err != nil {
				return err
			}
		}
		scored, err = r.write(tx, t.Evaluation, packed)
		return errors.Join(err, setSources(tx, t.Read))
	})
	return scored, err
}

// Times lists step and epoch, NaN where not known, of all evaluations, ascending.
func (r *Run) Times() (steps []int, epochs []float64, err error) {
	err = r.each(func(rows *sql.Rows) error {
		var step int
		var epoch *float64
		err := rows.Scan(&step, &epoch)
		steps, epochs = append(steps, step), append(epochs, known(epoch))
		return err
	}, "SELECT step, epoch FROM "+r.table("evaluation")+" ORDER BY step")
	return steps, epochs, within(fmt.Sprintf("read steps of run %q", r.dir), err)
}

// Sources says how many bytes of which file of a log have been read.
func (r *Run) Sources() (map[string]int64, error) {
	read := map[string]int64{}
	if r.version == 1 {
		return read, nil
	}
	err := r.each(func(rows *sql.Rows) error {
		var file string
		var bytes int64
		err := rows.Scan(&file, &bytes)
		read[file] = bytes
		return err
	}, "SELECT file, bytes FROM source")
	return read, within(fmt.Sprintf("read sources of run %q", r.dir), err)
}

// SetSources says how far files of a log have been read that have no evaluation to add.
func (r *Run) SetSources(read map[string]int64) error {
	err := r.transact(func(tx *sql.Tx) error { return setSources(tx, read) })
	return within(fmt.Sprintf("write sources of run %q", r.dir), err)
}

func setSources(tx *sql.Tx, read map[string]int64) error {
	for file, bytes := range read {
		_, err := tx.Exec("INSERT INTO source(file, bytes) VALUES(?, ?) ON CONFLICT(file) DO UPDATE SET bytes = excluded.bytes", file, bytes)
		if err != nil {
			return err
		}
	}
	return nil
}

// Sessions is what SetSessions has stored, "" for nothing.
func (r *Run) Sessions() (string, error) {
	meta, err := r.metaTable()
	return meta[r.key(keySessions)], within(fmt.Sprintf("read sessions of run %q", r.dir), err)
}

// SetSessions stores which files of the split's log belong together, in words of the importer's. Where
// that is not as it was when they were read, forget lists the files: they are to be read again, and
// the evaluations that were made of them are removed.
func (r *Run) SetSessions(text string, forget []string) error {
	err := r.transact(func(tx *sql.Tx) error {
		if forget != nil {
			if _, err := tx.Exec("DELETE FROM " + r.table("evaluation")); err != nil {
				return err
			}
		}
		for _, file := range forget {
			if _, err := tx.Exec("DELETE FROM source WHERE file = ?", file); err != nil {
				return err
			}
		}
		return r.setMeta(tx, r.key(keySessions), text)
	})
	if err == nil && forget != nil {
		err = r.readStanding()
	}
	return within(fmt.Sprintf("write sessions of run %q", r.dir), err)
}

// SetImages stores the picture of every example of the split, PNG or JPEG, all or none. The rows are
// written again in their order, which fills pages; rows that grow where they are leave them half empty.
func (r *Run) SetImages(image func(i int) ([]byte, error)) error {
	err := r.transact(func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM " + r.table("example")); err != nil {
			return err
		}
		return r.writeExamples(tx, Examples{Labels: r.labels, Names: r.names, Image: image})
	})
	return within(fmt.Sprintf("store images in run %q", r.dir), err)
}

// HasImages reports whether the run keeps pictures of the split's examples.
func (r *Run) HasImages() (bool, error) {
	var count int
	err := r.read.QueryRow("SELECT count(*) FROM (SELECT 1 FROM " + r.table("example") + " WHERE image IS NOT NULL LIMIT 1)").Scan(&count)
	return count > 0, within(fmt.Sprintf("read images of run %q", r.dir), err)
}
