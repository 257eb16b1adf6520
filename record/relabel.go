package record

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"shoal/dynamics"
	"shoal/internal/atomicfile"
	"shoal/internal/textfmt"
	"shoal/record/answers"
	"shoal/runlog"
)

// Relabelled is what came out of Relabel.
type Relabelled struct {
	Changed, Listed, Examples int // labels that were changed, that the file has, and all of the split
	*Summary
}

// StudyFile is the name of a run's study in its folder.
const StudyFile = "study.toml"

// Relabel makes a run in the folder to, which must not be there, from the finished run in the folder from,
// with the labels of a split corrected by a file; see answers.ReadCorrections and runlog.Relabel. ""
// stands for the main split. Everything is counted again: tables, accuracies, judgements and the
// summary. draw is called with the folder before it gets its name, to add what the caller wants in it; nil
// for nothing. If anything fails or is interrupted, nothing is left.
func Relabel(ctx context.Context, from, to, split, file string, o Options, draw func(dir string, s *Summary) error) (out *Relabelled, err error) {
	c, examples, read, err := readCorrections(from, split, file)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(to); err == nil {
		return nil, fmt.Errorf("%q %w", to, ErrOutExists)
	}
	to = filepath.Clean(to)
	atomicfile.Sweep(filepath.Dir(to))
	if err := atomicfile.CanWrite(to); err != nil {
		return nil, err
	}
	aside, err := os.MkdirTemp(filepath.Dir(to), atomicfile.Pattern(to))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(aside)) }()
	made := filepath.Join(aside, "run")
	if err := runlog.Relabel(ctx, from, made, *c); err != nil {
		return nil, atomicfile.Renamed(err, made, to)
	}
	out = &Relabelled{Changed: read.Changed, Listed: read.Listed, Examples: examples}
	if out.Summary, err = summariseCopy(ctx, from, made, split, o); err != nil {
		return nil, atomicfile.Renamed(err, made, to)
	}
	if draw != nil {
		if err := draw(made, out.Summary); err != nil {
			return nil, atomicfile.Renamed(err, made, to)
		}
	}
	return out, os.Rename(made, to)
}

// ErrOutExists is wrapped when the folder for a run with other labels is there.
var ErrOutExists = errors.New("is there already")

// readCorrections reads a file of corrected labels for a split of the run in dir.
func readCorrections(dir, split, file string) (c *runlog.Relabelling, examples int, read *answers.Corrections, err error) {
	run, err := runlog.OpenReadOnly(dir)
	if err != nil {
		return nil, 0, nil, err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	view, err := run.Split(split)
	if err != nil {
		return nil, 0, nil, err
	}
	m, err := view.Meta()
	if err != nil {
		return nil, 0, nil, err
	}
	if m.Status != runlog.Finished && m.Status != runlog.Failed {
		return nil, 0, nil, fmt.Errorf("run %q is %s: labels of finished runs can be corrected, since the copy that has them can't be trained", dir, m.Status)
	}
	s := answers.Split{Classes: m.Classes, Labels: view.Labels(), Names: view.Names(), Cut: limited(m)}
	if strings.HasPrefix(m.Dataset, folderPrefix) && view.SplitName() != dynamics.TrainSplit {
		s.Other = "train"
	}
	if read, err = answers.ReadCorrections(file, s, m.Given(view.Labels())); err != nil {
		return nil, 0, nil, err
	}
	sum, err := hashFile(file)
	source := runlog.LabelSource{File: file, SHA256: sum, Changed: read.Changed}
	return &runlog.Relabelling{Split: view.SplitName(), Labels: read.Labels, Source: source}, len(read.Labels), read, err
}

// hashFile is the SHA-256 of a file, hex.
func hashFile(path string) (string, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return fmt.Sprintf("%x", h.Sum(nil)), err
}

// summariseCopy takes what only the training knew from a run's folder to that of its copy with other
// labels of a split, and makes the summary of that split again.
func summariseCopy(ctx context.Context, from, to, split string, o Options) (*Summary, error) {
	run, err := runlog.Open(to)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	places, err := run.Splits()
	if err != nil {
		return nil, err
	}
	places[0] = "" // the main split's are in the run folder itself
	for _, place := range places {
		for _, name := range []string{StudyFile, SummaryFile} {
			if err := copySmall(filepath.Join(from, place, name), filepath.Join(to, place, name)); err != nil {
				return nil, err
			}
		}
	}
	r, err := recorderOf(run, to, split, o)
	if err != nil {
		return nil, err
	}
	return r.summarise(ctx)
}

// copySmall copies a small file that may not be there.
func copySmall(from, to string) error {
	text, err := atomicfile.ReadSmall(from, maxSummaryBytes)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o777)
	}
	if err == nil {
		err = atomicfile.WriteFile(to, text)
	}
	return err
}

// Line says which labels were corrected: `37 of 10,000 labels corrected from "labels.csv"`.
func (r *Relabelled) Line(file string) string {
	return textfmt.Line(fmt.Sprintf("%s of %s labels corrected from %q", textfmt.Thousands(r.Changed), textfmt.Thousands(r.Examples), file))
}
