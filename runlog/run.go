package runlog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/klauspost/compress/zstd"
	"modernc.org/sqlite"
)

// Status tells how far a run is.
type Status string

// The states of a run. A run that was killed stays Running.
const (
	Running     Status = "running"
	Finished    Status = "finished"
	Interrupted Status = "interrupted" // on request, with a checkpoint
	Failed      Status = "failed"      // see the key "failure" of its meta
)

// Meta describes a run when it is created.
type Meta struct {
	Study, Dataset, Network string
	Classes                 []string // names; their number is the number of classes
	LabelsHash              string   // SHA-256 of the evaluation labels, hex
	More                    map[string]string
}

// Keys of meta that this package sets itself. Others are free.
const (
	keyStudy   = "study"
	keyDataset = "dataset"
	keyNetwork = "network"
	keyClasses = "classes_json"
	keyLabels  = "labels_sha256"
	keySchema  = "schema_version"
	keyStatus  = "status"
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
	// References of a run that is open for writing: only this process adds
	// any, so they are read once and not again at every evaluation.
	references []Reference
}

// Create makes the run folder dir, with parents, and writes the examples of
// the evaluation split: their labels and, unless image is nil, image(i), an
// encoded PNG. It fails with ErrExists when dir holds a run, and leaves no
// database behind when it fails.
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
		return nil, fmt.Errorf("create run: %q %w; name another folder, or go on with --resume", dir, ErrExists)
	}
	// The database appears under its name when it is whole: a process that is
	// killed here leaves a folder that holds no run.
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
	names, err := json.Marshal(m.Classes)
	if err != nil {
		return err
	}
	for k, v := range m.More {
		if err := setMeta(tx, k, v); err != nil {
			return err
		}
	}
	for _, kv := range [][2]string{
		{keyStudy, m.Study}, {keyDataset, m.Dataset}, {keyNetwork, m.Network}, {keyClasses, string(names)},
		{keyLabels, m.LabelsHash}, {keySchema, fmt.Sprint(schemaVersion)}, {keyStatus, string(Running)},
	} {
		if err := setMeta(tx, kv[0], kv[1]); err != nil {
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
	if _, err := os.Stat(filepath.Join(dir, Database)); err != nil {
		return nil, fmt.Errorf("open run %q: %w: it has no %s; name the folder that `shoal run` wrote", dir, ErrNotRun, Database)
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
	if _, err := os.Stat(filepath.Join(dir, Database)); err != nil {
		return nil, fmt.Errorf("open run %q: %w: it has no %s; name the folder that `shoal run` wrote", dir, ErrNotRun, Database)
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
	if err := json.Unmarshal([]byte(meta[keyClasses]), &r.classes); err != nil {
		return fmt.Errorf("meta %q: %w", keyClasses, err)
	}
	rows, err := r.db.Query("SELECT id, label FROM example ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
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
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return checkMeta(Meta{Classes: r.classes}, r.labels)
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

// Classes are the names of the classes. Not to be changed.
func (r *Run) Classes() []string { return r.classes }

// Image is the PNG of example i, nil when the run keeps none.
func (r *Run) Image(i int) ([]byte, error) {
	var picture []byte
	err := r.db.QueryRow("SELECT image FROM example WHERE id = ?", i).Scan(&picture)
	if err != nil {
		return nil, fmt.Errorf("image of example %d of run %q: %w", i, r.dir, err)
	}
	return picture, nil
}

// Images yields the PNG of every example in order, nil where there is none.
func (r *Run) Images() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		rows, err := r.db.Query("SELECT image FROM example ORDER BY id")
		if err != nil {
			yield(nil, fmt.Errorf("images of run %q: %w", r.dir, err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var picture []byte
			if err := rows.Scan(&picture); !yield(picture, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// Meta returns all keys and values of the run.
func (r *Run) Meta() (map[string]string, error) {
	rows, err := r.db.Query("SELECT key, value FROM meta")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	meta := map[string]string{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			return nil, err
		}
		meta[k] = v
	}
	return meta, rows.Err()
}

// SetMeta writes one key of the run's meta.
func (r *Run) SetMeta(key, value string) error {
	if err := explain(setMeta(r.db, key, value)); err != nil {
		return fmt.Errorf("write meta %q of run %q: %w", key, r.dir, err)
	}
	return nil
}

// Status returns how far the run is.
func (r *Run) Status() (Status, error) {
	meta, err := r.Meta()
	return Status(meta[keyStatus]), err
}

// SetStatus writes how far the run is.
func (r *Run) SetStatus(s Status) error { return r.SetMeta(keyStatus, string(s)) }

type execer interface {
	Exec(query string, args ...any) (sql.Result, error)
}

func setMeta(db execer, key, value string) error {
	_, err := db.Exec("INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", key, value)
	return err
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

// explain adds what to do to SQLite's words for a disk that takes no more.
func explain(err error) error {
	switch code(err) {
	case codeFull, codeIOErr:
		return fmt.Errorf("%w: is the disk full?", err)
	}
	return err
}

// code is SQLite's primary result code of an error, 0 when it isn't SQLite's.
func code(err error) int {
	var failed *sqlite.Error
	if errors.As(err, &failed) {
		return failed.Code() & 0xff
	}
	return 0
}

// SQLite's result codes SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN.
const (
	codeIOErr    = 10
	codeFull     = 13
	codeCantOpen = 14
)

// lockFile is held by the process that writes a run.
const lockFile = "run.lock"

// take locks dir for one writer.
func take(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, lockFile))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %q: %w", dir, err)
	}
	if !got {
		return nil, fmt.Errorf("%q is being written by another process; wait for it or stop it", dir)
	}
	return lock, nil
}

// release unlocks. The lock file stays: removing it would let two writers
// hold locks on two files of the same name.
func release(lock *flock.Flock) { _ = lock.Unlock() }
