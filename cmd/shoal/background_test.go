//go:build unix

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// In the background of its terminal a run draws no row, since a shell reads there what is typed; in the
// foreground the row is there again.
func TestBackground(t *testing.T) {
	dir := longStudy(t)
	x := openTerminal(t, 100, 24)
	shell := exec.Command("sh", "-c", `set -m; "$@" & read typed; fg`, "sh", os.Args[0], "run", "study.toml", "--out", "out", "--no-cache")
	shell.Dir, shell.Env = dir, append(os.Environ(), asShoal+"=1")
	shell.Stdin, shell.Stdout, shell.Stderr = x.slave, x.slave, x.slave
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); reached(filepath.Join(dir, "out")) < 1 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(3 * refresh) // in which rows would be drawn
	if text := x.text(); strings.Contains(text, "train ") || !strings.Contains(text, "svm: accuracy") {
		t.Errorf("in the background the terminal shows %q", text)
	}
	if _, err := io.WriteString(x.master, "typed\n"); err != nil {
		t.Fatal(err)
	}
	within(t, time.Minute, "the row in the foreground", func() {
		for !strings.Contains(x.text(), "train ") {
			time.Sleep(time.Millisecond)
		}
	})
	_, _ = io.WriteString(x.master, "\x03")
	within(t, time.Minute, "shoal run after Ctrl-C", func() { _ = shell.Wait() }) // its status is the shell's affair
}

// The last line of an interrupted command begins its row, where the terminal has shown ^C.
func TestOverCtrlC(t *testing.T) {
	dir := longStudy(t)
	t.Chdir(dir)
	x := openTerminal(t, 100, 24)
	if _, err := io.WriteString(x.slave, "^C"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(signalled{os.Interrupt})
	if code := run(ctx, []string{"run", "study.toml"}, x.slave, io.Discard, x.slave); code != exitCtrlC {
		t.Errorf("exit status %d, want %d", code, exitCtrlC)
	}
	x.slave.Close()
	<-x.read
	if text := strings.Join(screenRows(x.text()), "\n"); !strings.HasPrefix(text, "shoal: interrupted; nothing of the run is kept") {
		t.Errorf("on the screen stays %q", text)
	}
}
