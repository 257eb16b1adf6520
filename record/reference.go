package record

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"shoal/internal/usage"
	"shoal/record/command"
	"shoal/shallow"
)

// Kinds of references beside those of package shallow.
const (
	KindFile    = "file"       // predictions from a file; see package answers
	KindNetwork = "network"    // the network of another run at some step
	KindCommand = command.Kind // what a command predicts; see package command
)

// Reference is one M of a study, or one to be added to a run.
type Reference struct {
	Name   string `toml:"name"`
	Kind   string `toml:"kind"` // svm, forest, ... (shallow.Kinds), file, network or exec
	Preset string `toml:"preset"`
	Path   string `toml:"path"` // for kind file the predictions, for network a run folder, for exec the command; see ParseReference
	// Absolute is Path from wherever it is read again; see Placed.
	Absolute string `toml:"absolute,omitempty"`
	Seed     uint64 `toml:"seed"` // of the fit; 0 is the study's
	// Parameters override the preset, by the name of their flag.
	Parameters Parameters `toml:"parameters"`
}

// Parameters are texts by the names of parameters, as they were typed. A study file may have numbers
// and true or false as such.
type Parameters map[string]string

// UnmarshalTOML reads the table of a study file.
func (p *Parameters) UnmarshalTOML(value any) error {
	table, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("parameters: got %v, want a table such as { trees = 5 }", value)
	}
	*p = Parameters{}
	for name, v := range table {
		switch v.(type) {
		case string, int64, float64, bool:
			(*p)[name] = fmt.Sprint(v)
		default:
			return fmt.Errorf("parameter %s: got %v, want a text or a number", name, v)
		}
	}
	return nil
}

// ParseReference reads a reference as the command line has it: the kind of a shallow model (svm,
// forest, ...), file:PATH, run:FOLDER, which is the network of another run at its last step,
// run:FOLDER@STEP, or run:FOLDER@REFERENCE, which is that network where its accuracy is nearest to
// that reference's; or exec:COMMAND. NAME= before any of them names it.
func ParseReference(text string) (Reference, error) {
	name, spec, named := strings.Cut(text, "=")
	if !named || strings.ContainsAny(name, ":/") {
		name, spec = text, text
	}
	r := Reference{Name: name, Kind: spec, Parameters: map[string]string{}}
	if kind, path, ok := strings.Cut(spec, ":"); ok && prefixes[kind] != "" {
		r.Kind, r.Path = prefixes[kind], path
	} else {
		r.Preset = "default"
	}
	return r, r.Check()
}

// prefixes are the kinds that have something behind a colon, as they are typed.
var prefixes = map[string]string{"file": KindFile, "run": KindNetwork, "exec": KindCommand}

// Placed is r with the absolute path of its file or run.
func (r Reference) Placed() Reference {
	if !r.Fitted() && r.Kind != KindCommand && r.Absolute == "" {
		r.Absolute = absolute(r.Path)
	}
	return r
}

// Runs are the folders of the runs whose networks are among the references.
func (list References) Runs() []string {
	var out []string
	for _, r := range list {
		if r.Kind == KindNetwork {
			dir, _ := cutNetwork(r.place())
			out = append(out, dir)
		}
	}
	return out
}

// place is the path to read.
func (r Reference) place() string { return cmp.Or(r.Absolute, r.Path) }

// Fitted reports whether the reference is a model that has to be fitted.
func (r Reference) Fitted() bool {
	return r.Kind != KindFile && r.Kind != KindNetwork && r.Kind != KindCommand
}

// NeedsData reports whether the reference needs examples with their labels.
func (r Reference) NeedsData() bool { return r.Fitted() || r.Kind == KindCommand }

// Model is the unfitted model of a reference that is to be fitted to a dataset.
func (r Reference) Model(dataset string) (shallow.Model, error) {
	if r.Kind == KindCommand {
		return &command.Model{Command: r.Path}, nil
	}
	m, err := shallow.New(r.Kind, r.Preset, dataset, r.Parameters)
	if err != nil {
		return nil, &usage.Error{Err: err}
	}
	return m, nil
}

// longestName leaves names of figures within what file systems take.
const longestName = 100

// Check reports what is invalid whatever the data are.
func (r Reference) Check() error {
	switch {
	case len(r.Name) > longestName:
		return usage.Errorf("the name of a reference has %d bytes: want at most %d", len(r.Name), longestName)
	case r.Name == "":
		return usage.Errorf("a reference of kind %q has no name", r.Kind)
	case !r.Fitted() && r.Path == "":
		return usage.Errorf("reference %q has no path: want file:PATH, run:FOLDER or exec:COMMAND", r.Name)
	case r.Fitted() && !slices.Contains(shallow.Kinds(), r.Kind):
		return usage.Errorf("unknown reference %q: want one of %s, file:PATH, run:FOLDER or exec:COMMAND%s", r.Kind, strings.Join(shallow.Kinds(), ", "), usage.DidYouMean(r.Kind, shallow.Kinds()))
	}
	return nil
}

// References are the references of a study, or those to be added to a run.
type References []Reference

// Check checks all that can be checked without data of the named dataset: kinds, presets,
// parameters, and that no name is there twice.
func (list References) Check(dataset string) error {
	seen := map[string]bool{}
	for _, r := range list {
		if err := r.Check(); err != nil {
			return err
		}
		if r.Fitted() {
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

// Named returns the references of those names; see ParseReference. One that the list has keeps its
// settings. The single word none means none; no name at all is an error.
func (list References) Named(names []string) (References, error) {
	out := References{}
	if len(names) == 0 {
		return nil, usage.Errorf("no reference is named: want one of %s, file:PATH, run:FOLDER or exec:COMMAND, or the word none", strings.Join(shallow.Kinds(), ", "))
	}
	if len(names) == 1 && names[0] == "none" {
		names = nil
	}
	for _, name := range names {
		i := slices.IndexFunc(list, func(r Reference) bool { return r.Name == name })
		if i >= 0 {
			out = append(out, list[i])
			continue
		}
		r, err := ParseReference(name)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// Present reports a file or a run folder of a reference that isn't there, before anything is fetched or
// fitted beside it.
func (list References) Present() error {
	for _, r := range list {
		path := r.place()
		switch r.Kind {
		case KindFile:
		case KindNetwork:
			path, _ = cutNetwork(path)
		default:
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("reference %q: %w", r.Name, err)
		}
	}
	return nil
}

// SetPreset sets the preset of all references that are fitted.
func (list References) SetPreset(preset string) {
	for i := range list {
		if list[i].Fitted() {
			list[i].Preset = preset
		}
	}
}

// SetParameter overrides a parameter of every reference that has it, by the name of its flag.
func (list References) SetParameter(name, value string) error {
	found := false
	for i, r := range list {
		if slices.Contains(shallow.Parameters(r.Kind), name) {
			found = true
			list[i].Parameters = maps.Clone(r.Parameters) // a list that was copied shares it
			if list[i].Parameters == nil {
				list[i].Parameters = map[string]string{}
			}
			list[i].Parameters[name] = value
		}
	}
	if !found {
		return usage.Errorf("parameter %s: none of the references has it", name)
	}
	return nil
}

// Fill gives references the names and presets that they lack.
func (list References) Fill() {
	for i := range list {
		r := &list[i]
		if r.Name == "" {
			r.Name = r.Kind
		}
		if r.Preset == "" && r.Fitted() {
			r.Preset = "default"
		}
		if r.Parameters == nil {
			r.Parameters = map[string]string{}
		}
	}
}
