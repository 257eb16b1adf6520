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
// reports whether there was anything to do. A finished run of another study is an error.
func Finish(ctx context.Context, dir string, study Study, o Options) (made bool, err error) {
	o.Out = dir
	status, err := runlog.StatusOf(dir)
	if err != nil {
		return false, err
	}
	if status == runlog.Finished {
		return false, sameStudy(dir, study)
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
