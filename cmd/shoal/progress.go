package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"shoal/internal/textfmt"
	"shoal/record"
)

// progress shows how far a run is: bars on a terminal, a line now and then elsewhere. Its methods
// may be called from several goroutines.
type progress struct {
	mu      sync.Mutex
	w       io.Writer
	out     *printer // of plain lines
	restore func()   // what a broken pipe does
	now     func() time.Time
	over    chan struct{} // closed with the display
	screen  display

	work   string    // that is shown
	begun  time.Time // that work
	from   int       // units that were done then: a resumed run doesn't begin at 0
	moved  time.Time // when work, units or note last changed
	last   record.Progress
	scored string // accuracy and ratios of the last evaluation
}

// A display puts the progress of one piece of work after another on a screen.
type display interface {
	move(state)
	// line prints a line that stays, and ends the current work.
	line(text string)
	// close removes what doesn't stay. Nothing is called afterwards.
	close()
}

// state is where the current work is.
type state struct {
	work        string // what is done
	done, total int    // units; total 0 when unknown
	begins      bool   // nothing was done since it was first shown
	reached     string // loss, accuracy, a note
	rate, left  string // units a second and the time left, "" while unknown

	since time.Time // when work, units or note last changed
}

// leastWait is how long nothing may change before a person is told how long it has been.
const leastWait = 2 * time.Second

// leastMeasured is how long work takes at least before its rate is told, and the time left: of less, one
// slow or fast unit would tell both.
const leastMeasured = time.Second

// waited is for how long no number of the work has moved, in whole seconds; "" where one does.
func (s *state) waited(now time.Time) string {
	d := now.Sub(s.since)
	moves := s.rate != "" && !(s.total > 0 && s.done >= s.total)
	if moves || s.since.IsZero() || d < leastWait {
		return ""
	}
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return d.Truncate(time.Second).String()
}

func newProgress(w io.Writer) *progress {
	clock := &awake{real: time.Now}
	p := &progress{w: w, out: newPrinter(w), restore: keepPipe(), now: clock.now, over: make(chan struct{})}
	go clock.run(p.over)
	p.open()
	return p
}

// open begins a display.
func (p *progress) open() {
	p.work = ""
	if f, ok := p.w.(*os.File); ok && drawsBars(f) {
		p.screen = newBars(f, p.now)
	} else {
		p.screen = &lines{p: p}
	}
}

// drawsBars reports whether f is a terminal with room for bars. One that says that it has no
// columns or rows (a serial console, a pseudo terminal without a size) gets plain lines, as does
// one that can't move its cursor: the console of Windows can only after it was asked to.
func drawsBars(f *os.File) bool {
	if !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" || runtime.GOOS == "windows" {
		return false
	}
	columns, rows, err := term.GetSize(int(f.Fd()))
	return err == nil && columns > 0 && rows > 0
}

// begin says what is done, and how much of it where anything is counted.
func (s *state) begin() string {
	switch {
	case s.total > 0:
		return fmt.Sprintf("%s %d/%d", s.work, s.done, s.total)
	case s.done > 0:
		return fmt.Sprintf("%s %d", s.work, s.done)
	}
	return s.work
}

// show takes every event of a run.
func (p *progress) show(e record.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case e.Fitted:
		p.line(fmt.Sprintf("%s: accuracy %s", e.Name, textfmt.PlainPercent(e.Accuracy)))
		return
	case e.Part == record.PartEvaluate:
		p.scored = scores(e)
		return
	}
	p.screen.move(p.state(e))
}

// state says where the work of an event is.
func (p *progress) state(e record.Progress) state {
	s := state{work: string(e.Part), done: e.Done, total: e.Total, reached: e.Note}
	if e.Name != "" {
		s.work += " " + e.Name
	}
	if s.work != p.work {
		p.work, p.begun, p.from = s.work, p.now(), e.Done
	}
	s.begins = e.Done <= p.from
	if l := p.last; l.Part != e.Part || l.Name != e.Name || l.Done != e.Done || l.Note != e.Note {
		p.moved = p.now()
	}
	p.last, s.since = e, p.moved
	if e.Part == record.PartTrain {
		s.reached = p.learning(e)
	}
	s.work, s.reached = textfmt.Line(s.work), textfmt.Line(s.reached)
	if took := p.now().Sub(p.begun).Seconds(); took >= leastMeasured.Seconds() && !s.begins && e.Part != record.PartReport { // its parts take most different times
		rate := float64(e.Done-p.from) / took
		s.rate = textfmt.Rate(rate)
		left := e.Left
		if left == 0 {
			left = float64(e.Total-e.Done) / rate
		}
		if e.Total > e.Done {
			s.left = textfmt.Clock(left) + " left"
		}
	}
	return s
}

// scores says what an evaluation found.
func scores(e record.Progress) string {
	var b strings.Builder
	fmt.Fprintf(&b, "accuracy %s", textfmt.PlainPercent(e.Accuracy))
	for i, t := range e.Tables {
		if i == 0 {
			b.WriteString("  R±")
		}
		fmt.Fprintf(&b, " %s %v", t.Reference, t.Ratio().Number())
	}
	return b.String()
}

// learning is what training has reached.
func (p *progress) learning(e record.Progress) string {
	loss := ""
	if !math.IsNaN(e.Loss) {
		loss = fmt.Sprintf("loss %.4f", e.Loss)
	}
	return spaced(loss, p.scored)
}

// line prints a line between two pieces of work.
func (p *progress) line(text string) {
	p.work = ""
	p.screen.line(textfmt.Line(text))
}

// say prints a line for a person.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line(text)
}

// sayStopping says after Ctrl-C that it was heard, what is waited for, and what a second one does.
func (p *progress) sayStopping() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last.Part == record.PartTrain {
		p.line("stopping when this step is over; Ctrl-C again ends at once, without a checkpoint of what was done since the last")
		return
	}
	p.line("stopping when this part is over; Ctrl-C again ends at once")
}

// table shows a table.
func (p *progress) table(rows [][]string) {
	text := textfmt.Table{Rows: rows}.Text(max(textfmt.Columns(p.w)-roomForEcho, 0))
	for line := range strings.Lines(text) {
		p.say(strings.TrimRight(line, "\n"))
	}
}

// fetching is the progress of a dataset's download; a note without numbers is a line. The total is
// 0 where the size isn't known.
func (p *progress) fetching(done, total int, note string) {
	if done == 0 && total == 0 {
		p.say(note)
		return
	}
	p.show(record.Progress{Part: record.PartData, Name: note, Done: done, Total: total})
}

// drawing is the progress of the report.
func (p *progress) drawing(done, total int, note string) {
	p.show(record.Progress{Part: record.PartReport, Done: done, Total: total, Note: note})
}

// clear removes what doesn't stay on the screen before something else is printed there.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.screen.close()
	p.open()
}

// close removes what is left of the bars, and waits for what was printed. Lines may still be printed.
func (p *progress) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.screen.close()
	p.screen = &lines{p: p, over: true}
	close(p.over)
	if !p.out.lostAll() { // else the process has an end to report that isn't SIGPIPE's
		p.restore()
	}
}

// lines is the display of a file or pipe: a line when work begins, at its end and every few seconds
// between.
type lines struct {
	p     *progress
	over  bool      // the work is: what is printed is waited for
	work  string    // of the last line
	shown time.Time // the last line
}

// between is the least time between two lines of the same work.
const between = 5 * time.Second

func (l *lines) move(s state) {
	now := l.p.now()
	over := s.total > 0 && s.done >= s.total && !s.begins
	if s.work == l.work && now.Sub(l.shown) < between && !over {
		return
	}
	l.work, l.shown = s.work, now
	l.p.out.print(spaced(s.begin(), s.reached, s.rate, s.left))
}

// spaced joins the parts that there are.
func spaced(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "  ")
}

func (l *lines) line(text string) {
	l.work = ""
	l.p.out.print(text)
	if l.over {
		l.p.out.wait()
	}
}

func (l *lines) close() { l.p.out.wait() }
