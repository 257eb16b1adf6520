package track

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"shoal/dataset"
	"shoal/internal/npy"
	"shoal/runlog"
	"shoal/shallow"
)

// KindFile is the kind of a reference whose predictions come from a file.
const KindFile = "file"

// ParseReference reads a reference as the command line has it: the kind of a
// shallow model (svm, forest, ...), or file:PATH.
func ParseReference(text string) (Reference, error) {
	if path, ok := strings.CutPrefix(text, "file:"); ok {
		if path == "" {
			return Reference{}, Usagef("reference %q names no file: want file:PATH", text)
		}
		return Reference{Name: text, Kind: KindFile, Path: path, Parameters: map[string]string{}}, nil
	}
	r := Reference{Name: text, Kind: text, Preset: "default", Parameters: map[string]string{}}
	return r, r.check()
}

func (r Reference) check() error {
	switch {
	case r.Kind == KindFile && r.Path == "":
		return Usagef("reference %q is a file without a path", r.Name)
	case r.Kind != KindFile && !slices.Contains(shallow.Kinds(), r.Kind):
		return Usagef("unknown reference %q: want one of %s, or file:PATH", r.Kind, strings.Join(shallow.Kinds(), ", "))
	}
	return nil
}

func checkReferences(list []Reference) error {
	seen := map[string]bool{}
	for _, r := range list {
		if err := r.check(); err != nil {
			return err
		}
		if seen[r.Name] {
			return Usagef("reference %q is named twice: give each a name of its own", r.Name)
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
}

// prepare makes models and reads files, so that what is wrong with any of them
// shows before the first takes its time.
func prepare(list []Reference, set *dataset.Set) ([]source, error) {
	var out []source
	for _, r := range list {
		s := source{Reference: r}
		var err error
		if r.Kind == KindFile {
			s.classes, err = npy.ReadClasses(r.Path, set.Test.Len(), len(set.Classes))
		} else {
			s.model, err = shallow.New(r.Kind, r.Preset, set.Name, r.Parameters)
			if err != nil {
				err = &UsageError{err}
			}
		}
		if err != nil {
			return nil, fmt.Errorf("reference %q: %w", r.Name, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// fitter fits references to one dataset.
type fitter struct {
	set                 *dataset.Set
	trainHash, testHash string
	cacheDir            string // "" for no cache
	options             shallow.Options
	report              func(Progress)
}

// resolve returns the reference's predictions, and what the fit found out.
func (f *fitter) resolve(ctx context.Context, s source) (runlog.Reference, map[string]any, error) {
	out := runlog.Reference{Name: s.Name, Kind: s.Kind, ParamsJSON: "{}"}
	if s.model == nil {
		params, err := json.Marshal(map[string]string{"path": s.Path})
		out.ParamsJSON, out.Predictions = string(params), s.classes
		out.Accuracy = accuracy(f.set.Test.Labels, s.classes)
		return out, nil, err
	}
	options := f.options
	if f.report != nil {
		options.Progress = func(done, total int, note string) {
			f.report(Progress{Part: PartFit, Name: s.Name, Done: done, Total: total, Note: note})
		}
	}
	fitted, err := shallow.FitReference(ctx, s.model, f.examples(f.set.Train), f.examples(f.set.Test), f.trainHash, f.testHash, f.cacheDir, options)
	if err != nil {
		return out, nil, fmt.Errorf("reference %q: %w", s.Name, err)
	}
	params, err := json.Marshal(fitted.Params)
	if err != nil {
		return out, nil, fmt.Errorf("reference %q: its parameters: %w", s.Name, err)
	}
	out.ParamsJSON, out.Accuracy, out.FitSeconds = string(params), fitted.Accuracy, fitted.FitSeconds
	out.Predictions, out.Margins = fitted.Test.Class, fitted.Test.Margin
	return out, fitted.Facts, nil
}

func (f *fitter) examples(s dataset.Split) shallow.Examples {
	return shallow.Examples{Pixels: s.Pixels, Labels: s.Labels, Features: f.set.Features(), Classes: len(f.set.Classes)}
}
