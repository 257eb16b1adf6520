package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"shoal/internal/tinydata"
	"shoal/runlog"
)

const killedStudy = `name = "killed"
seed = 3
[data]
dataset = "folder:shapes"
[training]
epochs = 6.0
batch = 8
momentum = 0.9
crop = 2
flip = true
[evaluation]
schedule = "every:1@4,every:3"
initialisations = 2
[[reference]]
kind = "svm"
`

// TestKillNine kills the program in the middle, several times, and wants the database of a run that
// was never interrupted.
func TestKillNine(t *testing.T) {
	notInShort(t)
	dir := t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), 40, 10); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "study.toml"), []byte(killedStudy), 0o666); err != nil {
		t.Fatal(err)
	}
	const steps = 90 // 120 examples in batches of 8, 6 times
	if out, err := shoalIn(dir, "run", "study.toml", "--out", "whole", "--no-cache").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	args := []string{"run", "study.toml", "--out", "killed", "--no-cache", "--checkpoint-every", "1ms"}
	killed := 0
	for _, step := range []int{0, 5, 31, 70} {
		if killAt(t, dir, step, args) {
			killed++
		}
		args = []string{"run", "--resume", "killed", "--no-cache", "--checkpoint-every", "40ms"}
	}
	if killed < 2 {
		t.Errorf("the program was killed %d times in the middle, want at least 2", killed)
	}
	if out, err := shoalIn(dir, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole, got := predictions(t, filepath.Join(dir, "whole")), predictions(t, filepath.Join(dir, "killed"))
	if len(whole) != 1+60+10 || whole[len(whole)-1].Step != steps {
		t.Fatalf("%d evaluations, the last of step %d", len(whole), whole[len(whole)-1].Step)
	}
	if len(got) != len(whole) {
		t.Fatalf("%d evaluations, want %d", len(got), len(whole))
	}
	for i, e := range got {
		if e.Step != whole[i].Step || e.Loss != whole[i].Loss || !slices.Equal(e.Predictions, whole[i].Predictions) {
			t.Fatalf("the evaluation of step %d differs from that of a run that was never interrupted", e.Step)
		}
	}
}

// shoalIn is shoal as a process of its own.
func shoalIn(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asShoal+"=1", "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	return cmd
}

// killAt runs shoal and kills it as soon as the run has reached a step. It reports whether the run
// was still going on then.
func killAt(t *testing.T, dir string, step int, args []string) bool {
	t.Helper()
	cmd := shoalIn(dir, args...)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	deadline := time.After(time.Minute)
	for {
		select {
		case err := <-over:
			if err != nil {
				t.Fatalf("shoal %q: %v\n%s", args, err, log.String())
			}
			return false
		case <-deadline:
			_ = cmd.Process.Kill()
			t.Fatalf("shoal %q did not reach step %d\n%s", args, step, log.String())
		case <-time.After(2 * time.Millisecond):
		}
		if reached(filepath.Join(dir, "killed")) >= step {
			_ = cmd.Process.Kill() // SIGKILL
			<-over
			return true
		}
	}
}

// reached is the last evaluated step of a run, -1 while there is none.
func reached(dir string) int {
	run, err := runlog.OpenReadOnly(dir)
	if err != nil {
		return -1 // not created yet
	}
	defer run.Close()
	last, err := run.LastStep()
	if err != nil {
		return -1
	}
	return last
}

func predictions(t *testing.T, dir string) []runlog.Evaluation {
	t.Helper()
	run, err := runlog.OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	var all []runlog.Evaluation
	for e, err := range run.Evaluations(-1) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func labels(t *testing.T, dir string) []uint16 {
	t.Helper()
	run, err := runlog.OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	return run.Labels()
}
