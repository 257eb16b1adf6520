package sweep

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shoal/dynamics"
	"shoal/report"
	"shoal/runlog"
	"shoal/track"
)

// TogetherFile holds the numbers of a page of Together.
const TogetherFile = "runs.json"

// Together writes report.html, runs.json and figures of several runs side by side into the folder out, which
// it makes; a folder that holds files but no runs.json is refused. Runs of one study with other seeds
// are one setting, as in a sweep; a run that repeats a seed, or doesn't know its own, is a setting by
// itself, and those that aren't finished are another one than those that are: a mean of both is of no time. Where all settings that were scored on the same examples have a single run, they are compared
// over examples alone, and the page says so. Equal folders give equal bytes.
func Together(ctx context.Context, dirs []string, out string, o ReportOptions) (*Summary, error) {
	if err := report.OwnFolder(out, TogetherFile); err != nil {
		return nil, err
	}
	s := &Summary{Items: len(dirs), title: "shoal report", dataFile: TogetherFile,
		heading: "Runs side by side", lead: "Runs of one study with other seeds are one setting."}
	groups, err := s.gather(ctx, dirs, o)
	if err != nil {
		return nil, err
	}
	s.single = true
	if err := s.compareAll(ctx, groups, o); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return nil, fmt.Errorf("make folder for the page: %w", err)
	}
	return s, s.write(ctx, out, o)
}

// known is a run with what groups it.
type known struct {
	*outcome
	meta runlog.Meta
}

// gather reads runs and groups them by their studies.
func (s *Summary) gather(ctx context.Context, dirs []string, o ReportOptions) ([]*group, error) {
	var groups []*group
	first := map[*group]known{}
	seen := map[string]bool{}
	for k, dir := range dirs {
		o.progress(k, len(dirs), "read the runs")
		if seen[filepath.Clean(dir)] {
			s.Items--
			continue
		}
		seen[filepath.Clean(dir)] = true
		run, err := s.readKnown(ctx, dir)
		if err != nil {
			return nil, err
		}
		at, err := settingOf(groups, first, run)
		if err != nil {
			return nil, err
		}
		if at == len(groups) {
			groups = append(groups, &group{})
			first[groups[at]] = run
		}
		groups[at].runs = append(groups[at].runs, run.outcome)
		groups[at].planned++
	}
	bySeed(groups)
	var of []known
	for _, g := range groups {
		of = append(of, first[g])
	}
	for k, name := range settingNames(of) {
		groups[k].name = name
	}
	return groups, nil
}

// settingOf is the place of the group that a run is another seed of, one after the last for none.
func settingOf(groups []*group, first map[*group]known, run known) (int, error) {
	for at, g := range groups {
		if run.study == "" || first[g].study != run.study || first[g].over() != run.over() || g.has(run.seed) {
			continue
		}
		if same, err := run.comparable(first[g].outcome); same || err != nil {
			return at, err
		}
	}
	return len(groups), nil
}

// over reports whether the run is finished.
func (k known) over() bool { return k.state == "" }

func (g *group) has(seed uint64) bool {
	return slices.ContainsFunc(g.runs, func(o *outcome) bool { return o.seed == seed })
}

// readKnown reads a run; one that isn't finished stands as far as it is, with a warning.
func (s *Summary) readKnown(ctx context.Context, dir string) (known, error) {
	g, err := runlog.Glance(dir)
	if err != nil {
		return known{}, err
	}
	o, err := readOutcome(ctx, dir)
	if err != nil {
		return known{}, err
	}
	if g.Status != runlog.Finished {
		o.state = string(g.Status)
		s.notes = append(s.notes, fmt.Sprintf("run %q is %s: its numbers are those of its last evaluation so far, and it is in no setting with finished runs", dir, g.Status))
	}
	return known{outcome: o, meta: g.Meta}, nil
}

// mostChanges is how many keys name a setting; beyond, its folder's name says more.
const mostChanges = 4

// settingNames names settings by their studies; those of one name by what differs between them, and
// where that is nothing or too much, by the folder of their first run as well.
func settingNames(of []known) []string {
	names := make([]string, len(of))
	for k, run := range of {
		names[k] = run.meta.Study
		for j, other := range of {
			if j != k && other.meta.Study == run.meta.Study {
				names[k] = strings.TrimSpace(run.meta.Study + " " + whatDiffers(of, k))
			}
		}
	}
	for k := range names {
		same := slices.IndexFunc(names, func(n string) bool { return n == names[k] })
		if same < k || slices.Contains(names[k+1:], names[k]) || names[k] == "" {
			names[k] = strings.TrimSpace(names[k] + " " + filepath.Base(of[k].folder))
		}
	}
	for k := range names { // folders of one name
		if slices.Contains(names[:k], names[k]) {
			names[k] += " (" + of[k].folder + ")"
		}
	}
	return names
}

// whatDiffers lists the keys of study k that another study of its name has otherwise.
func whatDiffers(of []known, k int) string {
	own, err := track.ParseStudy(of[k].meta.StudyTOML)
	if err != nil {
		return ""
	}
	values := map[string]string{}
	for _, other := range of {
		if other.meta.Study != of[k].meta.Study {
			continue
		}
		study, err := track.ParseStudy(other.meta.StudyTOML)
		if err != nil {
			return ""
		}
		changes, err := track.Changes(study, own)
		if err != nil {
			return ""
		}
		for _, c := range changes {
			if key, _, _ := strings.Cut(c.Key, "."); key != "seed" && !strings.HasPrefix(key, "reference") {
				values[c.Key] = c.Is
			}
		}
	}
	if len(values) > mostChanges {
		return ""
	}
	return strings.Join(assigned(values), " ")
}

// compared reports whether the numbers of two settings can be set against each other.
func (s *Summary) compared(a, b *group) bool {
	n, m := len(a.runs), len(b.runs)
	return min(n, m) >= dynamics.LeastSeeds || s.single && n == 1 && m == 1
}
