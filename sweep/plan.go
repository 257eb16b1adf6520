package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"shoal/internal/atomicfile"
	"shoal/internal/lockfile"
	"shoal/internal/usage"
	"shoal/runlog"
	"shoal/track"
)

// PlanFile is the name of the plan in the folder of a sweep.
const PlanFile = "plan.jsonl"

// maxPlanBytes is what a plan of the most items takes.
const maxPlanBytes = 1 << 30

// ErrNoSweep is wrapped by the error for a folder without a plan.
var ErrNoSweep = errors.New("has no " + PlanFile)

// ErrOtherPlan is wrapped by the error for a plan that would change one that is there.
var ErrOtherPlan = errors.New("holds another plan")

// IsSweep reports whether dir holds a plan.
func IsSweep(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, PlanFile))
	return err == nil
}

// Read reads the plan of the sweep in dir. One that was edited is an error.
func Read(dir string) ([]Item, error) {
	path := filepath.Join(dir, PlanFile)
	text, err := atomicfile.ReadSmall(path, maxPlanBytes)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("sweep %q %w", dir, ErrNoSweep)
	}
	if err != nil {
		return nil, fmt.Errorf("sweep %q: %w", dir, err)
	}
	var items []Item
	before := ""
	for k, line := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		it, err := readItem(line)
		if err == nil && (it.Item != k || it.Checksum != it.sum(before)) {
			err = errors.New("it doesn't fit its checksum")
		}
		if err != nil {
			return nil, fmt.Errorf("plan %q was changed: line %d: %w: bring it back, or plan in another folder", path, k+1, err)
		}
		before = it.Checksum
		items = append(items, it)
	}
	return items, nil
}

// readItem reads a line as it was written: no unknown keys, nothing behind it, and a folder of its own
// within the sweep's.
func readItem(line []byte) (Item, error) {
	var it Item
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&it); err != nil {
		return it, fmt.Errorf("it is no item (%w)", err)
	}
	if d.More() {
		return it, errors.New("it has more than an item")
	}
	if it.Folder == "" || strings.ContainsAny(it.Folder, `/\`) || !filepath.IsLocal(it.Folder) {
		return it, fmt.Errorf("%q is no folder within the sweep", it.Folder)
	}
	return it, nil
}

// Save writes the plan of a sweep in dir, which it makes, or adds to the plan that is there the items
// that are new: those keep their lines. It returns the plan and how many items are new. Where an item
// of the old plan is missing from the new one, or is another study there, nothing is changed and the
// error wraps ErrOtherPlan.
func Save(dir string, items []Item) (plan []Item, added int, err error) {
	if runlog.Exists(dir) {
		return nil, 0, fmt.Errorf("folder %q %w: a sweep needs its own", dir, runlog.ErrExists)
	}
	_, statErr := os.Stat(dir)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, 0, fmt.Errorf("make folder of the sweep: %w", err)
	}
	lock, err := lockfile.Take(filepath.Join(dir, "plan.lock"))
	if err != nil {
		return nil, 0, fmt.Errorf("the plan of %q is being written by %w", dir, err)
	}
	defer func() {
		if err != nil && os.IsNotExist(statErr) { // leave nothing of a plan that failed
			_ = lock.Discard()
			_ = os.Remove(dir)
		} else {
			_ = lock.Release()
		}
	}()
	atomicfile.Sweep(dir)
	old, err := Read(dir)
	if err != nil && !errors.Is(err, ErrNoSweep) {
		return nil, 0, err
	}
	if plan, err = grow(dir, old, items); err != nil {
		return nil, 0, err
	}
	if len(plan) == len(old) {
		return plan, 0, nil
	}
	var text bytes.Buffer
	for _, it := range plan {
		line, err := json.Marshal(it)
		if err != nil {
			return nil, 0, err
		}
		text.Write(append(line, '\n'))
	}
	return plan, len(plan) - len(old), atomicfile.WriteFile(filepath.Join(dir, PlanFile), text.Bytes())
}

// grow appends to the old items those that are new, if all old ones are among them.
func grow(dir string, old, items []Item) ([]Item, error) {
	fresh := map[string]Item{}
	for _, it := range items {
		fresh[it.Folder] = it
	}
	for _, it := range old {
		now, ok := fresh[it.Folder]
		if !ok {
			return nil, &usage.Error{Err: fmt.Errorf("sweep %q %w: item %d, %s, is not in this one", dir, ErrOtherPlan, it.Item, it.Folder)}
		}
		if err := sameItem(it, now); err != nil {
			return nil, &usage.Error{Err: fmt.Errorf("sweep %q %w: item %d, %s: %w", dir, ErrOtherPlan, it.Item, it.Folder, err)}
		}
		delete(fresh, it.Folder)
	}
	plan := slices.Clone(old)
	before := ""
	if len(plan) > 0 {
		before = plan[len(plan)-1].Checksum
	}
	for _, it := range items {
		if _, isNew := fresh[it.Folder]; !isNew {
			continue
		}
		it.Item = len(plan)
		it.Checksum = it.sum(before)
		before = it.Checksum
		plan = append(plan, it)
	}
	return plan, nil
}

// sameItem says how the study of an item would change.
func sameItem(old, now Item) error {
	was, err := old.study()
	if err != nil {
		return err
	}
	is, err := now.study()
	if err != nil {
		return err
	}
	changes, err := track.Changes(was, is)
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		c := changes[0]
		return fmt.Errorf("%s is %s in the plan and %s now", c.Key, c.Was, c.Is)
	}
	before, err := was.Encode(nil)
	if err != nil {
		return err
	}
	if after, err := is.Encode(nil); err != nil || !bytes.Equal(before, after) {
		return errors.Join(errors.New("the paths of its files lead elsewhere: plan from the same folder as before"), err)
	}
	return nil
}
