package paper

import (
	"context"
	"encoding/base64"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shoal/internal/atomicfile"
	"shoal/internal/textfmt"
	"shoal/published"
	"shoal/report"
	"shoal/report/figure"
	"shoal/runlog"
)

// drawings are the figures as the page holds them.
type drawings struct {
	Figure1 []panel // one for each of the paper's M
	Others  []panel // the same for other M
	Ladders []panel
	Rungs   map[string][]report.RungRow // by part
	More    []panel                     // infographics, learning order, agreement, bands over seeds; by dataset
	Smaller map[string]smallerFigures   // by part
}

// panel is one figure on the page. Exactly one of SVG and Image is set.
type panel struct {
	Dataset string
	Caption string
	Wide    bool   // takes the page's whole width: letters of a layout of several panels are small
	File    string // below the paper's folder
	Motion  string // the animation's file, "" for none
	SVG     template.HTML
	Image   template.URL
	// Animation is the animation itself, where the page has room for it.
	Animation template.URL
}

// figureFolder is where the figures go.
const figureFolder = "figures"

// draw writes all figures and returns those of the page.
func draw(ctx context.Context, out string, parts []collected, o WriteOptions) (*drawings, error) {
	if err := os.MkdirAll(filepath.Join(out, figureFolder), 0o777); err != nil {
		return nil, fmt.Errorf("make folder for figures: %w", err)
	}
	d := &drawings{Rungs: map[string][]report.RungRow{}, Smaller: map[string]smallerFigures{}}
	a := &artist{ctx: ctx, out: out, dpi: o.DPI}
	columns := slices.DeleteFunc(slices.Clone(parts), func(c collected) bool { return c.Smaller })
	for _, name := range referencesOf(columns) {
		f, err := figure1(ctx, name, columns)
		if err != nil {
			return nil, err
		}
		to := &d.Others
		if ofPaper(name) {
			to = &d.Figure1
		}
		*to = a.add(*to, "", "Figure 1, M = "+name+": R±; R+, R− and accuracy; the table T; one column a dataset, over training steps", f)
	}
	for _, c := range parts {
		if len(c.runs) == 0 {
			continue
		}
		d.Rungs[c.Name] = c.ladder().Rows()
		if c.Smaller {
			d.Smaller[c.Name] = a.ofSmaller(c)
			continue
		}
		d.Ladders = a.ladder(d.Ladders, c)
		d.More = a.infographics(d.More, c)
		d.More = a.learning(d.More, c)
		d.More = a.agreement(d.More, c)
		d.More = a.seeds(d.More, c)
	}
	return d, a.err
}

// ofPaper reports whether an M is one of the paper's, which are the same for all its datasets.
func ofPaper(name string) bool {
	return slices.ContainsFunc(published.Triplets(published.Datasets()[0]), func(t published.Triplet) bool { return t.Reference == name })
}

// ofSmaller draws a smaller network. Its infographics are in its runs' own reports.
func (a *artist) ofSmaller(c collected) smallerFigures {
	f := smallerFigures{Curves: a.seeds(nil, c)}
	if len(f.Curves) == 0 {
		f.Curves = a.only(nil, c)
	}
	f.More = a.agreement(a.learning(a.ladder(nil, c), c), c)
	return f
}

// ladder draws how the references of one accuracy predict the order, where there are some.
func (a *artist) ladder(to []panel, c collected) []panel {
	f := c.ladder().Figure(title(c.Dataset), c.Network)
	if f == nil {
		return to
	}
	f.Name = c.Name + "-" + f.Name
	return a.add(to, c.Dataset, "How references of one accuracy predict the order in which the network learns"+c.asOf(), f)
}

// only draws the curves of the one seed that counts.
func (a *artist) only(to []panel, c collected) []panel {
	for _, ref := range c.references() {
		curves, err := c.seedCurves(a.ctx, ref.Name)
		if err != nil {
			a.err = err
			return to
		}
		if len(curves) == 1 {
			f := figure.Overview(curves[0])
			f.Name = c.Name + "-" + f.Name
			to = a.add(to, c.Dataset, "One seed against "+ref.Name+c.asOf(), f)
		}
	}
	return to
}

// referencesOf lists the names of all M.
func referencesOf(parts []collected) []string {
	var names []string
	for _, c := range parts {
		for _, r := range c.references() {
			if !slices.Contains(names, r.Name) {
				names = append(names, r.Name)
			}
		}
	}
	return names
}

// figure1 has the paper's three columns, also those without a run, and one for each other dataset;
// with several seeds the curves are means with a band.
func figure1(ctx context.Context, reference string, parts []collected) (*figure.Figure, error) {
	var columns []figure.Column
	for _, c := range withPapers(parts) {
		column := figure.Column{Dataset: title(c.Dataset)}
		curves, err := c.seedCurves(ctx, reference)
		if err != nil {
			return nil, err
		}
		if len(curves) > 1 {
			pooled, err := figure.Pool(curves)
			if err != nil {
				return nil, fmt.Errorf("%s over seeds: %w", c.Name, err)
			}
			column.Curves = &pooled
		} else if len(curves) == 1 {
			column.Curves = &curves[0]
		}
		columns = append(columns, column)
	}
	return figure.Figure1(reference, columns), nil
}

// withPapers adds empty parts for those of the paper's datasets that weren't asked for.
func withPapers(parts []collected) []collected {
	var all []collected
	for _, name := range published.Datasets() {
		k := slices.IndexFunc(parts, func(c collected) bool { return c.Dataset == name })
		if k < 0 {
			all = append(all, collected{partState: partState{Name: name, Dataset: name}})
			continue
		}
		all = append(all, parts[k])
	}
	for _, c := range parts {
		if !slices.Contains(published.Datasets(), c.Dataset) {
			all = append(all, c)
		}
	}
	return all
}

// asOf ends the caption of a figure of trainings that aren't over.
func (c collected) asOf() string {
	if c.soFar() {
		return ", so far"
	}
	return ""
}

// seedCurves are the curves of all seeds that count.
func (c collected) seedCurves(ctx context.Context, reference string) ([]figure.Curves, error) {
	return curvesOf(ctx, c.counted(), reference)
}

// besideCurves are those of the one seed that counts and of others that are past their peak; none where there
// are no such, or several seeds that count.
func (c collected) besideCurves(ctx context.Context, reference string) ([]figure.Curves, error) {
	runs, err := c.early(ctx, reference)
	if err != nil || len(c.counted()) != 1 || len(runs) < 2 {
		return nil, err
	}
	return curvesOf(ctx, runs, reference)
}

// curvesOf are the curves of runs against a reference, of those that have it.
func curvesOf(ctx context.Context, runs []*run, reference string) ([]figure.Curves, error) {
	var out []figure.Curves
	for _, r := range runs {
		ref := r.Reference(reference)
		if ref == nil {
			continue
		}
		curves, err := r.curves(ctx, *ref)
		if err != nil {
			return nil, err
		}
		out = append(out, curves)
	}
	return out, nil
}

// artist writes figures until the first error.
type artist struct {
	ctx    context.Context
	out    string
	dpi    int
	moving int // bytes of the animations so far
	err    error
}

// roomForAnimations are the bytes of animations that the page embeds, the first ones; it links to
// all.
const roomForAnimations = 7 << 20

// add writes a figure and adds it to the page's.
func (a *artist) add(to []panel, dataset, caption string, f *figure.Figure) []panel {
	if a.err == nil {
		a.err = report.WriteFigures(a.ctx, filepath.Join(a.out, figureFolder), a.dpi, f)
	}
	if a.err != nil {
		return to
	}
	return append(to, panel{Dataset: title(dataset), Caption: caption, File: figureFolder + "/" + f.Name + ".svg", SVG: report.Inline(f)})
}

// infographics takes over, under the dataset's name, those that the first run that counts has drawn of itself. A
// run that has none yet is drawn first.
func (a *artist) infographics(to []panel, c collected) []panel {
	r := c.counted()[0]
	refs := r.having(c.references())
	if own := slices.DeleteFunc(slices.Clone(refs), func(ref runlog.Reference) bool { return !ofPaper(ref.Name) }); len(own) > 0 {
		refs = own // those of others are in the run's own report: they are large
	}
	for _, ref := range refs {
		a.ensure(r, "infographic-"+textfmt.Slug(ref.Name)+".svg")
	}
	for _, ref := range refs {
		p := panel{Dataset: title(c.Dataset), Caption: "What is learned when: + where " + ref.Name + " is right, − where it is wrong; gold once the network is right" + c.asOf()}
		to = a.take(to, r, c.Name, "infographic-"+textfmt.Slug(ref.Name), p)
	}
	return to
}

// learning draws when the network of the first run that counts learns what each M gets right, and what not.
func (a *artist) learning(to []panel, c collected) []panel {
	r := c.counted()[0]
	for _, ref := range r.having(c.references()) {
		f, err := report.LearningFigure(title(c.Dataset), c.Network, &r.Log, r.Reference(ref.Name).Reference)
		if err != nil {
			a.err = err
			return to
		}
		f.Name = c.Name + "-" + f.Name
		to = a.add(to, c.Dataset, "When examples are learned, by whether "+ref.Name+" is right"+c.asOf(), f)
	}
	return to
}

// take copies the files of one figure of a run, with the part's name before theirs, and adds it to
// the page's.
func (a *artist) take(to []panel, r *run, part, name string, p panel) []panel {
	var data []byte
	for _, file := range []string{name + ".svg", name + ".png", name + ".gif"} {
		if a.err != nil {
			return to
		}
		if data, a.err = os.ReadFile(filepath.Join(r.Dir, figureFolder, file)); a.err != nil {
			a.err = fmt.Errorf("figure of run %q: %w", r.Dir, a.err)
			return to
		}
		a.err = atomicfile.WriteFile(filepath.Join(a.out, figureFolder, part+"-"+file), data)
		if strings.HasSuffix(file, ".png") {
			p.Image = dataURL("image/png", data)
		}
	}
	p.File = figureFolder + "/" + part + "-" + name + ".svg"
	p.Wide = true
	p.Motion = figureFolder + "/" + part + "-" + name + ".gif"
	p.Animation = a.animation(data)
	return append(to, p)
}

// animation embeds an animation as long as there is room on the page.
func (a *artist) animation(data []byte) template.URL {
	if a.moving += len(data); a.moving > roomForAnimations {
		return ""
	}
	return dataURL("image/gif", data)
}

func dataURL(kind string, data []byte) template.URL {
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data))
}

// ensure draws a run's own report when it lacks a figure, or what it has is older than the run's summary.
func (a *artist) ensure(r *run, file string) {
	if a.err != nil {
		return
	}
	if _, err := os.Stat(filepath.Join(r.Dir, figureFolder, file)); err != nil || stale(r.Dir) {
		a.err = report.Write(a.ctx, r.Dir, report.Options{DPI: a.dpi})
	}
}

// agreement draws the agreement of all M and D.
func (a *artist) agreement(to []panel, c collected) []panel {
	heat, err := c.heat()
	if err != nil {
		a.err = err
		return to
	}
	return a.add(to, c.Dataset, "Who is right on the same examples, "+figure.AtTheEnd(c.soFar())+": kappa, 0 when independent, 1 when the same", heat)
}

// seeds draws, with several seeds, their curves with bands; of one that counts and others that are past their
// peak, as far as all are trained.
func (a *artist) seeds(to []panel, c collected) []panel {
	for _, ref := range c.references() {
		curves, err := c.seedCurves(a.ctx, ref.Name)
		how := ": mean and range" + c.asOf()
		if err == nil && len(curves) == 1 {
			curves, err = c.besideCurves(a.ctx, ref.Name)
			how = ", as far as all are trained: mean and range"
		}
		if err != nil {
			a.err = err
			return to
		}
		if len(curves) < 2 {
			continue
		}
		figures, err := report.SeedFigures(curves)
		if err != nil {
			a.err = err
			return to
		}
		for k, f := range figures {
			f.Name = c.Name + "-" + f.Name
			if k == len(figures)-1 {
				if to = a.add(to, c.Dataset, fmt.Sprintf("%d seeds against %s", len(curves), ref.Name)+how, f); a.err == nil {
					to[len(to)-1].Wide = true
				}
				continue
			}
			a.add(nil, c.Dataset, "", f)
		}
	}
	return to
}

// heat is the agreement map of a part.
func (c collected) heat() (*figure.Figure, error) {
	models := c.models()
	h := figure.Heat{Name: c.Name + "-agreement", Title: title(c.Dataset) + " · " + c.Network + ": who is right on the same examples",
		Subtitle: "kappa " + figure.AtTheEnd(c.soFar()) + ": 0 = independent, 1 = right on the same"}
	for _, m := range models {
		h.Models = append(h.Models, m.Name)
	}
	var err error
	if h.Values, err = report.KappaPoints(c.runs[0].Log.Labels, models); err != nil {
		return nil, err
	}
	return h.Draw(), nil
}
