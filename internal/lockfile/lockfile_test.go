package lockfile

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func taken(t *testing.T, path string) *Lock {
	t.Helper()
	lock, err := Take(path)
	if err != nil {
		t.Fatal(err)
	}
	return lock
}

// One has it, the next is told, and has it afterwards: with locks and where they are refused.
func TestOneAtATime(t *testing.T) {
	for _, refused := range []error{nil, syscall.ENOSYS, syscall.ENOLCK, syscall.EOPNOTSUPP, errors.ErrUnsupported} {
		t.Run(fmt.Sprint(refused), func(t *testing.T) {
			if refused != nil {
				defer Refuse(refused)()
			}
			path := filepath.Join(t.TempDir(), "run.lock")
			lock := taken(t, path)
			if _, err := TakeWithin(path, 0); !errors.Is(err, ErrBusy) {
				t.Errorf("the second: %v, want %v", err, ErrBusy)
			}
			if (lock.Note() != "") != (refused != nil) || RefusedAt(path) != (refused != nil) {
				t.Errorf("note %q, refused %v", lock.Note(), RefusedAt(path))
			}
			if o, busy := OwnerOf(path); busy != (refused != nil) || busy && o.PID != os.Getpid() {
				t.Errorf("the owner is %v, %v", o, busy)
			}
			if !Held(path) {
				t.Error("it isn't held")
			}
			if err := lock.Release(); err != nil {
				t.Error(err)
			}
			if Held(path) {
				t.Error("it is held after its release")
			}
			if err := taken(t, path).Release(); err != nil {
				t.Error(err)
			}
		})
	}
}

// What is no refusal is an error as it is.
func TestOtherErrors(t *testing.T) {
	if _, err := Take(filepath.Join(t.TempDir(), "missing", "x.lock")); !errors.Is(err, os.ErrNotExist) || errors.Is(err, ErrBusy) {
		t.Errorf("error is %v", err)
	}
	for _, err := range []error{nil, syscall.EACCES, syscall.EIO, os.ErrNotExist, ErrBusy} {
		if Refused(err) {
			t.Errorf("%v is a refusal", err)
		}
	}
	if err := None().Release(); err != nil || None().Note() != "" {
		t.Error("no lock isn't nothing")
	}
}

// gonePID is the number of a process that has ended.
func gonePID(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

// The file of a process of this host that is gone is taken over, that of a process that lives or of
// another host is not.
func TestOwnersThatAreGone(t *testing.T) {
	defer Refuse(syscall.ENOSYS)()
	host := self().Host
	for _, c := range []struct {
		what, text string
		busy       string // part of the error, "" for taken over
	}{
		{"gone", Owner{host, gonePID(t)}.text(), ""},
		{"another process of our number", Owner{host, os.Getpid()}.text(), ""},
		{"one that lives", Owner{host, os.Getppid()}.text(), fmt.Sprintf("process %d of host %s", os.Getppid(), host)},
		{"another host", Owner{"elsewhere", gonePID(t)}.text(), "of host elsewhere): if that is gone, remove "},
		{"damaged", "nonsense", "names no process"},
		{"empty", "", "names no process"},
	} {
		path := filepath.Join(t.TempDir(), "x.lock")
		if err := os.WriteFile(ownerFile(path), []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, busy := OwnerOf(path)
		lock, err := TakeWithin(path, 0)
		if c.busy == "" {
			if err != nil || busy {
				t.Errorf("%s: %v, busy %v", c.what, err, busy)
			} else if err := lock.Release(); err != nil {
				t.Error(err)
			}
		} else if err == nil || !busy || !strings.Contains(err.Error(), c.busy) {
			t.Errorf("%s: error is %v, busy %v", c.what, err, busy)
		}
		want := 0
		if c.busy != "" {
			want = 1
		}
		if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(files) != want {
			t.Errorf("%s: left are %v", c.what, files)
		}
	}
}

// Whoever has the lock of a file that was removed has not that of the file at its place now, and leaves
// that alone.
func TestDiscardedFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.lock")
	if err := taken(t, path).Discard(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is there: %v", err)
	}
	late := taken(t, path)
	if err := os.Remove(path); err != nil {
		t.Skip(err)
	}
	if late.inPlace() {
		t.Error("a file that was removed is in its place")
	}
	second := taken(t, path)
	if _, err := TakeWithin(path, 0); !errors.Is(err, ErrBusy) {
		t.Errorf("a third one: %v", err)
	}
	if err := late.Discard(); err != nil || !Held(path) {
		t.Errorf("the late one removes the second's: %v", err)
	}
	if err := second.Release(); err != nil {
		t.Error(err)
	}
}

// Many that take and discard one lock have it one at a time.
func TestDiscardsOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.lock")
	var have atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 100 {
				lock, err := TakeWithin(path, time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				if n := have.Add(1); n != 1 {
					t.Errorf("%d have it", n)
				}
				runtime.Gosched()
				have.Add(-1)
				if err := lock.Discard(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// One that is asked whether it is held, for longer than a moment, is taken all the same.
func TestTakeWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.lock")
	asking := taken(t, path)
	time.AfterFunc(500*time.Millisecond, func() { _ = asking.Release() })
	if err := taken(t, path).Release(); err != nil {
		t.Error(err)
	}
}
