package runlog

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"shoal/internal/atomicfile"
	"shoal/internal/lockfile"
)

// Run is an open run folder, seen from one of its evaluation splits: the main one unless it is from
// [Run.Split] or [Run.AddSplit]. Its methods may be called from several goroutines.
type Run struct {
	*store
	read    reader // what is read from: the database, or one state of it
	main    *Run   // the run as seen from its main split; nil in that one itself
	split   string // the name of the split, "" for the main one
	suffix  string // of the split's tables
	labels  []uint16
	names   []string
	classes []string
	// What follows is of a run that is open for writing: only this process changes it, so it is read
	// once and not again at every evaluation.
	references []Reference
	last       int  // step of the last evaluation that stands, -1 for none
	rewound    bool // there may be evaluations after it; see Rewind
}

// store is an open database and what the splits of a run share.
type store struct {
	dir      string
	db       *sql.DB
	version  int            // of its schema
	mainName string         // of the main split
	lock     *lockfile.Lock // nil when read-only
	file     os.FileInfo    // of the database as it was opened for writing
	enc      *zstd.Encoder
	dec      *zstd.Decoder
}

// reader is a database or a transaction of it.
type reader interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// Examples are those of an evaluation split, in its order.
type Examples struct {
	Labels []uint16 // true classes
	// Names tell which example each is: the path of its file or an identity of the owner's. They are
	// nil where the index in the dataset's official file is all there is.
	Names []string
	// Image is the encoded PNG or JPEG of example i; nil for a split without images.
	Image func(i int) ([]byte, error)
}

// Create makes the run folder dir, with parents, and writes the examples of the evaluation split. Of
// m it takes what a run is created with; the rest (status, times) is the run's own. It fails with
// ErrExists when dir holds a run, and leaves no database behind when it fails.
func Create(dir string, m Meta, e Examples) (*Run, error) {
	if err := e.check(m.Classes); err != nil {
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
	r, err := createIn(dir, m, e, lock)
	if err != nil {
		if made {
			_ = lock.Discard()
			_ = os.Remove(dir)
		} else {
			_ = release(lock)
		}
	}
	return r, err
}

// createIn is Create in a folder that is there and locked.
func createIn(dir string, m Meta, e Examples, lock *lockfile.Lock) (*Run, error) {
	path := filepath.Join(dir, Database)
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("create run: %q %w", dir, ErrExists)
	}
	// The database appears under its name when it is whole: a process that is killed here leaves a
	// folder that holds no run.
	fresh := path + ".new"
	removeDatabase(fresh)
	if err := create(fresh, m, e); err != nil {
		removeDatabase(fresh)
		return nil, fmt.Errorf("create run %q: %w", dir, err)
	}
	removeDatabase(path) // a log of a database that was removed alone would become this one's
	if err := os.Rename(fresh, path); err != nil {
		removeDatabase(fresh)
		return nil, fmt.Errorf("create run: %w", err)
	}
	if err := atomicfile.SyncFolder(dir); err != nil {
		return nil, fmt.Errorf("create run %q: %w", dir, err)
	}
	return openWriting(dir, lock)
}

// removeDatabase removes a database file and what SQLite keeps beside it.
func removeDatabase(path string) {
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		_ = os.Remove(path + suffix)
	}
}

func (e Examples) check(classes []string) error {
	if len(e.Labels) == 0 {
		return errors.New("no examples to evaluate on")
	}
	if k := len(classes); k == 0 || k > 1<<16 {
		return fmt.Errorf("%d classes, want 1 to 65536", k)
	}
	for i, l := range e.Labels {
		if int(l) >= len(classes) {
			return fmt.Errorf("label of example %d is %d, want one below %d", i, l, len(classes))
		}
	}
	if e.Names != nil && len(e.Names) != len(e.Labels) {
		return fmt.Errorf("%d names of examples, want %d, one a label", len(e.Names), len(e.Labels))
	}
	return nil
}

// create writes a database with the examples and no evaluations to a new file. It is made without a
// write-ahead log: a commit that succeeds is in the file, and on the disk.
func create(file string, m Meta, e Examples) error {
	db, err := connect(file, creating, placeOf(filepath.Dir(file)))
	if err != nil {
		return err
	}
	head := fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d;", applicationID, schemaVersion)
	r := &Run{store: &store{dir: filepath.Dir(file), db: db, version: schemaVersion}}
	err = r.transact(func(tx *sql.Tx) error {
		if _, err := tx.Exec(head + schema + tablesOf("")); err != nil {
			return err
		}
		return r.fillNew(tx, m, e)
	})
	return errors.Join(err, db.Close())
}

// fillNew writes meta and examples.
func (r *Run) fillNew(tx *sql.Tx, m Meta, e Examples) error {
	m.LabelsHash, m.Status = hashOf(e.Labels), Running
	stored, err := m.encode()
	if err != nil {
		return err
	}
	for key, value := range stored {
		if err := r.setMeta(tx, key, value); err != nil {
			return err
		}
	}
	return r.writeExamples(tx, e)
}

func (r *Run) writeExamples(tx *sql.Tx, e Examples) error {
	insert, err := tx.Prepare("INSERT INTO " + r.table("example") + "(id, label, name, checksum, image, image_checksum) VALUES(?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for i, label := range e.Labels {
		var name, picture, sum any
		if e.Names != nil {
			name = e.Names[i]
		}
		if e.Image != nil {
			raw, err := e.Image(i)
			if err != nil {
				return fmt.Errorf("image of example %d: %w", i, err)
			}
			picture, sum = raw, checksum(r.table("example"), i, raw)
		}
		if _, err := insert.Exec(i, int(label), name, checksum(r.table("example"), i, int(label), name), picture, sum); err != nil {
			return err
		}
	}
	return nil
}

// Open opens the run in dir for writing. It fails when another process writes it. A run of an older
// schema becomes one of this version. What writers that were killed left half-written in the folder
// is removed.
func Open(dir string) (*Run, error) {
	if !Exists(dir) {
		return nil, noDatabase(dir)
	}
	lock, err := take(dir)
	if err != nil {
		return nil, fmt.Errorf("open run: %w", err)
	}
	r, err := openWriting(dir, lock)
	if err != nil {
		_ = release(lock)
		return nil, err
	}
	sweep(dir)
	return r, nil
}

// openWriting is Open of a locked folder.
func openWriting(dir string, lock *lockfile.Lock) (*Run, error) {
	r, err := open(dir, false)
	if err != nil {
		return nil, err
	}
	r.lock = lock
	if r.file, err = os.Stat(filepath.Join(dir, Database)); err == nil {
		err = r.readForWriting()
	}
	if err != nil {
		r.lock = nil // the caller's
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// readForWriting reads what a writer keeps in memory.
func (r *Run) readForWriting() error {
	var err error
	if r.references, err = r.References(); err != nil {
		return err
	}
	return r.readStanding()
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
	r := &Run{store: &store{dir: dir, db: db}, read: db, last: -1}
	if r.version, err = checkFile(db, dir); err != nil {
		return nil, err
	}
	if r.enc, r.dec, err = newPacker(); err != nil {
		return nil, fmt.Errorf("open run %q: %w", dir, err)
	}
	if err := r.readSplit(); err != nil {
		return nil, fmt.Errorf("open run %q: %w", dir, err)
	}
	if !readOnly {
		if err := r.upgrade(); err != nil {
			return nil, fmt.Errorf("open run %q: bring it from schema %d to %d: %w", dir, r.version, schemaVersion, err)
		}
	}
	return r, nil
}

// readSplit reads class names, labels and names of examples.
func (r *Run) readSplit() error {
	meta, err := r.Meta()
	if err != nil {
		return err
	}
	r.classes, r.labels, r.names = meta.Classes, nil, nil
	r.mainName = cmp.Or(meta.Split, MainSplit)
	named := 0
	err = r.each(func(rows *sql.Rows) error {
		var id, label int
		var name *string
		var sum *int64
		if err := rows.Scan(&id, &label, &name, &sum); err != nil {
			return err
		}
		if id != len(r.labels) {
			return fmt.Errorf("example %d is missing", len(r.labels))
		}
		if label < 0 || label >= len(r.classes) {
			return fmt.Errorf("label of example %d is %d, want 0 to %d", id, label, len(r.classes)-1)
		}
		r.labels = append(r.labels, uint16(label))
		r.names = append(r.names, "")
		var stored any
		if name != nil {
			r.names[id], stored = *name, *name
			named++
		}
		return within(fmt.Sprintf("example %d", id), r.verify(sum, "example", id, label, stored))
	}, "SELECT "+r.columns("example")+" FROM "+r.table("example")+" ORDER BY id")
	if err != nil {
		return err
	}
	if got := hashOf(r.labels); meta.LabelsHash != "" && meta.LabelsHash != got {
		return fmt.Errorf("the labels have SHA-256 %.12s, the run was made with %.12s: %s was changed; restore it from a copy", got, meta.LabelsHash, Database)
	}
	if err := meta.checkGiven(r.labels); err != nil {
		return err
	}
	if named == 0 {
		r.names = nil
	}
	return Examples{Labels: r.labels, Names: r.names}.check(r.classes)
}

// within says what an error is about.
func within(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// Close releases the run, with all its splits. A writer's database is left as one file, without a
// write-ahead log, unless a reader has it open: it can be read from a read-only disk then.
func (r *Run) Close() error {
	if r.main != nil { // closed with the main split
		return nil
	}
	if r.lock == nil {
		return r.closeDatabase()
	}
	settle(r.db)
	return errors.Join(r.closeDatabase(), release(r.lock))
}

func (r *Run) closeDatabase() error {
	r.enc.Close()
	r.dec.Close()
	return r.db.Close()
}

// Discard closes a run that is open for writing and removes its database and its lock, but nothing else:
// for a run that was just made. Nobody else can have begun to write it until that is done.
func (r *Run) Discard() error {
	if r.main != nil || r.lock == nil {
		return r.Close()
	}
	place := r.InPlace()
	err := r.closeDatabase()
	if place != nil {
		return errors.Join(err, place, release(r.lock))
	}
	removeDatabase(filepath.Join(r.dir, Database))
	return errors.Join(err, r.lock.Discard())
}

// Dir is the run folder.
func (r *Run) Dir() string { return r.dir }

// Labels are the true classes of the evaluation split, in order. Not to be changed.
func (r *Run) Labels() []uint16 { return r.labels }

// Names tell which example of the split each is, in order; nil where only the index in the dataset's
// official file does. Not to be changed.
func (r *Run) Names() []string { return r.names }

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

// InPlace reports, as an error, that the folder of a run that is open for writing is not at its path
// any more: what is written beside the database would go to another place.
func (r *Run) InPlace() error {
	now, err := os.Stat(filepath.Join(r.dir, Database))
	if err == nil && os.SameFile(now, r.file) {
		return nil
	}
	return &Moved{Dir: r.dir}
}

// Moved is the error of a run folder that was moved, replaced or removed while the run was written.
type Moved struct{ Dir string }

func (e *Moved) Error() string {
	return fmt.Sprintf("the run folder %q was moved, replaced or removed while the run was written to it: move it back and resume the run", e.Dir)
}

// each runs a query and calls scan for every row of the answer.
func (r *Run) each(scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := r.read.Query(query, args...)
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

// Snapshot calls f with the run as it is at one moment, whatever a writer does meanwhile.
func (r *Run) Snapshot(ctx context.Context, f func(*Run) error) error {
	tx, err := r.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return f(r.within(tx))
}

// within is the run as a transaction sees it.
func (r *Run) within(tx *sql.Tx) *Run {
	seen := *r
	seen.read = tx
	return &seen
}

// transact runs f in a transaction that is committed if f succeeds.
func (r *Run) transact(f func(*sql.Tx) error) error {
	tx, err := r.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // the cause matters; SQLite may have rolled back already
		return explain(r.dir, err)
	}
	return explain(r.dir, tx.Commit())
}
