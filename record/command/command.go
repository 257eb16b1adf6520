package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"shoal/internal/atomicfile"
	"shoal/internal/npy"
	"shoal/internal/textfmt"
	"shoal/shallow"
)

// Kind is the kind of references that a command predicts.
const Kind = "exec"

// DefaultLimit is how long a command may run unless something else is said.
const DefaultLimit = time.Hour

// Model runs a command. Fit keeps the examples; Predict runs it.
type Model struct {
	Command string
	Limit   time.Duration // 0: DefaultLimit
	Shape   [3]int        // height, width and channels of examples of bytes

	train shallow.Examples
	seed  uint64
}

var _ shallow.Model = (*Model)(nil)

// Kind returns "exec".
func (m *Model) Kind() string { return Kind }

// Version is 1: what the command does is not known.
func (m *Model) Version() int { return 1 }

// Params returns the command and its limit in seconds.
func (m *Model) Params() map[string]any {
	return map[string]any{"command": m.Command, "limit_seconds": m.limit().Seconds()}
}

func (m *Model) limit() time.Duration {
	if m.Limit > 0 {
		return m.Limit
	}
	return DefaultLimit
}

// Facts returns the warnings of the examples, nil before Fit.
func (m *Model) Facts() map[string]any {
	if m.train.Features == 0 {
		return nil
	}
	return map[string]any{"warnings": m.train.Warnings()}
}

// Memory is none of shoal's own.
func (m *Model) Memory(shallow.Examples, shallow.Options) shallow.Memory { return shallow.Memory{} }

// Fit keeps the examples, not a copy.
func (m *Model) Fit(ctx context.Context, train shallow.Examples, opt shallow.Options) error {
	m.train = shallow.Examples{}
	if err := train.CheckTraining(); err != nil {
		return fmt.Errorf("%s: %w", Kind, err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	m.train, m.seed = train, opt.Seed
	opt.Advance(1, 1, "keep the examples")
	return nil
}

// Predict runs the command and reads what it wrote.
func (m *Model) Predict(ctx context.Context, examples shallow.Examples, _ shallow.Options) (out shallow.Prediction, err error) {
	if err := examples.CheckPrediction(Kind, m.train.Features, m.train.Floats()); err != nil {
		return out, err
	}
	dir, err := os.MkdirTemp("", "shoal-exec-")
	if err != nil {
		return out, err
	}
	defer func() {
		if left := os.RemoveAll(dir); err == nil {
			err = left
		}
	}()
	train, test, predictions := filepath.Join(dir, "train.npz"), filepath.Join(dir, "test.npz"), filepath.Join(dir, "predictions.npy")
	if err := errors.Join(m.write(train, m.train, true), m.write(test, examples, false)); err != nil {
		return out, err
	}
	if err := m.run(ctx, train, test, predictions); err != nil {
		return out, err
	}
	if _, err := os.Stat(predictions); errors.Is(err, os.ErrNotExist) {
		return out, fmt.Errorf("command %q ended well and wrote no predictions: want them in the file that its third argument names", m.Command)
	}
	out.Class, err = npy.ReadClasses(predictions, examples.Len(), m.train.Classes)
	if err != nil {
		return out, fmt.Errorf("command %q wrote: %w", m.Command, cut(err, predictions))
	}
	out.Margin = make([]float32, len(out.Class))
	return out, nil
}

// cut names a file that is gone by now by what it was.
func cut(err error, path string) error {
	quoted := fmt.Sprintf("%q", path)
	return errors.New(strings.Replace(strings.TrimPrefix(err.Error(), quoted+": "), quoted, "its third argument", 1))
}

// write writes examples, with their labels if they are wanted.
func (m *Model) write(path string, e shallow.Examples, labels bool) error {
	shape := []int{e.Len(), e.Features}
	entries := []npy.Entry{{Name: "x", Write: func(w io.Writer) error {
		if e.Floats() {
			return npy.Write(w, e.Values, shape...)
		}
		if s := m.Shape; s[0]*s[1]*s[2] == e.Features {
			shape = []int{e.Len(), s[0], s[1], s[2]}
		}
		return npy.Write(w, e.Pixels, shape...)
	}}}
	if labels {
		entries = append(entries, npy.Entry{Name: "y", Write: func(w io.Writer) error { return npy.Write(w, e.Labels) }})
	}
	return atomicfile.Write(path, func(w io.Writer) error { return npy.WriteArchive(w, entries) })
}

// run runs the command with the three files.
func (m *Model) run(ctx context.Context, files ...string) error {
	limited, cancel := context.WithTimeout(ctx, m.limit())
	defer cancel()
	cmd := shell(limited, m.Command, files)
	cmd.Env = append(os.Environ(), fmt.Sprintf("SHOAL_SEED=%d", m.seed), fmt.Sprintf("SHOAL_CLASSES=%d", m.train.Classes))
	printed := &tail{}
	cmd.Stdout, cmd.Stderr = printed, printed
	whole(cmd)
	cmd.WaitDelay = 5 * time.Second // for output of processes that outlive the command
	err := cmd.Run()
	finish(cmd)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return fmt.Errorf("command %q %w %s%s", m.Command, ErrLimit, textfmt.Clock(m.limit().Seconds()), printed)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return fmt.Errorf("command %q failed: %w%s", m.Command, err, printed)
	}
	return nil
}

// ErrLimit is wrapped for a command that took too long.
var ErrLimit = errors.New("was killed: it ran for more than")

// shell is a command of the user's shell, with arguments behind it.
func shell(ctx context.Context, command string, files []string) *exec.Cmd {
	if runtime.GOOS == "windows" {
		return exec.CommandContext(ctx, "cmd", "/C", command+" "+strings.Join(files, " "))
	}
	return exec.CommandContext(ctx, "sh", append([]string{"-c", command + ` "$@"`, "sh"}, files...)...)
}

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

func (t *tail) Write(p []byte) (int, error) {
	const most = 1 << 10
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - most; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

// String is the last lines in one, behind a colon; "" for nothing.
func (t *tail) String() string {
	lines := strings.Split(strings.TrimSpace(string(t.kept)), "\n")
	text := strings.TrimSpace(strings.Join(lines[max(0, len(lines)-3):], " | "))
	const most = 300
	if len(text) > most { // the end says most
		text = "…" + strings.ToValidUTF8(text[len(text)-most:], "")
	}
	text = textfmt.Line(text)
	if text == "" {
		return ""
	}
	return ": " + text
}

var errNotSaved = errors.New("exec: what a command learnt can't be saved")

// MarshalBinary is an error: what the command learnt is its own.
func (m *Model) MarshalBinary() ([]byte, error) { return nil, errNotSaved }

// UnmarshalBinary is an error, too.
func (m *Model) UnmarshalBinary([]byte) error { return errNotSaved }
