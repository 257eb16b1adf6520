package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"shoal/deep"
	"shoal/internal/longtest"
	"shoal/internal/tinydata"
	"shoal/internal/tinydata/albums"
)

// asShoal makes the test binary behave as shoal, for tests that need a process of its own.
const asShoal = "SHOAL_TEST_AS_SHOAL"

// graceForTests shortens the time that a command has after SIGTERM.
const graceForTests = "SHOAL_TEST_GRACE"

// notInShort skips a test that runs many processes, or long ones: under the race detector they take
// minutes, and the rest has the same code.
func notInShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not with -short")
	}
}

func TestMain(m *testing.M) {
	figureDPI, ladderSteps = 12, 10
	if name := filepath.Base(os.Args[0]); strings.TrimSuffix(name, ".exe") != "shoal" {
		program = "shoal" // not the test's binary
	}
	if text := os.Getenv(graceForTests); text != "" {
		grace, _ = time.ParseDuration(text)
	}
	if os.Getenv(asShoal) != "" {
		main() // exits; signals and all
	}
	testscript.Main(m, map[string]func(){"shoal": main})
}

// TestScripts runs testdata/script: one behaviour of the command line each. The command tinydata
// FOLDER TRAIN TEST makes a dataset, status WANT ARGUMENT... runs shoal and wants that exit status.
func TestScripts(t *testing.T) {
	notInShort(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_CACHE_HOME", e.WorkDir+"/cache")
			e.Setenv("HOME", e.WorkDir+"/home")
			return nil
		},
		Condition: func(name string) (bool, error) { // [!long] stop 'what is left out'
			switch name {
			case "long":
				return longtest.On(), nil
			case "root": // writes to every folder
				return os.Getuid() == 0, nil
			case "faster": // bfloat16, on this machine
				return deep.BFloat16.Faster(), nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"tinydata": makeTinyData, "albums": makeAlbums, "status": wantStatus,
		},
	})
}

func makeTinyData(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: tinydata FOLDER TRAIN TEST")
	}
	train, err := strconv.Atoi(args[1])
	ts.Check(err)
	test, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(tinydata.Write(ts.MkAbs(args[0]), train, test))
}

// makeAlbums makes a few images of each of the named albums: albums FOLDER NAME...
func makeAlbums(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: albums FOLDER NAME...")
	}
	made := 0
	for _, a := range albums.All() {
		if slices.Contains(args[1:], a.Name) {
			made++
			ts.Check(a.Write(filepath.Join(ts.MkAbs(args[0]), a.Name), 0))
		}
	}
	if made != len(args)-1 {
		ts.Fatalf("albums: %d of %q are there", made, args[1:])
	}
}

// wantStatus runs shoal and wants an exit status: status 2 run --epochs -1.
func wantStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: status WANT ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec("shoal", args[1:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("shoal %q: exit status %d, want %d", args[1:], got, want)
	}
}
