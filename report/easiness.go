package report

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"shoal/dataset"
	"shoal/dynamics"
	"shoal/dynamics/easiness"
	"shoal/internal/atomicfile"
	"shoal/internal/textfmt"
	"shoal/report/figure"
)

// Files of a folder of WriteEasiness.
const (
	EasinessFile = "easiness.json"
	CensusFile   = "census.csv"
)

// WriteEasiness writes the answers about some runs into the folder dir, which it makes: report.html, one
// self-contained file; figures/easiness.svg and .png; easiness.json, the report itself; census.csv, a
// row for each example behind it. A folder that holds files but no easiness.json is refused; one that
// does is written again. Of o only DPI counts. Equal reports give equal bytes.
func WriteEasiness(dir string, r *easiness.Report, o Options) error {
	if err := OwnFolder(dir, EasinessFile); err != nil {
		return err
	}
	shares := EasinessFigure(r)
	html, err := easinessPage(r, shares)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "figures"), 0o777); err != nil {
		return fmt.Errorf("make folder for figures: %w", err)
	}
	if err := atomicfile.WriteJSON(filepath.Join(dir, EasinessFile), r); err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(dir, CensusFile), func(w io.Writer) error { return writeCensus(w, r) }); err != nil {
		return err
	}
	if shares != nil {
		if err := WriteFigures(context.Background(), filepath.Join(dir, "figures"), o.dpi(), shares); err != nil {
			return err
		}
	}
	return atomicfile.WriteFile(filepath.Join(dir, "report.html"), html)
}

// OwnFolder refuses a folder that holds files but not the one by which the writer's folders are known.
// What a writer that was killed left half-written is removed, and is no file.
func OwnFolder(dir, own string) error {
	atomicfile.Sweep(dir)
	files, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(files) > 0 && !slices.ContainsFunc(files, func(f os.DirEntry) bool { return f.Name() == own }) {
		return fmt.Errorf("folder %q holds other files and no %s: name a new one", dir, own)
	}
	return nil
}

// EasinessFigure draws what decides whether a model gets an example right; nil where nothing could be
// told about any reference.
func EasinessFigure(r *easiness.Report) *figure.Figure {
	v := figure.Shares{Dataset: dataset.Describe(r.Dataset).Title, Network: r.Network}
	for _, a := range r.Answers {
		s := a.Shared
		if s.Reason != "" {
			continue
		}
		bar := func(name string, x easiness.Shares) figure.ShareBar {
			return figure.ShareBar{Name: name, Example: estimatePoint(x.Example), Family: estimatePoint(x.Family), Noise: estimatePoint(x.Noise)}
		}
		for k, c := range comparedOf(s) {
			seed := ""
			if !s.Ratio.Defined {
				seed = " " + strconv.Itoa(k+1)
			}
			v.Pairs = append(v.Pairs, [2]figure.ShareBar{bar(s.Reference, c.ReferenceVariance), bar(r.Network+seed, c.NetworkVariance)})
		}
	}
	if len(v.Pairs) == 0 {
		return nil
	}
	return v.Draw()
}

// comparedOf is what all seeds say together, or each of two, which are too few for that.
func comparedOf(s easiness.Shared) []easiness.Compared {
	if s.Ratio.Defined {
		return []easiness.Compared{s.Compared}
	}
	return s.BySeed
}

// writeCensus writes a row for each example of the census. An empty field is a number that is not known.
func writeCensus(w io.Writer, r *easiness.Report) error {
	table := csv.NewWriter(w)
	head := []string{"id", "name", "label", "class", "label_error", "never_right", "contrast", "own_distance", "other_distance"}
	for k := range r.Runs {
		head = append(head, "network_"+strconv.Itoa(k+1))
	}
	for _, a := range r.Answers {
		name := textfmt.PlainName(a.Shared.Reference)
		head = append(head, "shallow_only_"+name, "prediction_"+name, "refits_right_"+name, "margin_"+name)
	}
	_ = table.Write(head) // what fails, Error returns at the end
	number := func(x dynamics.NullFloat) string {
		if v := x.Known(); v != nil {
			return strconv.FormatFloat(*v, 'g', -1, 64)
		}
		return ""
	}
	for _, e := range r.Census {
		row := []string{strconv.Itoa(e.ID), e.Name, strconv.Itoa(int(e.Label)), r.Classes[e.Label], labelMark(r, e), strconv.FormatBool(e.Never), number(e.Contrast), number(e.Own), number(e.Other)}
		for _, c := range e.Network {
			row = append(row, strconv.Itoa(int(c)))
		}
		for _, x := range e.References {
			row = append(row, strconv.FormatBool(slices.Contains(e.ShallowOnly, x.Reference)), strconv.Itoa(int(x.Prediction)),
				strconv.FormatFloat(x.RefitsRight, 'g', 6, 64), number(x.Margin))
		}
		_ = table.Write(row)
	}
	table.Flush()
	return table.Error()
}

// labelMark is true for a known label error; empty where nothing is known of the split's labels.
func labelMark(r *easiness.Report, e easiness.Example) string {
	if r.LabelErrors == "" {
		return ""
	}
	return strconv.FormatBool(e.LabelError)
}

// easinessView is what the template sees.
type easinessView struct {
	*easiness.Report
	Title, Data, Seeds string
	Sentences          []string
	Covers             string // what the intervals of the correlations cover
	Figure             template.HTML
	Rows               []sharedRow
	Missed             []missedRow
	Groups             []groupRow
	References         []string
	ByClass            []classCount
	Cards              []censusCard
	MoreCards          int
	Style              template.CSS
}

type sharedRow struct{ Reference, Accuracy, Network, Refits, Seeds, Between, Ratio string }

type missedRow struct {
	Reference, ByReference, ByNetwork, Difference string
	Named                                         int
}

type groupRow struct {
	Name                                       string
	N, LabelErrors                             int
	Contrast, Own, Other, OtherNearer, Margins string
}

type classCount struct {
	Name   string
	Counts []int
}

type censusCard struct {
	ID, Label, Why, Network, Margin, Distances string
	Wrong                                      bool
	References                                 []string
	Picture                                    template.URL
}

// mostCards bounds the examples that the page shows.
const mostCards = 120

func easinessPage(r *easiness.Report, shares *figure.Figure) ([]byte, error) {
	title := dataset.Describe(r.Dataset).Title
	v := easinessView{Report: r, Title: title + " · " + r.Network, Data: title, Seeds: textfmt.Thousands(len(r.Runs)), Figure: Inline(shares), Style: pageStyle()}
	for _, a := range r.Answers {
		v.Sentences = append(v.Sentences, textfmt.Sentence(a.Shared.Sentence()), textfmt.Sentence(a.Missed.Sentence()))
		if a.Shared.Note != "" {
			v.Covers = textfmt.Sentence(a.Shared.Note)
		}
		v.References = append(v.References, a.Shared.Reference)
		v.Rows = append(v.Rows, sharedRowOf(a.Shared))
		m := a.Missed
		row := missedRow{Reference: m.Reference, ByReference: "–", ByNetwork: "–", Difference: "–", Named: len(m.Named)}
		if len(m.BySeed) == 2 {
			a, b := m.BySeed[0], m.BySeed[1]
			row.ByReference, row.ByNetwork = fmt.Sprintf("%.1f, %.1f", a.ByReference, b.ByReference), fmt.Sprintf("%.1f, %.1f", a.ByNetwork, b.ByNetwork)
		}
		if m.Difference.Defined {
			row.ByReference, row.ByNetwork = fmt.Sprintf("%.1f", m.ByReference), fmt.Sprintf("%.1f", m.ByNetwork)
			row.Difference = textfmt.Signs(fmt.Sprintf("%+.1f [%+.1f, %+.1f]", m.Difference.Value, m.Difference.Lo, m.Difference.Hi))
		}
		v.Missed = append(v.Missed, row)
	}
	for _, g := range r.Groups {
		v.Groups = append(v.Groups, groupRowOf(g))
	}
	for c, name := range r.Classes {
		row := classCount{Name: name}
		for _, g := range r.Groups {
			row.Counts = append(row.Counts, g.ByClass[c])
		}
		v.ByClass = append(v.ByClass, row)
	}
	shown := slices.Clone(r.Census) // what a reference has right comes first
	slices.SortStableFunc(shown, func(a, b easiness.Example) int { return len(b.ShallowOnly) - len(a.ShallowOnly) })
	for _, e := range shown[:min(mostCards, len(shown))] {
		v.Cards = append(v.Cards, cardOf(r, e))
	}
	v.MoreCards = len(shown) - len(v.Cards) + r.Left
	return Fill(pageFiles, "easiness.html.tmpl", v)
}

func sharedRowOf(s easiness.Shared) sharedRow {
	row := sharedRow{Reference: s.Reference, Accuracy: textfmt.Percent(s.Accuracy), Network: "–", Refits: estimateText(s.WithinReference), Seeds: estimateText(s.WithinNetwork)}
	var between, ratio []string
	for _, c := range comparedOf(s) {
		between, ratio = append(between, estimateText(c.Between)), append(ratio, estimateText(c.Ratio))
	}
	row.Between, row.Ratio = cmp.Or(strings.Join(between, ", "), "–"), cmp.Or(strings.Join(ratio, ", "), "–")
	if len(s.Steps) > 0 {
		row.Network = textfmt.Percent(s.NetworkAccuracy)
	}
	return row
}

func estimateText(e dynamics.Estimate) string {
	if !e.Defined {
		return "–"
	}
	return textfmt.Signs(fmt.Sprintf("%.2f [%.2f, %.2f]", e.Value, e.Lo, e.Hi))
}

// maybe prints a number with a format, or a dash.
func maybe(format string, x dynamics.NullFloat, scale float64) string {
	if v := x.Known(); v != nil {
		return fmt.Sprintf(format, scale**v)
	}
	return "–"
}

func groupRowOf(g easiness.Group) groupRow {
	row := groupRow{Name: g.Name, N: g.N, LabelErrors: g.LabelErrors, Contrast: maybe("%.3f", g.Contrast, 1), Own: maybe("%.2f", g.Own, 1),
		Other: maybe("%.2f", g.Other, 1), OtherNearer: maybe("%.0f %%", g.OtherNearer, 100)}
	var margins []string
	for _, m := range g.Margins {
		margins = append(margins, maybe("%.3g", m, 1))
	}
	row.Margins = strings.Join(margins, " / ")
	if g.Described < g.N {
		row.Name += fmt.Sprintf(" (medians of %s of them, evenly chosen)", textfmt.Thousands(g.Described))
	}
	return row
}

func cardOf(r *easiness.Report, e easiness.Example) censusCard {
	c := censusCard{ID: "#" + strconv.Itoa(e.ID), Label: r.Classes[e.Label], Wrong: e.LabelError, Network: votes(r, e),
		Distances: "nearest: own class " + maybe("%.2f", e.Own, 1) + ", another " + maybe("%.2f", e.Other, 1)}
	if e.Name != "" {
		c.ID = e.Name
	}
	var why []string
	for _, name := range e.ShallowOnly {
		why = append(why, name+" alone")
	}
	if e.Never {
		why = append(why, "never right")
	}
	c.Why = strings.Join(why, ", ")
	for _, x := range e.References {
		c.References = append(c.References, fmt.Sprintf("%s %s, %s of refits right", x.Reference, r.Classes[x.Prediction], textfmt.Share(x.RefitsRight, 0)))
	}
	if e.Picture != nil {
		c.Picture = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(e.Picture))
	}
	return c
}

// votes counts what the seeds predict: "6 (2 of 3), 5".
func votes(r *easiness.Report, e easiness.Example) string {
	count := map[uint16]int{}
	for _, c := range e.Network {
		count[c]++
	}
	classes := slices.Clone(e.Network)
	slices.Sort(classes)
	classes = slices.Compact(classes)
	slices.SortStableFunc(classes, func(a, b uint16) int { return count[b] - count[a] })
	var out []string
	for _, c := range classes {
		text := r.Classes[c]
		if len(e.Network) > 1 {
			text += fmt.Sprintf(" (%d of %d)", count[c], len(e.Network))
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}
