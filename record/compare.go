package record

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"shoal/internal/machine"
	"shoal/internal/smalltoml"
	"shoal/record/answers"
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
	m, err := r.run.Meta()
	if err != nil {
		return err
	}
	to := target{m.Dataset, r.run.Labels(), m.TestHash, r.answers(m)}
	needed, files := false, false
	for _, ref := range list {
		needed, files = needed || ref.Fitted(), files || ref.Kind == KindFile
	}
	// A run has no names if it is older than they are, and none of the examples beyond its limit.
	useful := files && strings.HasPrefix(m.Dataset, folderPrefix) && (to.split.Names == nil || to.split.Cut)
	splits, seed, err := r.data(ctx, m, needed, useful)
	if err != nil {
		return err
	}
	f := &Fitter{labels: r.run.Labels(), options: r.options}
	if splits != nil {
		f, to.split = splits.Fitter(r.options, seed), splits.answers()
	}
	sources, err := prepare(list, to)
	if err != nil {
		return err
	}
	if err := r.checkPresent(ctx, f, sources); err != nil {
		return err
	}
	return r.AddReferences(ctx, f, sources)
}

// checkPresent accepts the references that the run has already, such as those that a comparison
// added before it was stopped, and refuses others of their names.
func (r *Recorder) checkPresent(ctx context.Context, f *Fitter, sources []Source) error {
	have, err := r.run.References()
	if err != nil {
		return err
	}
	for _, s := range sources {
		k := slices.IndexFunc(have, func(ref runlog.Reference) bool { return ref.Name == s.Name })
		if k < 0 {
			continue
		}
		same := have[k].Kind == s.Kind
		if same { // a fitted one is in the cache
			ref, err := f.resolve(ctx, s)
			if err != nil {
				return err
			}
			same = slices.Equal(ref.Predictions, have[k].Predictions)
		}
		if !same {
			return fmt.Errorf("run %q has another reference %q already; name the new one, as in other=%s", r.run.Dir(), s.Name, s.Kind)
		}
		r.options.Tell(fmt.Sprintf("reference %s is there already, with the same predictions", s.Name))
	}
	return nil
}

// data loads the run's data if they are needed, or if they are useful and still there: nil where
// they are neither.
func (r *Recorder) data(ctx context.Context, m runlog.Meta, needed, useful bool) (*Splits, uint64, error) {
	if !needed && !useful {
		return nil, 0, nil
	}
	data, seed, err := dataOf(m, len(r.run.Labels()))
	if err != nil {
		return nil, 0, fmt.Errorf("run %q: %w", r.run.Dir(), err)
	}
	splits, err := data.Load(ctx, r.options)
	if err == nil {
		err = splits.Match(r.run.Dir(), m)
	}
	if err != nil && !needed && !Cancelled(err) {
		if r.run.Names() == nil {
			r.options.Tell(fmt.Sprintf("note: names of images are not known, ids have to be indexes: %v", err))
		}
		return nil, 0, nil
	}
	return splits, seed, err
}

// answers is the run's evaluation split for files of predictions.
func (r *Recorder) answers(m runlog.Meta) answers.Split {
	out := answers.Split{Classes: m.Classes, Labels: r.run.Labels(), Names: r.run.Names(), Cut: limited(m)}
	if strings.HasPrefix(m.Dataset, folderPrefix) {
		out.Other = "train"
	}
	return out
}

// limited reports whether the run's evaluation split is the first part of a longer one.
func limited(m runlog.Meta) bool {
	data, _, err := dataOf(m, 0)
	return err == nil && data.LimitTest > 0
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
	if _, err := smalltoml.Decode(m.StudyTOML, &study); err != nil {
		return Data{}, 0, fmt.Errorf("its study: %w", err)
	}
	return study.Data, study.Seed, nil
}

// OtherData is the error for examples that are not those a run was made with.
type OtherData struct {
	Dir, Dataset string
	// Was and Now are what decoded the images, then and now, where that differs; see dataset.Set.
	Was, Now string
}

func (e *OtherData) Error() string {
	text := fmt.Sprintf("run %q was made with other examples of %s than those found now", e.Dir, e.Dataset)
	if e.Was != e.Now {
		text += fmt.Sprintf(": its JPEG images were decoded by %s and now are by %s, which may round differently", cmp.Or(e.Was, "a version that didn't say"), cmp.Or(e.Now, "none"))
	}
	return text
}

// Match refuses data that are not those of the run in dir. Of a run whose data were never seen only
// the labels are known.
func (s *Splits) Match(dir string, m runlog.Meta) error {
	if m.TrainHash != "" && m.TrainHash != s.TrainHash || m.TestHash != "" && m.TestHash != s.TestHash || m.LabelsHash != s.Test.LabelHash() {
		return &OtherData{Dir: dir, Dataset: s.Name, Was: m.Decoder, Now: s.Decoder}
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
