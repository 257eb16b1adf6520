package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"shoal/internal/tinydata"
)

// Every verb says in one form that it was interrupted: what is kept, and how to go on.
func TestOneFormOfInterruption(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	if err := tinydata.Write("shapes", 8, 4); err != nil {
		t.Fatal(err)
	}
	write(t, "study.toml", killedStudy)
	write(t, "labels.csv", "id,label\n0,0\n")
	write(t, "log.csv", "step,example,prediction,label\n0,0,1,1\n0,1,0,1\n1,0,1,1\n1,1,1,1\n")
	if code, text := interruptedRun(t, nil, "import", "log.csv", "--out", "imported"); code != exitOK {
		t.Fatalf("exit status %d: %s", code, text)
	}
	// The last line; those before it say what was being done.
	form := regexp.MustCompile(`(?m)^shoal: interrupted[^;]*; [^;]* (is|are) (kept|written|changed|drawn)[^;]*; the same command [a-z]+[^;]*\n\z|^shoal: interrupted[^;]*; the run keeps [^;]*; the same command adds the rest\n\z`)
	for _, args := range []string{
		"run study.toml --out new", "fit forest folder:shapes --no-cache", "partition folder:shapes --out p.json --no-cache", "bench cnn2",
		"import log.csv --out second", "export imported --format csv --out csv", "report imported", "relabel imported labels.csv",
		"data verify folder:shapes",
	} {
		for _, c := range []struct {
			signal os.Signal
			code   int
		}{{os.Interrupt, exitCtrlC}, {syscall.SIGTERM, exitInterrupted}} {
			if code, text := interruptedRun(t, c.signal, strings.Fields(args)...); code != c.code || !form.MatchString(text) {
				t.Errorf("%s, interrupted by %v: exit status %d, want %d; it says %q", args, c.signal, code, c.code, text)
			}
		}
	}
	left, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(left, " "); got != "imported labels.csv log.csv shapes study.toml" && got != "cache imported labels.csv log.csv shapes study.toml" {
		t.Errorf("interrupted commands leave %s", got)
	}
}

// interruptedRun runs the program with a context that a signal has ended already, or that nothing ends.
func interruptedRun(t *testing.T, by os.Signal, args ...string) (code int, said string) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	if by != nil {
		cancel(signalled{by})
	}
	var out, log bytes.Buffer
	code = run(ctx, args, strings.NewReader(""), &out, &log)
	return code, log.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// Where it was is said once, however errors are joined.
func TestWhere(t *testing.T) {
	for want, err := range map[string]error{
		"interrupted":                context.Canceled,
		"interrupted (fold 1 of 5)":  fmt.Errorf("fold 1 of 5: %w", signalled{os.Interrupt}),
		"interrupted (fit a; fit b)": errors.Join(fmt.Errorf("fit a: %w", context.Canceled), fmt.Errorf("fit b: %w", context.Canceled), fmt.Errorf("fit a: %w", context.Canceled), context.Canceled, errors.New("the transaction is over")),
	} {
		if got := where(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}

// What is kept is said of verbs that there are.
func TestKeptIsOfVerbs(t *testing.T) {
	there := map[string]bool{}
	for _, v := range verbs(newRoot(&console{})) {
		there[verb(v)] = true
	}
	for name := range kept {
		if !there[name] {
			t.Errorf("there is no verb %q", name)
		}
	}
}
