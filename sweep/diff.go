package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"shoal/dynamics"
	"shoal/internal/usage"
	"shoal/runlog"
	"shoal/track"
)

// Differences are what two runs, or two sweeps, differ in.
type Differences struct {
	A        string        `json:"a"` // the folders
	B        string        `json:"b"`
	Settings []SettingDiff `json:"settings"`
	OnlyA    []string      `json:"only_a,omitempty"` // settings without a finished run in the other
	OnlyB    []string      `json:"only_b,omitempty"`
	// Differ says that some statistic differs beyond its interval.
	Differ   bool     `json:"differ"`
	Warnings []string `json:"warnings,omitempty"`
}

// SettingDiff are the differences of one setting, or of two runs.
type SettingDiff struct {
	Setting string    `json:"setting"`
	SeedsA  []uint64  `json:"seeds_a,omitempty"`
	SeedsB  []uint64  `json:"seeds_b,omitempty"`
	Study   []string  `json:"study,omitempty"` // what differs in the studies
	Rows    []DiffRow `json:"statistics"`
	OnlyA   []string  `json:"references_only_a,omitempty"`
	OnlyB   []string  `json:"references_only_b,omitempty"`
	LeftOut []LeftOut `json:"references_left_out,omitempty"` // others that aren't compared
	Differ  []string  `json:"references_differ,omitempty"`   // which aren't the same M on both sides
	a, b    *group
}

// DiffRow is one statistic of both sides.
type DiffRow struct {
	A          Number     `json:"a"`
	B          Number     `json:"b"`
	Comparison Comparison `json:"comparison"`
}

// Diff compares two runs, or two sweeps setting by setting. Of single runs intervals are over examples
// only: another seed of the same study may differ beyond them, which a warning says. The comparisons are
// corrected for their number, all of them together. Runs that were scored on other examples are an
// error.
func Diff(ctx context.Context, a, b string, o dynamics.Resampling) (*Differences, error) {
	ga, err := groupsOf(ctx, a, o.Workers)
	if err != nil {
		return nil, err
	}
	gb, err := groupsOf(ctx, b, o.Workers)
	if err != nil {
		return nil, err
	}
	if IsSweep(a) != IsSweep(b) {
		return nil, usage.Errorf("%q and %q are a run and a sweep: compare two runs or two sweeps", a, b)
	}
	d := &Differences{A: a, B: b}
	d.match(ga, gb)
	if len(d.Settings) == 0 {
		return nil, fmt.Errorf("%q and %q have no setting in common with a finished run on both sides", a, b)
	}
	o.Replicates = cmp.Or(o.Replicates, 500)
	for k := range d.Settings {
		if err := d.Settings[k].compare(ctx, o); err != nil {
			return nil, err
		}
	}
	d.judge()
	for _, dir := range []string{a, b} {
		if status, err := runlog.StatusOf(dir); err == nil && status != runlog.Finished && !IsSweep(dir) {
			d.Warnings = append(d.Warnings, fmt.Sprintf("%q is not finished (%s): its last evaluation so far is compared", dir, status))
		}
	}
	return d, nil
}

// groupsOf reads a run as one group, and a sweep as those of its settings.
func groupsOf(ctx context.Context, dir string, workers int) ([]*group, error) {
	if IsSweep(dir) {
		groups, err := collect(ctx, dir, workers, nil)
		return groups, cmp.Or(err, errors.Join(damaged(groups)...))
	}
	if !runlog.Exists(dir) {
		return nil, fmt.Errorf("%q is neither a run nor a sweep: %w", dir, runlog.ErrNotRun)
	}
	o, err := readOutcome(ctx, dir)
	if err != nil {
		return nil, err
	}
	return []*group{{name: filepath.Base(dir), planned: 1, runs: []*outcome{o}}}, nil
}

// match pairs settings by their names; two runs, and the only settings of two sweeps, whatever they are
// called.
func (d *Differences) match(a, b []*group) {
	if len(a) == 1 && len(b) == 1 && len(a[0].runs) > 0 && len(b[0].runs) > 0 {
		name := a[0].name
		if b[0].name != name {
			name += " and " + b[0].name
		}
		d.Settings = append(d.Settings, SettingDiff{Setting: name, a: a[0], b: b[0]})
		return
	}
	named := func(groups []*group, name string) *group {
		k := slices.IndexFunc(groups, func(g *group) bool { return g.name == name && len(g.runs) > 0 })
		if k < 0 {
			return nil
		}
		return groups[k]
	}
	for _, g := range a {
		if other := named(b, g.name); len(g.runs) > 0 && other != nil {
			d.Settings = append(d.Settings, SettingDiff{Setting: g.name, a: g, b: other})
		} else {
			d.OnlyA = append(d.OnlyA, g.name)
		}
	}
	for _, g := range b {
		if named(a, g.name) == nil || len(g.runs) == 0 {
			d.OnlyB = append(d.OnlyB, g.name)
		}
	}
}

// compare fills in the statistics of one pair.
func (s *SettingDiff) compare(ctx context.Context, o dynamics.Resampling) error {
	first := s.a.runs[0]
	for _, run := range slices.Concat(s.a.runs, s.b.runs) {
		if run == first {
			continue
		}
		if err := runlog.SameExamples(first.folder, run.folder); err != nil {
			return fmt.Errorf("%w; their statistics can't be compared", err)
		}
	}
	both := []*group{s.a, s.b}
	references, left, differ := commonReferences(both)
	s.leaveOut(left)
	s.Differ = differ
	s.SeedsA, s.SeedsB = s.a.seeds(), s.b.seeds()
	x, err := resample(ctx, both, references, o)
	if err != nil {
		return err
	}
	a, b := x.numbers(s.a, references), x.numbers(s.b, references)
	for k := range a {
		s.Rows = append(s.Rows, DiffRow{a[k], b[k], compare(s.a, s.b, a[k], b[k])})
	}
	s.Study, err = studyDifferences(first.folder, s.b.runs[0].folder)
	return err
}

// leaveOut sorts the references that aren't compared: those of one side only, and others.
func (s *SettingDiff) leaveOut(left []LeftOut) {
	a, b := referencesOf([]*group{s.a}), referencesOf([]*group{s.b})
	for _, l := range left {
		switch name := l.References[0]; { // those of one reason are in the same runs
		case !slices.Contains(b, name):
			s.OnlyA = append(s.OnlyA, l.References...)
		case !slices.Contains(a, name):
			s.OnlyB = append(s.OnlyB, l.References...)
		default:
			s.LeftOut = append(s.LeftOut, l)
		}
	}
}

// studyDifferences says what differs between the studies of two runs, but for their seeds and names;
// nothing for a run that no study defines.
func studyDifferences(a, b string) ([]string, error) {
	x, errA := track.ReadStudy(filepath.Join(a, track.StudyFile))
	y, errB := track.ReadStudy(filepath.Join(b, track.StudyFile))
	if errA != nil || errB != nil {
		return nil, nil
	}
	y.Seed, y.Name = x.Seed, x.Name
	changed, err := track.Changes(x, y)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, c := range changed {
		out = append(out, fmt.Sprintf("%s is %s in A and %s in B", c.Key, c.Was, c.Is))
	}
	return out, nil
}

// judge corrects all comparisons together, and says what a reader must know.
func (d *Differences) judge() {
	var family []Comparison
	single, few, unknown := false, false, 0
	for _, s := range d.Settings {
		for _, r := range s.Rows {
			family = append(family, r.Comparison)
			if !r.Comparison.Difference.Defined {
				unknown++
			}
		}
		small := min(len(s.a.runs), len(s.b.runs))
		single = single || small == 1 && max(len(s.a.runs), len(s.b.runs)) == 1
		few = few || small < dynamics.LeastSeeds && max(len(s.a.runs), len(s.b.runs)) > 1
	}
	judge(family)
	k := 0
	for i := range d.Settings {
		for j := range d.Settings[i].Rows {
			d.Settings[i].Rows[j].Comparison = family[k]
			d.Differ = d.Differ || family[k].Verdict == Higher || family[k].Verdict == Lower
			k++
		}
	}
	if single {
		d.Warnings = append(d.Warnings, "single runs: intervals are over examples only, and another seed of the same study may differ beyond them")
	}
	if few {
		d.Warnings = append(d.Warnings, fmt.Sprintf("fewer than %d seeds on one side: nothing can be told there", dynamics.LeastSeeds))
	}
	if unknown == len(family) {
		d.Warnings = append(d.Warnings, "no statistic could be compared")
	}
}

// ErrDiffer is the error of a comparison that was asked to fail where something differs.
var ErrDiffer = errors.New("statistics differ beyond their intervals")

// Text is a number with its interval, for a terminal: shares in per cent.
func (n Number) Text() string { return numberText(n) }

// notTold stands where two numbers couldn't be compared.
const notTold = "cannot be told"

// told reports whether two numbers could be compared.
func (c Comparison) told() bool {
	return c.Difference.Defined && !math.IsNaN(float64(c.Corrected))
}

// Text is the difference and its verdict, for a terminal.
func (c Comparison) Text() string {
	text := differenceText(c)
	switch {
	case !c.told():
		return notTold
	case c.Verdict == Higher || c.Verdict == Lower:
		return text + "  differs"
	}
	return text
}
