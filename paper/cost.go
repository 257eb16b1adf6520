package paper

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"shoal/internal/textfmt"
	"shoal/runlog"
	"shoal/track"
)

// Cost is what is left to do of a part, estimated on this machine.
type Cost struct {
	Part     string
	Finished int // runs that are there already
	Missing  int // runs that are to be made, or finished
	// Seconds of all missing runs together.
	References, Training, Scoring, Control, Report float64
	MemoryBytes, DiskBytes                         int64 // the largest at any time; what will be written in all
	Measured                                       string
}

// Seconds is the time of everything.
func (c Cost) Seconds() float64 {
	return c.References + c.Training + c.Scoring + c.Control + c.Report
}

// estimate estimates what the missing runs of a part cost; it loads the part's data, which shows
// whether they are available. A part that is finished costs nothing and needs no data.
func (x *execution) estimate(ctx context.Context, part Part) (Cost, error) {
	c := Cost{Part: part.Name}
	var begun []progress
	for k := range x.plan.seeds(part) {
		p, err := progressOf(filepath.Join(x.options.Out, part.folder(k+1)))
		if err != nil {
			return c, err
		}
		if p.finished {
			c.Finished++
			continue
		}
		c.Missing++
		p.initial = p.initial || k > 0 // which are the network's, not the seed's (Part.study)
		begun = append(begun, p)
	}
	control, err := x.controlMissing(ctx, part)
	asks := x.asks(part)
	if err != nil || c.Missing == 0 && !control && !asks {
		return c, err
	}
	if x.options.NoEstimate {
		return c, nil
	}
	e, err := track.EstimateRun(ctx, part.Study, x.options.Track)
	if err != nil {
		return c, err
	}
	c.fill(e, begun)
	if asks {
		again, err := track.EstimateRefits(ctx, part.Study, refits, part.Study.Seed, x.options.Track)
		if err != nil {
			return c, err
		}
		c.References += again
	}
	if !control {
		return c, nil
	}
	l := *part.Ladder
	l.Early = l.Early && x.plan.seeds(part) == 1
	once, err := track.EstimateLadder(ctx, part.Study, l, e, x.options.Track)
	c.Control = once + float64(x.plan.seeds(part))*e.Reporting() // its trainings are shared by the seeds; each is judged again
	return c, err
}

// controlMissing reports whether some run still lacks its ladder.
func (x *execution) controlMissing(ctx context.Context, part Part) (bool, error) {
	if !x.controlled(part) {
		return false, nil
	}
	for k := range x.plan.seeds(part) {
		dir := filepath.Join(x.options.Out, part.folder(k+1))
		if status, err := runlog.StatusOf(dir); err != nil || status != runlog.Finished {
			return true, err
		}
		have, err := readRun(ctx, dir)
		if err != nil || !have.elsewhere() && !slices.ContainsFunc(have.References, runlog.Reference.Control) {
			return true, err
		}
	}
	return false, nil
}

// progress is what of a run is there.
type progress struct {
	finished           bool
	steps, evaluations int
	initial            bool // other initialisations are scored, or aren't asked for
}

// progressOf is that of the run in dir, which may not be there.
func progressOf(dir string) (p progress, err error) {
	if !runlog.Exists(dir) {
		return p, nil
	}
	r, err := runlog.OpenReadOnly(dir)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	m, err := r.Meta()
	if err != nil {
		return p, err
	}
	steps, err := r.Steps()
	if err != nil {
		return p, err
	}
	if p.evaluations = len(steps); p.evaluations > 0 {
		p.steps = steps[p.evaluations-1]
	}
	initial, err := r.Initial()
	p.finished, p.initial = m.Status == runlog.Finished, len(initial) > 0
	return p, err
}

// fill adds up the work of the missing runs, of which some have begun.
func (c *Cost) fill(e track.Estimate, begun []progress) {
	n := float64(len(begun))
	if len(begun) > 0 {
		c.References = e.FitSeconds // the other seeds find them in the cache
	}
	for _, p := range begun {
		left := e
		left.Steps, left.Evaluations = max(0, e.Steps-p.steps), max(0, e.Evaluations-p.evaluations)
		if p.initial {
			left.Initial = 0
		}
		c.Training += left.Training()
		c.Scoring += left.Scoring()
	}
	c.Report = n * e.Reporting()
	c.DiskBytes, c.MemoryBytes = int64(n*(e.RunBytes+e.CheckpointBytes)), e.MemoryBytes
	c.Measured = fmt.Sprintf("%s: a step %s, 1,000 images scored %s", c.Part, textfmt.Duration(e.StepSeconds), textfmt.Duration(1000*e.ImageSeconds))
	if len(e.Cached) > 0 {
		c.Measured += ", " + textfmt.List(e.Cached) + " in the cache"
	}
}

// costTable is the table of costs, for a person, the names of its columns first, and what they are
// estimated from; nil where there is nothing to tell.
func costTable(costs []Cost) (rows [][]string, from string) {
	rows = [][]string{{"to do", "runs", "references", "training", "scoring", "ladder", "report", "time", "memory", "disk"}}
	columns := len(rows[0])
	var sum Cost
	var measured []string
	for _, c := range costs {
		if c.Missing == 0 && c.Seconds() == 0 {
			row := make([]string, columns)
			row[0], row[1], row[7] = c.Part, fmt.Sprintf("%d done", c.Finished), "none"
			rows = append(rows, row)
			continue
		}
		if c.Measured == "" {
			continue
		}
		row := []string{c.Part, fmt.Sprintf("%d of %d", c.Missing, c.Missing+c.Finished)}
		for _, seconds := range []float64{c.References, c.Training, c.Scoring, c.Control, c.Report, c.Seconds()} {
			row = append(row, textfmt.Duration(seconds))
		}
		rows = append(rows, append(row, textfmt.Bytes(c.MemoryBytes), textfmt.Bytes(c.DiskBytes)))
		measured = append(measured, c.Measured)
		sum.Training += c.Seconds()
		sum.MemoryBytes = max(sum.MemoryBytes, c.MemoryBytes)
		sum.DiskBytes += c.DiskBytes
	}
	if len(rows) == 1 {
		return nil, ""
	}
	if len(measured) > 1 {
		row := make([]string, columns)
		row[0], row[7], row[8], row[9] = "all", textfmt.Duration(sum.Training), textfmt.Bytes(sum.MemoryBytes), textfmt.Bytes(sum.DiskBytes)
		rows = append(rows, row)
	}
	if len(measured) > 0 {
		from = "estimated for this machine from measurements: " + strings.Join(measured, "; ")
	}
	return rows, from
}
