package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"shoal/internal/longtest"
	"shoal/internal/tinydata"
	"shoal/runlog"
)

// sweepStudy takes a moment for each of its parts: data, references, training, scoring.
const sweepStudy = `name = "item"
[data]
dataset = "folder:shapes"
[training]
epochs = EPOCHS
batch = 8
momentum = 0.9
[evaluation]
schedule = "every:2"
initialisations = 20
[[reference]]
kind = "svm"
[[reference]]
kind = "forest"
`

// sweepIn makes a folder with two sweeps of one item each, the second of which is left alone.
func sweepIn(t *testing.T, images int, epochs string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), images, 40); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "study.toml"), []byte(strings.Replace(sweepStudy, "EPOCHS", epochs, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{"sw", "alone"} {
		if out, err := shoalIn(dir, "sweep", "plan", "study.toml", "--out", out).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return dir
}

// TestTerminatedAtAnyMoment tells an item to end at ever later moments, while it reads data, fits, trains,
// scores and judges, and wants status 75 each time; in the end its database is that of an item that had
// peace.
func TestTerminatedAtAnyMoment(t *testing.T) {
	notInShort(t)
	longtest.Only(t, "an item that is told to end at ten moments")
	dir := sweepIn(t, 100, "3")
	if out, err := shoalIn(dir, "sweep", "run", "alone", "--item", "0", "--no-cache").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	interrupted := 0
	for wait := 20 * time.Millisecond; ; wait += wait {
		cmd := shoalIn(dir, "sweep", "run", "sw", "--item", "0", "--no-cache", "--checkpoint-every", "20ms")
		var log bytes.Buffer
		cmd.Stdout, cmd.Stderr = &log, &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(wait, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
		_ = cmd.Wait()
		timer.Stop()
		code := cmd.ProcessState.ExitCode()
		if code == exitOK {
			break
		}
		if code == -1 && log.Len() == 0 { // before it looks for signals
			continue
		}
		if interrupted++; code != exitInterrupted || !strings.Contains(log.String(), "interrupted") || wait > time.Hour {
			t.Fatalf("after %v: exit status %d, want %d\n%s", wait, code, exitInterrupted, log.String())
		}
	}
	if interrupted < 3 {
		t.Errorf("it was interrupted %d times, want at least 3", interrupted)
	}
	whole, got := predictions(t, filepath.Join(dir, "alone", "item-seed1")), predictions(t, filepath.Join(dir, "sw", "item-seed1"))
	same := slices.EqualFunc(whole, got, func(a, b runlog.Evaluation) bool {
		return a.Step == b.Step && a.Loss == b.Loss && slices.Equal(a.Predictions, b.Predictions)
	})
	if len(whole) < 50 || !same {
		t.Errorf("%d evaluations differ from the %d of the item that was left alone", len(got), len(whole))
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "sw", "item-seed1", "run.db-*")); left != nil {
		t.Errorf("a finished run leaves %v", left)
	}
}

// A command that doesn't look for signals, here because it waits for a database, ends when its time is
// up, with the same status.
func TestLateAfterTerm(t *testing.T) {
	dir := sweepIn(t, 10, "1")
	if out, err := shoalIn(dir, "sweep", "run", "sw", "--item", "0").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "sw", "item-seed1", runlog.Database))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	code, start := -1, time.Time{}
	for wait := 500 * time.Millisecond; code == -1 && wait < time.Minute; wait *= 2 { // until it looks for signals
		cmd := shoalIn(dir, "diff", "sw/item-seed1", "sw/item-seed1")
		cmd.Env = append(cmd.Env, graceForTests+"=300ms")
		log.Reset()
		cmd.Stderr = &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(wait)
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		start = time.Now()
		_ = cmd.Wait()
		code = cmd.ProcessState.ExitCode()
	}
	if code != exitInterrupted || !strings.Contains(log.String(), "shoal: interrupted; what was done after the last checkpoint") || time.Since(start) > 8*time.Second {
		t.Errorf("exit status %d after %v, want %d at once\n%s", code, time.Since(start), exitInterrupted, log.String())
	}
}

// Two processes on one item: the second says so and ends. The sweep on this machine passes SIGTERM on,
// ends with its status, and finishes when it is run again.
func TestTwoOnOneItem(t *testing.T) {
	notInShort(t)
	longtest.Only(t, "two processes on one item of a sweep")
	dir := sweepIn(t, 40, "200")
	first := shoalIn(dir, "sweep", "submit", "sw", "--local", "--no-cache")
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); reached(filepath.Join(dir, "sw", "item-seed1")) < 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if out, err := shoalIn(dir, "sweep", "run", "sw", "--item", "0").CombinedOutput(); err == nil || !strings.Contains(string(out), "item 0, item-seed1, is being run by another process") {
		t.Errorf("a second process on the item: %v\n%s", err, out)
	}
	if out, err := shoalIn(dir, "sweep", "submit", "sw", "--local").CombinedOutput(); err == nil || !strings.Contains(string(out), `sweep "sw" is being run on this machine by another process`) {
		t.Errorf("a second process on the sweep: %v\n%s", err, out)
	}
	if out, err := shoalIn(dir, "sweep", "status", "sw").CombinedOutput(); err != nil || !strings.Contains(string(out), "running 1") {
		t.Errorf("status: %v\n%s", err, out)
	}
	if err := first.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	if code := first.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("the sweep ends with status %d, want %d", code, exitInterrupted)
	}
	if out, err := shoalIn(dir, "sweep", "status", "sw").CombinedOutput(); err != nil || !strings.Contains(string(out), "stopped 1") {
		t.Errorf("status after it was stopped: %v\n%s", err, out)
	}
	if out, err := shoalIn(dir, "sweep", "submit", "sw", "--local", "--no-cache").CombinedOutput(); err != nil || !strings.Contains(string(out), "finished in") {
		t.Errorf("run again: %v\n%s", err, out)
	}
}
