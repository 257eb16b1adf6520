package record

import (
	"context"
	"fmt"
	"time"

	"github.com/BurntSushi/toml"

	"shoal/internal/machine"
	"shoal/runlog"
)

// Compare adds references to the run in dir, with their tables for all its evaluations: the learner
// isn't trained again. Data are only loaded when a reference has to be fitted; they are those of
// the run's study or, in a run that no study defines, all of the dataset that it names. The summary
// and the judgements are made again; the summary is written if the run is finished.
func Compare(ctx context.Context, dir string, list References, o Options) (*Summary, error) {
	if err := list.Check(""); err != nil {
		return nil, err
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	run, err := runlog.Open(dir)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	r, err := New(run, o)
	if err != nil {
		return nil, err
	}
	if err := r.compare(ctx, list); err != nil {
		return nil, err
	}
	return r.summarise(ctx)
}

// compare adds the references.
func (r *Recorder) compare(ctx context.Context, list References) error {
	for _, ref := range list {
		for _, have := range r.run.ReferenceNames() {
			if have == ref.Name {
				return fmt.Errorf("run %q has a reference %q already; name the new one, as in other=%s", r.run.Dir(), ref.Name, ref.Kind)
			}
		}
	}
	m, err := r.run.Meta()
	if err != nil {
		return err
	}
	sources, err := prepare(list, target{m.Dataset, r.run.Labels(), len(m.Classes), m.TestHash})
	if err != nil {
		return err
	}
	f, err := r.fitterFor(ctx, m, list)
	if err != nil {
		return err
	}
	return r.AddReferences(ctx, f, sources)
}

// fitterFor loads the run's data if a reference needs them.
func (r *Recorder) fitterFor(ctx context.Context, m runlog.Meta, list References) (*Fitter, error) {
	needed := false
	for _, ref := range list {
		needed = needed || ref.Fitted()
	}
	if !needed {
		return &Fitter{labels: r.run.Labels(), options: r.options}, nil
	}
	data, seed, err := dataOf(m, len(r.run.Labels()))
	if err != nil {
		return nil, fmt.Errorf("run %q: %w", r.run.Dir(), err)
	}
	splits, err := data.Load(ctx, r.options)
	if err != nil {
		return nil, err
	}
	return splits.Fitter(r.options, seed), splits.Match(r.run.Dir(), m)
}

// dataOf says which data a run was made with, and by which seed.
func dataOf(m runlog.Meta, examples int) (Data, uint64, error) {
	var study struct {
		Seed uint64
		Data Data
	}
	if m.StudyTOML == "" {
		return Data{Dataset: m.Dataset, LimitTest: examples}, 0, nil
	}
	if _, err := toml.Decode(m.StudyTOML, &study); err != nil {
		return Data{}, 0, fmt.Errorf("its study: %w", err)
	}
	return study.Data, study.Seed, nil
}

// OtherData is the error for examples that are not those a run was made with.
type OtherData struct{ Dir, Dataset string }

func (e *OtherData) Error() string {
	return fmt.Sprintf("run %q was made with other examples of %s than those found now", e.Dir, e.Dataset)
}

// Match refuses data that are not those of the run in dir. Of a run whose data were never seen only
// the labels are known.
func (s *Splits) Match(dir string, m runlog.Meta) error {
	if m.TrainHash != "" && m.TrainHash != s.TrainHash || m.TestHash != "" && m.TestHash != s.TestHash || m.LabelsHash != s.Test.LabelHash() {
		return &OtherData{Dir: dir, Dataset: s.Name}
	}
	return nil
}

// summarise makes the summary of the run again, and writes it if the run is finished.
func (r *Recorder) summarise(ctx context.Context) (*Summary, error) {
	start := time.Now()
	h, err := r.judge(ctx)
	if err != nil {
		return nil, err
	}
	s, err := ReadSummary(h.Dir)
	if err != nil { // an unfinished run, or one that somebody else trains, has none
		s = &Summary{PeakRSSBytes: machine.PeakRSS()}
	}
	s.measure(h)
	s.Seconds.Report = time.Since(start).Seconds()
	if h.Status != runlog.Finished {
		return s, nil
	}
	return s, s.write(h.Dir)
}
