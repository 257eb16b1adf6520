package runlog

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// mode is what a connection is for.
type mode int

const (
	creating mode = iota // without a write-ahead log
	writing
	reading    // also while another process writes
	atRest     // touches nothing: for a folder that can't be written, where nobody writes either
	converting // brings in a write-ahead log where there may be none
)

// Times for which connections wait for each other. With a write-ahead log nobody waits for long. With
// a rollback journal a writer waits until readers have read all that they want of one moment.
const (
	patience      = 10 * time.Second
	writerPatient = 2 * time.Minute
)

// pageSize is that of new databases, in bytes; those that are there keep theirs. A row lies on one page
// where it fits: of thumbnails of up to 1,780 bytes 9 or more fit on one of these and 2 on one of 4,096,
// of which 500 bytes stay empty.
const pageSize = 16384

// logBytes is how large a write-ahead log grows before it is brought in, with pages of pageSize.
const logBytes = 4 << 20

// connect opens the database file with the settings of every connection at its place.
func connect(file string, m mode, p place) (*sql.DB, error) {
	query := url.Values{}
	wait := patience
	if m == writing && p.rollback {
		wait = writerPatient
	}
	pragmas := []string{fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds()), "foreign_keys(1)"}
	switch m {
	case creating:
		pragmas = append(pragmas, "synchronous(FULL)", fmt.Sprintf("page_size(%d)", pageSize))
	case writing:
		pragmas = append(pragmas, "synchronous(NORMAL)")
		if !p.rollback {
			pragmas = append(pragmas, "journal_mode(WAL)", fmt.Sprintf("wal_autocheckpoint(%d)", logBytes/pageSize))
		}
	case reading:
		pragmas = append(pragmas, "query_only(1)")
	case atRest:
		query.Set("mode", "ro")
		query.Set("immutable", "1")
	case converting: // in exclusive mode the log has its index in this process's memory
		pragmas = append(pragmas, "locking_mode(EXCLUSIVE)")
	}
	query["_pragma"] = pragmas
	switch {
	case p.noLocks && m == converting: // nolock would rule out the log
		query.Set("vfs", "unix-none")
	case p.noLocks:
		query.Set("nolock", "1")
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: query.Encode()}
	return sql.Open("sqlite", address.String())
}

// connectRun connects to the database of dir.
func connectRun(dir string, readOnly bool) (*sql.DB, error) {
	file, p := filepath.Join(dir, Database), placeOf(dir)
	if readOnly {
		return connectReader(dir, file, p)
	}
	if p.rollback && usesLog(file) {
		if err := convert(file, p); err != nil {
			return nil, err
		}
	}
	return connect(file, writing, p)
}

// connectReader connects a reader. One of a database in WAL mode writes, too, an index beside it:
// where that can't be (a read-only disk, a folder of somebody else), it is read as it lies, unless a
// writer left a log or a journal that only a connection that may write can bring in.
func connectReader(dir, file string, p place) (*sql.DB, error) {
	if err := p.checkUnlocked(dir); err != nil {
		return nil, err
	}
	db, err := connect(file, reading, p)
	if err != nil {
		return nil, err
	}
	if _, err = db.Exec("PRAGMA schema_version"); code(err) != codeCantOpen && code(err) != codeReadOnly {
		return db, nil
	}
	db.Close()
	for suffix, what := range map[string]string{"-wal": "has evaluations that are not in", "-journal": "has what a half-written evaluation replaced in"} {
		if left, err := os.Stat(file + suffix); err == nil && left.Size() > 0 {
			return nil, fmt.Errorf("the folder can't be written and %s%s %s %s yet; copy the folder to where it can be written", Database, suffix, what, Database)
		}
	}
	return connect(file, atRest, p)
}

// usesLog reports whether a database says of itself that it has a write-ahead log: a writer that was
// killed elsewhere, before the folder came to where it is, leaves one.
func usesLog(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	version := make([]byte, 2) // of the format, to write and to read: 2 is with a log
	_, err = f.ReadAt(version, 18)
	return err == nil && (version[0] == 2 || version[1] == 2)
}

// convert brings the write-ahead log of a database into it and has it use a journal.
func convert(file string, p place) error {
	db, err := connect(file, converting, p)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	var mode string
	err = db.QueryRow("PRAGMA journal_mode=DELETE").Scan(&mode)
	if e := db.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("bring %s-wal into %s: %w", Database, Database, err)
	}
	_ = os.Remove(file + "-shm") // the index in memory of the writer that was killed
	return nil
}

// settle leaves the database of a writer as one file. A reader that has it open keeps its log there;
// most read for less than a second.
func settle(db *sql.DB) {
	db.SetMaxIdleConns(1) // other connections of this process would be in the way
	_, _ = db.Exec("PRAGMA busy_timeout=100")
	for range 20 {
		var mode string
		err := db.QueryRow("PRAGMA journal_mode=DELETE").Scan(&mode)
		if inUse := err == nil && mode == "wal" || code(err) == codeBusy || code(err) == codeLocked; !inUse {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}
