package runlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/klauspost/compress/zstd"
)

// Run is an open run folder. Its methods may be called from several goroutines.
type Run struct {
	dir     string
	db      *sql.DB
	lock    *flock.Flock // nil when read-only
	enc     *zstd.Encoder
	dec     *zstd.Decoder
	labels  []uint16
	classes []string
	// References of a run that is open for writing: only this process adds any, so they are read
	// once and not again at every evaluation.
	references []Reference
}

// Create makes the run folder dir, with parents, and writes the examples of the evaluation split:
// their labels and, unless image is nil, image(i), an encoded PNG. Of m it takes what a run is
// created with; the rest (status, times) is the run's own. It fails with ErrExists when dir holds a
// run, and leaves no database behind when it fails.
func Create(dir string, m Meta, labels []uint16, image func(i int) ([]byte, error)) (*Run, error) {
	if err := checkMeta(m, labels); err != nil {
		return nil, fmt.Errorf("create run %q: %w", dir, err)
	}
	_, err := os.Stat(dir)
	made := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("create run %q: %w", dir, err)
	}
	lock, err := take(dir)
	if err != nil {
		return nil, fmt.Errorf("create run: %w", err)
	}
	path := filepath.Join(dir, Database)
	if _, err := os.Lstat(path); err == nil {
		release(lock)
		return nil, fmt.Errorf("create run: %q %w", dir, ErrExists)
	}
	// The database appears under its name when it is whole: a process that is killed here leaves a
	// folder that holds no run.
	fresh := path + ".new"
	removeDatabase(fresh)
	if err := create(fresh, m, labels, image); err != nil {
		removeDatabase(fresh)
		release(lock)
		if made { // nobody else can have used the lock for anything yet
			_ = os.Remove(filepath.Join(dir, lockFile))
			_ = os.Remove(dir)
		}
		return nil, fmt.Errorf("create run %q: %w", dir, err)
	}
	if err := os.Rename(fresh, path); err != nil {
		removeDatabase(fresh)
		release(lock)
		return nil, fmt.Errorf("create run: %w", err)
	}
	r, err := open(dir, false)
	if err != nil {
		release(lock)
		return nil, err
	}
	r.lock = lock
	return r, nil
}

// removeDatabase removes a database file and what SQLite keeps beside it.
func removeDatabase(path string) {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(path + suffix)
	}
}

func checkMeta(m Meta, labels []uint16) error {
	if len(labels) == 0 {
		return errors.New("no examples to evaluate on")
	}
	if k := len(m.Classes); k == 0 || k > 1<<16 {
		return fmt.Errorf("%d classes, want 1 to 65536", k)
	}
	for i, l := range labels {
		if int(l) >= len(m.Classes) {
			return fmt.Errorf("label of example %d is %d, want one below %d", i, l, len(m.Classes))
		}
	}
	return nil
}

// create writes a database with the examples and no evaluations to a new file.
func create(file string, m Meta, labels []uint16, image func(i int) ([]byte, error)) error {
	db, err := connect(file, writing)
	if err != nil {
		return err
	}
	head := fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d; %s", applicationID, schemaVersion, schema)
	if _, err = db.Exec(head); err == nil {
		err = (&Run{db: db}).transact(func(tx *sql.Tx) error { return fillNew(tx, m, labels, image) })
	}
	// Closing moves the log into the database and removes it.
	return errors.Join(err, db.Close())
}

// fillNew writes meta and examples.
func fillNew(tx *sql.Tx, m Meta, labels []uint16, image func(i int) ([]byte, error)) error {
	m.LabelsHash, m.Status = hashOf(labels), Running
	stored, err := m.encode()
	if err != nil {
		return err
	}
	for key, value := range stored {
		if err := setMeta(tx, key, value); err != nil {
			return err
		}
	}
	return writeExamples(tx, labels, image)
}

func writeExamples(tx *sql.Tx, labels []uint16, image func(i int) ([]byte, error)) error {
	insert, err := tx.Prepare("INSERT INTO example(id, label, image) VALUES(?, ?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for i, label := range labels {
		var picture []byte
		if image != nil {
			if picture, err = image(i); err != nil {
				return fmt.Errorf("image of example %d: %w", i, err)
			}
		}
		if _, err := insert.Exec(i, int(label), picture); err != nil {
			return err
		}
	}
	return nil
}

// Open opens the run in dir for writing. It fails when another process writes it.
func Open(dir string) (*Run, error) {
	if !Exists(dir) {
		return nil, noDatabase(dir)
	}
	lock, err := take(dir)
	if err != nil {
		return nil, fmt.Errorf("open run: %w", err)
	}
	r, err := open(dir, false)
	if err != nil {
		release(lock)
		return nil, err
	}
	r.lock = lock
	if r.references, err = r.References(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// OpenReadOnly opens the run in dir for reading, also while it is written.
func OpenReadOnly(dir string) (*Run, error) { return open(dir, true) }

func open(dir string, readOnly bool) (_ *Run, err error) {
	if !Exists(dir) {
		return nil, noDatabase(dir)
	}
	db, err := connectRun(dir, readOnly)
	if err != nil {
		return nil, fmt.Errorf("open run %q: %w", dir, err)
	}
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	if err := checkFile(db, dir); err != nil {
		return nil, err
	}
	r := &Run{dir: dir, db: db}
	if r.enc, r.dec, err = newPacker(); err != nil {
		return nil, fmt.Errorf("open run %q: %w", dir, err)
	}
	if err := r.readSplit(); err != nil {
		return nil, fmt.Errorf("open run %q: %w", dir, err)
	}
	return r, nil
}

// readSplit reads class names and labels.
func (r *Run) readSplit() error {
	meta, err := r.Meta()
	if err != nil {
		return err
	}
	r.classes = meta.Classes
	err = r.each(func(rows *sql.Rows) error {
		var id, label int
		if err := rows.Scan(&id, &label); err != nil {
			return err
		}
		if id != len(r.labels) {
			return fmt.Errorf("example %d is missing", len(r.labels))
		}
		if label < 0 || label >= len(r.classes) {
			return fmt.Errorf("label of example %d is %d, want 0 to %d", id, label, len(r.classes)-1)
		}
		r.labels = append(r.labels, uint16(label))
		return nil
	}, "SELECT id, label FROM example ORDER BY id")
	if err != nil {
		return err
	}
	if got := hashOf(r.labels); meta.LabelsHash != "" && meta.LabelsHash != got {
		return fmt.Errorf("the labels have SHA-256 %.12s, the run was made with %.12s: %s was changed; restore it from a copy", got, meta.LabelsHash, Database)
	}
	return checkMeta(meta, r.labels)
}

// Close releases the run.
func (r *Run) Close() error {
	r.enc.Close()
	r.dec.Close()
	err := r.db.Close()
	if r.lock != nil {
		release(r.lock)
	}
	return err
}

// Dir is the run folder.
func (r *Run) Dir() string { return r.dir }

// Labels are the true classes of the evaluation split, in order. Not to be changed.
func (r *Run) Labels() []uint16 { return r.labels }

// ReferenceNames are the names of the references of a run that is open for writing, in their order.
func (r *Run) ReferenceNames() []string {
	var names []string
	for _, ref := range r.references {
		names = append(names, ref.Name)
	}
	return names
}

// Classes are the names of the classes. Not to be changed.
func (r *Run) Classes() []string { return r.classes }

// each runs a query and calls scan for every row of the answer.
func (r *Run) each(scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := r.db.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// transact runs f in a transaction that is committed if f succeeds.
func (r *Run) transact(f func(*sql.Tx) error) error {
	tx, err := r.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // the cause matters; SQLite may have rolled back already
		return explain(err)
	}
	return explain(tx.Commit())
}
