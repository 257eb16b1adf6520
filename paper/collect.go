package paper

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shoal/contingency"
	"shoal/dataset"
	"shoal/dynamics"
	"shoal/dynamics/easiness"
	"shoal/dynamics/regime"
	"shoal/record"
	"shoal/report"
	"shoal/report/figure"
	"shoal/runlog"
)

// run is one run folder, read.
type run struct {
	*runlog.History
	folder  string           // its name below the paper's folder
	summary *record.Summary  // nil while the run isn't finished, or where none can be read
	learned *regime.Learning // nil until it is needed
}

// readRun reads the run in dir, and its summary.
func readRun(ctx context.Context, dir string) (*run, error) {
	h, err := runlog.Load(ctx, dir)
	if err != nil {
		return nil, err
	}
	r := &run{History: h, folder: filepath.Base(dir)}
	if h.Status == runlog.Finished {
		if r.summary, err = record.ReadSummary(dir); err != nil {
			r.summary = nil
		}
	}
	return r, nil
}

// collected is a part with the runs that are there.
type collected struct {
	partState
	runs     []*run           // of the seeds, those with an evaluation
	easiness *easiness.Report // nil where it wasn't asked
	// ladderSeconds is what the trainings and fits of the ladder took.
	ladderSeconds float64
}

// collect reads all runs of a paper's folder.
func collect(ctx context.Context, out string, s *state) ([]collected, error) {
	var all []collected
	for _, p := range s.Parts {
		c := collected{partState: p}
		for k := range p.Seeds {
			dir := filepath.Join(out, Part{Name: p.Name}.folder(k+1))
			if !runlog.Exists(dir) {
				continue
			}
			r, err := readRun(ctx, dir)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			switch {
			case err != nil:
				c.lacks(err)
			case len(r.Log.Steps) > 0:
				if err := c.another(r); err != nil {
					c.lacks(err)
					continue
				}
				c.oneM(r)
				c.runs = append(c.runs, r)
			}
		}
		var err error
		if c.easiness, err = readEasiness(filepath.Join(out, Part{Name: p.Name}.easinessFolder())); err != nil {
			c.lacks(err)
		}
		c.ladderSeconds = ladderSeconds(filepath.Join(out, Part{Name: p.Name}.ladderFolder()), c.runs)
		all = append(all, c)
	}
	return all, nil
}

// another returns an error where a run that was trained elsewhere is one of those before it: it would count as
// two seeds. Of shoal's own the study says which seed each is.
func (c *collected) another(r *run) error {
	if !r.elsewhere() {
		return nil
	}
	study, seed, known, err := record.StudyButSeed(r.Meta)
	if err != nil {
		return fmt.Errorf("run %q: %w", r.folder, err)
	}
	for _, o := range c.runs {
		if !o.elsewhere() {
			continue
		}
		theirs, their, said, err := record.StudyButSeed(o.Meta)
		if err == nil && known && said && seed == their && study == theirs {
			return fmt.Errorf("run %q is left out: it is of seed %d, which run %q is; want another seed", r.folder, seed, o.folder)
		}
		if slices.EqualFunc(r.Log.Predictions, o.Log.Predictions, slices.Equal) {
			return fmt.Errorf("run %q is left out: it has the same answers as run %q; want another seed", r.folder, o.folder)
		}
	}
	return nil
}

// lacks notes what of the part can't be shown, and why: the page says so and shows the rest.
func (c *collected) lacks(err error) {
	c.Skipped = strings.TrimPrefix(c.Skipped+"; "+oneLine(err.Error()), "; ")
}

// ladderSeconds adds up the trainings in a ladder's folder, which the seeds share, and the fits of the
// rungs.
func ladderSeconds(folder string, runs []*run) (seconds float64) {
	dirs, _ := os.ReadDir(folder) // none without a ladder
	for _, dir := range dirs {
		if s, err := record.ReadSummary(filepath.Join(folder, dir.Name())); err == nil {
			seconds += s.Seconds.Total
		}
	}
	for _, r := range runs[:min(1, len(runs))] {
		for _, ref := range r.References {
			if ref.Control() && ref.Kind != record.KindNetwork {
				seconds += ref.FitSeconds
			}
		}
	}
	return seconds
}

// references lists the names of all M of the part, in the order of its first run.
func (c collected) references() []runlog.Reference {
	if len(c.runs) == 0 {
		return nil
	}
	return c.runs[0].shallow()
}

// curves are the tables of the run against a reference, for drawing, with R± at one constant
// association.
func (r *run) curves(ctx context.Context, ref runlog.Reference) (out figure.Curves, err error) {
	c, err := dynamics.Curves(&r.Log, ref.Reference)
	if err == nil {
		err = r.learn()
	}
	if err == nil {
		out = report.Curves(title(r.Dataset), r.Network, c)
		out.SoFar = !r.Over()
		err = report.AtOneAssociation(ctx, &out, &r.Log, r.learned, ref.Reference)
	}
	if err != nil {
		return out, fmt.Errorf("run %q: %w", r.Dir, err)
	}
	return out, nil
}

// learn reads the order in which the run's network learns.
func (r *run) learn() (err error) {
	if r.learned == nil {
		r.learned, err = r.Log.Learning()
	}
	return err
}

// judgement is the run's against a reference; the run is judged now if it keeps none.
func (r *run) judgement(ctx context.Context, ref string) (*dynamics.Judgement, error) {
	if err := r.Judge(ctx); err != nil {
		return nil, err
	}
	for _, j := range r.Judgements {
		if j.Reference == ref {
			return j, nil
		}
	}
	return nil, fmt.Errorf("run %q has no judgement against %q", r.Dir, ref)
}

// Evidence is what one run says about one triplet: the numbers behind the verdicts. What is
// undefined, or was not computed, is null.
type Evidence struct {
	Seed          uint64             `json:"seed"`
	Run           string             `json:"run"`              // its folder
	SoFar         bool               `json:"so_far,omitempty"` // its training isn't over: "last" is no end
	First         contingency.Ratio  `json:"first_ratio"`
	Peak          dynamics.Estimate  `json:"peak_ratio"` // of the smoothed curve
	PeakStep      *int               `json:"peak_step"`
	PeakSteps     dynamics.Estimate  `json:"peak_step_interval"`
	PeakEpoch     *float64           `json:"peak_epoch"` // also: the fraction of the first epoch, when below 1
	Nestedness    dynamics.Estimate  `json:"peak_nestedness"`
	Modes         *int               `json:"modes"`
	Skewness      dynamics.Estimate  `json:"skewness"`
	Last          contingency.Ratio  `json:"last_ratio"`
	AttainableMax contingency.Number `json:"last_attainable_max"`
	LastNested    contingency.Number `json:"last_nestedness"`
	ShallowOnly   *int               `json:"shallow_only"`
	Persistent    *int               `json:"persistent_shallow_only"`
	LastK         *int               `json:"last_k"`
	Smoothing     string             `json:"smoothing"`
	Warnings      []string           `json:"warnings,omitempty"` // of the fit of M
}

// evidenceOf picks the numbers out of the verdicts of claims 1 to 4.
func evidenceOf(v map[int]dynamics.Verdict) Evidence {
	var e Evidence
	if n := v[1].Numbers.Start; n != nil {
		e.First = n.Ratio
	}
	if n := v[2].Numbers.Peak; n != nil {
		e.Smoothing = n.Smoothing
		if s := n.CurveShape; s != nil {
			e.Peak, e.PeakStep, e.PeakSteps, e.PeakEpoch = s.Peak, &s.PeakStep, s.PeakStepInterval, s.PeakEpoch.Known()
			e.Nestedness, e.Modes, e.Skewness = s.PeakNestedness, &s.Modes, s.Skewness
		}
	}
	if n := v[3].Numbers.Settling; n != nil {
		e.Last, e.AttainableMax, e.LastNested = n.Last, n.LastAttainableMax, n.LastNestedness
	}
	if n := v[4].Numbers.Left; n != nil {
		e.ShallowOnly, e.Persistent, e.LastK = &n.Last, &n.Persistent, &n.LastK
	}
	return e
}

// title is a dataset's name as people write it.
func title(name string) string { return dataset.Describe(name).Title }
