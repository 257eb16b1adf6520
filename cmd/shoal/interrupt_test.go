package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shoal/internal/tinydata"
)

// TestInterrupt stops the program as Ctrl-C does and wants the command that resumes it, with the
// flags for folders, to finish the run.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), 40, 10); err != nil {
		t.Fatal(err)
	}
	study := strings.Replace(killedStudy, "epochs = 6.0", "epochs = 60.0", 1)
	if err := os.WriteFile(filepath.Join(dir, "study.toml"), []byte(study), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := shoalIn(dir, "run", "study.toml", "--out", "killed", "--cache-dir", "my cache", "--offline")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); reached(filepath.Join(dir, "killed")) < 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitError {
		t.Fatalf("%v, want exit status %d\n%s", err, exitError, log.String())
	}
	if out.Len() > 0 {
		t.Errorf("stdout has %q, want nothing", out.String())
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	last := lines[len(lines)-1]
	const want = "; resume with: shoal run --resume killed --cache-dir 'my cache' --offline"
	if !strings.HasPrefix(last, "shoal: interrupted at step ") || !strings.HasSuffix(last, want) {
		t.Errorf("last line %q, want an interruption and %q", last, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "killed", "checkpoints")); err != nil {
		t.Errorf("no checkpoint: %v", err)
	}
}
