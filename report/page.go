package report

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"shoal/contingency"
	"shoal/dataset"
	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/published"
	"shoal/report/figure"
	"shoal/runlog"
)

// The page's parts. The scripts run in the order of scriptNames, as one.
//
//go:embed page/*.html.tmpl page/*.js
var pageFiles embed.FS

var scriptNames = []string{"core.js", "hover.js", "explorer.js", "cards.js", "table.js", "learned.js", "pick.js", "links.js", "start.js"}

// page is what the template sees.
type page struct {
	Title, Study, Dataset, Network string
	Findings                       []template.HTML // the sentences beneath the answer
	Terms                          []term
	Glance                         []glanceRow
	Warnings                       []string
	Facts                          []Fact
	Readouts                       []contingency.Statistic
	Accuracies                     []accuracyRow
	HasPaper                       bool
	Judgements                     []judgementView
	OtherJudgements                []judgementView // against other networks
	Regimes                        answers
	Sets                           []setView
	Heat, DataMap                  template.HTML
	Analogue                       bool                   // the measures over values are of a test split
	LabelErrors                    *published.LabelErrors // nil: nothing is known of the split's labels
	Found                          string                 // how many of those are among the suspects
	Trained                        bool                   // the examples are those that the network trained on
	Predictions                    []predictionRow
	Memorised                      []memorisedRow // of a training split
	Ladder                         []RungRow
	LadderFigure                   template.HTML
	Classes                        []classRow
	Groups                         *groupsView // nil for none
	Evaluations, Shown             string
	End                            string // "at the end", or of a run that isn't finished "so far"
	Examples                       string
	Images                         string    // a sentence when images are missing
	Live                           *liveView // nil: the page of a report
	Style                          template.CSS
	Script                         template.JS
	Data                           template.JS
	Blobs                          template.HTML
}

type accuracyRow struct{ Name, Kind, Ours, Paper, Fit string }

// answers are those against all references; what the network learns first has to be on the first screens,
// too, so that a third and a fourth reference are folded.
type answers []regimeView

const unfoldedAnswers = 2

// First are the answers that are shown.
func (a answers) First() answers { return a[:min(len(a), unfoldedAnswers)] }

// Rest are those that are folded.
func (a answers) Rest() answers { return a[len(a.First()):] }

// regimeView is the answer to the paper's question against one reference.
type regimeView struct {
	Reference string
	Figure    template.HTML
	Sentence  string
	Beyond    string // whether R± tells more than accuracy does
}

type setView struct {
	Index        int
	Reference    string
	Curves, More []template.HTML
}

type judgementView struct {
	Reference string
	Verdicts  []verdictView
}

type verdictView struct {
	Claim                         int
	Title, Verdict, Class, Reason string
	Numbers                       []Fact
}

// page writes the self-contained page, or that of a run that grows.
func (d *drawing) page(ctx context.Context, live *Live, o Options) ([]byte, error) {
	views, regimes, figures := d.views()
	const texts = 256 << 10 // style, script, tables, and the numbers of the slider
	data, b, s, err := d.data(d.judged, live, func(used int) int {
		return (cmp.Or(o.PageBytes, 14<<20) - figures - used - texts - 250*len(d.shown)*len(d.sets)) * 3 / 4 // base64
	})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := d.view(d.judged, s)
	p.Sets, p.Regimes, p.Heat, p.DataMap = views, regimes, Inline(d.heat), Inline(d.dataMap)
	p.Ladder, p.LadderFigure = d.in.Ladder.Rows(), Inline(d.ladder)
	if p.Predictions, err = d.predictions(); err != nil {
		return nil, err
	}
	if p.Classes, err = d.byClass(); err != nil {
		return nil, err
	}
	p.Groups = d.groupsView(d.groups, d.byGroup)
	p.Data, p.Blobs = template.JS(data), b.html()
	names := scriptNames
	if live != nil {
		p.Live, names = d.liveView(live), slices.Insert(slices.Clone(names), len(names)-1, liveScript)
	}
	if p.Script, err = scripts(names); err != nil {
		return nil, err
	}
	return Fill(pageFiles, "page.html.tmpl", p)
}

// views are the figures as the page has them, and how many bytes they take.
func (d *drawing) views() (views []setView, regimes answers, bytes int) {
	bytes = len(Inline(d.heat)) + len(Inline(d.dataMap))
	for _, f := range inlined(d.byGroup...) {
		bytes += len(f)
	}
	for k, set := range d.sets {
		if d.in.References[k].Kind != controlKind {
			view := regimeView{set.reference, inlined(set.regime)[0], set.answer, textfmt.Sentence(d.judged[k].BeyondAccuracy.Reason)}
			regimes, bytes = append(regimes, view), bytes+len(view.Figure)
		}
		views = append(views, setView{Index: k, Reference: set.reference, Curves: inlined(set.curves...), More: inlined(set.more...)})
		for _, f := range slices.Concat(views[k].Curves, views[k].More) {
			bytes += len(f)
		}
	}
	return views, regimes, bytes
}

// scripts joins the page's scripts, which run as one.
func scripts(names []string) (template.JS, error) {
	var script strings.Builder
	for _, name := range names {
		text, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			return "", err
		}
		script.Write(text)
	}
	return template.JS(script.String()), nil
}

// Fill makes a page from the template name in the folder page of files. Templates may call title,
// percent, thousands, duration, size, epochs and signs.
func Fill(files embed.FS, name string, view any) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{
		"title": func(name string) string { return dataset.Describe(name).Title }, "percent": textfmt.Percent,
		"thousands": textfmt.Thousands, "duration": textfmt.Duration, "size": textfmt.Bytes, "epochs": textfmt.Epochs,
		"signs": textfmt.Signs,
	}).ParseFS(files, "page/"+name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, view); err != nil {
		return nil, fmt.Errorf("write page: %w", err)
	}
	return out.Bytes(), nil
}

// baseStyle is what pages have in common: colours in light and dark, type, tables, badges, figures.
//
//go:embed page/base.css
var baseStyle string

// BaseStyle is the style sheet that all of shoal's pages begin with.
func BaseStyle() template.CSS { return template.CSS(baseStyle) }

// ownStyle is what the pages of this package have beyond it.
//
//go:embed page/style.css
var ownStyle string

// workStyle is that of the first screen, and of what is worked with: selection, details.
//
//go:embed page/work.css
var workStyle string

func pageStyle() template.CSS { return BaseStyle() + template.CSS(ownStyle+workStyle) }

// Inline is a figure for a page with BaseStyle: the figure and its variant for narrow screens, of
// which the style sheet shows one; nothing for nil.
func Inline(f *figure.Figure) template.HTML {
	if f == nil {
		return ""
	}
	if f.Slim() == nil {
		return template.HTML(f.Inline())
	}
	return template.HTML(`<div class="roomy">` + f.Inline() + `</div><div class="slim">` + f.Slim().Inline() + `</div>`)
}

func inlined(figures ...*figure.Figure) []template.HTML {
	var out []template.HTML
	for _, f := range figures {
		out = append(out, Inline(f))
	}
	return out
}

func (a *analysis) view(judged []*dynamics.Judgement, s *sprites) page {
	in := a.in
	n := len(in.Log.Labels)
	p := page{Title: in.title() + " · " + in.Network, Study: in.Study, Dataset: in.title(), Network: in.Network,
		Warnings: in.Warnings, Facts: in.Facts, Readouts: readouts(), Examples: textfmt.Thousands(n),
		Evaluations: textfmt.Thousands(len(in.Log.Steps)), Shown: textfmt.Thousands(len(a.shown)), Style: pageStyle(), End: figure.AtTheEnd(in.SoFar)}
	p.LabelErrors, p.Found = in.LabelErrors, foundText(runlog.FindErrors(a.suspects, in.LabelErrors))
	p.Analogue, p.Trained, p.Memorised = !in.trained(), in.trained(), a.memorised()
	p.Findings, p.Terms = a.findings(), terms()
	p.Glance = a.glance(judged)
	p.Accuracies, p.HasPaper = a.accuracies()
	switch {
	case s == nil:
		p.Images = "This run keeps no images of its examples; the galleries show numbers alone."
	case len(s.ids) < n:
		p.Images = fmt.Sprintf("To keep the file small, the page holds the images of %s of the %s examples; those that some model gets wrong come first.", textfmt.Thousands(len(s.ids)), textfmt.Thousands(n))
	}
	for k, j := range judged {
		if v := a.judgementOf(k, j); a.in.References[k].Kind == controlKind {
			p.OtherJudgements = append(p.OtherJudgements, v)
		} else {
			p.Judgements = append(p.Judgements, v)
		}
	}
	return p
}

// wantedImages orders the examples: first those that the network misses at the end or a reference
// gets wrong, which are what the galleries are for, then the rest.
func (a *analysis) wantedImages() []uint32 {
	log := &a.in.Log
	all := [][]bool{log.Correct(len(log.Predictions) - 1)}
	for _, r := range a.in.References {
		all = append(all, r.Correct(log.Labels))
	}
	var wanted, rest []uint32
	for i := range log.Labels {
		hit := true
		for _, right := range all {
			hit = hit && right[i]
		}
		if hit {
			rest = append(rest, uint32(i))
		} else {
			wanted = append(wanted, uint32(i))
		}
	}
	return append(wanted, rest...)
}

// accuracies lists our accuracies and the paper's.
func (a *analysis) accuracies() (rows []accuracyRow, hasPaper bool) {
	numbers, ok := published.For(a.in.Dataset)
	text := func(v float64) string {
		if v == 0 {
			return "–"
		}
		return textfmt.Percent(v)
	}
	for k, r := range a.in.References {
		row := accuracyRow{Name: r.Name, Kind: r.Kind, Ours: textfmt.Percent(a.drawn[k].ReferenceAccuracy), Paper: text(numbers.Reference(r.Name, r.Kind))}
		if r.FitSeconds > 0 {
			row.Fit = textfmt.Duration(r.FitSeconds)
		}
		rows = append(rows, row)
	}
	acc := a.drawn[0].Accuracy
	best := slices.Index(acc, slices.Max(acc))
	rows = append(rows, accuracyRow{Name: a.in.Network, Kind: "network, last evaluation", Ours: textfmt.Percent(acc[len(acc)-1]), Paper: text(numbers.Network)})
	if acc[best] > acc[len(acc)-1] {
		rows = append(rows, accuracyRow{Name: a.in.Network, Kind: "network, best (step " + textfmt.Thousands(a.in.Log.Steps[best]) + ")", Ours: textfmt.Percent(acc[best]), Paper: "–"})
	}
	if ok {
		rows[len(a.in.References)].Kind += "; the paper’s is a " + numbers.NetworkName
	}
	return rows, ok
}
