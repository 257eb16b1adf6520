//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"

	"shoal/internal/longtest"
	"shoal/internal/textfmt"
	"shoal/internal/tinydata"
	"shoal/record"
)

// terminal opens a pseudo terminal and collects what is written to it.
type terminal struct {
	master, slave *os.File
	mu            sync.Mutex
	screen        bytes.Buffer
	read          chan struct{} // closed at the end of what is written
}

func openTerminal(t *testing.T, columns, rows uint16) *terminal {
	t.Helper()
	x := openStopped(t, columns, rows)
	x.start()
	return x
}

// openStopped opens one that takes nothing until start, as after Ctrl-S.
func openStopped(t *testing.T, columns, rows uint16) *terminal {
	t.Helper()
	t.Setenv("TERM", "xterm")
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{master: master, slave: slave, read: make(chan struct{})}
	t.Cleanup(func() { master.Close(); slave.Close() })
	x.resize(t, columns, rows)
	return x
}

func (x *terminal) start() {
	go func() {
		defer close(x.read)
		piece := make([]byte, 4096)
		for {
			n, err := x.master.Read(piece)
			x.mu.Lock()
			x.screen.Write(piece[:n])
			x.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
}

func (x *terminal) resize(t *testing.T, columns, rows uint16) {
	t.Helper()
	if err := pty.Setsize(x.master, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		t.Fatal(err)
	}
}

func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.screen.String()
}

// screenRows is what stays on the screen after the text: that of a terminal so wide that no row
// wraps, which knows what the display sends.
func screenRows(text string) []string {
	rows, row, column := [][]rune{nil}, 0, 0
	for text = strings.ReplaceAll(text, "\x1b[A", "\x01"); text != ""; {
		if rest, ok := strings.CutPrefix(text, "\x1b[K"); ok {
			rows[row], text = rows[row][:min(column, len(rows[row]))], rest
			continue
		}
		c, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		switch c {
		case '\r':
			column = 0
		case '\n':
			if row++; row == len(rows) {
				rows = append(rows, nil)
			}
		case '\x01':
			row = max(0, row-1)
		default:
			rows[row] = append(rows[row][:min(column, len(rows[row]))], append([]rune{c}, rows[row][min(column+1, len(rows[row])):]...)...)
			column++
		}
	}
	var out []string
	for _, r := range rows {
		out = append(out, string(r))
	}
	return out
}

// busy keeps every processor at work until the test is over, as another process beside a run does.
func busy(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	for range runtime.NumCPU() {
		go func() {
			for ctx.Err() == nil {
			}
		}()
	}
}

// within fails the test, with all goroutines, when f takes too long.
func within(t *testing.T, limit time.Duration, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(limit):
		stacks := make([]byte, 1<<20)
		t.Fatalf("%s did not end within %v\n%s", what, limit, stacks[:runtime.Stack(stacks, true)])
	}
}

// TestBarsUnderLoad shows a run's events on a terminal as fast as they can be made, beside busy
// goroutines. A display that calls the bars while it holds a lock which their decorators want stops
// for good here.
func TestBarsUnderLoad(t *testing.T) {
	x := openTerminal(t, 80, 24)
	busy(t)
	for round := range 5 {
		p := newProgress(x.slave)
		if _, ok := p.screen.(*bars); !ok {
			t.Fatal("a terminal gets plain lines, want bars")
		}
		within(t, 3*time.Minute, "the display", func() {
			showRun(p, 4000, func() bool { return strings.Contains(x.text(), "train ") })
			p.close()
		})
		p.say("closed") // a line after the bars are gone
		if round == 2 {
			x.resize(t, 30, 10)
		}
	}
	within(t, 3*time.Minute, "reading the terminal", func() {
		for strings.Count(x.text(), "closed") < 5 {
			time.Sleep(time.Millisecond)
		}
	})
	want := strings.Repeat("svm: accuracy 50.00 %\nclosed\n", 5)
	if got := strings.Join(screenRows(x.text()), "\n"); got != want {
		t.Errorf("on the screen stays\n%s\nwant\n%s", got, want)
	}
}

// A terminal that is stopped stops nothing, and loses no line.
func TestStoppedTerminal(t *testing.T) {
	x := openStopped(t, 80, 24)
	p := newProgress(x.slave)
	var want strings.Builder
	within(t, time.Minute, "a run in a stopped terminal", func() {
		for i := range 2000 {
			showRun(p, 10, atOnce)
			p.say(fmt.Sprintf("line %d", i))
			fmt.Fprintf(&want, "svm: accuracy 50.00 %%\nline %d\n", i)
		}
	})
	x.start()
	within(t, time.Minute, "the display", p.close)
	x.slave.Close()
	<-x.read
	if got := strings.Join(screenRows(x.text()), "\n"); got != want.String() {
		t.Errorf("on the screen stay %d bytes, want %d, the last %q", len(got), want.Len(), got[max(0, len(got)-200):])
	}
}

// What says nothing of itself is seen to work.
func TestSilentWork(t *testing.T) {
	now := time.Now()
	b := &bars{idle: now.Add(-3 * time.Second)}
	if lines, row, _ := b.take(80, now); lines != "" || row != "working  3 s" {
		t.Errorf("after three silent seconds: %q, %q", lines, row)
	}
	b.closed = true
	if _, row, _ := b.take(80, now); row != "" {
		t.Errorf("of a closed display stays %q", row)
	}
}

// A terminal that is gone stops nothing either.
func TestTerminalGone(t *testing.T) {
	x := openTerminal(t, 80, 24)
	p := newProgress(x.slave)
	showRun(p, 10, atOnce)
	x.master.Close()
	within(t, time.Minute, "a run without its terminal", func() {
		for range 5 {
			showRun(p, 1000, atOnce)
			time.Sleep(refresh) // so that a row is drawn, or would be
		}
		p.close()
		p.say("closed")
	})
}

// The row never wraps, whatever the width, and says first what matters most.
func TestRow(t *testing.T) {
	s := state{work: "train", done: 469, total: 938, rate: "12.5/s", left: "37.5 s left", reached: "loss 0.2311  accuracy 93.20 %  R± svm 2.667"}
	for columns := -3; columns < 200; columns++ {
		for _, work := range []string{"train", "fit \x1b[2J\n", "fit 模型模型模型"} {
			s.work = work
			row := s.row(columns, time.Now())
			if textfmt.Width(row) > max(0, columns) || strings.ContainsAny(row, "\x1b\n\r") {
				t.Errorf("in %d columns: %q has %d", columns, row, textfmt.Width(row))
			}
		}
	}
	s.work = "train"
	for columns, want := range map[int]string{
		0:   "",
		14:  "train 469/938…",
		57:  "train 469/938 37.5 s left  loss 0.2311  accuracy 93.20 %",
		55:  "train 469/938 [=======-------] 37.5 s left  loss 0.2311",
		40:  "train 469/938 37.5 s left  loss 0.2311",
		36:  "train 469/938 37.5 s left",
		117: "train 469/938 [==================------------------] 12.5/s  37.5 s left  loss 0.2311  accuracy 93.20 %  R± svm 2.667",
		200: "train 469/938 [====================--------------------] 12.5/s  37.5 s left  loss 0.2311  accuracy 93.20 %  R± svm 2.667",
	} {
		if got := s.row(columns, time.Now()); got != want {
			t.Errorf("in %d columns:\n%s\nwant\n%s", columns, got, want)
		}
	}
	if got := textfmt.Fit("a line of several words", 10); got != "a line of\nseveral\nwords" {
		t.Errorf("a long line: %q", got)
	}
	s.rate, s.left, s.reached, s.since = "", "", "read the run", time.Now().Add(-75*time.Second)
	if got, want := s.row(60, time.Now()), "train 469/938 [============------------] 1m15s  read the run"; got != want {
		t.Errorf("where nothing moves: %q, want %q", got, want)
	}
	s.total, s.left = 0, ""
	if got := s.row(200, time.Now()); strings.Contains(got, "[") {
		t.Errorf("without a total: %q", got)
	}
	if got := erase(strings.Repeat("x", 95), 40, 24); strings.Count(got, "\x1b[A") != 2 {
		t.Errorf("95 characters in 40 columns: erased by %q, want two rows up", got)
	}
}

// atOnce is for a terminal on which nothing has to be seen.
func atOnce() bool { return true }

// showRun shows the events of a run with so many steps, the last ones until they were seen.
func showRun(p *progress, steps int, seen func() bool) {
	for i := range 100 {
		p.show(record.Progress{Part: record.PartFit, Name: "svm", Done: i, Total: 100})
	}
	p.show(record.Progress{Part: record.PartFit, Name: "svm", Fitted: true, Accuracy: .5})
	for step := 0; step < steps || !seen(); step++ {
		p.show(record.Progress{Part: record.PartEvaluate, Done: min(step, steps), Total: steps, Accuracy: .25})
		p.show(record.Progress{Part: record.PartTrain, Done: min(step, steps), Total: steps, Loss: 1})
	}
	p.drawing(1, 2, "draw")
}

// A terminal without a size, or without a cursor to move, gets plain lines.
func TestTerminalsWithoutBars(t *testing.T) {
	x := openTerminal(t, 0, 0)
	if _, ok := newProgress(x.slave).screen.(*lines); !ok {
		t.Error("a terminal of 0x0 gets bars, want lines")
	}
	x.resize(t, 80, 24)
	t.Setenv("TERM", "dumb")
	if _, ok := newProgress(x.slave).screen.(*lines); !ok {
		t.Error("a dumb terminal gets bars, want lines")
	}
}

// TestRunInTerminal runs the program in a terminal, several times: once to the end in each size, and
// with Ctrl-C in every part. In the long part it does so beside busy goroutines, which take both
// processors from whatever else is tested.
func TestRunInTerminal(t *testing.T) {
	notInShort(t)
	dir := t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), 40, 10); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "study.toml"), []byte(killedStudy), 0o666); err != nil {
		t.Fatal(err)
	}
	if longtest.On() {
		busy(t)
	}
	for _, size := range [][2]uint16{{60, 20}, {0, 0}} {
		text, err := runInTerminal(t, dir, size, "")
		if err != nil || !strings.Contains(text, "report: ") {
			t.Errorf("in %d columns: %v\n%s", size[0], err, text)
		}
	}
	for _, part := range []string{"fit svm", "train ", "report "} {
		text, err := runInTerminal(t, dir, [2]uint16{80, 24}, part)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.String() != "signal: interrupt" || strings.Contains(strings.Join(screenRows(text), "\n"), "^C") || !strings.Contains(text, "--resume") {
			if err == nil { // the part was over before the signal came
				continue
			}
			t.Errorf("Ctrl-C while it shows %q: %v\n%s", part, err, text)
		}
		rows := screenRows(text)
		for _, row := range rows[:len(rows)-2] {
			if strings.HasPrefix(row, part) {
				t.Errorf("Ctrl-C while it shows %q leaves it on the screen:\n%s", part, strings.Join(rows, "\n"))
			}
		}
	}
}

// TestHangUp closes the terminal of a run: it ends with a checkpoint, as after Ctrl-C.
func TestHangUp(t *testing.T) {
	hangUps(t)
	dir := t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), 40, 10); err != nil {
		t.Fatal(err)
	}
	study := strings.Replace(killedStudy, "epochs = 6.0", "epochs = 60.0", 1)
	if err := os.WriteFile(filepath.Join(dir, "study.toml"), []byte(study), 0o666); err != nil {
		t.Fatal(err)
	}
	x := openTerminal(t, 80, 24)
	cmd := shoalIn(dir, "run", "study.toml", "--out", "out")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = x.slave, x.slave, x.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); reached(filepath.Join(dir, "out")) < 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	x.master.Close()
	var err error
	within(t, time.Minute, "shoal run without its terminal", func() { err = cmd.Wait() })
	if cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("%v, want exit status %d", err, exitInterrupted)
	}
	if made, _ := filepath.Glob(filepath.Join(dir, "out", "checkpoints", "*")); len(made) == 0 {
		t.Error("no checkpoint")
	}
}

// runInTerminal runs a study in a terminal of its own and returns what it shows; with a part,
// Ctrl-C is typed as soon as that is on the screen.
func runInTerminal(t *testing.T, dir string, size [2]uint16, part string) (string, error) {
	t.Helper()
	x := openTerminal(t, size[0], size[1])
	out := filepath.Join(dir, "runs", strings.ReplaceAll(t.Name()+part+time.Now().Format("150405.000000"), "/", "-"))
	cmd := shoalIn(dir, "run", "study.toml", "--no-cache", "--out", out)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = x.slave, x.slave, x.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over, stop := context.WithCancel(context.Background())
	defer stop()
	if part != "" {
		go func() {
			for !strings.Contains(x.text(), part) && over.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			_, _ = io.WriteString(x.master, "\x03") // what the terminal sends for Ctrl-C
		}()
	}
	var err error
	within(t, 3*time.Minute, "shoal run in a terminal", func() { err = cmd.Wait() })
	x.slave.Close()
	<-x.read
	return x.text(), err
}

// TestNarrowTerminal runs verbs in a terminal of 50 columns: it wraps none of their lines, and nothing of
// a bar stays. Only a word may be longer.
func TestNarrowTerminal(t *testing.T) {
	notInShort(t)
	longtest.Only(t, "verbs in narrow terminals")
	dir := t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), 40, 10); err != nil {
		t.Fatal(err)
	}
	study := strings.Replace(killedStudy, "epochs = 6.0", "epochs = 0.3", 1)
	if err := os.WriteFile(filepath.Join(dir, "study.toml"), []byte(study), 0o666); err != nil {
		t.Fatal(err)
	}
	const columns = 50
	for _, c := range []struct{ args, want string }{
		{"run study.toml --reference svm,forest,knn,logistic,lda --out a", "cnn2 (D)"},
		{"diff a a", "difference"},
		{"easiness a --refits 2", "by an equal network"},
		{"data verify folder:shapes", "ok "},
		{"data list-examples folder:shapes", "29,ring/0009.png,2,ring"},
		{"data list", "28×28×1"},
		{"fit knn folder:shapes --folds 3", "3 folds"},
		{"partition folder:shapes --out p.json", "easy share"},
		{"compare a --reference nosuch", "exec:COMMAND"},
		{"data verify cifar10", ": shoal data fetch cifar10"},
	} {
		text := inTerminal(t, dir, columns, strings.Fields(c.args)...)
		rows := screenRows(text)
		if !strings.Contains(strings.Join(rows, "\n"), c.want) {
			t.Errorf("%s: %q is missing:\n%s", c.args, c.want, strings.Join(rows, "\n"))
		}
		for _, row := range rows {
			if textfmt.Width(row) > columns && strings.Contains(strings.TrimSpace(row), " ") || strings.Contains(row, "[=") {
				t.Errorf("%s: on the screen stays %q", c.args, row)
			}
		}
	}
}

// inTerminal runs the program in a terminal of so many columns and returns what it shows.
func inTerminal(t *testing.T, dir string, columns uint16, args ...string) string {
	t.Helper()
	x := openTerminal(t, columns, 40)
	cmd := shoalIn(dir, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = x.slave, x.slave, x.slave
	within(t, time.Minute, strings.Join(args, " "), func() { _ = cmd.Run() }) // its status is tested elsewhere
	x.slave.Close()
	<-x.read
	return x.text()
}
