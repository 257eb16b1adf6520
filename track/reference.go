package track

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"shoal/dataset"
	"shoal/internal/npy"
	"shoal/internal/usage"
	"shoal/runlog"
	"shoal/shallow"
)

// Kinds of references beside those of package shallow.
const (
	KindFile    = "file"    // predictions from a .npy file
	KindNetwork = "network" // the network of another run at some step
)

// ParseReference reads a reference as the command line has it: the kind of a
// shallow model (svm, forest, ...), file:PATH, run:FOLDER, which is the
// network of another run at its last step, run:FOLDER@STEP, or
// run:FOLDER@REFERENCE, which is that network where its accuracy is nearest to
// that reference's. NAME= before any of them names it.
func ParseReference(text string) (Reference, error) {
	name, spec, named := strings.Cut(text, "=")
	if !named || strings.ContainsAny(name, ":/") {
		name, spec = text, text
	}
	r := Reference{Name: name, Kind: spec, Parameters: map[string]string{}}
	if kind, path, ok := strings.Cut(spec, ":"); ok && (kind == "file" || kind == "run") {
		r.Kind, r.Path = map[string]string{"file": KindFile, "run": KindNetwork}[kind], path
	} else {
		r.Preset = "default"
	}
	return r, r.check()
}

// fitted reports whether the reference is a model that has to be fitted.
func (r Reference) fitted() bool { return r.Kind != KindFile && r.Kind != KindNetwork }

// longestName leaves names of figures within what file systems take.
const longestName = 100

func (r Reference) check() error {
	switch {
	case len(r.Name) > longestName:
		return usage.Errorf("the name of a reference has %d bytes: want at most %d", len(r.Name), longestName)
	case r.Name == "":
		return usage.Errorf("a reference of kind %q has no name", r.Kind)
	case !r.fitted() && r.Path == "":
		return usage.Errorf("reference %q has no path: want file:PATH or run:FOLDER", r.Name)
	case r.fitted() && !slices.Contains(shallow.Kinds(), r.Kind):
		return usage.Errorf("unknown reference %q: want one of %s, file:PATH or run:FOLDER", r.Kind, strings.Join(shallow.Kinds(), ", "))
	}
	return nil
}

// checkReferences checks all that can be checked without data.
func checkReferences(list []Reference, dataset string) error {
	seen := map[string]bool{}
	for _, r := range list {
		if err := r.check(); err != nil {
			return err
		}
		if r.fitted() {
			if _, err := shallow.New(r.Kind, r.Preset, dataset, r.Parameters); err != nil {
				return usage.Errorf("reference %q: %w", r.Name, err)
			}
		}
		if seen[r.Name] {
			return usage.Errorf("reference %q is named twice: give each a name of its own", r.Name)
		}
		seen[r.Name] = true
	}
	return nil
}

// A source of a reference is a model to be fitted, or predictions as they are.
type source struct {
	Reference
	model   shallow.Model
	classes []uint16
	params  map[string]any // of predictions: where they are from
}

// split is what references have to fit: the evaluation split.
type split struct {
	dataset string
	labels  []uint16
	classes int
}

// prepare makes models and reads predictions, so that what is wrong with any
// of them shows before the first fit takes its time.
func prepare(list []Reference, s split) ([]source, error) {
	var out []source
	for _, r := range list {
		made, err := prepareOne(r, s)
		if err != nil {
			return nil, fmt.Errorf("reference %q: %w", r.Name, err)
		}
		out = append(out, made)
	}
	return out, nil
}

func prepareOne(r Reference, s split) (source, error) {
	made := source{Reference: r, params: map[string]any{"path": r.Path}}
	var err error
	switch r.Kind {
	case KindFile:
		made.classes, err = npy.ReadClasses(r.Path, len(s.labels), s.classes)
	case KindNetwork:
		made.classes, made.params, err = networkOf(r.Path, s)
	default:
		if made.model, err = shallow.New(r.Kind, r.Preset, s.dataset, r.Parameters); err != nil {
			err = &usage.Error{Err: err}
		}
	}
	return made, err
}

// fitter fits references to one dataset.
type fitter struct {
	labels              []uint16     // of the evaluation split
	set                 *dataset.Set // nil when nothing has to be fitted
	trainHash, testHash string
	cacheDir            string // "" for no cache
	options             shallow.Options
	report              func(Progress)
	say                 func(string)
}

// resolve returns the reference's predictions, and what the fit found out.
func (f *fitter) resolve(ctx context.Context, s source) (runlog.Reference, map[string]any, error) {
	out := runlog.Reference{Name: s.Name, Kind: s.Kind, ParamsJSON: "{}"}
	if s.model == nil {
		params, err := json.Marshal(s.params)
		out.ParamsJSON, out.Predictions = string(params), s.classes
		out.Accuracy = accuracy(f.labels, s.classes)
		return out, nil, err
	}
	fitted, err := f.fit(ctx, s)
	if err != nil {
		return out, nil, err
	}
	params, err := json.Marshal(fitted.Params)
	if err != nil {
		return out, nil, fmt.Errorf("reference %q: its parameters: %w", s.Name, err)
	}
	out.ParamsJSON, out.Accuracy, out.FitSeconds = string(params), fitted.Accuracy, fitted.FitSeconds
	out.Predictions, out.Margins = fitted.Test.Class, fitted.Test.Margin
	return out, fitted.Facts, nil
}

// fit fits a model and predicts the evaluation split, or finds both in the cache.
func (f *fitter) fit(ctx context.Context, s source) (*shallow.Fitted, error) {
	train, test := f.examples(f.set.Train), f.examples(f.set.Test)
	options := f.progress(s.Name)
	if s.Seed != 0 {
		options.Seed = s.Seed
	}
	fitted, err := shallow.FitReference(ctx, s.model, train, test, f.trainHash, f.testHash, f.cacheDir, options)
	if err != nil {
		return nil, fmt.Errorf("reference %q: %w", s.Name, err)
	}
	if warning, ok := fitted.Facts["cache_warning"].(string); ok && f.say != nil {
		f.say("note: " + warning)
	}
	for _, warning := range warnings(fitted.Facts) {
		if f.say != nil {
			f.say(fmt.Sprintf("warning: %s: %s", s.Name, warning))
		}
	}
	return fitted, nil
}

// warnings are a model's own words on what a reader of its accuracy should
// know. Facts that come from the cache have been JSON.
func warnings(facts map[string]any) []string {
	var out []string
	if one, ok := facts["warning"].(string); ok && one != "" {
		out = append(out, one)
	}
	switch list := facts["warnings"].(type) {
	case []string:
		out = append(out, list...)
	case []any:
		for _, w := range list {
			out = append(out, fmt.Sprint(w))
		}
	}
	return out
}

// progress is the options of a fit whose progress goes under a name.
func (f *fitter) progress(name string) shallow.Options {
	options := f.options
	if f.report != nil {
		options.Progress = func(done, total int, note string) {
			f.report(Progress{Part: PartFit, Name: name, Done: done, Total: total, Note: note})
		}
	}
	return options
}

func (f *fitter) examples(s dataset.Split) shallow.Examples {
	return shallow.Examples{Pixels: s.Pixels, Labels: s.Labels, Features: f.set.Features(), Classes: len(f.set.Classes)}
}
