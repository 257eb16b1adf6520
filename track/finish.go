package track

import (
	"context"
	"path/filepath"
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
	m := seen.Meta
	switch {
	case m.StudyTOML != "":
		return sameStudy(dir, study)
	case m.Dataset != study.Data.Dataset:
		return usage.Errorf("run %q, which was trained elsewhere, is of dataset %q, want %q; give another folder", dir, m.Dataset, study.Data.Dataset)
	case m.Network != study.Network.Name:
		return usage.Errorf("run %q, which was trained elsewhere, is of network %q, want %q; give another folder", dir, m.Network, study.Network.Name)
	}
	splits, err := study.Data.Load(ctx, o.Options)
	if err != nil {
		return err
	}
	return splits.Match(dir, m)
}

// sameStudy refuses a finished run of another study.
func sameStudy(dir string, study Study) error {
	was, err := ReadStudy(filepath.Join(dir, StudyFile))
	if err != nil {
		return err
	}
	differences, err := Differences(was, study)
	if err != nil || len(differences) == 0 {
		return err
	}
	return usage.Errorf("run %q is of another study: %s; give another folder", dir, strings.Join(differences, "; "))
}
