//go:build unix

package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"shoal/internal/npy"
	"shoal/shallow"
)

// examples are three of two numbers, in two classes.
func examples() shallow.Examples {
	return shallow.Examples{Values: []float32{1, 2, 3, 4, 5, 6}, Labels: []uint16{0, 1, 1}, Features: 2, Classes: 2}
}

// predict runs a command on the examples; the folder for temporary files has to be empty afterwards.
func predict(t *testing.T, ctx context.Context, script string, limit time.Duration) (shallow.Prediction, error) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	path := filepath.Join(t.TempDir(), "script.sh")
	if err := os.WriteFile(path, []byte(script), 0o666); err != nil {
		t.Fatal(err)
	}
	m := &Model{Command: "sh " + path, Limit: limit}
	if err := m.Fit(t.Context(), examples(), shallow.Options{Seed: 7}); err != nil {
		t.Fatal(err)
	}
	p, err := m.Predict(ctx, examples(), shallow.Options{})
	if left, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return p, err
}

// vector is a shell command that writes bytes as an .npy file to $3.
func vector(t *testing.T, classes ...uint8) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.npy")
	f, err := os.Create(path)
	if err == nil {
		err = npy.Write(f, classes)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return "cp " + path + " \"$3\"\n"
}

func TestCommandPredicts(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept.npz")
	p, err := predict(t, t.Context(), `[ "$SHOAL_SEED $SHOAL_CLASSES" = "7 2" ] && echo noise && cp "$1" `+kept+"\n"+vector(t, 1, 0, 1), 0)
	if err != nil || !slices.Equal(p.Class, []uint16{1, 0, 1}) || len(p.Margin) != 3 {
		t.Fatalf("got %v, %v", p, err)
	}
	a, err := npy.OpenArchive(kept)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	x, err := a.Read("x", 1<<10)
	if err != nil || x.Type != "f4" || !slices.Equal(x.Shape, []int{3, 2}) {
		t.Errorf("x: %+v, %v", x, err)
	}
	if y, err := a.Read("y", 1<<10); err != nil || y.Len() != 3 {
		t.Errorf("y: %+v, %v", y, err)
	}
}

func TestCommandsThatFail(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"nothing written": {"true", "wrote no predictions"},
		"wrong length":    {vector(t, 1, 0), "2 predictions, want one for each of the 3 examples"},
		"no such class":   {vector(t, 1, 2, 0), "class 2 predicted for example 1, want 0 to 1"},
		"no array":        {`echo hello > "$3"`, "not a .npy file"},
		"half an array":   {vector(t, 1, 0, 1) + `head -c 100 "$3" > "$3".x; mv "$3".x "$3"`, "cut short"},
		"its own failure": {"echo first >&2; echo no module named x >&2; exit 3", "failed: exit status 3: first | no module named x"},
		"no such program": {"nowhere-to-be-found", "exit status 127"},
		"a folder":        {`mkdir "$3"`, "wrote: its third argument is a folder, want a file"},
		"a long line":     {"head -c 5000 /dev/zero | tr '\\0' x; exit 1", "failed: exit status 1: …xxx"},
		"killed":          {vector(t, 1, 0, 1) + "kill -9 $$", "137"},
	} {
		_, err := predict(t, t.Context(), c.script, 0)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 500 {
			t.Errorf("%s: got error %v, want one line with %q", name, err, c.want)
		}
	}
}

// A command that hangs is killed with what it started, at the limit and when shoal is interrupted.
func TestCommandsThatHang(t *testing.T) {
	unusual := fmt.Sprintf("61.%08d", os.Getpid()) // seconds, by which the process is known
	for name, c := range map[string]struct {
		limit time.Duration
		want  error
	}{"limit": {200 * time.Millisecond, ErrLimit}, "interrupted": {time.Minute, context.Canceled}} {
		ctx, cancel := context.WithCancel(t.Context())
		if c.want == context.Canceled {
			time.AfterFunc(300*time.Millisecond, cancel)
		}
		start := time.Now()
		_, err := predict(t, ctx, "sleep "+unusual+" & sleep 60", c.limit)
		if !errors.Is(err, c.want) || time.Since(start) > 30*time.Second {
			t.Errorf("%s: got error %v after %v, want %v", name, err, time.Since(start), c.want)
		}
		cancel()
		if children := processes(t, unusual); children > 0 {
			t.Errorf("%s: %d processes that it started are alive", name, children)
		}
	}
}

// processes counts those whose command line has a text.
func processes(t *testing.T, text string) int {
	t.Helper()
	n := 0
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if line, err := os.ReadFile(f); err == nil && strings.Contains(string(line), text) {
			n++
		}
	}
	return n
}
