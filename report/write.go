package report

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"shoal/dynamics"
	"shoal/dynamics/groups"
	"shoal/internal/atomicfile"
	"shoal/report/figure"
)

// Options say how to draw. The zero value is the default.
type Options struct {
	Split     string                // of the run; "" is the main one
	DPI       int                   // of the PNG files; 0 means 200
	PageBytes int                   // upper bound for report.html; 0 means 14 MiB. Images are dropped to meet it
	Judge     dynamics.JudgeOptions // for an Input without judgements
	Progress  func(done, total int, note string)
}

func (o Options) progress(done int, note string) {
	if o.Progress != nil {
		o.Progress(done, 4, note)
	}
}

func (o Options) dpi() int { return cmp.Or(o.DPI, 200) }

// WriteInput writes figures/*.svg, *.png, *.gif and report.html into the folder dir from an Input.
// Every file is replaced as a whole or not at all; the same Input gives the same bytes.
func WriteInput(ctx context.Context, dir string, in *Input, o Options) error {
	o.DPI = o.dpi()
	d, err := makeDrawing(ctx, in, o)
	if err != nil {
		return err
	}
	files, err := d.files(ctx, o.DPI)
	if err != nil {
		return err
	}
	o.progress(3, "write the page")
	html, err := d.page(ctx, nil, o)
	if err != nil {
		return err
	}
	atomicfile.Sweep(dir)
	if err := os.MkdirAll(filepath.Join(dir, "figures"), 0o755); err != nil {
		return fmt.Errorf("make folder for figures: %w", err)
	}
	if err := writeAll(filepath.Join(dir, "figures"), files); err != nil {
		return err
	}
	if err := atomicfile.WriteFile(filepath.Join(dir, "report.html"), html); err != nil {
		return err
	}
	o.progress(4, "report written")
	return nil
}

// drawing is all that figures and page show.
type drawing struct {
	*analysis
	judged        []*dynamics.Judgement
	sets          []figureSet
	heat, dataMap *figure.Figure
	ladder        *figure.Figure
	groups        *groups.Comparison
	byGroup       []*figure.Figure // one for each attribute
}

// makeDrawing computes what takes long, and draws the figures.
func makeDrawing(ctx context.Context, in *Input, o Options) (*drawing, error) {
	o.progress(0, "compute tables")
	a, err := analyse(ctx, in)
	if err != nil {
		return nil, err
	}
	d := &drawing{analysis: a}
	o.progress(1, "judge the claims")
	if d.judged, err = a.judge(ctx, o); err != nil {
		return nil, err
	}
	a.markPeaks(d.judged)
	o.progress(2, "draw figures")
	d.sets, d.dataMap, d.ladder = a.figures(d.judged), a.dataMap(), in.Ladder.Figure(in.title(), in.Network)
	if d.groups, err = a.compareGroups(); err != nil {
		return nil, err
	}
	d.byGroup = a.groupFigures(d.groups)
	d.heat, err = a.heat()
	return d, err
}

// files are the figures as files.
func (d *drawing) files(ctx context.Context, dpi int) ([]named, error) {
	for k := range d.sets {
		d.sets[k].files = d.printed(k)
	}
	return encode(ctx, d.sets, append([]*figure.Figure{d.ladder, d.heat, d.dataMap}, d.byGroup...), dpi)
}

// judge takes the Input's judgements, or makes them where it has none.
func (a *analysis) judge(ctx context.Context, o Options) ([]*dynamics.Judgement, error) {
	if judged := a.in.Judgements; judged != nil {
		if len(judged) != len(a.in.References) {
			return nil, fmt.Errorf("%d judgements for %d references; want one each", len(judged), len(a.in.References))
		}
		return judged, nil
	}
	o.Judge.Trained, o.Judge.Unfinished = o.Judge.Trained || a.in.trained(), o.Judge.Unfinished || a.in.SoFar
	return dynamics.JudgeAll(ctx, &a.in.Log, a.in.references(), o.Judge)
}

// markPeaks passes the smoothed peak to the figures and to the slider's evaluations: the largest
// single one is too large by selection.
func (a *analysis) markPeaks(judged []*dynamics.Judgement) {
	for k, j := range judged {
		if p := j.Peak; p.Found && p.Ratio.Defined {
			a.drawn[k].Mark = &figure.PeakMark{Step: p.Step, Epoch: float64(p.Epoch),
				Point: figure.Between(p.Ratio.Value, p.Ratio.Lo, p.Ratio.Hi)}
			a.drawn[k].Smoothed = smoothedAt(j.Smooth, a.in.Log.Steps)
		}
	}
	a.pace()
}

// smoothedAt is a smoothed curve at the steps of a log, by straight lines in ln(1 + step) between its
// points; undefined outside of them.
func smoothedAt(curve []dynamics.SmoothPoint, steps []int) []figure.Point {
	out := make([]figure.Point, len(steps))
	k := 0
	for t, s := range steps {
		for k+2 < len(curve) && curve[k+1].Step < s {
			k++
		}
		if len(curve) < 2 || s < curve[k].Step || s > curve[k+1].Step {
			continue
		}
		a, b := curve[k], curve[k+1]
		share := (math.Log1p(float64(s)) - math.Log1p(float64(a.Step))) / (math.Log1p(float64(b.Step)) - math.Log1p(float64(a.Step)))
		out[t] = figure.Exact(a.Ratio + float64(share*(b.Ratio-a.Ratio)))
	}
	return out
}
