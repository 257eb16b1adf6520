package serve

import (
	"context"
	"time"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/report"
	"shoal/runlog"
)

// grow adds evaluations to what readers see. What draws the page and what is written above it grow in
// one change: a reader between them would name the step of one evaluation and draw another.
func (r *run) grow(fresh *dynamics.Log) error {
	h := r.history
	for t, step := range fresh.Steps {
		h.Log.Append(step, fresh.Epochs[t], fresh.Predictions[t], fresh.RightGiven(t))
	}
	add := fresh
	var begun *report.Growing // with all evaluations: only this goroutine sets r.growing
	if r.growing == nil && len(h.Compared()) > 0 && len(h.Log.Steps) > 0 {
		in, err := report.FromHistory(h)
		if err == nil {
			begun, err = report.NewGrowing(in)
		}
		if err != nil {
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

// statusOf says how the run is doing.
func (r *run) statusOf(h *runlog.History) status {
	s := status{Kind: string(h.Status), Text: string(h.Status)}
	r.mu.Lock()
	problem := r.problem
	r.mu.Unlock()
	switch {
	case problem != "":
		s = status{Kind: "problem", Text: problem}
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
// something new, and the last time is long enough ago.
func (r *run) redraw(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.growing == nil || r.pageBusy || r.readers == 0 || time.Now().Before(r.pageAt) {
		return
	}
	if r.page != nil && r.page.evaluations == r.growing.Len() && !r.stale {
		return
	}
	r.pageBusy, r.stale = true, false
	r.pages++
	key, live := r.key, &report.Live{Key: r.key, Version: r.pages, Sheets: r.sheets}
	place := r.source.place()
	go func() {
		r.drawing <- struct{}{}
		defer func() { <-r.drawing }()
		began := time.Now()
		drawn, err := live.Page(ctx, place, r.split)
		r.update(func() {
			r.pageBusy = false
			r.pageAt = time.Now().Add(r.pace.after(r.pace.page, time.Since(began)))
			if r.key != key || ctx.Err() != nil { // it is of what was there before
				return
			}
			r.problem = ""
			if err == nil {
				r.growing.SetSlow(drawn.Slow)
				r.drawn = nil // what is drawn from now on has it
				r.page, r.sheets = &page{body: newBody("text/html; charset=utf-8", drawn.HTML), version: live.Version, evaluations: drawn.Evaluations}, live.Sheets
			} else if !gone(r.dir) {
				r.problem = "the page can't be drawn: " + textfmt.Line(err.Error())
			}
		})
	}()
}
