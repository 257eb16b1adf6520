package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"

	"shoal/internal/usage"
	"shoal/predlog"
	"shoal/runlog"
)

// Options of an import.
type Options struct {
	// Dataset and Network say what the files don't; "" for nothing. Files that say something else are
	// an error.
	Dataset, Network string
	Folder           string            // that a path in Dataset counts from, absolute; "" for not known
	Split            string            // of files that are no logs; "" is the format's own
	Labels           string            // a .npy file with the labels, for files without; "" for none
	Say              func(line string) // is told what a person should know; nil for nobody
	Progress         func(p Progress)  // is called often; nil for not
}

// Progress is how far an import is.
type Progress struct {
	Step        int
	Evaluations int // that were added so far
}

func (o Options) say(format string, args ...any) {
	if o.Say != nil {
		o.Say(fmt.Sprintf(format, args...))
	}
}

// Result says what an import has done.
type Result struct {
	Added    int // evaluations
	Replaced int // evaluations that a resumed training took the place of
	Waiting  int // evaluations that lack parts of other ranks
	Splits   int // that the run has
	Total    int // evaluations that they have
}

// HasLog reports whether the run in dir has a log that Refresh would import.
func HasLog(dir string) bool {
	paths, err := predlog.List(dir)
	return err == nil && len(paths) > 0
}

// Refresh imports what is new in the log of the run in dir. It doesn't write where there is nothing
// new.
func Refresh(ctx context.Context, dir string, o Options) (*Result, error) {
	paths, err := predlog.List(dir)
	if err != nil {
		return nil, fmt.Errorf("import the log of %q: %w", dir, err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("import the log of %q: it has no %s/*.jsonl", dir, predlog.Folder)
	}
	return importLogs(ctx, dir, paths, o)
}

// importLogs imports logs, from wherever they are, into the run in dir.
func importLogs(ctx context.Context, dir string, paths []string, o Options) (out *Result, err error) {
	if o.Split != "" || o.Labels != "" {
		return nil, usage.Errorf("a log has its split and its labels in its first line: they can't be given")
	}
	files, err := openAll(paths)
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	if err != nil {
		return nil, err
	}
	splits, err := predlog.Arrange(files)
	if err != nil {
		return nil, err
	}
	if len(splits) == 0 {
		return nil, fmt.Errorf("import the log of %q: %w", dir, predlog.ErrNoHeader)
	}
	h, err := headOf(splits, o)
	if err != nil {
		return nil, err
	}
	if r, err := nothingNew(dir, files, h); r != nil || err != nil {
		return r, err
	}
	run, end, err := openRun(dir, h, o)
	if err != nil {
		return nil, err
	}
	out = &Result{}
	defer func(added *Result) { end(err != nil && added.Added == 0) }(out)
	for _, s := range splits {
		if err := importSplit(ctx, run, s, out, o); err != nil {
			return nil, err
		}
		if err := addImages(ctx, run, s.Split, imageFolders(dir, paths), o); err != nil {
			return nil, err
		}
	}
	return out, finish(run, out)
}

// openAll opens logs, but for those without a complete line.
func openAll(paths []string) (files []*predlog.File, err error) {
	seen := map[string]string{}
	for _, path := range paths {
		f, err := predlog.Open(path)
		if errors.Is(err, predlog.ErrNoHeader) {
			continue
		}
		if err != nil {
			return files, err
		}
		files = append(files, f)
		if other, twice := seen[f.Name()]; twice {
			return files, fmt.Errorf("logs %q and %q have one name: is one a copy of the other?", other, path)
		}
		seen[f.Name()] = path
	}
	return files, nil
}

// saysMore reports whether files or flags say a dataset or network that the run doesn't have.
func (h *head) saysMore(m runlog.Meta) bool {
	return h.meta.Dataset != "" && h.meta.Dataset != m.Dataset || h.network != "" && h.network != m.Network
}

// nothingNew returns a result if the run has been read to the end of all files.
func nothingNew(dir string, files []*predlog.File, h *head) (*Result, error) {
	if !runlog.Exists(dir) {
		return nil, nil
	}
	run, err := runlog.OpenReadOnly(dir)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	m, err := run.Meta()
	if err != nil || m.Status != runlog.Finished || h.saysMore(m) {
		return nil, err
	}
	read, err := run.Sources()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		info, err := os.Stat(f.Path)
		if err != nil {
			return nil, err
		}
		if max(read[f.Name()], f.Start) != info.Size() {
			return nil, nil
		}
	}
	if images, err := run.HasImages(); err != nil || !images && imagesFor(m.Split, imageFolders(dir, nil)) != nil {
		return nil, err
	}
	out := &Result{}
	return out, out.count(run)
}

// count fills in what the run has.
func (r *Result) count(run *runlog.Run) error {
	names, err := run.Splits()
	for _, name := range names {
		var view *runlog.Run
		if view, err = run.Split(name); err != nil {
			return err
		}
		steps, err := view.Steps()
		if err != nil {
			return err
		}
		r.Splits, r.Total = r.Splits+1, r.Total+len(steps)
	}
	return err
}

// finish marks the run as finished if it has an evaluation.
func finish(run *runlog.Run, out *Result) error {
	if err := out.count(run); err != nil {
		return err
	}
	m, err := run.Meta()
	if err != nil || out.Total == 0 || m.Status == runlog.Finished {
		return err
	}
	return run.SetStatus(runlog.Finished, "")
}
