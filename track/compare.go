package track

import (
	"context"
	"fmt"
	"time"

	"shoal/dynamics"
	"shoal/internal/machine"
	"shoal/runlog"
)

// Compare adds references to the run in dir, with their tables for all its
// evaluations: the network isn't trained again. Data are only loaded when a
// reference has to be fitted. Then report and summary are made anew.
func Compare(ctx context.Context, dir string, list []Reference, o Options) (*Summary, error) {
	if err := checkReferences(list, ""); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	log, err := runlog.Open(dir)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	have, err := log.References()
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		for _, h := range have {
			if h.Name == r.Name {
				return nil, fmt.Errorf("run %q has a reference %q already; name the new one, as in other=%s", dir, r.Name, r.Kind)
			}
		}
	}
	meta, err := log.Meta()
	if err != nil {
		return nil, err
	}
	sources, err := prepare(list, split{meta["dataset"], log.Labels(), len(log.Classes())})
	if err != nil {
		return nil, err
	}
	f, err := fitterFor(ctx, log, meta, list, o)
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		if err := f.add(ctx, log, s); err != nil {
			return nil, err
		}
	}
	return redraw(ctx, log, meta, o)
}

// fitterFor loads the run's data if a reference needs them.
func fitterFor(ctx context.Context, log *runlog.Run, meta map[string]string, list []Reference, o Options) (*fitter, error) {
	f := &fitter{labels: log.Labels(), report: o.Progress, say: o.Say}
	needed := false
	for _, r := range list {
		needed = needed || r.fitted()
	}
	if !needed {
		return f, nil
	}
	study, err := studyOf(log.Dir(), meta)
	if err != nil {
		return nil, err
	}
	x := &experiment{study: study, options: o}
	if x.set, err = x.load(ctx); err != nil {
		return nil, err
	}
	x.trainHash, x.testHash = x.set.Train.Hash(), x.set.Test.Hash()
	if x.trainHash != meta[metaTrainHash] || x.testHash != meta[metaTestHash] {
		return nil, fmt.Errorf("run %q was made with other examples of %s than those found now: give the same --data-dir", log.Dir(), study.Data.Dataset)
	}
	return x.fitter(), nil
}

// redraw writes summary and report of a run again.
func redraw(ctx context.Context, log *runlog.Run, meta map[string]string, o Options) (*Summary, error) {
	done := time.Now()
	history, references, err := ReadLog(log)
	if err != nil {
		return nil, err
	}
	if len(history.Steps) == 0 {
		return nil, fmt.Errorf("run %q has no evaluation yet", log.Dir())
	}
	judgements, err := judge(ctx, history, references)
	if err != nil {
		return nil, err
	}
	s, err := ReadSummary(log.Dir())
	if err != nil { // an unfinished run, or one that was attached, has none
		s = &Summary{Study: meta["study"], Dataset: meta["dataset"], Network: meta["network"], PeakRSSBytes: machine.PeakRSS()}
	}
	s.measure(history, references, judgements)
	if o.Report != nil && len(references) > 0 {
		if err := o.Report(ctx, log.Dir(), judgements); err != nil {
			return nil, err
		}
	}
	s.Seconds.Report = time.Since(done).Seconds()
	if runlog.Status(meta["status"]) != runlog.Finished {
		return s, nil
	}
	return s, s.write(log.Dir())
}

// measure fills in all that follows from the log.
func (s *Summary) measure(l *dynamics.Log, references []runlog.Reference, judgements []*dynamics.Judgement) {
	last := len(l.Steps) - 1
	s.Steps, s.Epochs, s.Evaluations = l.Steps[last], l.Epochs[last], len(l.Steps)
	accuracies := l.Accuracies()
	s.Accuracy, s.BestAccuracy = accuracies[last], 0
	for _, a := range accuracies {
		s.BestAccuracy = max(s.BestAccuracy, a)
	}
	s.References = []ReferenceSummary{}
	for i, r := range references {
		s.References = append(s.References, summariseReference(r, judgements[i]))
	}
}
