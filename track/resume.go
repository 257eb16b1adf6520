package track

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"shoal/internal/atomicfile"
	"shoal/internal/smalltoml"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/runlog"
)

// Resume continues the run in dir from its last checkpoint and ends with the same database as a run
// that was never interrupted. change, if not nil, is what a person asks of the study now; anything
// that it changes is refused, as the run's numbers would belong to neither study. A finished run
// gets its summary again.
func Resume(ctx context.Context, dir string, change func(*Study) error, o Options) (*record.Summary, error) {
	o.Out = dir
	start := time.Now()
	run, err := runlog.Open(dir)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	meta, err := run.Meta()
	if err != nil {
		return nil, err
	}
	study, err := unchanged(dir, meta, change)
	if err != nil {
		return nil, err
	}
	if meta.Status == runlog.Failed {
		return nil, fmt.Errorf("run %q has failed (%s); it would fail again: start another run with other settings", dir, meta.Failure)
	}
	if done, err := complete(run, study, meta); err != nil {
		return nil, err
	} else if done {
		return again(ctx, run, o)
	}
	if meta.CopyOf != "" {
		return nil, fmt.Errorf("run %q is a copy of %q with corrected labels, and can't be trained: resume that one, and correct its labels again", dir, meta.CopyOf)
	}
	x, err := newTraining(ctx, study, kept{meta.StudyTOML, run.ReferenceNames()}, o)
	if record.Cancelled(err) {
		return nil, &Stopped{Dir: dir, Step: -1, Cause: err}
	}
	if err != nil {
		return nil, err
	}
	if err := x.splits.Match(dir, meta); err != nil {
		return nil, err
	}
	r, err := x.recorder(run)
	if err != nil {
		return nil, err
	}
	if err := r.Resume(x.learner, x.loop); err != nil {
		return nil, err
	}
	if err := x.writeStudy(); err != nil {
		return nil, err
	}
	if err := run.SetStatus(runlog.Running, meta.Failure); err != nil {
		return nil, err
	}
	return x.execute(ctx, run, r, start)
}

// unchanged returns the study of the run in dir, if change, which may be nil, leaves it as it is.
func unchanged(dir string, meta runlog.Meta, change func(*Study) error) (Study, error) {
	study, err := studyOf(dir, meta)
	if err != nil || change == nil {
		return study, err
	}
	asked := study.clone()
	if err := change(&asked); err != nil {
		return study, err
	}
	return study, refuseChange(dir, study, asked)
}

// complete reports whether a run is finished and lacks nothing: then neither data nor any other file that the
// study names are needed any more.
func complete(run *runlog.Run, study Study, meta runlog.Meta) (bool, error) {
	s, err := record.ReadSummary(run.Dir())
	if err != nil || meta.Status != runlog.Finished {
		return false, nil // without it, it is made from the data
	}
	steps, err := run.Steps()
	if err != nil || len(steps) != s.Evaluations || len(steps) == 0 || steps[len(steps)-1] != s.Steps {
		return false, err
	}
	have := run.ReferenceNames()
	for _, r := range study.References {
		if !slices.Contains(have, r.Name) {
			return false, nil
		}
	}
	return true, nil
}

// again makes the summary of a finished run again, which keeps what only its training knew: that is no part
// of the run, and takes none of its time.
func again(ctx context.Context, run *runlog.Run, o Options) (*record.Summary, error) {
	o.Tell("the run is finished, all evaluations are there")
	return record.SummariseOpen(ctx, run, o.Options)
}

// studyOf reads the study of a run, which its folder has twice.
func studyOf(dir string, meta runlog.Meta) (Study, error) {
	if meta.StudyTOML == "" {
		return Study{}, fmt.Errorf("run %q was not made by `shoal run`: it has no study to resume", dir)
	}
	study, err := ParseStudy(meta.StudyTOML)
	if err != nil {
		return Study{}, fmt.Errorf("run %q: its study: %w", dir, err)
	}
	path := filepath.Join(dir, StudyFile)
	onDisk, err := atomicfile.ReadSmall(path, smalltoml.MaxBytes)
	if os.IsNotExist(err) {
		return study, nil
	}
	if err != nil {
		return Study{}, fmt.Errorf("run %q: %w", dir, err)
	}
	edited, err := ParseStudy(string(onDisk))
	if err != nil {
		return Study{}, fmt.Errorf("study %q: %w", path, err)
	}
	return study, refuseChange(dir, study, edited)
}

// refuseChange names what differs between the run's study and another.
func refuseChange(dir string, run, asked Study) error {
	differences, err := Differences(run, asked)
	if err != nil || len(differences) == 0 {
		return err
	}
	return usage.Errorf("run %q can't be resumed with another study: %s; start a new run for that", dir, strings.Join(differences, "; "))
}

// Change is a key of a study that has another value in another study; a value that isn't there is
// "absent".
type Change struct{ Key, Was, Is string }

// Changes lists what differs between two studies, by key. What only a run knows of its files, where they
// were, what was in them and how images were read, may be missing in the second.
func Changes(was, is Study) ([]Change, error) {
	was, is = was.unplaced(), is.unplaced()
	if is.Network.InitSHA256 == "" {
		was.Network.InitSHA256 = ""
	}
	is.Data = is.Data.Filled(was.Data)
	a, err := was.flat()
	if err != nil {
		return nil, err
	}
	b, err := is.flat()
	if err != nil {
		return nil, err
	}
	orAbsent := func(study map[string]string, key string) string {
		if value, ok := study[key]; ok {
			return value
		}
		return "absent"
	}
	var out []Change
	for _, key := range differing(a, b) {
		out = append(out, Change{key, orAbsent(a, key), orAbsent(b, key)})
	}
	return out, nil
}

// Differences lists what differs between the study of a run and another one, in words:
// `training.epochs is 1 in the run and 2 now`. See Changes.
func Differences(run, now Study) ([]string, error) {
	changes, err := Changes(run, now)
	var out []string
	for _, c := range changes {
		out = append(out, fmt.Sprintf("%s is %s in the run and %s now", c.Key, c.Was, c.Is))
	}
	return out, err
}

// differing lists the keys that two flat studies don't share, or whose values differ, sorted.
func differing(a, b map[string]string) []string {
	differ := map[string]bool{}
	for _, pair := range [][2]map[string]string{{a, b}, {b, a}} {
		for key, value := range pair[0] {
			if other, ok := pair[1][key]; !ok || other != value {
				differ[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(differ))
}

// flat is the study as dotted keys and values.
func (s Study) flat() (map[string]string, error) {
	text, err := s.Encode(nil)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if _, err := smalltoml.Decode(string(text), &tree); err != nil {
		return nil, err
	}
	out := map[string]string{}
	flatten(out, "", tree)
	return out, nil
}

func flatten(out map[string]string, prefix string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			flatten(out, strings.TrimPrefix(prefix+"."+key, "."), inner)
		}
	case []map[string]any:
		for i, inner := range v {
			flatten(out, fmt.Sprintf("%s[%d]", prefix, i), inner)
		}
	default:
		out[prefix] = fmt.Sprint(v)
	}
}

// clone is a copy that shares nothing that can be changed through it.
func (s Study) clone() Study {
	s.References = slices.Clone(s.References)
	for i, r := range s.References {
		s.References[i].Parameters = maps.Clone(r.Parameters)
	}
	return s
}
