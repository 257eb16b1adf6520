package track

import (
	"context"
	"fmt"
	"strings"

	"shoal/internal/machine"
	"shoal/internal/usage"
	"shoal/runlog"
)

// Finish runs a study in dir, resumes it where it stopped, or leaves a finished run as it is. made
// reports whether there was anything to do. A finished run of another study is an error, and so is one that was
// trained elsewhere if it is of another dataset or network, or scored on other labels: that is all that is known of it.
func Finish(ctx context.Context, dir string, study Study, o Options) (made bool, err error) {
	o.Out = dir
	status, err := runlog.StatusOf(dir)
	if err != nil {
		return false, err
	}
	if status == runlog.Finished {
		return false, sameRun(ctx, dir, study, o)
	}
	machine.ForgetPeak() // of what this process made before: the summary tells the run's
	switch status {
	case "":
		_, err = Run(ctx, study, o)
	default:
		_, err = Resume(ctx, dir, func(s *Study) error { *s = study; return nil }, o)
	}
	return true, err
}

// sameRun refuses a finished run of something else.
func sameRun(ctx context.Context, dir string, study Study, o Options) error {
	seen, err := runlog.Glance(dir)
	if err != nil {
		return err
	}
	if err := Belongs(dir, seen.Meta, study); err != nil || seen.StudyTOML != "" {
		return err
	}
	splits, err := study.Data.Load(ctx, o.Options)
	if err != nil {
		return err
	}
	return splits.Match(dir, seen.Meta)
}

// Belongs refuses a run that, by what it says of itself, is of another study; of one that was trained elsewhere it reads the
// dataset and the network.
func Belongs(dir string, m runlog.Meta, study Study) error {
	switch {
	case m.StudyTOML != "":
		return sameStudy(dir, m, study)
	case m.Dataset != study.Data.Dataset:
		return usage.Errorf("run %q, which was trained elsewhere, is of dataset %q, want %q; give another folder", dir, m.Dataset, study.Data.Dataset)
	case m.Network != study.Network.Name:
		return usage.Errorf("run %q, which was trained elsewhere, is of network %q, want %q; give another folder", dir, m.Network, study.Network.Name)
	}
	return nil
}

// sameStudy refuses a run of another study.
func sameStudy(dir string, m runlog.Meta, study Study) error {
	was, err := ParseStudy(m.StudyTOML)
	if err != nil {
		return fmt.Errorf("the study of run %q: %w", dir, err)
	}
	differences, err := Differences(was, study)
	if err != nil || len(differences) == 0 {
		return err
	}
	return usage.Errorf("run %q is of another study: %s; give another folder", dir, strings.Join(differences, "; "))
}
