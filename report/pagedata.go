package report

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/report/figure"
)

// pageData is the JSON that the page's code starts from; the bulk is in the blobs.
type pageData struct {
	Dataset    string               `json:"dataset"`
	Network    string               `json:"network"`
	Examples   int                  `json:"examples"`
	Classes    []string             `json:"classes"`
	Steps      []int                `json:"steps"`           // of the shown evaluations
	Epochs     []dynamics.NullFloat `json:"epochs"`          // of the same; null where not known
	Place      []float64            `json:"place"`           // on the step axis: figure.StepPlace
	Wide       bool                 `json:"wide"`            // classes take two bytes
	Names      []string             `json:"names,omitempty"` // of the examples
	References []pageReference      `json:"references"`
	Values     []pageValue          `json:"values"`  // measures over the values that the log keeps
	Sprites    *sprites             `json:"sprites"` // null: no images
	// LabelErrors are the examples whose label people found to be wrong.
	LabelErrors []int `json:"label_errors,omitempty"`
	Start       int   `json:"start"` // shown evaluation to begin with
	// End is when the last evaluation is: "at the end", or of a run that isn't finished "so far".
	End string `json:"end"`
	*liveData
}

type pageReference struct {
	Name     string       `json:"name"`
	Margins  bool         `json:"margins"`
	HalfMark float64      `json:"half_mark"` // of the oval: half the length of a mark where both half axes are 1
	Values   []pageValues `json:"values"`    // per shown evaluation
	// Lines are the values of lines that no table has, as people read them: by the line's name in the
	// figures, and by step.
	Lines map[string]map[int]string `json:"lines"`
}

// pageValues are the numbers beneath the slider.
type pageValues struct {
	Cells      [4]int   `json:"cells"`      // both, shallow_only, deep_only, neither
	Statistics []string `json:"statistics"` // in the order of readouts, as people read them
}

// readouts are the statistics beneath the slider.
func readouts() []contingency.Statistic { return contingency.StatisticsIn(contingency.Readouts) }

// pageNumber is a step, or a count, as the page's data have it: infinite for never, which package dynamics
// writes as -1. A log may count tokens, for which four bytes are too few.
func pageNumber(v int) float64 {
	if v < 0 {
		return math.Inf(1)
	}
	return float64(v)
}

// data assembles what the page's code needs: JSON and blobs. imageBytes says how many bytes of
// sheets fit, given the length of the other blobs.
func (a *analysis) data(judged []*dynamics.Judgement, live *Live, imageBytes func(used int) int) (string, *blobs, *sprites, error) {
	in, log := a.in, &a.in.Log
	d := pageData{Dataset: in.title(), Network: in.Network, Examples: len(log.Labels), Names: in.Names, End: figure.AtTheEnd(in.SoFar)}
	for k := range max(int(slices.Max(log.Labels))+1, len(in.Classes)) {
		d.Classes = append(d.Classes, in.class(k))
	}
	if in.LabelErrors != nil {
		d.LabelErrors = in.LabelErrors.Examples
	}
	for k := range in.References {
		d.References = append(d.References, pageReference{Name: in.References[k].Name, Margins: in.References[k].Margins != nil, Lines: a.lines(k)})
	}
	b := &blobs{}
	if live == nil {
		a.addEvaluations(b, &d)
	} else {
		live.describe(&d, in)
	}
	a.addBlobs(b, &d, judged)
	d.Values = a.valueBlobs(func(k int, values []float32) { b.deflated(fmt.Sprintf("data-value-%d", k), values) })
	if err := b.pack(); err != nil {
		return "", nil, nil, err
	}
	s, err := a.images(live, imageBytes(b.len()))
	if err != nil {
		return "", nil, nil, err
	}
	if s != nil {
		d.Sprites = s
		b.deflated("data-sprite-ids", s.ids)
	}
	if s != nil && live == nil {
		for k, sheet := range s.sheets {
			b.raw(fmt.Sprintf("sheet-%d", k), sheet)
		}
	}
	if err := b.pack(); err != nil {
		return "", nil, nil, err
	}
	text, err := json.Marshal(d)
	return string(text), b, s, err
}

// lines are the values of a reference's R± at one association and of its smoothed R±, where they are defined.
func (a *analysis) lines(k int) map[string]map[int]string {
	c, out := &a.drawn[k], map[string]map[int]string{}
	add := func(name string, line []figure.Point, text func(figure.Point) string) {
		values := map[int]string{}
		for _, t := range a.shown {
			if t < len(line) && line[t].OK {
				values[c.Steps[t]] = text(line[t])
			}
		}
		if len(values) > 0 {
			out[name] = values
		}
	}
	add(figure.OneAssociation, c.Constant, func(p figure.Point) string {
		return RatioText(contingency.Ratio{Value: p.Value, Lo: p.Low, Hi: p.High, Defined: true})
	})
	add(figure.SmoothedRatio, c.Smoothed, func(p figure.Point) string {
		return numberText(contingency.Number{Value: p.Value, Defined: true})
	})
	return out
}

// addEvaluations writes the evaluations that the page shows: when, their numbers, and who is right,
// example by example.
func (a *analysis) addEvaluations(b *blobs, d *pageData) {
	log := &a.in.Log
	for _, t := range a.shown {
		d.Steps = append(d.Steps, log.Steps[t])
		d.Epochs = append(d.Epochs, pageEpoch(log.Epochs[t]))
		d.Place = append(d.Place, pagePlace(log.Steps[t]))
		d.Wide = d.Wide || slices.Max(log.Predictions[t]) > 255
		for r, c := range a.curves {
			d.References[r].Values = append(d.References[r].Values, valuesOf(c.Points[t].Table))
		}
	}
	d.Start = a.startAt()
	if d.Wide {
		b.deflated("data-predictions", byExample[uint16](log, a.shown))
	} else {
		b.deflated("data-predictions", byExample[uint8](log, a.shown))
	}
	if log.Right == nil {
		return
	}
	n, shown := len(log.Labels), len(a.shown)
	right := make([]byte, n*shown)
	for k, t := range a.shown {
		rightBytes(log.Correct(t), right, k, shown)
	}
	b.deflated("data-right", right)
}

// byExample are the predictions of the shown evaluations, those of an example after each other.
func byExample[T uint8 | uint16](log *dynamics.Log, shown []int) []T {
	n := len(log.Labels)
	out := make([]T, n*len(shown))
	const block = 64 // examples at a time, so that what is written stays in cache
	for from := 0; from < n; from += block {
		for k, t := range shown {
			for i, p := range log.Predictions[t][from:min(from+block, n)] {
				out[(from+i)*len(shown)+k] = T(p)
			}
		}
	}
	return out
}

// pageEpoch and pagePlace are an epoch, and where a step is on the axis, as the page has them.
func pageEpoch(epoch float64) dynamics.NullFloat { return dynamics.NullFloat(round(epoch, 4)) }

func pagePlace(step int) float64 { return round(figure.StepPlace(step), 6) }

// images are the sheets of the images, at most so many bytes.
func (a *analysis) images(live *Live, most int) (*sprites, error) {
	if live != nil && live.Sheets != nil {
		return live.Sheets.sprites, nil
	}
	s, err := makeSprites(a.in.Image, a.wantedImages(), most)
	if live != nil {
		live.Sheets = &Sheets{s}
	}
	return s, err
}

// startAt is where the slider stands first: at the peak of R± for the first reference, which choose
// always shows, or at the end where there is none.
func (a *analysis) startAt() int {
	k, shown := slices.BinarySearch(a.shown, a.peakAt(0))
	if !shown {
		return len(a.shown) - 1
	}
	return k
}

// peakAt is the evaluation of the peak of R± against a reference: of the smoothed one where there
// is one, since the largest single evaluation is often large by chance; -1 when R± is nowhere
// defined.
func (a *analysis) peakAt(ref int) int {
	c := a.drawn[ref]
	if c.Mark != nil {
		if t, found := slices.BinarySearch(c.Steps, c.Mark.Step); found {
			return t
		}
	}
	return c.Peak()
}

// valuesOf are the numbers of a table beneath the slider.
func valuesOf(t contingency.Table) pageValues {
	v := pageValues{Cells: [4]int{t.Both, t.ShallowOnly, t.DeepOnly, t.Neither}}
	for _, s := range readouts() {
		v.Statistics = append(v.Statistics, statisticText(s, t))
	}
	return v
}

// addBlobs writes what is known of the whole run: labels and reference predictions, the measures and
// the margins.
func (a *analysis) addBlobs(b *blobs, d *pageData, judged []*dynamics.Judgement) {
	log, m := &a.in.Log, a.measures
	n := len(log.Labels)
	firstStep, goodStep := learningSteps(log, m)
	first, good, forget := make([]float64, n), make([]float64, n), make([]float64, n)
	speed := make([]float32, n)
	for i := range first {
		first[i], good[i], forget[i] = pageNumber(firstStep[i]), pageNumber(goodStep[i]), pageNumber(m.Forgetting[i])
		if m.NeverRight[i] {
			forget[i] = pageNumber(-1)
		}
		speed[i] = float32(m.LearningSpeed[i])
	}
	list := []struct {
		id string
		v  any
	}{{"labels", log.Labels}, {"last", log.Predictions[len(log.Predictions)-1]},
		{"first", first}, {"good", good}, {"forget", forget}, {"speed", speed}}
	for _, item := range list {
		b.deflated("data-"+item.id, item.v)
	}
	a.addRight(b)
	a.addOrder(b)
	a.addSuspects(b)
	for k, r := range a.in.References {
		b.deflated(fmt.Sprintf("data-reference-%d", k), r.Predictions)
		places, half := a.ovalPlaces(k)
		d.References[k].HalfMark = round(half, 6)
		b.deflated(fmt.Sprintf("data-oval-%d", k), places)
		persistent := make([]uint32, 0)
		for _, i := range judged[k].Persistent {
			persistent = append(persistent, uint32(i))
		}
		b.deflated(fmt.Sprintf("data-persistent-%d", k), persistent)
		if r.Margins != nil {
			b.deflated(fmt.Sprintf("data-margins-%d", k), finiteMargins(r.Margins))
		}
	}
}

// addOrder writes the order in which the network learns: the share of the examples that are learned
// before an example, NaN where there is none, and the step of its switch time.
func (a *analysis) addOrder(b *blobs) {
	shares, steps := make([]float32, len(a.learned.BySpeed)), make([]float64, len(a.learned.Switch))
	for i, share := range a.learned.BySpeed {
		shares[i], steps[i] = float32(share), pageNumber(-1)
		if step, _, ok := a.in.Log.When(a.learned.Switch[i] + 1); ok {
			steps[i] = pageNumber(step)
		}
	}
	b.deflated("data-order", shares)
	b.deflated("data-switch", steps)
}

// addSuspects writes the examples whose labels look wrong, the likeliest first, with the answers that
// the models give instead and their scores.
func (a *analysis) addSuspects(b *blobs) {
	ids, answers, scores := []uint32{}, []uint16{}, []float32{}
	for _, s := range a.suspects {
		ids, answers, scores = append(ids, uint32(s.Example)), append(answers, s.Answer), append(scores, float32(s.Score()))
	}
	b.deflated("data-suspects", ids)
	b.deflated("data-suspect-answers", answers)
	b.deflated("data-suspect-scores", scores)
}

// addRight writes who is right at the end, one byte an example, where that doesn't follow from the
// predictions.
func (a *analysis) addRight(b *blobs) {
	log := &a.in.Log
	n := len(log.Labels)
	if log.Right != nil {
		last := make([]byte, n)
		rightBytes(log.Correct(len(log.Steps)-1), last, 0, 1)
		b.deflated("data-right-last", last)
	}
	for k, r := range a.in.References {
		if r.Right != nil {
			right := make([]byte, n)
			rightBytes(r.Right, right, 0, 1)
			b.deflated(fmt.Sprintf("data-reference-right-%d", k), right)
		}
	}
}

// rightBytes writes 1 for who is right to every stride-th byte of out, from at on.
func rightBytes(right []bool, out []byte, at, stride int) {
	for i, r := range right {
		if r {
			out[at+i*stride] = 1
		}
	}
}

// narrow makes bytes of classes where they fit.
func narrow(v []uint16, wide bool) any {
	if wide {
		return v
	}
	out := make([]byte, len(v))
	for i, x := range v {
		out[i] = byte(x)
	}
	return out
}

// finiteMargins replaces what is not a number by 0: nothing on the page shows NaN.
func finiteMargins(v []float32) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		if f := float64(x); !math.IsNaN(f) && !math.IsInf(f, 0) {
			out[i] = x
		}
	}
	return out
}

func round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}
