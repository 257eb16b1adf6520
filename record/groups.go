package record

import (
	"context"

	"shoal/dynamics/groups"
	"shoal/record/answers"
	"shoal/runlog"
)

// NoGroups stands for a file of groups: it removes those that a run has.
const NoGroups = "none"

// SetGroups gives a split of the run in dir, "" for the main one, the groups that a CSV file has of its
// examples, in place of those that it had; see answers.Groups. NoGroups for the path removes them. The
// summary is made again, and written if the run is finished.
func SetGroups(ctx context.Context, dir, split, path string) error {
	run, err := runlog.Open(dir)
	if err != nil {
		return err
	}
	defer run.Close()
	r, err := recorderOf(run, dir, split, Options{})
	if err != nil {
		return err
	}
	m, err := r.run.Meta()
	if err != nil {
		return err
	}
	var attributes []groups.Attribute
	if path != NoGroups {
		if attributes, err = answers.Groups(path, r.answers(m)); err != nil {
			return err
		}
	}
	if err := r.run.SetGroups(attributes); err != nil {
		return err
	}
	if last, err := r.run.LastStep(); err != nil || last < 0 { // nothing to summarise
		return err
	}
	_, err = r.summarise(ctx)
	return err
}
