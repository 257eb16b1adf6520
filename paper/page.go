package paper

import (
	"embed"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/report"
)

//go:embed page/page.html.tmpl
var pageFiles embed.FS

//go:embed page/style.css
var style string

// pageView is what the template sees.
type pageView struct {
	*Summary
	*drawings
	Rows       []tripletRow
	Paper      matrix // verdicts on the paper's triplets
	Other      matrix // and on what it says nothing of
	Triplets   []tripletView
	Beyond     bool // some of them aren't the paper's
	Questions  []question
	Intervals  string // what those of the answers cover
	Gaps       []gap
	Columns    []DatasetSummary // the paper's networks that have runs
	Numbers    []numbers        // of each of them
	NumberNote string
	Parts      []DatasetSummary // with runs
	Smaller    []smallerView
	Warnings   []string // of the fits of M
	Regimes    []regimeRow
	Rungs      []rungRow
	Starved    bool // some rung is a starved network
	Easiness   []easinessView
	Cost       table
	CostNote   string
	Style      template.CSS
}

// tripletRow is a line of the table of accuracies, and of that of peaks.
type tripletRow struct {
	Title, Network, Reference      string
	ShallowOurs, ShallowPaper      string
	DeepOurs, DeepRange, DeepPaper string
	Best                           string // accuracy of D
	Runs                           int    // that count for it
	Peaks                          []peakView
}

// peakView is the smoothed peak of one seed.
type peakView struct{ Seed, At, Shape string }

// regimeRow is what one seed says of the order of learning.
type regimeRow struct {
	Title, Reference string
	Seed             uint64
	SoFar            string // of a training that isn't over: how far it is
	Regime, Beyond   string
}

type rungRow struct {
	Title string
	report.RungRow
}

// renderPage fills the template.
func renderPage(s *Summary, d *drawings) ([]byte, error) {
	v := pageView{Summary: s, drawings: d, Style: report.BaseStyle() + template.CSS(style), Easiness: easinessViews(s),
		Paper: s.paperMatrix(), Other: s.otherMatrix(), Triplets: s.tripletViews(), Questions: questionsOf(s.Datasets), Intervals: intervals, NumberNote: numbersNote}
	v.Beyond = slices.ContainsFunc(v.Triplets, func(t tripletView) bool { return !t.OfPaper })
	v.Starved = slices.ContainsFunc(s.Datasets, DatasetSummary.starved)
	v.Gaps, v.Smaller = s.gaps(), smallerViews(s, d)
	v.Cost, v.CostNote = s.costs()
	v.CostNote = textfmt.Signs(v.CostNote)
	for _, data := range s.parts() {
		if len(data.Runs) > 0 {
			v.Parts = append(v.Parts, data)
		}
		v.Warnings = append(v.Warnings, data.warnings()...)
	}
	for _, data := range s.Datasets {
		if len(data.Runs) > 0 {
			v.Columns = append(v.Columns, data)
			v.Numbers = append(v.Numbers, numbersOf(data))
		}
		for _, t := range data.Triplets {
			v.Rows = append(v.Rows, rowOf(data, t))
			for _, r := range t.Regimes {
				v.Regimes = append(v.Regimes, regimeRow{data.Title, t.Reference, r.Seed, data.soFar(), textfmt.SentenceOf(t.Reference, r.Regime.Reason), textfmt.Sentence(r.BeyondAccuracy.Reason)})
			}
		}
		for _, r := range d.Rungs[data.Part] {
			v.Rungs = append(v.Rungs, rungRow{data.Title, r})
		}
	}
	return report.Fill(pageFiles, "page.html.tmpl", v)
}

// starved reports whether the part's ladder has a starved network.
func (d DatasetSummary) starved() bool {
	return slices.ContainsFunc(d.Ladder, func(r RungSummary) bool {
		return strings.HasPrefix(strings.TrimPrefix(r.Name, dynamics.RungPrefix), "starved")
	})
}

func rowOf(d DatasetSummary, t Triplet) tripletRow {
	row := tripletRow{Title: d.Title, Network: d.Network, Reference: t.Reference, ShallowOurs: textfmt.Percent(t.Accuracy), ShallowPaper: optional(t.Published),
		DeepOurs: mean(d.Accuracy), DeepRange: joined("; ", rangeText(d.Accuracy), d.soFar()), DeepPaper: optional(d.Published), Best: mean(d.Best)}
	if d.Accuracy != nil {
		row.Runs = d.Accuracy.Seeds
	}
	for _, e := range t.Evidence {
		p := peakView{}
		if p.At, p.Shape = peakText(e); len(t.Evidence) > 1 {
			p.Seed = fmt.Sprintf("seed %d: ", e.Seed)
		}
		if e.SoFar {
			p.Shape = joined(", ", p.Shape, "so far")
		}
		row.Peaks = append(row.Peaks, p)
	}
	return row
}

// accuracies sets ours beside the paper's, smaller networks below.
func (s *Summary) accuracies() table {
	t := table{Head: []string{"dataset", "network", "M", "M here", "paper", "network at the end, or so far", "at best", "paper", "runs"}}
	for _, d := range s.parts() {
		for _, m := range d.Triplets {
			r := rowOf(d, m)
			deep := r.DeepOurs
			if r.DeepRange != "" {
				deep += " (" + r.DeepRange + ")"
			}
			t.Rows = append(t.Rows, []string{r.Title, r.Network, r.Reference, r.ShallowOurs, r.ShallowPaper, deep, r.Best, r.DeepPaper, fmt.Sprint(r.Runs)})
		}
	}
	return t
}

// joined joins the texts that aren't empty.
func joined(between string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), between)
}

// peakText says where the smoothed peak of a seed lies, and of what shape it is.
func peakText(e Evidence) (at, shape string) {
	if !e.Peak.Defined {
		return "", ""
	}
	if e.PeakStep != nil && e.PeakEpoch != nil {
		at = textfmt.Moment(*e.PeakStep, *e.PeakEpoch)
	}
	if e.PeakSteps.Defined {
		at += fmt.Sprintf(" [%s to %s]", textfmt.Thousands(int(math.Round(e.PeakSteps.Lo))), textfmt.Thousands(int(math.Round(e.PeakSteps.Hi))))
	}
	if e.Modes != nil {
		shape = fmt.Sprintf("%d mode", *e.Modes)
		if *e.Modes != 1 {
			shape += "s"
		}
	}
	if e.Skewness.Defined {
		shape += ", skewness in ln(step) " + estimate(e.Skewness)
	}
	return at, shape
}

func optional(x *float64) string {
	if x == nil {
		return "–"
	}
	return textfmt.Percent(*x)
}

// rangeText is the range over seeds, "" with a single one.
func rangeText(s *Spread) string {
	if s == nil || s.Seeds == 1 {
		return ""
	}
	return fmt.Sprintf("%.2f to %.2f, %d seeds", 100*s.Least, 100*s.Most, s.Seeds)
}

// estimate is like 1.23 [1.20, 1.26].
func estimate(e dynamics.Estimate) string {
	if !e.Defined {
		return "undefined"
	}
	return textfmt.Signs(fmt.Sprintf("%.2f [%.2f, %.2f]", e.Value, e.Lo, e.Hi))
}
