package runlog

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"shoal/internal/lockfile"
)

// onNetwork puts all folders of a test on a network file system.
func onNetwork(t *testing.T, kind string) {
	old := networkOf
	networkOf = func(string) string { return kind }
	t.Cleanup(func() { networkOf = old })
}

// journalOf is the journal that the writer of a run uses.
func journalOf(t *testing.T, r *Run) (mode string) {
	t.Helper()
	must(t, r.db.QueryRow("PRAGMA journal_mode").Scan(&mode))
	return mode
}

// besides lists what SQLite has beside the database of a run.
func besides(dir string) (left []string) {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if _, err := os.Stat(filepath.Join(dir, Database+suffix)); err == nil {
			left = append(left, suffix)
		}
	}
	return left
}

// On a network file system there is no write-ahead log, while the run is written or later, and
// readers see what is committed.
func TestRollbackJournalOnNetworks(t *testing.T) {
	for _, kind := range []string{"", "nfs", "lustre", "gpfs", "cifs", "fuse"} {
		onNetwork(t, kind)
		r := newRun(t, 3)
		record(t, r, evaluation(0, 0, 1, 2, 0, 1, 2))
		want := map[bool]string{true: "wal", false: "delete"}[kind == ""]
		if mode := journalOf(t, r); mode != want {
			t.Errorf("%q: the journal is %q, want %q", kind, mode, want)
		}
		if left := besides(r.Dir()); kind != "" && left != nil {
			t.Errorf("%q: %v beside the database", kind, left)
		}
		if note := r.Note(); (kind != "") != strings.Contains(note, "rollback journal") || !strings.Contains(note, kind) {
			t.Errorf("%q: the note is %q", kind, note)
		}
		if h, err := Load(t.Context(), r.Dir()); err != nil || len(h.Log.Steps) != 1 {
			t.Errorf("%q: a reader meets %v", kind, err)
		}
		must(t, r.Close())
		if left := besides(r.Dir()); left != nil {
			t.Errorf("%q: closed, it leaves %v", kind, left)
		}
	}
}

// copyOf copies a run as it lies: what a process that is killed now leaves.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	killed := filepath.Join(t.TempDir(), "killed")
	must(t, os.CopyFS(killed, os.DirFS(dir)))
	return killed
}

// A run that was killed on a local disk, with evaluations in its write-ahead log, resumes on a
// network file system, with locks and without.
func TestLogComesToANetwork(t *testing.T) {
	r := newRun(t, 3)
	record(t, r, evaluation(0, 0, 1, 2, 0, 1, 2))
	for _, refuse := range []bool{false, true} {
		killed := copyOf(t, r.Dir())
		if left := besides(killed); !slices.Contains(left, "-wal") {
			t.Fatalf("the killed run has %v, want a write-ahead log", left)
		}
		onNetwork(t, "nfs")
		if refuse {
			defer lockfile.Refuse(syscall.ENOLCK)()
		}
		again, err := Open(killed)
		must(t, err)
		if got := steps(t, again, -1); !slices.Equal(got, []int{0}) || journalOf(t, again) != "delete" {
			t.Errorf("locks refused %v: steps %v, journal %q", refuse, got, journalOf(t, again))
		}
		record(t, again, evaluation(1, 0, 1, 2, 0, 1, 2))
		must(t, again.Close())
		if left := besides(killed); left != nil {
			t.Errorf("locks refused %v: it leaves %v", refuse, left)
		}
	}
}

// impatient has writers wait for another one for no longer than it takes to ask twice.
func impatient(t *testing.T) {
	usual := lockPatience
	lockPatience = 50 * time.Millisecond
	t.Cleanup(func() { lockPatience = usual })
}

// Where locks are refused a file names the writer: another writer and readers are turned away while
// it is there, and told who has the run.
func TestOwnerWhereLocksAreRefused(t *testing.T) {
	impatient(t)
	for _, refused := range []error{syscall.ENOSYS, syscall.ENOLCK, syscall.EOPNOTSUPP} {
		t.Run(refused.Error(), func(t *testing.T) {
			defer lockfile.Refuse(refused)()
			r := newRun(t, 3)
			record(t, r, evaluation(0, 0, 1, 2, 0, 1, 2))
			host, _ := os.Hostname()
			_, second := Open(r.Dir())
			_, reader := Load(t.Context(), r.Dir())
			for what, err := range map[string]error{"second writer": second, "reader": reader} {
				if err == nil || !strings.Contains(err.Error(), "being written by ") || !strings.Contains(err.Error(), "of host "+host) {
					t.Errorf("%s: error is %v", what, err)
				}
			}
			if !strings.Contains(r.Note(), "refuses locks") {
				t.Errorf("the note is %q", r.Note())
			}
			must(t, r.Close())
			h, err := Load(t.Context(), r.Dir())
			if err != nil || len(h.Log.Steps) != 1 {
				t.Errorf("after the end: %v", err)
			}
			again, err := Open(r.Dir())
			must(t, err)
			must(t, again.Close())
			if files, _ := filepath.Glob(filepath.Join(r.Dir(), "*owner*")); files != nil {
				t.Errorf("left behind: %v", files)
			}
		})
	}
}

// A folder that can't be written and has half a transaction in a journal is not read as it lies.
func TestHotJournalOnAReadOnlyDisk(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("root writes to every folder: only the reading at rest is looked at")
	}
	r := newRun(t, 3)
	record(t, r, evaluation(0, 0, 1, 2, 0, 1, 2))
	must(t, r.Close())
	must(t, os.Chmod(r.Dir(), 0o555))
	defer os.Chmod(r.Dir(), 0o755)
	if _, err := Load(t.Context(), r.Dir()); err != nil {
		t.Errorf("a finished run in a folder that can't be written: %v", err)
	}
	if _, err := Open(r.Dir()); os.Getuid() != 0 && (!errors.Is(err, fs.ErrPermission) || errors.Is(err, ErrNotRun)) {
		t.Errorf("opened for writing: %v, want that the folder can't be written", err)
	}
}

// A reader that looks for a while at the end of a run doesn't keep its log there.
func TestCloseWaitsForReaders(t *testing.T) {
	r := newRun(t, 3)
	record(t, r, evaluation(0, 0, 1, 2, 0, 1, 2))
	reader, err := OpenReadOnly(r.Dir())
	must(t, err)
	closed := make(chan error)
	go func() { closed <- r.Close() }()
	for len(closed) == 0 && len(besides(r.Dir())) < 2 { // the writer is about to close
		t.Fatal("the log is gone already")
	}
	must(t, reader.Close())
	must(t, <-closed)
	if left := besides(r.Dir()); left != nil {
		t.Errorf("it leaves %v", left)
	}
}
