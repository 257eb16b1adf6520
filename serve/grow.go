package serve

import (
	"context"
	"os"
	"time"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/report"
	"shoal/runlog"
)

// grow adds evaluations to what readers see, or begins with them alone where they are of another run. What
// draws the page and what is written above it change at once: a reader between them would name the step of
// one evaluation and draw another, or keep what the run said before.
func (r *run) grow(fresh *dynamics.Log, another bool) error {
	h := r.history
	for t, step := range fresh.Steps {
		h.Log.Append(step, fresh.Epochs[t], fresh.Predictions[t], fresh.RightGiven(t))
	}
	add := fresh
	var begun *report.Growing // with all evaluations: only this goroutine sets r.growing
	if (another || r.growing == nil) && len(h.Compared()) > 0 && len(h.Log.Steps) > 0 {
		in, err := report.FromHistory(h)
		if err == nil {
			begun, err = report.NewGrowing(in)
		}
		if err != nil {
			r.history = nil // it has what readers haven't: read everything next time
			return err
		}
		add = &dynamics.Log{}
	}
	grew := time.Now()
	if now, err := stampOf(r.source.place()); err == nil {
		grew = now.newest()
	}
	got := accuracies(h, fresh)
	var failed error
	r.update(func() {
		if another {
			r.newKey()
		}
		if begun != nil {
			r.growing = begun
		}
		if r.growing != nil {
			failed = addTo(r.growing, add, h.Status.Unfinished())
		}
		if failed != nil { // what draws holds a part of them: read everything next time
			r.history = nil
			return
		}
		if len(fresh.Steps) > 0 {
			r.grew = grew
		}
		r.stale = r.stale || r.head.meta.Status != h.Status || r.regrouped
		r.regrouped = false
		r.head.meta, r.head.attached = h.Meta, h.LogJSON != ""
		r.head.title = report.Title(h)
		r.head.log = dynamics.Log{Steps: h.Log.Steps, Epochs: h.Log.Epochs}
		r.head.accuracy = append(r.head.accuracy, got...)
		r.status = r.counted(r.statusOf(h))
	})
	return failed
}

// addTo adds evaluations to what draws the page.
func addTo(g *report.Growing, fresh *dynamics.Log, soFar bool) error {
	g.SetSoFar(soFar)
	for t, step := range fresh.Steps {
		if err := g.Add(step, fresh.Epochs[t], fresh.Predictions[t], fresh.RightGiven(t)); err != nil {
			return err
		}
	}
	return nil
}

// accuracies are the network's at new evaluations.
func accuracies(h *runlog.History, fresh *dynamics.Log) []float64 {
	fresh.Labels = h.Log.Labels
	return fresh.Accuracies()
}

// mistaken is the status of a run that can't be read as it is.
func mistaken(err error) status { return status{Kind: "problem", Text: textfmt.Line(err.Error())} }

// statusOf says how the run is doing, which is locked.
func (r *run) statusOf(h *runlog.History) status {
	s := status{Kind: string(h.Status), Text: string(h.Status)}
	switch {
	case r.mistake != nil:
		s = mistaken(r.mistake)
	case r.problem != "":
		s = status{Kind: "problem", Text: r.problem}
	case len(h.Log.Steps) == 0 && h.Status == runlog.Running:
		s = status{Kind: "waiting", Text: "waiting for the first evaluation"}
	case h.LogJSON != "": // no log says that its training is over
		s = status{Kind: "running", Text: "following its log"}
	case h.Status == runlog.Failed && h.Failure != "":
		s.Text += ": " + h.Failure
	}
	return s
}

// announceFigures tells pages that there are newer curves, not too often.
func (r *run) announceFigures() {
	r.mu.Lock()
	due := r.growing != nil && r.growing.Len() > r.figures && time.Since(r.figuresAt) >= r.pace.after(r.pace.figures, r.drawCost)
	r.mu.Unlock()
	if due {
		r.update(func() { r.figures, r.figuresAt = r.growing.Len(), time.Now() })
	}
}

// redraw begins to draw the page in the background where it is due: when somebody reads, there is
// something new, and the last time is long enough ago. Of a deleted run it stays.
func (r *run) redraw(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.growing == nil || r.db == nil || r.pageBusy || r.readers == 0 || time.Now().Before(r.pageAt) {
		return
	}
	if r.page != nil && r.page.evaluations == r.growing.Len() && !r.stale {
		return
	}
	r.pageBusy, r.stale = true, false
	r.pages++
	live := &report.Live{Key: r.key, Version: r.pages, Sheets: r.sheets}
	place, file := r.source.place(), r.file
	r.background.Go(func() { r.draw(ctx, live, place, file) })
}

// draw draws the page of the run whose database is that file, when it is its turn. What can't be drawn
// is an error, which the page says.
func (r *run) draw(ctx context.Context, live *report.Live, place string, file os.FileInfo) {
	var drawn *report.Drawn
	began, err := time.Now(), ctx.Err()
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case r.drawing <- struct{}{}:
		began = time.Now()
		drawn, err = live.Page(ctx, place, r.split)
		<-r.drawing
	}
	// The open database keeps its file's number from being given to another one.
	now, missing := stampOf(place)
	replaced := missing != nil || !os.SameFile(now.file, file)
	r.update(func() {
		r.pageBusy = false
		if r.key != live.Key || ctx.Err() != nil { // it is of what was there before
			return
		}
		r.pageAt = time.Now().Add(r.pace.after(r.pace.page, time.Since(began)))
		if replaced { // it may be of another run, which the next look reads
			r.stale = true
			return
		}
		r.problem = ""
		if err != nil {
			r.problem = "the page can't be drawn: " + textfmt.Line(err.Error())
			return
		}
		r.growing.SetSlow(drawn.Slow)
		r.drawn = nil // what is drawn from now on has it
		r.page, r.sheets = &page{body: newBody("text/html; charset=utf-8", drawn.HTML), version: live.Version, evaluations: drawn.Evaluations}, live.Sheets
	})
}
