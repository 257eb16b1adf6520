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
	"shoal/published"
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
	Rows     []tripletRow
	Claims   []int // that the table has a column for
	Together []overallRow
	Gaps     []gap
	Columns  []DatasetSummary // the paper's networks that have runs
	Numbers  []numbers        // of each of them
	Parts    []DatasetSummary // with runs
	Smaller  []smallerView
	Warnings []string // of the fits of M
	Regimes  []regimeRow
	Rungs    []rungRow
	Starved  bool // some rung is a starved network
	Easiness []easinessView
	Legend   string // of the claims
	Style    template.CSS
}

// claimLegend says what the claims are that tables head by their numbers.
const claimLegend = "(1) R± starts at 1.0; (2) it has one sharp, right-skewed peak; (3) it settles slowly on a value that is not 1.0; (4) some examples that M gets right stay wrong for D at convergence (the paper excepts MNIST); (5) R+ reaches about 60 % while accuracy is about 20 % and R− about 15 % (claimed of CIFAR-100 with the SVM); (6) at convergence D gets more of M’s right answers right than of M’s errors; (7) the peak comes before a fifth of the first epoch (claimed of some triplets)"

// tripletRow is a line of the table.
type tripletRow struct {
	Title, Network, Reference      string
	ShallowOurs, ShallowPaper      string
	DeepOurs, DeepRange, DeepPaper string
	Best                           string // accuracy of D
	PeakAt, Shape                  string
	Claims                         []claimView // all of them
	Shown                          []claimView // those with a column
}

type overallRow struct {
	Claim                    int
	Sentence, Verdict, Class string
}

type claimView struct {
	Claim                                           int
	Title, Verdict, Class, Paper, Agreement, Reason string
	Seeds                                           []seedView
}

type seedView struct {
	Seed            uint64
	Verdict, Reason string
}

// regimeRow is what one seed says of the order of learning.
type regimeRow struct {
	Title, Reference string
	Seed             uint64
	Regime, Beyond   string
}

type rungRow struct {
	Title string
	report.RungRow
}

// renderPage fills the template.
func renderPage(s *Summary, d *drawings) ([]byte, error) {
	v := pageView{Summary: s, drawings: d, Legend: claimLegend, Style: report.BaseStyle() + template.CSS(style), Easiness: easinessViews(s)}
	v.Claims = shownClaims(s)
	for _, o := range s.Overall {
		if o.Title != "" {
			v.Together = append(v.Together, overallRow{o.Claim, textfmt.Sentence(textfmt.Signs(o.sentence())), o.Verdict.Words(), agreementClass(o.Agrees)})
		}
	}
	v.Starved = slices.ContainsFunc(s.Datasets, DatasetSummary.starved)
	v.Gaps, v.Smaller = s.gaps(), smallerViews(s, d)
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
			v.Rows = append(v.Rows, rowOf(data, t, v.Claims))
			for _, r := range t.Regimes {
				v.Regimes = append(v.Regimes, regimeRow{data.Title, t.Reference, r.Seed, textfmt.Sentence(r.Regime.Reason), textfmt.Sentence(r.BeyondAccuracy.Reason)})
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

// shownClaims are the claims of which a triplet says something, or the paper does.
func shownClaims(s *Summary) []int {
	var out []int
	for k := 1; k <= dynamics.Claims; k++ {
		if slices.ContainsFunc(s.Datasets, func(d DatasetSummary) bool {
			return slices.ContainsFunc(d.Triplets, func(t Triplet) bool {
				return slices.ContainsFunc(t.Claims, func(c Claim) bool {
					said := c.Verdict != dynamics.CannotJudge && c.Verdict != dynamics.NotClaimed
					return c.Claim == k && (said || c.Paper != published.NotClaimed)
				})
			})
		}) {
			out = append(out, k)
		}
	}
	return out
}

func rowOf(d DatasetSummary, t Triplet, shown []int) tripletRow {
	row := tripletRow{Title: d.Title, Network: d.Network, Reference: t.Reference, ShallowOurs: textfmt.Percent(t.Accuracy), ShallowPaper: optional(t.Published),
		DeepOurs: mean(d.Accuracy), DeepRange: joined("; ", rangeText(d.Accuracy), d.soFar()), DeepPaper: optional(d.Published), Best: mean(d.Best)}
	if len(t.Evidence) > 0 {
		row.PeakAt, row.Shape = peakText(t.Evidence[0])
	}
	for _, c := range t.Claims {
		view := claimViewOf(c)
		row.Claims = append(row.Claims, view)
		if slices.Contains(shown, c.Claim) {
			row.Shown = append(row.Shown, view)
		}
	}
	return row
}

// soFar says how far a part is of which no training is over, "" for any other.
func (d DatasetSummary) soFar() string {
	if !d.SoFar {
		return ""
	}
	var epochs []string
	for _, r := range d.Runs {
		epochs = append(epochs, r.Passes())
	}
	return "so far (epoch " + strings.Join(epochs, ", ") + ")"
}

// Passes is the number of epochs of a run, for people.
func (r RunSummary) Passes() string {
	if r.Epochs.Known() == nil {
		return "–"
	}
	return textfmt.PassCount(float64(r.Epochs))
}

// joined joins the texts that aren't empty.
func joined(between string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), between)
}

// peakText says where the smoothed peak of the first seed lies, and of what shape it is.
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

// claimViewOf colours a claim by its agreement with the paper, not by its verdict.
func claimViewOf(c Claim) claimView {
	v := claimView{Claim: c.Claim, Title: textfmt.Signs(c.Title), Verdict: c.Verdict.Words(), Paper: c.Paper, Class: agreementClass(c.Agrees),
		Reason: textfmt.Sentence(c.Reason)}
	switch {
	case c.Paper == published.NotClaimed:
		v.Agreement = "not claimed of it"
	case c.Agrees == nil:
	case *c.Agrees:
		v.Agreement = "as the paper says"
	default:
		v.Agreement = "the paper says: " + c.Paper
	}
	for _, s := range c.Seeds {
		v.Seeds = append(v.Seeds, seedView{s.Seed, s.Verdict.Words(), textfmt.Sentence(s.Reason)})
	}
	return v
}

// agreementClass is the style of what agrees with the paper, disagrees, or says nothing of it.
func agreementClass(agrees *bool) string {
	switch {
	case agrees == nil:
		return "open"
	case *agrees:
		return "holds"
	}
	return "fails"
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
