package record

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"shoal/contingency"
	"shoal/record/answers"
	"shoal/record/command"
	"shoal/runlog"
	"shoal/shallow"
)

// A Source of a reference is a model to be fitted, or predictions as they are.
type Source struct {
	Reference
	model   shallow.Model
	classes []uint16
	right   []bool         // of predictions of a run that logged what is right; nil where labels say it
	margins []float32      // of predictions; nil when they have none
	params  map[string]any // of predictions: where they are from
	notes   []string       // on predictions, for a person
}

// target is what references have to predict: the evaluation split.
type target struct {
	dataset  string
	labels   []uint16      // that the dataset gives
	testHash string        // of the examples, "" when unknown
	split    answers.Split // for files of predictions
}

// Prepare makes models of a list and reads its predictions, so that what is wrong with any of them
// shows before the first fit takes its time.
func (s *Splits) Prepare(list References) ([]Source, error) {
	return prepare(list, target{s.preset(), s.Test.Labels, s.TestHash, s.answers()})
}

// answers is the evaluation split for files of predictions.
func (s *Splits) answers() answers.Split {
	out := answers.Split{Classes: s.Classes, Labels: s.whole.Labels, Names: s.whole.Names, N: s.Test.Len()}
	if out.Names != nil {
		out.Other = "train"
	}
	return out
}

// prepare is Prepare for the evaluation split of a run.
func prepare(list References, s target) ([]Source, error) {
	var out []Source
	for _, r := range list {
		made, err := prepareOne(r, s)
		if err != nil {
			return nil, fmt.Errorf("reference %q: %w", r.Name, err)
		}
		out = append(out, made)
	}
	return out, nil
}

func prepareOne(r Reference, s target) (Source, error) {
	made := Source{Reference: r, params: map[string]any{"path": r.Path, "absolute": absolute(r.place())}}
	var err error
	switch r.Kind {
	case KindFile:
		var a *answers.Answers
		if a, err = answers.Read(r.place(), s.split); err == nil {
			made.classes, made.margins, made.notes, made.params["order"] = a.Classes, a.Margins, a.Notes, a.By
		}
	case KindNetwork:
		err = made.readNetwork(r.place(), s)
	default:
		made.model, err = r.Model(s.dataset)
	}
	if err == nil && made.model == nil && made.right == nil && len(s.split.Classes) == 1 {
		err = fmt.Errorf("%s %q: the run has one class, so that every prediction would be right: want run:FOLDER of a run that logs what is right", r.Kind, r.Path)
	}
	return made, err
}

// A Fitter fits references to the splits of one dataset, or takes them from the cache.
type Fitter struct {
	splits   *Splits // nil when nothing has to be fitted
	labels   []uint16
	folds    int    // above 0: predictions of the training split, out of so many folds
	cacheDir string // "" for no cache
	fit      shallow.Options
	options  Options
}

// Fitter returns what fits references to the splits, with a seed for those that have none.
func (s *Splits) Fitter(o Options, seed uint64) *Fitter {
	return &Fitter{
		splits: s.ForReferences(), labels: s.Test.Labels, cacheDir: o.CacheFolder(), options: o,
		fit: shallow.Options{Workers: o.Workers, MemoryBytes: o.MemoryBytes, Seed: seed},
	}
}

// Cached reports whether the fitted reference is in the cache, with a seed for one that has none.
func (s *Splits) Cached(r Reference, seed uint64, o Options) (bool, error) {
	m, err := r.Model(s.preset())
	if err != nil {
		return false, err
	}
	if r.Seed != 0 {
		seed = r.Seed
	}
	s = s.ForReferences()
	return shallow.Cached(m, s.Examples(s.Test), s.TrainHash, s.TestHash, o.CacheFolder(), shallow.Options{Seed: seed}), nil
}

// Fit fits one reference to the splits, or finds it in the cache, and returns it as a run stores it.
// seed is that of a reference that has none.
func (s *Splits) Fit(ctx context.Context, r Reference, o Options, seed uint64) (runlog.Reference, error) {
	sources, err := s.Prepare(References{r})
	if err != nil {
		return runlog.Reference{}, err
	}
	return s.Fitter(o, seed).resolve(ctx, sources[0])
}

// resolve returns the reference as a run stores it.
func (f *Fitter) resolve(ctx context.Context, s Source) (runlog.Reference, error) {
	out := runlog.Reference{Kind: s.Kind}
	out.Name = s.Name
	if s.model == nil {
		for _, note := range s.notes {
			f.options.Tell(fmt.Sprintf("note: %s: %s", s.Name, note))
		}
		params, err := json.Marshal(s.params)
		out.ParamsJSON, out.Predictions, out.Right, out.Margins = string(params), s.classes, s.right, s.margins
		out.Accuracy = contingency.RightShare(out.Correct(f.labels))
		return out, err
	}
	fitted, err := f.fitted(ctx, s)
	if err != nil {
		return out, err
	}
	params, err := json.Marshal(f.withFeatures(fitted.Params))
	if err != nil {
		return out, fmt.Errorf("reference %q: its parameters: %w", s.Name, err)
	}
	if facts, err := json.Marshal(fitted.Facts); err == nil && fitted.Facts != nil {
		out.FactsJSON = string(facts)
	}
	out.ParamsJSON, out.Accuracy, out.FitSeconds = string(params), fitted.Accuracy, fitted.FitSeconds
	out.Predictions, out.Margins = fitted.Test.Class, fitted.Test.Margin
	return out, nil
}

// withFeatures adds to a model's parameters which features it was fitted to, if they were not the
// dataset's own.
func (f *Fitter) withFeatures(params map[string]any) map[string]any {
	if f.splits.features == nil {
		return params
	}
	out := maps.Clone(params)
	out[featuresFrom] = f.splits.features
	return out
}

// fitted fits a model and predicts the evaluation split, or finds both in the cache.
func (f *Fitter) fitted(ctx context.Context, s Source) (*shallow.Fitted, error) {
	train, test := f.splits.Examples(f.splits.Train), f.splits.Examples(f.splits.Test)
	options, cacheDir := f.progress(s.Name), f.cacheDir
	if f.ready(s.model) { // what a command does may change: it is not cached
		cacheDir = ""
	}
	if s.Seed != 0 {
		options.Seed = s.Seed
	}
	if f.folds > 0 {
		return f.outOfFold(ctx, s, options)
	}
	fitted, err := shallow.FitReference(ctx, s.model, train, test, f.splits.TrainHash, f.splits.TestHash, cacheDir, options)
	if err != nil {
		return nil, fmt.Errorf("reference %q: %w", s.Name, err)
	}
	if warning, ok := fitted.Facts["cache_warning"].(string); ok {
		f.options.Tell("note: " + warning)
	}
	f.options.Warn(s.Name, fitted.Warnings)
	fitted.Params = maps.Clone(fitted.Params)
	f.splits.noteSize(fitted.Params)
	return fitted, nil
}

// ready tells a command what it is not told by the examples, and reports whether the model is one.
func (f *Fitter) ready(m shallow.Model) bool {
	c, ok := m.(*command.Model)
	if ok {
		c.Shape, c.Limit = [3]int{f.splits.Height, f.splits.Width, f.splits.Channels}, f.options.CommandLimit
	}
	return ok
}

// outOfFold predicts each example of the training split by a model that didn't see it, and keeps the first
// ones where no more are scored.
func (f *Fitter) outOfFold(ctx context.Context, s Source, options shallow.Options) (*shallow.Fitted, error) {
	out := &shallow.Fitted{Facts: map[string]any{"folds": f.folds}}
	done := Watch(&out.FitSeconds)
	build := func() (shallow.Model, error) {
		m, err := s.Model(f.splits.preset())
		f.ready(m)
		return m, err
	}
	got, err := shallow.OutOfFold(ctx, build, f.splits.Examples(f.splits.Train), f.folds, options)
	if err != nil {
		return nil, fmt.Errorf("reference %q: %w", s.Name, err)
	}
	done()
	scored := len(f.labels)
	out.Test.Class, out.Test.Margin, out.Params = got.Class[:scored], got.Margin[:scored], maps.Clone(got.Params)
	f.splits.noteSize(out.Params)
	out.Warnings = got.Warnings
	f.options.Warn(s.Name, out.Warnings)
	out.Accuracy = contingency.Accuracy(f.labels, out.Test.Class)
	return out, nil
}

// progress is the options of a fit whose progress goes under a name.
func (f *Fitter) progress(name string) shallow.Options {
	options := f.fit
	if f.options.Progress != nil {
		options.Progress = func(done, total int, note string) {
			f.options.Show(Progress{Part: PartFit, Name: name, Done: done, Total: total, Note: note})
		}
	}
	return options
}
