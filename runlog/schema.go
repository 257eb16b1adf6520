package runlog

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"

	"shoal/internal/atomicfile"
)

// Database is the name of the database in a run folder.
const Database = "run.db"

// schemaVersion changes when a reader of the tables would have to change. Runs of version 1 are read
// as they are, and become runs of this version when they are opened for writing.
const schemaVersion = 2

// applicationID marks SQLite files as runs of shoal: "shoa" in ASCII.
const applicationID = 0x73686f61

// schema has the tables that every run has once. The tables of a split follow from splitSchema.
const schema = `
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE split(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE source(file TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
`

// splitSchema has the tables of one evaluation split. Those of the main one have no suffix; @ stands
// for it in the others.
const splitSchema = `
CREATE TABLE example@(
	id INTEGER PRIMARY KEY, label INTEGER NOT NULL, name TEXT, checksum INTEGER NOT NULL,
	image BLOB, image_checksum INTEGER);
CREATE TABLE reference@(
	id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, params_json TEXT NOT NULL, facts_json TEXT,
	accuracy REAL NOT NULL, fit_seconds REAL NOT NULL, predictions BLOB NOT NULL, right BLOB, margins BLOB,
	checksum INTEGER NOT NULL);
CREATE TABLE evaluation@(
	step INTEGER PRIMARY KEY, epoch REAL, loss REAL, accuracy REAL NOT NULL, seconds REAL,
	predictions BLOB NOT NULL, right BLOB, checksum INTEGER NOT NULL);
CREATE TABLE value@(
	step INTEGER NOT NULL REFERENCES evaluation@(step) ON DELETE CASCADE,
	name TEXT NOT NULL, data BLOB NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY(step, name)) WITHOUT ROWID;
CREATE TABLE contingency@(
	step INTEGER NOT NULL REFERENCES evaluation@(step) ON DELETE CASCADE,
	reference_id INTEGER NOT NULL REFERENCES reference@(id) ON DELETE CASCADE,
	both INTEGER NOT NULL, shallow_only INTEGER NOT NULL, deep_only INTEGER NOT NULL, neither INTEGER NOT NULL,
	PRIMARY KEY(step, reference_id)) WITHOUT ROWID;
`

// tablesOf is the schema of the split with a suffix.
func tablesOf(suffix string) string { return ofSplit(splitSchema, suffix) }

// ofSplit is a schema for the split with a suffix.
func ofSplit(schema, suffix string) string { return strings.ReplaceAll(schema, "@", suffix) }

// ErrNotRun is wrapped by errors on a folder or file that isn't a run of shoal.
var ErrNotRun = errors.New("not a run of shoal")

// ErrExists is wrapped when a run would be created where there is one.
var ErrExists = errors.New("already holds a run")

// checkFile reports, in one line, why the database of dir can't be a whole run, or the version of its
// schema.
func checkFile(db *sql.DB, dir string) (version int, err error) {
	if version, err = checkSchema(db, dir); err != nil {
		return 0, err
	}
	var state string
	if err := db.QueryRow("PRAGMA quick_check(1)").Scan(&state); err != nil || state != "ok" {
		return 0, fmt.Errorf("open run %q: %s is damaged (%s%v); restore it from a copy or run the study again", dir, Database, state, orEmpty(err))
	}
	return version, nil
}

// checkSchema is checkFile without a look at every page.
func checkSchema(db *sql.DB, dir string) (version int, err error) {
	path := filepath.Join(dir, Database)
	if info, err := os.Stat(path); err != nil {
		return 0, noDatabase(dir)
	} else if info.Size() == 0 {
		return 0, fmt.Errorf("open run %q: %w: %s is empty", dir, ErrNotRun, Database)
	}
	var id int
	if err := db.QueryRow("PRAGMA application_id").Scan(&id); err != nil {
		if explained := explain(dir, err); explained != err {
			return 0, fmt.Errorf("open run %q: %w", dir, explained)
		}
		return 0, fmt.Errorf("open run %q: %w: %s can't be read as a database: %w", dir, ErrNotRun, Database, err)
	}
	if id != applicationID {
		return 0, fmt.Errorf("open run %q: %w: %s is a database of another program (application id %#x, want %#x)", dir, ErrNotRun, Database, id, applicationID)
	}
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return 0, fmt.Errorf("open run %q: %w", dir, err)
	}
	if version < 1 || version > schemaVersion {
		return 0, fmt.Errorf("open run %q: its schema is version %d, this shoal reads 1 to %d; use the shoal that wrote it", dir, version, schemaVersion)
	}
	return version, nil
}

func orEmpty(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// explain adds to SQLite's words, for a run in dir that can't be written, why that may be and what to
// do.
func explain(dir string, err error) error {
	switch code(err) {
	case codeFull: // SQLite says so
		return err
	case codeIOErr:
		return fmt.Errorf("%w: is the disk full?", err)
	case codeReadOnly, codeCantOpen:
		for _, suffix := range []string{"", "-wal", "-shm"} {
			f, e := os.OpenFile(filepath.Join(dir, Database+suffix), os.O_RDWR, 0)
			if e == nil {
				_ = f.Close()
			} else if !os.IsNotExist(e) { // such as what a reader of another user who was killed has left
				return fmt.Errorf("%s%s can't be written (%w); make it yours, or copy the folder and use the copy", Database, suffix, e)
			}
		}
		if e := atomicfile.CanMake(dir); e != nil { // a writer makes files beside the database
			return fmt.Errorf("%w; make it yours, or copy it and use the copy", e)
		}
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

// SQLite's result codes SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL and
// SQLITE_CANTOPEN.
const (
	codeBusy     = 5
	codeLocked   = 6
	codeReadOnly = 8
	codeIOErr    = 10
	codeFull     = 13
	codeCantOpen = 14
)
