package runlog

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// Database is the name of the database in a run folder.
const Database = "run.db"

// schemaVersion changes when a reader of the tables would have to change.
const schemaVersion = 1

// applicationID marks SQLite files as runs of shoal: "shoa" in ASCII.
const applicationID = 0x73686f61

const schema = `
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE example(id INTEGER PRIMARY KEY, label INTEGER NOT NULL, image BLOB);
CREATE TABLE reference(
	id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, params_json TEXT NOT NULL,
	accuracy REAL NOT NULL, fit_seconds REAL NOT NULL, predictions BLOB NOT NULL, margins BLOB);
CREATE TABLE evaluation(
	step INTEGER PRIMARY KEY, epoch REAL NOT NULL, loss REAL NOT NULL, accuracy REAL NOT NULL,
	seconds REAL NOT NULL, predictions BLOB NOT NULL);
CREATE TABLE contingency(
	step INTEGER NOT NULL REFERENCES evaluation(step) ON DELETE CASCADE,
	reference_id INTEGER NOT NULL REFERENCES reference(id) ON DELETE CASCADE,
	both INTEGER NOT NULL, shallow_only INTEGER NOT NULL, deep_only INTEGER NOT NULL, neither INTEGER NOT NULL,
	PRIMARY KEY(step, reference_id)) WITHOUT ROWID;
`

// ErrNotRun is wrapped by errors on a folder or file that isn't a run of shoal.
var ErrNotRun = errors.New("not a run of shoal")

// ErrExists is wrapped when a run would be created where there is one.
var ErrExists = errors.New("already holds a run")

// mode is what a connection is for.
type mode int

const (
	writing mode = iota
	reading      // also while another process writes
	atRest       // touches nothing: for a folder that can't be written, where nobody writes either
)

// connect opens the database file with the settings of every connection.
func connect(file string, m mode) (*sql.DB, error) {
	query := url.Values{}
	for _, p := range []string{"busy_timeout(10000)", "foreign_keys(1)", "synchronous(NORMAL)"} {
		query.Add("_pragma", p)
	}
	switch m {
	case writing:
		query.Add("_pragma", "journal_mode(WAL)")
	case reading:
		query.Add("_pragma", "query_only(1)")
	case atRest:
		query.Set("mode", "ro")
		query.Set("immutable", "1")
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: query.Encode()}
	return sql.Open("sqlite", address.String())
}

// connectRun connects to the database of dir. A reader of a database in WAL mode writes, too, an
// index beside it: where that can't be (a read-only disk, a folder of somebody else), it is read as
// it lies, unless a writer left a log that only a connection that may write can bring in.
func connectRun(dir string, readOnly bool) (*sql.DB, error) {
	file := filepath.Join(dir, Database)
	if !readOnly {
		return connect(file, writing)
	}
	db, err := connect(file, reading)
	if err != nil {
		return nil, err
	}
	if _, err = db.Exec("PRAGMA schema_version"); code(err) != codeCantOpen && code(err) != codeReadOnly {
		return db, nil
	}
	db.Close()
	if log, err := os.Stat(file + "-wal"); err == nil && log.Size() > 0 {
		return nil, fmt.Errorf("the folder can't be written and %s-wal has evaluations that are not in %s yet; copy the folder to where it can be written", Database, Database)
	}
	return connect(file, atRest)
}

// checkFile reports, in one line, why the database of dir can't be a whole run.
func checkFile(db *sql.DB, dir string) error {
	path := filepath.Join(dir, Database)
	if info, err := os.Stat(path); err != nil {
		return noDatabase(dir)
	} else if info.Size() == 0 {
		return fmt.Errorf("open run %q: %w: %s is empty", dir, ErrNotRun, Database)
	}
	var id, version int
	if err := db.QueryRow("PRAGMA application_id").Scan(&id); err != nil {
		return fmt.Errorf("open run %q: %w: %s can't be read as a database: %w", dir, ErrNotRun, Database, err)
	}
	if id != applicationID {
		return fmt.Errorf("open run %q: %w: %s is a database of another program (application id %#x, want %#x)", dir, ErrNotRun, Database, id, applicationID)
	}
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("open run %q: %w", dir, err)
	}
	if version != schemaVersion {
		return fmt.Errorf("open run %q: its schema is version %d, this shoal reads %d; use the shoal that wrote it", dir, version, schemaVersion)
	}
	var state string
	if err := db.QueryRow("PRAGMA quick_check(1)").Scan(&state); err != nil || state != "ok" {
		return fmt.Errorf("open run %q: %s is damaged (%s%v); restore it from a copy or run the study again", dir, Database, state, orEmpty(err))
	}
	return nil
}

func orEmpty(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
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

// SQLite's result codes SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN.
const (
	codeReadOnly = 8
	codeIOErr    = 10
	codeFull     = 13
	codeCantOpen = 14
)
