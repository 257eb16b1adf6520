package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"shoal/runlog"
)

// The formats.
const (
	CSV         = "csv"
	Parquet     = "parquet"
	NPZ         = "npz"
	TensorBoard = "tensorboard"
	FiftyOne    = "fiftyone"
	LabelStudio = "labelstudio"
)

// Formats lists the formats.
func Formats() []string { return []string{CSV, Parquet, NPZ, TensorBoard, FiftyOne, LabelStudio} }

// Options say what to write where.
type Options struct {
	Format string // one of Formats
	Out    string // the file for npz, the folder for all others
	Split  string // which evaluation split; "" is the main one
	Force  bool   // replace an earlier export
	// Warn is called with what a fit of the run's references warned of, and with what the export lacks; nil
	// for nobody.
	Warn func(text string)
}

// ErrExists is wrapped when the output exists; Options.Force replaces it.
var ErrExists = errors.New("exists already")

// A PlaceError says why an export can't be written to a place, Force or not.
type PlaceError struct{ Path, Problem string }

func (e *PlaceError) Error() string { return fmt.Sprintf("%q %s", e.Path, e.Problem) }

// Write exports the run in the folder dir and returns the files that it wrote. If it fails, it
// leaves no new files and does not change an earlier export.
func Write(ctx context.Context, dir string, o Options) ([]string, error) {
	if !slices.Contains(Formats(), o.Format) {
		return nil, fmt.Errorf("unknown format %q: want one of %s", o.Format, strings.Join(Formats(), ", "))
	}
	if err := o.checkPlace(); err != nil {
		return nil, err
	}
	d, err := read(ctx, dir, o.Split)
	if err != nil {
		return nil, err
	}
	for _, text := range d.Warnings() {
		if o.Warn != nil {
			o.Warn(text)
		}
	}
	if l, ok := labelledFormats[o.Format]; ok {
		return l.export(ctx, d, o)
	}
	switch o.Format {
	case NPZ:
		if err := o.writeNPZ(ctx, d); err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
		return []string{o.Out}, nil
	case TensorBoard:
		return o.folder(func(path string) error { return writeTensorBoard(ctx, path, d) })
	case Parquet:
		return o.folder(func(path string) error { return d.tables(ctx, path, ".parquet", writeParquet) })
	default:
		return o.folder(func(path string) error { return d.tables(ctx, path, ".csv", writeCSV) })
	}
}

// data is a run in memory.
type data struct {
	*runlog.History
	names []string // of the references, fit for columns and folders
}

// read reads a run that has at least one evaluation.
func read(ctx context.Context, dir, split string) (*data, error) {
	h, err := runlog.LoadSplit(ctx, dir, split)
	if err != nil {
		return nil, err
	}
	if h.LastStep() < 0 {
		return nil, fmt.Errorf("run %q has no evaluation yet: there is nothing to export", dir)
	}
	d := &data{History: h}
	for _, r := range d.References {
		d.names = append(d.names, safeName(r.Name, d.names))
	}
	return d, d.Log.Check()
}

// safeName is a reference's name for columns, arrays and folders, different from all that are
// taken.
func safeName(name string, taken []string) string {
	safe := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == '_':
			return c
		}
		return '_'
	}, name)
	if strings.Trim(safe, ".") == "" { // "", ".." and the like are no names of folders
		safe = "_" + safe
	}
	unique := safe
	same := func(t string) bool { return strings.EqualFold(t, unique) } // folders that fold case
	for k := 2; slices.ContainsFunc(taken, same); k++ {
		unique = fmt.Sprintf("%s_%d", safe, k)
	}
	return unique
}
