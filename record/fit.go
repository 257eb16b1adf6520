package record

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"shoal/contingency"
	"shoal/dataset"
	"shoal/internal/atomicfile"
	"shoal/internal/machine"
	"shoal/internal/npy"
	"shoal/internal/usage"
	"shoal/shallow"
)

// Fit is a shallow model to be fitted by itself.
type Fit struct {
	Reference
	Data  Data
	Folds int    // 0: fit and predict the test split; K: out-of-fold predictions of the training split
	Save  string // write the predictions to this .npy or .npz file; "" for not
}

// FitResult is what came out of a Fit.
type FitResult struct {
	Model          string         `json:"model"`
	Dataset        string         `json:"dataset"`
	Train          int            `json:"train"`
	Accuracy       float64        `json:"accuracy"` // on the test split, or out of fold
	FitSeconds     float64        `json:"fit_seconds"`
	PredictSeconds float64        `json:"predict_seconds"`
	SupportVectors any            `json:"support_vectors,omitempty"`
	Trees          any            `json:"trees,omitempty"`
	Nodes          any            `json:"nodes,omitempty"`
	PeakRSSBytes   int64          `json:"peak_rss_bytes"`
	Params         map[string]any `json:"params"`
	FromCache      bool           `json:"from_cache"`
	Folds          int            `json:"folds,omitempty"`
	Facts          map[string]any `json:"facts,omitempty"`
	Warnings       []string       `json:"warnings"` // what a reader of the accuracy has to know
}

// Do fits the model and predicts the test split or, out of fold, the training split.
func (f Fit) Do(ctx context.Context, o Options) (*FitResult, error) {
	if f.Folds > 0 {
		set, classes, out, err := f.OutOfFold(ctx, o)
		if err != nil {
			return nil, err
		}
		return out, savePredictions(f.Save, classes, set.Train, len(set.Classes))
	}
	_, model, set, err := f.prepare(ctx, o)
	if err != nil {
		return nil, err
	}
	out := &FitResult{Model: f.Kind, Dataset: set.Name, Train: set.Train.Len()}
	classes, err := f.plain(ctx, set.Fitter(o, f.Seed), model, out)
	if err != nil {
		return nil, err
	}
	out.PeakRSSBytes = machine.PeakRSS()
	return out, savePredictions(f.Save, classes, set.Test, len(set.Classes))
}

// prepare checks what can be checked before the data are loaded, and loads them.
func (f Fit) prepare(ctx context.Context, o Options) (build func() (shallow.Model, error), model shallow.Model, set *Splits, err error) {
	if err := errors.Join(o.Check(), f.Check()); err != nil {
		return nil, nil, nil, err
	}
	if build, err = f.builder(o); err != nil {
		return nil, nil, nil, err
	}
	if model, err = build(); err != nil { // before the data: its parameters may be wrong
		return nil, nil, nil, err
	}
	set, err = f.Data.Load(ctx, o)
	return build, model, set, err
}

// OutOfFold predicts every example of the training split by a model that didn't see it, out of
// f.Folds folds, at least 2.
func (f Fit) OutOfFold(ctx context.Context, o Options) (set *Splits, classes []uint16, out *FitResult, err error) {
	build, _, set, err := f.prepare(ctx, o)
	if err != nil {
		return nil, nil, nil, err
	}
	out = &FitResult{Model: f.Kind, Dataset: set.Name, Train: set.Train.Len(), Folds: f.Folds}
	done := Watch(&out.FitSeconds)
	got, err := shallow.OutOfFold(ctx, build, set.Examples(set.Train), f.Folds, set.Fitter(o, f.Seed).progress(f.Name))
	if err != nil {
		return nil, nil, nil, err
	}
	done()
	o.Warn(f.Name, got.Warnings)
	out.Params, out.Warnings = set.Fitter(o, f.Seed).withFeatures(got.Params), append([]string{}, got.Warnings...)
	out.Accuracy = contingency.Accuracy(set.Train.Labels, got.Class)
	out.PeakRSSBytes = machine.PeakRSS()
	return set, got.Class, out, nil
}

// builder returns what makes the unfitted model.
func (f Fit) builder(o Options) (func() (shallow.Model, error), error) {
	if !f.Fitted() {
		return nil, usage.Errorf("%q can't be fitted: want one of %v", f.Kind, shallow.Kinds())
	}
	name := f.Data.Dataset
	if o.Features.given() {
		name = "" // presets are for a dataset's own features
	}
	return func() (shallow.Model, error) {
		m, err := shallow.New(f.Kind, f.Preset, name, f.Parameters)
		if err != nil {
			return nil, &usage.Error{Err: err}
		}
		return m, nil
	}, nil
}

// plain fits and predicts the test split.
func (f Fit) plain(ctx context.Context, fit *Fitter, model shallow.Model, out *FitResult) ([]uint16, error) {
	got, err := fit.fitted(ctx, Source{Reference: f.Reference, model: model})
	if err != nil {
		return nil, err
	}
	out.Accuracy, out.FitSeconds, out.PredictSeconds = got.Accuracy, got.FitSeconds, got.PredictSeconds
	out.Params, out.FromCache, out.Facts, out.Warnings = fit.withFeatures(got.Params), got.FromCache, got.Facts, got.Warnings
	if n, ok := got.Params["train"].(int); ok { // a preset that trains on fewer
		out.Train = min(out.Train, n)
	}
	out.SupportVectors, out.Trees, out.Nodes = got.Facts["support_vectors"], got.Facts["trees"], got.Facts["nodes"]
	return got.Test.Class, nil
}

// savePredictions writes predicted classes of a split as .npy, one byte each up to 256 classes, or as
// .npz with the labels and the names of the examples, as package answers reads it.
func savePredictions(path string, predicted []uint16, split dataset.Split, classes int) error {
	if path == "" {
		return nil
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		if !strings.EqualFold(filepath.Ext(path), ".npz") {
			return npy.WriteClasses(w, [][]uint16{predicted}, classes)
		}
		entries := []npy.Entry{
			{Name: "predictions", Write: func(w io.Writer) error { return npy.WriteClasses(w, [][]uint16{predicted}, classes) }},
			{Name: "labels", Write: func(w io.Writer) error { return npy.WriteClasses(w, [][]uint16{split.Labels}, classes) }},
		}
		if split.Names != nil {
			entries = append(entries, npy.Entry{Name: "names", Write: func(w io.Writer) error { return npy.WriteText(w, split.Names) }})
		}
		return npy.WriteArchive(w, entries)
	})
}
