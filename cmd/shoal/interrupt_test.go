package main

import (
	"bytes"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"shoal/internal/tinydata"
)

// TestInterrupt stops the program as Ctrl-C, a scheduler and a closed terminal do, and wants each
// time its exit status and the command that resumes the run, with the flags for folders. A scheduler
// and its script may both send a signal.
func TestInterrupt(t *testing.T) {
	for _, c := range []struct {
		signals []os.Signal
		want    string
	}{
		{[]os.Signal{os.Interrupt}, "signal: interrupt"}, // by which a shell ends its loop
		{[]os.Signal{syscall.SIGTERM, syscall.SIGTERM}, "exit status 75"},
		{[]os.Signal{syscall.SIGHUP}, "exit status 75"},
	} {
		t.Run(c.signals[0].String(), func(t *testing.T) { testInterrupt(t, c.signals, c.want) })
	}
}

// hangUps has the processes that the test starts end by SIGHUP and SIGINT even where the test itself was
// told to ignore them, as by nohup, or in the background of a script: they would ignore them, too, as they
// should.
func hangUps(t *testing.T) {
	seen := make(chan os.Signal, 1)
	signal.Notify(seen, syscall.SIGHUP, os.Interrupt)
	t.Cleanup(func() { signal.Stop(seen) })
}

// longStudy writes a study that takes many epochs, and its data, to a new folder.
func longStudy(t *testing.T) (dir string) {
	dir = t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), 40, 10); err != nil {
		t.Fatal(err)
	}
	study := strings.Replace(killedStudy, "epochs = 6.0", "epochs = 60.0", 1)
	if err := os.WriteFile(filepath.Join(dir, "study.toml"), []byte(study), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func testInterrupt(t *testing.T, signals []os.Signal, want string) {
	hangUps(t)
	dir := longStudy(t)
	cmd := shoalIn(dir, "run", "study.toml", "--out", "killed", "--cache-dir", "my cache", "--offline")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); reached(filepath.Join(dir, "killed")) < 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	for _, s := range signals {
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); cmd.ProcessState.String() != want {
		t.Fatalf("%v, want %s\n%s", err, want, log.String())
	}
	if out.Len() > 0 {
		t.Errorf("stdout has %q, want nothing", out.String())
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	last := lines[len(lines)-1]
	const how = "; all up to there is kept; resume with: shoal run --resume killed --cache-dir 'my cache' --offline"
	if !strings.HasPrefix(last, "shoal: interrupted at step ") || !strings.HasSuffix(last, how) {
		t.Errorf("last line %q, want an interruption and %q", last, how)
	}
	if _, err := os.Stat(filepath.Join(dir, "killed", "checkpoints")); err != nil {
		t.Errorf("no checkpoint: %v", err)
	}
}
