package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shoal/dataset"
	"shoal/dynamics"
	"shoal/internal/atomicfile"
	"shoal/report"
	"shoal/report/figure"
	"shoal/runlog"
)

// Files of a report.
const (
	PageFile   = "report.html"
	DataFile   = "sweep.json"
	figureFile = "figures"
)

// ReportOptions say how to draw and how to compare. The zero value is the default.
type ReportOptions struct {
	DPI        int // of PNG files; 0 means 200
	Resampling dynamics.Resampling
	Progress   func(done, total int, note string)
}

func (o ReportOptions) progress(done, total int, note string) {
	if o.Progress != nil {
		o.Progress(done, total, note)
	}
}

// Summary is what the report of a sweep says: sweep.json.
type Summary struct {
	Items    int        `json:"items"`
	Finished int        `json:"finished"`
	Families []Family   `json:"families"`
	Missing  []string   `json:"missing,omitempty"` // settings without a finished run
	Damaged  []string   `json:"damaged,omitempty"` // why runs that are left out can't be read
	pages    []drawings // of the families, in their order

	title, dataFile, heading, lead string   // of the page
	notes                          []string // that its reader must know
	single                         bool     // settings of a single run are compared, over examples
}

// Family are the settings whose runs are scored on the same examples: what can be compared.
type Family struct {
	Dataset    string       `json:"dataset"`
	Networks   []string     `json:"networks"`
	References []string     `json:"references"` // that all runs have, each one M within a setting
	LeftOut    []LeftOut    `json:"references_left_out,omitempty"`
	Differ     []string     `json:"references_differ,omitempty"` // of which settings have other M
	Settings   []Result     `json:"settings"`
	Families   string       `json:"corrected_for"` // what the comparisons are corrected for
	Compared   []Comparison `json:"comparisons"`

	common string // what the names of all settings have, without which short ones are
}

// Result is one setting.
type Result struct {
	Setting string   `json:"setting"`
	Planned int      `json:"planned"`
	Seeds   []uint64 `json:"seeds"` // that are finished
	Runs    []string `json:"runs"`  // their folders
	Numbers []Number `json:"numbers"`

	outcomes []*outcome
	short    string // its name on the page
}

// allPairs is how many settings are compared each with each; of more, each is compared with the first.
const allPairs = 12

// Report writes sweep.json, report.html and figures of the sweep in dir from its folders alone: the
// finished runs, setting by setting. Equal folders give equal bytes.
func Report(ctx context.Context, dir string, o ReportOptions) (*Summary, error) {
	groups, err := collect(ctx, dir, o.Resampling.Workers, func(done, total int) { o.progress(done, total, "read the runs") })
	if err != nil {
		return nil, err
	}
	s := &Summary{title: "shoal sweep report", dataFile: DataFile, heading: "What the settings change",
		lead: "A setting is a study with its changes; its runs differ in their seed only."}
	for _, g := range groups {
		s.Items += g.planned
		if len(g.runs) == 0 {
			s.Missing = append(s.Missing, g.name)
		}
	}
	broken := damaged(groups)
	if len(s.Missing) == len(groups) && len(broken) > 0 {
		return nil, fmt.Errorf("sweep %q has no finished run that can be read: %w", dir, errors.Join(broken...))
	}
	if len(s.Missing) == len(groups) {
		return nil, fmt.Errorf("sweep %q has no finished run yet", dir)
	}
	for _, err := range broken {
		s.Damaged = append(s.Damaged, err.Error())
	}
	if err := s.compareAll(ctx, groups, o); err != nil {
		return nil, err
	}
	return s, s.write(ctx, dir, o)
}

// compareAll compares the settings of each family, and draws them.
func (s *Summary) compareAll(ctx context.Context, groups []*group, o ReportOptions) error {
	for _, g := range groups {
		s.Finished += len(g.runs)
	}
	all, err := families(groups)
	if err != nil {
		return err
	}
	for _, family := range all {
		o.progress(s.Finished, s.Items, "compare the settings")
		f, drawn, err := s.makeFamily(ctx, family, o)
		if err != nil {
			return err
		}
		s.Families, s.pages = append(s.Families, *f), append(s.pages, *drawn)
	}
	o.progress(s.Finished, s.Items, "draw figures and page")
	return nil
}

// families groups settings by the examples that their runs are scored on, in their order. A setting
// without a finished run is in none.
func families(groups []*group) ([][]*group, error) {
	var out [][]*group
	for _, g := range groups {
		if len(g.runs) == 0 {
			continue
		}
		at := 0
		for ; at < len(out); at++ {
			same, err := g.runs[0].comparable(out[at][0].runs[0])
			if err != nil {
				return nil, err
			}
			if same {
				break
			}
		}
		if at == len(out) {
			out = append(out, nil)
		}
		out[at] = append(out[at], g)
	}
	return out, nil
}

// comparable reports whether two runs score the same examples of one dataset.
func (o *outcome) comparable(other *outcome) (bool, error) {
	if o.dataset != other.dataset || o.labels != other.labels {
		return false, nil
	}
	err := runlog.SameExamples(other.folder, o.folder)
	if errors.Is(err, runlog.ErrOtherExamples) {
		return false, nil
	}
	return err == nil, err
}

// makeFamily compares the settings of a family.
func (s *Summary) makeFamily(ctx context.Context, groups []*group, o ReportOptions) (*Family, *drawings, error) {
	f := &Family{Dataset: groups[0].runs[0].dataset}
	f.References, f.LeftOut, f.Differ = commonReferences(groups)
	o.Resampling.Replicates = cmp.Or(o.Resampling.Replicates, 500)
	x, err := resample(ctx, groups, f.References, o.Resampling)
	if err != nil {
		return nil, nil, err
	}
	for _, g := range groups {
		r := Result{Setting: g.name, Seeds: g.seeds(), Planned: g.planned, Numbers: x.numbers(g, f.References)}
		for _, run := range g.runs {
			r.Runs, r.outcomes = append(r.Runs, filepath.Base(run.folder)), append(r.outcomes, run)
			if name := run.network; !slices.Contains(f.Networks, name) {
				f.Networks = append(f.Networks, name)
			}
		}
		f.Settings = append(f.Settings, r)
	}
	f.nameShort()
	s.compare(f, groups)
	return f, draw(f, groups), nil
}

// compare compares settings of a family of which both have seeds enough, statistic by statistic; each is
// a family of its own for the correction.
func (s *Summary) compare(f *Family, groups []*group) {
	f.Families = "all pairs of settings, statistic by statistic"
	if len(groups) > allPairs {
		f.Families = "all comparisons with the first setting, statistic by statistic"
	}
	for k := range f.Settings[0].Numbers {
		var of []Comparison
		for i := range groups {
			for j := i + 1; j < len(groups); j++ {
				if i > 0 && len(groups) > allPairs || !s.compared(groups[i], groups[j]) {
					continue
				}
				of = append(of, compare(groups[i], groups[j], f.Settings[i].Numbers[k], f.Settings[j].Numbers[k]))
			}
		}
		judge(of)
		f.Compared = append(f.Compared, of...)
	}
}

// between is the comparison of two settings, nil where there is none.
func (f *Family) between(a, b, statistic, reference string) *Comparison {
	for k := range f.Compared {
		if c := &f.Compared[k]; c.A == a && c.B == b && c.Statistic == statistic && c.Reference == reference {
			return c
		}
	}
	return nil
}

// write writes the files.
func (s *Summary) write(ctx context.Context, dir string, o ReportOptions) error {
	atomicfile.Sweep(dir)
	folder := filepath.Join(dir, figureFile)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("make folder for figures: %w", err)
	}
	dpi := cmp.Or(o.DPI, 200)
	for k := range s.pages {
		var files []*figure.Figure
		for _, f := range s.pages[k].shared {
			if len(s.pages) > 1 {
				f.Name += fmt.Sprintf("-%d", k+1)
			}
			files = append(files, f)
		}
		if err := report.WriteFigures(ctx, folder, dpi, files...); err != nil {
			return err
		}
	}
	html, err := s.page(dir)
	if err != nil {
		return err
	}
	return errors.Join(atomicfile.WriteJSON(filepath.Join(dir, s.dataFile), s), atomicfile.WriteFile(filepath.Join(dir, PageFile), html))
}

// drawings are the figures of a family.
type drawings struct {
	shared   []*figure.Figure // of all settings
	settings []settingFigure
	notes    []string // what couldn't be drawn
}

// settingFigure are the curves of one setting against one reference.
type settingFigure struct {
	setting, reference string
	figure             *figure.Figure
}

// draw draws accuracy by setting, and for every setting its curves with bands over seeds.
func draw(f *Family, groups []*group) *drawings {
	d := &drawings{}
	names := make([]string, len(groups))
	for k, r := range f.Settings {
		names[k] = r.short
	}
	t := figure.Trials{Dataset: dataset.Describe(f.Dataset).Title, Network: strings.Join(f.Networks, ", "), What: "settings", File: "settings", Baseline: names[0]}
	for k, g := range groups {
		t.List = append(t.List, trial(f, k, g, names[k]))
		t.SoFar = t.SoFar || slices.ContainsFunc(g.runs, func(o *outcome) bool { return o.soFar })
		for _, name := range f.References {
			fig, err := overview(g, name, names[k])
			if err != nil {
				d.notes = append(d.notes, fmt.Sprintf("%s, %s: %v", names[k], name, err))
				continue
			}
			d.settings = append(d.settings, settingFigure{names[k], name, fig})
		}
	}
	d.shared = f.beside(groups, names)
	switch {
	case len(t.List) == 1: // its own curves show it
	case len(t.List) > mostTrials:
		d.notes = append(d.notes, fmt.Sprintf("the figures of all settings are left out: there are %d, and room for %d", len(t.List), mostTrials))
	case len(d.shared) > 0: // they have the accuracies
		d.shared = append(d.shared, t.Finals())
	default:
		d.shared = []*figure.Figure{t.Curves(), t.Finals()}
	}
	return d
}

// beside draws the settings over each other, a figure for each reference; none where there are too many,
// or where the seeds of one have no evaluated step in common.
func (f *Family) beside(groups []*group, names []string) []*figure.Figure {
	if len(groups) < 2 || len(groups) > figure.MostBeside {
		return nil
	}
	var out []*figure.Figure
	for _, reference := range f.References {
		b := figure.Beside{Reference: reference, File: "side-by-side", Names: names}
		for _, g := range groups {
			c, err := g.pooled(reference)
			if err != nil {
				return nil
			}
			b.Curves = append(b.Curves, c)
		}
		out = append(out, b.Draw())
	}
	return out
}

// pooled are the curves of a setting, with bands over its seeds where there are several.
func (g *group) pooled(reference string) (figure.Curves, error) {
	var curves []figure.Curves
	for _, run := range g.runs {
		curves = append(curves, run.reference(reference).curves)
	}
	if len(curves) == 1 {
		return curves[0], nil
	}
	return figure.Pool(curves)
}

// nameShort gives the settings their names for people: without what all of them have, which common keeps,
// and keys without their tables. They stay as they are where that would leave nothing, or two of one name.
func (f *Family) nameShort() {
	count := map[string]int{}
	for k := range f.Settings {
		r := &f.Settings[k]
		r.short = r.Setting
		for _, word := range strings.Fields(r.Setting) {
			count[word]++
		}
	}
	var common, short []string
	for k, r := range f.Settings {
		var words []string
		for _, word := range strings.Fields(r.Setting) {
			if count[word] == len(f.Settings) {
				if k == 0 {
					common = append(common, word)
				}
				continue
			}
			if key, value, ok := strings.Cut(word, "="); ok {
				word = key[strings.LastIndexByte(key, '.')+1:] + "=" + value
			}
			words = append(words, word)
		}
		short = append(short, strings.Join(words, " "))
	}
	sorted := slices.Sorted(slices.Values(short))
	if sorted[0] == "" || len(slices.Compact(sorted)) < len(short) {
		return
	}
	f.common = strings.Join(common, " ")
	for k := range f.Settings {
		f.Settings[k].short = short[k]
	}
}

// shortOf is the short name of a setting.
func (f *Family) shortOf(setting string) string {
	for _, r := range f.Settings {
		if r.Setting == setting {
			return r.short
		}
	}
	return setting
}

// mostTrials is how many settings one figure has room for.
const mostTrials = 60

// overview has the curves of a setting, which is its name for people, with bands over seeds where there are several.
func overview(g *group, reference, setting string) (*figure.Figure, error) {
	c, err := g.pooled(reference)
	if err != nil {
		return nil, err
	}
	c.Note = setting
	if len(g.runs) == 1 {
		c.Note = "one seed: bands are over examples"
	}
	return figure.Overview(c), nil
}

// trial is a setting in the figures of all.
func trial(f *Family, k int, g *group, name string) figure.Trial {
	x := figure.Trial{Name: name}
	n := f.Settings[k].Numbers[0] // accuracy
	x.Final = point(float64(n.Mean), n.Interval)
	for _, v := range n.Values {
		x.Seeds = append(x.Seeds, float64(v))
	}
	if c := f.between(f.Settings[0].Setting, g.name, n.Statistic, n.Reference); c != nil && c.Difference.Defined {
		x.Difference, x.Apart = figure.Between(c.Difference.Value, c.Difference.Lo, c.Difference.Hi), c.Verdict != NotToldApart
	}
	for t, step := range g.runs[0].steps {
		var values []float64
		for _, run := range g.runs {
			if v, ok := run.accuracyAt(step); ok {
				values = append(values, v)
			}
		}
		if len(values) < len(g.runs) {
			continue
		}
		mean := 0.0
		for _, v := range values {
			mean += v / float64(len(values))
		}
		x.Steps, x.Epochs = append(x.Steps, step), append(x.Epochs, g.runs[0].epochs[t])
		x.Accuracy = append(x.Accuracy, point(mean, dynamics.OverSeeds(values)))
	}
	return x
}

// point has an interval where there is one.
func point(v float64, e dynamics.Estimate) figure.Point {
	if !e.Defined {
		return figure.Exact(v)
	}
	return figure.Between(v, e.Lo, e.Hi)
}
