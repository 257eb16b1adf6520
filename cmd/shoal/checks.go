package main

import (
	"encoding/json"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"shoal/dataset"
	"shoal/deep"
	"shoal/internal/atomicfile"
	"shoal/internal/usage"
	"shoal/kernel"
	"shoal/shallow"
)

// The checks that several verbs make before any work is done. Each names the value and what is
// wanted instead, as an error of usage.

// oneOf checks a name against the names that there are.
func oneOf(what, got string, names []string) error {
	if !slices.Contains(names, got) {
		return usage.Errorf("%s %q: want one of %s%s", what, got, strings.Join(names, ", "), usage.DidYouMean(got, names))
	}
	return nil
}

func knownModel(name string) error { return oneOf("unknown model", name, shallow.Kinds()) }

func knownNetworks(names []string) error {
	return each(names, func(name string) error { return oneOf("unknown network", name, deep.Names()) })
}

// knownDatasets takes the official datasets and folders.
func knownDatasets(names ...string) error {
	return each(names, func(name string) error {
		if _, _, ok := dataset.OfFeatures(name); ok {
			return usage.Errorf("%q names features, which only shoal fit and shoal compare take: want one of %s, folder:PATH", name, strings.Join(dataset.Names(), ", "))
		}
		if strings.HasPrefix(name, "folder:") && name != "folder:" {
			return nil
		}
		return oneOf("unknown dataset", name, append(dataset.Names(), "folder:PATH"))
	})
}

// knownData is knownDatasets for verbs that take features as well.
func knownData(name string) error {
	if _, _, ok := dataset.OfFeatures(name); ok {
		return nil
	}
	return knownDatasets(name)
}

func each(names []string, check func(name string) error) error {
	for _, name := range names {
		if err := check(name); err != nil {
			return err
		}
	}
	return nil
}

// writableFile and writableFolder check the place of what is written after long work; "" is none.
func writableFile(path string) error {
	if path == "" {
		return nil
	}
	return atomicfile.CanWrite(path)
}

// savedArray checks where predictions are to be written: by the name's ending, as NumPy reads it.
func savedArray(path string) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".npy", ".npz":
		return writableFile(path)
	}
	if path == "" {
		return nil
	}
	return usage.Errorf("--save %q: want a name that ends with .npy, or with .npz for labels and names, too", path)
}

func writableFolder(dir string) error {
	if dir == "" {
		return nil
	}
	return atomicfile.CanMake(dir)
}

// textAlone refuses --json beside --estimate, which prints text.
func textAlone(estimate, asJSON bool) error {
	if estimate && asJSON {
		return usage.Errorf("--estimate prints text alone: drop --json")
	}
	return nil
}

// atLeast checks a number that was given; one that wasn't is the default.
func atLeast(f *pflag.FlagSet, name string, n, least int) error {
	if f.Changed(name) && n < least {
		return usage.Errorf("--%s is %d: want %d or more", name, n, least)
	}
	return nil
}

// bounded checks a number that was given against both of its bounds.
func bounded(f *pflag.FlagSet, name string, n, least, most int) error {
	if f.Changed(name) && n > most {
		return usage.Errorf("--%s is %d: want %d to %d", name, n, least, most)
	}
	return atLeast(f, name, n, least)
}

// checkWorkers takes 0 for all cores.
func checkWorkers(n int) error {
	if n < 0 || n > 4096 {
		return usage.Errorf("--workers is %d: want 1 to 4096, or 0 for all cores", n)
	}
	return nil
}

// checkInterval takes the time between two checkpoints.
func checkInterval(every time.Duration) error {
	if every <= 0 {
		return usage.Errorf("--checkpoint-every is %v: want a time above 0, such as 60s", every)
	}
	return nil
}

// givenFolder refuses a folder that is given and empty: a variable that wasn't set.
func givenFolder(f *pflag.FlagSet, name, path string) error {
	if path == "" && f.Changed(name) {
		return usage.Errorf("--%s is empty: want a folder", name)
	}
	return nil
}

// firstError is the first of the errors that isn't nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// printJSON prints a value over several lines.
func printJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// checkLevel refuses a SIMD level that doesn't exist, or that this machine lacks.
func checkLevel(name string) error {
	level, err := kernel.ParseLevel(name)
	if err == nil {
		_, err = kernel.Select(level)
	}
	if err != nil {
		return &usage.Error{Err: err}
	}
	return nil
}

// checkPrecisions refuses a list that is empty or has an unknown name.
func checkPrecisions(names []string) error {
	if len(names) == 0 {
		return usage.Errorf("--precision is empty: want some of %s", strings.Join(deep.Precisions(), ", "))
	}
	return each(names, func(name string) error { return oneOf("unknown precision", name, deep.Precisions()) })
}
