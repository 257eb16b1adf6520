package report

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/report/figure"
	"shoal/runlog"
)

// liveScript is the script that pages of a run that grows have more; it runs before the last one.
const liveScript = "live.js"

// Live makes the page of a run that grows. It is the page of a report, drawn by the same template
// and code, but for its evaluations, which the page gets one by one ([Growing]), and its images, which
// it fetches ([Sheets]). What takes long to compute is on the page itself, of the moment at which it
// was drawn, and says so: the page fetches itself again for it.
//
// The page asks for these, beside its own address:
//
//	events           server-sent events; see package serve
//	figures?reference=K   [Growing.Figures]
//	sheet/KEY/K      [Sheets.Sheet]
type Live struct {
	Key     string  // of this run's data: with another one, the page reads itself again
	Version int     // of the page, counted from 1
	Sheets  *Sheets // of an earlier page of the same run; nil makes them
}

// liveData is what the page of a run that grows knows more.
type liveData struct {
	Live    string `json:"live"` // Live.Key
	Version int    `json:"version"`
	AsOf    int    `json:"as_of"` // step
}

// liveView is what its template sees.
type liveView struct{ AsOf string }

// Sheets are the images of a run for the browser.
type Sheets struct{ *sprites }

// Sheet is one of them; false where there is none.
func (s *Sheets) Sheet(k int) (mediaType string, data []byte, ok bool) {
	if s == nil || s.sprites == nil || k < 0 || k >= len(s.sheets) {
		return "", nil, false
	}
	return s.Type, s.sheets[k], true
}

// Drawn is a page, how far the run was that it shows, and what its curves of R± have that takes long.
type Drawn struct {
	HTML        []byte
	Evaluations int
	Slow        *Slow
}

// Slow is what curves of R± have that takes long to compute, as of some evaluation: the band of one
// association, the smoothed curve and its peak.
type Slow struct{ curves []figure.Curves } // by reference

// on adds it to later curves against reference k, up to the evaluation that it is of; after that the lines
// are undefined.
func (s *Slow) on(c *figure.Curves, k int) {
	if s == nil || k >= len(s.curves) || s.curves[k].Reference != c.Reference {
		return
	}
	old, n := &s.curves[k], len(c.Steps)
	upTo := func(line []figure.Point) []figure.Point {
		if line == nil {
			return nil
		}
		return append(slices.Clone(line[:min(n, len(line))]), make([]figure.Point, max(0, n-len(line)))...)
	}
	c.Constant, c.Smoothed = upTo(old.Constant), upTo(old.Smoothed)
	if m := old.Mark; m != nil && m.Step <= c.Steps[n-1] {
		c.Mark = m
	}
	drawn := func(line []figure.Point) bool {
		return slices.ContainsFunc(line, func(p figure.Point) bool { return p.OK })
	}
	var what []string
	if drawn(c.Constant) {
		what = append(what, "one association")
	}
	if drawn(c.Smoothed) {
		what = append(what, "smoothed")
	}
	if m := len(old.Steps); m < n && len(what) > 0 {
		c.Note = textfmt.List(what) + ": as of step " + textfmt.Thousands(old.Steps[m-1])
	}
}

// Page draws the page of the run in dir as it is now. It takes as long as a report without its files:
// seconds for large logs.
func (l *Live) Page(ctx context.Context, dir, split string) (*Drawn, error) {
	h, err := runlog.LoadSplit(ctx, dir, split)
	if err != nil {
		return nil, err
	}
	if err := h.Judge(ctx); err != nil {
		return nil, err
	}
	in, err := FromHistory(h)
	if err != nil {
		return nil, err
	}
	if h.Status == runlog.Running {
		in.Warnings = append(rewound(h.Meta), referenceWarnings(h)...) // the page itself says that it grows
	}
	if l.Sheets == nil {
		if err := in.readImages(ctx, h); err != nil {
			return nil, err
		}
	}
	d, err := makeDrawing(ctx, in, Options{})
	if err != nil {
		return nil, err
	}
	html, err := d.page(ctx, l, Options{})
	return &Drawn{HTML: html, Evaluations: len(h.Log.Steps), Slow: &Slow{d.drawn}}, err
}

// Title names a run as its page does: the dataset, or the study, and the network.
func Title(h *runlog.History) string {
	in := Input{Study: h.Study, Dataset: h.Dataset}
	return in.title() + " · " + h.Network
}

// describe fills in what the page is told of evaluations before it gets any.
func (l *Live) describe(d *pageData, in *Input) {
	d.Steps, d.Epochs, d.Place = []int{}, []dynamics.NullFloat{}, []float64{}
	for k := range d.References {
		d.References[k].Values = []pageValues{}
	}
	d.Wide = wide(in.Classes)
	d.liveData = &liveData{Live: l.Key, Version: l.Version, AsOf: in.Log.Steps[len(in.Log.Steps)-1]}
}

// wide reports whether classes take two bytes on the page of a run that grows, which doesn't know what
// will be predicted.
func wide(classes []string) bool { return len(classes) > 256 }

func (d *drawing) liveView(l *Live) *liveView {
	log := &d.in.Log
	return &liveView{AsOf: textfmt.Thousands(log.Steps[len(log.Steps)-1])}
}

// Growing is what the page of a run that grows gets at once after every evaluation.
//
// It is for one goroutine at a time; what it returns may be kept.
type Growing struct {
	in      *Input
	drawn   *analysis // its curves only
	rows    [][]byte  // of each evaluation, the packed JSON; nil where it isn't shown any more
	shown   []int     // evaluations that the page has, ascending
	limit   int       // of their number after some are dropped; at twice as many some are
	thinned int       // how often some were dropped
	slow    *Slow     // of the last page that was drawn; nil before
}

// growth is one evaluation as the page gets it. Predictions and right are deflated: a class of one or
// two bytes, and a byte that is 1 where the network is right, of each example.
type growth struct {
	Step        int                `json:"step"`
	Epoch       dynamics.NullFloat `json:"epoch"`
	Place       float64            `json:"place"`  // on the step axis
	Values      []pageValues       `json:"values"` // one a reference
	Predictions []byte             `json:"predictions"`
	Right       []byte             `json:"right,omitempty"` // missing where it follows from the predictions
}

// NewGrowing begins with the evaluations that the Input has. Evaluations that are added later go to
// a log of its own.
func NewGrowing(in *Input) (*Growing, error) {
	if err := in.Check(); err != nil {
		return nil, err
	}
	own := *in
	own.Log = dynamics.Log{Labels: in.Log.Labels}
	g := &Growing{in: &own, drawn: &analysis{in: &own}, limit: shownLimit(len(in.Log.Labels))}
	for _, r := range in.References {
		g.drawn.curves = append(g.drawn.curves, &dynamics.Curve{Reference: r.Name})
	}
	for t, step := range in.Log.Steps {
		if err := g.Add(step, in.Log.Epochs[t], in.Log.Predictions[t], in.Log.RightGiven(t)); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// Add adds an evaluation after the others: what runlog has of it.
func (g *Growing) Add(step int, epoch float64, predictions []uint16, right []bool) error {
	one := dynamics.Log{Labels: g.in.Log.Labels}
	one.Append(step, epoch, predictions, right)
	row := growth{Step: step, Epoch: pageEpoch(epoch), Place: pagePlace(step)}
	var points []dynamics.Point
	for _, r := range g.in.References {
		c, err := dynamics.Curves(&one, r.Reference)
		if err != nil {
			return err
		}
		points = append(points, c.Points[0])
		row.Values = append(row.Values, valuesOf(c.Points[0].Table))
	}
	var err error
	if row.Predictions, err = deflate(narrow(predictions, wide(g.in.Classes))); err != nil {
		return err
	}
	if right != nil {
		said := make([]byte, len(right))
		rightBytes(right, said, 0, 1)
		if row.Right, err = deflate(said); err != nil {
			return err
		}
	}
	text, err := json.Marshal(row)
	if err != nil {
		return err
	}
	for k, p := range points {
		g.drawn.curves[k].Points = append(g.drawn.curves[k].Points, p)
	}
	g.in.Log.Append(step, epoch, predictions, right)
	g.rows, g.shown = append(g.rows, text), append(g.shown, len(g.rows))
	g.thin()
	return nil
}

// thin drops evaluations from the page when it has many, evenly on the axis.
func (g *Growing) thin() {
	if len(g.shown) < 2*g.limit {
		return
	}
	steps := make([]int, len(g.shown))
	for k, t := range g.shown {
		steps[k] = g.in.Log.Steps[t]
	}
	var kept []int
	for _, k := range evenly(steps, map[int]bool{0: true, len(steps) - 1: true}, g.limit) {
		kept = append(kept, g.shown[k])
	}
	at := 0
	for t := range g.rows {
		if at < len(kept) && kept[at] == t {
			at++
		} else {
			g.rows[t] = nil
		}
	}
	g.shown, g.thinned = kept, g.thinned+1
}

// SetSoFar says whether the run isn't finished, so that its last evaluation is not the end.
func (g *Growing) SetSoFar(soFar bool) { g.in.SoFar = soFar }

// SetSlow takes over what a page of the same run has that takes long.
func (g *Growing) SetSlow(s *Slow) { g.slow = s }

// Len is how many evaluations there are.
func (g *Growing) Len() int { return len(g.rows) }

// Thinned counts how often evaluations were dropped from the page; a page that has seen fewer such
// drops keeps those of Shown alone.
func (g *Growing) Thinned() int { return g.thinned }

// Shown are the steps of the evaluations that the page has.
func (g *Growing) Shown() []int {
	steps := make([]int, len(g.shown))
	for k, t := range g.shown {
		steps[k] = g.in.Log.Steps[t]
	}
	return steps
}

// Rows are the evaluations from the one of that index on, each a JSON object, without those that the
// page doesn't have any more.
func (g *Growing) Rows(from int) []json.RawMessage {
	var out []json.RawMessage
	for _, text := range g.rows[from:] {
		if text != nil {
			out = append(out, text)
		}
	}
	return out
}

// Figures draws the curves against reference k, as elements for the page: R±, accuracies, the cells of
// T, and nestedness.
func (g *Growing) Figures(k int) ([]template.HTML, error) {
	if k < 0 || k >= len(g.in.References) {
		return nil, fmt.Errorf("reference %d: want 0 to %d", k, len(g.in.References)-1)
	}
	c := Curves(g.in.title(), g.in.Network, g.drawn.curves[k])
	c.SoFar = g.in.SoFar
	figures := curveFigures(c)
	g.slow.on(&c, k)
	figures[0] = figure.Ratio(c)
	return inlined(figures...), nil
}

// Glance is the name of reference k and R± at the last evaluation.
func (g *Growing) Glance(k int) (reference, ratio string) {
	return g.in.References[k].Name, RatioText(g.drawn.curves[k].Last().Ratio())
}

// AccuracyFigure draws the accuracy of a network that has no reference yet, as an element for the page.
func AccuracyFigure(title string, steps []int, epochs, accuracy []float64) template.HTML {
	return Inline(figure.Accuracy(title, steps, epochs, accuracy))
}
