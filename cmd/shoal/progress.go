package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"shoal/track"
)

// progress shows how far a run is: bars on a terminal, a line now and then
// elsewhere.
type progress struct {
	mu  sync.Mutex
	w   io.Writer
	now func() time.Time

	bars *mpb.Progress // nil when w is no terminal
	bar  *mpb.Bar
	text string // of the bar: accuracy and ratios

	key    string    // of the work that is shown
	begun  time.Time // that work
	from   int       // units that were done when it was first shown
	shown  time.Time // the last line
	scored string    // accuracy and ratios of the last evaluation
}

// between is the least time between two lines of the same work.
const between = 5 * time.Second

func newProgress(w io.Writer) *progress {
	p := &progress{w: w, now: time.Now}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithRefreshRate(150*time.Millisecond))
	}
	return p
}

// show takes every event of a run.
func (p *progress) show(e track.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case e.Fitted:
		p.finish()
		p.line(fmt.Sprintf("%s: accuracy %s", e.Name, percent(e.Accuracy)))
		return
	case e.Part == track.PartEvaluate:
		p.scored = scores(e)
		return
	}
	key, label := string(e.Part)+"\x00"+e.Name, string(e.Part)
	if e.Name != "" {
		label += " " + e.Name
	}
	if key != p.key {
		p.finish()
		p.key, p.begun, p.from, p.shown = key, p.now(), e.Done, time.Time{}
	}
	if p.bars != nil {
		p.moveBar(label, e)
		return
	}
	p.moveLine(label, e)
}

// scores says what an evaluation found.
func scores(e track.Progress) string {
	var b strings.Builder
	fmt.Fprintf(&b, "accuracy %s", percent(e.Accuracy))
	for i, t := range e.Tables {
		if i == 0 {
			b.WriteString("  R±")
		}
		fmt.Fprintf(&b, " %s %v", t.Reference, t.Ratio().Number())
	}
	return b.String()
}

// moveLine prints where the work is, unless that was done a moment ago.
func (p *progress) moveLine(label string, e track.Progress) {
	now := p.now()
	over := e.Total > 0 && e.Done >= e.Total
	if now.Sub(p.shown) < between && !(over && p.from < e.Done) {
		return
	}
	p.shown = now
	text := label
	if e.Total > 0 {
		text += fmt.Sprintf(" %d/%d", e.Done, e.Total)
	} else {
		text += fmt.Sprintf(" %d", e.Done)
	}
	if e.Note != "" {
		text += "  " + e.Note
	}
	if e.Part == track.PartTrain {
		text += p.learning(e)
	}
	if took := now.Sub(p.begun).Seconds(); took > 0 && e.Done > p.from {
		rate := float64(e.Done-p.from) / took
		text += fmt.Sprintf("  %.3g/s", rate)
		if e.Total > e.Done {
			text += "  " + seconds(float64(e.Total-e.Done)/rate) + " left"
		}
	}
	fmt.Fprintln(p.w, text)
}

// learning is what training has reached.
func (p *progress) learning(e track.Progress) string {
	text := ""
	if !math.IsNaN(e.Loss) {
		text = fmt.Sprintf("  loss %.4f", e.Loss)
	}
	if p.scored != "" {
		text += "  " + p.scored
	}
	return text
}

// moveBar moves the bar of the current work, and begins it.
func (p *progress) moveBar(label string, e track.Progress) {
	p.text = e.Note
	if e.Part == track.PartTrain {
		p.text = p.learning(e)
	}
	if p.bar == nil {
		p.addBar(label, e)
		return
	}
	p.bar.SetTotal(int64(e.Total), false) // where it was not known at first
	p.bar.SetCurrent(int64(e.Done))
}

// addBar begins a bar; without a total it can't say what is left.
func (p *progress) addBar(label string, e track.Progress) {
	style := mpb.BarFillerBuilder(mpb.NopStyle())
	count, rest := decor.CurrentNoUnit("%d "), []decor.Decorator{decor.AverageSpeed(0, " %.3g/s")}
	if e.Total > 0 {
		style = mpb.BarStyle()
		count = decor.CountersNoUnit("%d/%d ")
		rest = append(rest, decor.Name(" "), decor.AverageETA(decor.ET_STYLE_GO), decor.Name(" left"))
	}
	rest = append(rest, decor.Any(func(decor.Statistics) string { p.mu.Lock(); defer p.mu.Unlock(); return "  " + p.text }))
	p.bar = p.bars.New(int64(e.Total), style,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(label+" "), count),
		mpb.AppendDecorators(rest...))
	p.bar.SetCurrent(int64(e.Done))
	p.bar.DecoratorAverageAdjust(p.begun)
}

// finish ends the current work's bar.
func (p *progress) finish() {
	p.key = ""
	if p.bar != nil {
		bar := p.bar
		p.bar = nil
		// The bar's decorators take the lock.
		p.mu.Unlock()
		bar.Abort(true)
		bar.Wait()
		p.mu.Lock()
	}
}

// line prints a line above the bars.
func (p *progress) line(text string) {
	if p.bars != nil {
		fmt.Fprintln(p.bars, text)
		return
	}
	fmt.Fprintln(p.w, text)
}

// say prints a line for a person.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line(text)
}

// drawing is the progress of the report.
func (p *progress) drawing(done, total int, note string) {
	p.show(track.Progress{Part: track.PartReport, Name: "", Done: done, Total: total, Note: note})
}

// close removes what is left of the bars.
func (p *progress) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish()
	if p.bars != nil {
		bars := p.bars
		p.bars = nil
		p.mu.Unlock()
		bars.Shutdown()
		p.mu.Lock()
	}
}
