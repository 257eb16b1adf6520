package report

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"shoal/dynamics"
	"shoal/dynamics/regime"
	"shoal/internal/atomicfile"
	"shoal/internal/parallel"
	"shoal/internal/textfmt"
	"shoal/report/figure"
)

// named is a file of the folder figures/.
type named struct {
	name string
	data []byte
}

// figureSet holds the figures of one reference; curves carry the page's cursor.
type figureSet struct {
	reference string
	curves    []*figure.Figure // ratio, rates, cells, nestedness
	regime    *figure.Figure   // on the first screen
	answer    string           // the sentence of that figure
	more      []*figure.Figure // learning order
	files     []*figure.Figure // not shown on the page: overview, infographic
	oval      *figure.Oval
}

// marksInPrint is how many marks an infographic on paper holds: more could not be told apart.
const marksInPrint = 1500

func (a *analysis) figures(judged []*dynamics.Judgement) []figureSet {
	var out []figureSet
	first, good := learningSteps(&a.in.Log, a.measures)
	for k, c := range a.drawn {
		right := a.in.References[k].Correct(a.in.Log.Labels)
		answer := a.regime(k, judged[k])
		order := figure.Order{Dataset: c.Dataset, Network: c.Network, Reference: c.Reference, Steps: c.Steps, Epochs: c.Epochs,
			ReferenceRight: right, First: first, ForGood: good}
		out = append(out, figureSet{
			reference: c.Reference,
			curves:    curveFigures(c),
			regime:    answer.Draw(),
			answer:    answer.Sentence,
			more:      []*figure.Figure{figure.Learning(order)},
			oval:      a.oval(k, a.animation()),
		})
	}
	return out
}

// curveFigures are the figures under the slider.
func curveFigures(c figure.Curves) []*figure.Figure {
	return []*figure.Figure{figure.Ratio(c), figure.Rates(c), figure.Cells(c), figure.Nestedness(c)}
}

// printed are the figures of a reference that are files only.
func (a *analysis) printed(k int) []*figure.Figure {
	return []*figure.Figure{figure.Overview(a.drawn[k]), a.oval(k, a.moments(k)).Still(marksInPrint)}
}

// oval is the infographic against a reference at some evaluations.
func (a *analysis) oval(k int, evaluations []int) *figure.Oval {
	c := a.drawn[k]
	return &figure.Oval{Dataset: c.Dataset, Network: c.Network, Reference: c.Reference, Rank: a.rank,
		ReferenceRight: a.in.References[k].Correct(a.in.Log.Labels), Frames: a.frames(k, evaluations)}
}

// regime is what a reference gets right by when the network learns it.
func (a *analysis) regime(k int, j *dynamics.Judgement) figure.Regime {
	c, r := a.drawn[k], j.Regime
	out := figure.Regime{Dataset: c.Dataset, Network: c.Network, Reference: c.Reference, Sentence: regimeSentence(c.Reference, r),
		Found: r.Found, WithinClasses: a.learned.WithinClasses}
	if !out.WithinClasses {
		out.Steps, out.Learned, out.Accuracy = a.in.Log.Steps, sharesLearned(a.learned), a.in.Log.Accuracies()
	}
	for _, s := range r.Slots {
		out.Slots = append(out.Slots, figure.RegimeSlot(s))
	}
	switch {
	case r.Found == nil:
	case !*r.Found && r.UpTo != nil:
		out.UpTo = *r.UpTo
	case *r.Found && r.Share != nil && r.Lo != nil && r.Hi != nil:
		out.Change = figure.Between(*r.Share, *r.Lo, *r.Hi)
		if t, ok := out.Reached(*r.Share); ok {
			out.Sentence += fmt.Sprintf(" When so many are learned, at step %s, the network’s accuracy is %s.", textfmt.Thousands(out.Steps[t]), textfmt.Percent(out.Accuracy[t]))
		}
	}
	if a.in.SoFar {
		out.Sentence += " The training isn’t over: what it learns later may change this."
	}
	return out
}

// sharesLearned are, by evaluation, the share of the examples whose switch time has come.
func sharesLearned(l *regime.Learning) []float64 {
	at := make([]int, l.Evaluations+1) // the last are those that are never learned
	for _, t := range l.Switch {
		at[t]++
	}
	out, learned := make([]float64, l.Evaluations), 0
	for t := range out {
		learned += at[t]
		out[t] = float64(learned) / float64(len(l.Switch))
	}
	return out
}

// regimeSentence is the answer in one sentence.
func regimeSentence(reference string, r dynamics.Regime) string {
	text := ""
	if first, last, ok := endsOf(r.Slots); ok {
		text = fmt.Sprintf("Of what the network learns first %s gets %s right, of what it learns last %s; ", reference, slotShare(first), slotShare(last))
	}
	return textfmt.SentenceOf(reference, text+r.Reason)
}

// fewestInShare is of how many examples a share is said in per cent.
const fewestInShare = 30

// endsOf are the first and the last of the learned, in as many slots as have fewestInShare examples: the last slot
// ends where the never learned begin, and may hold one. Where both ends have no so many, they are one slot each.
func endsOf(slots []dynamics.RegimeSlot) (first, last dynamics.RegimeSlot, ok bool) {
	var learned []dynamics.RegimeSlot
	for _, s := range slots {
		if s.From < 1 && s.N > 0 {
			learned = append(learned, s)
		}
	}
	if len(learned) < 2 {
		return first, last, false
	}
	from, to := 0, len(learned)
	for ; from < len(learned) && first.N < fewestInShare; from++ {
		first.N, first.Right = first.N+learned[from].N, first.Right+learned[from].Right
	}
	for ; to > 0 && last.N < fewestInShare; to-- {
		last.N, last.Right = last.N+learned[to-1].N, last.Right+learned[to-1].Right
	}
	if from > to { // they overlap
		first, last = learned[0], learned[len(learned)-1]
	}
	return first, last, true
}

func slotShare(s dynamics.RegimeSlot) string {
	if s.N < fewestInShare {
		return fmt.Sprintf("%d of %d", s.Right, s.N)
	}
	return textfmt.Share(float64(s.Right)/float64(s.N), 0)
}

// moments are the evaluations of the still: the first, the peak of R±, and the last.
func (a *analysis) moments(ref int) []int {
	last := len(a.in.Log.Steps) - 1
	out := []int{0}
	if p := a.peakAt(ref); p > 0 && p < last {
		out = append(out, p)
	}
	if last > 0 {
		out = append(out, last)
	}
	return out
}

// animation takes at most 60 of the shown evaluations, evenly.
func (a *analysis) animation() []int {
	n := min(60, len(a.shown))
	out := make([]int, n)
	for k := range out {
		out[k] = a.shown[k*(len(a.shown)-1)/max(n-1, 1)]
	}
	return out
}

func (a *analysis) frames(ref int, evaluations []int) []figure.Frame {
	var out []figure.Frame
	for _, t := range evaluations {
		p := a.curves[ref].Points[t]
		caption := "accuracy " + textfmt.Share(p.DeepAccuracy().Value, 1)
		if r := p.Ratio(); r.Defined {
			caption += fmt.Sprintf(" · R± %.2f", r.Value)
		}
		out = append(out, figure.Frame{Step: p.Step, Epoch: float64(p.Epoch), Right: a.in.Log.Correct(t), Caption: caption})
	}
	return out
}

// heat is the agreement map of the whole run.
func (a *analysis) heat() (*figure.Figure, error) {
	models, early, kappa, err := a.agreement()
	if err != nil {
		return nil, err
	}
	subtitle := "kappa: 0 = independent, 1 = right on the same"
	if early != "" {
		subtitle += "; " + early
	}
	return figure.Heat{Name: "agreement", Title: a.in.title() + " · " + a.in.Network + ": who is right on the same examples",
		Subtitle: subtitle, Models: models, Values: kappa}.Draw(), nil
}

// encode renders every figure in both formats, and the animations, several at a time; run are those that
// belong to no single reference.
func encode(ctx context.Context, sets []figureSet, run []*figure.Figure, dpi int) ([]named, error) {
	var tasks []func() ([]named, error)
	add := func(figures ...*figure.Figure) {
		for _, f := range figures {
			if f != nil {
				tasks = append(tasks, func() ([]named, error) {
					svg, png, err := f.Encode(dpi)
					return []named{{f.Name + ".svg", svg}, {f.Name + ".png", png}}, err
				})
			}
		}
	}
	for _, s := range sets {
		add(s.curves...)
		add(s.regime)
		add(s.more...)
		add(s.files...)
		tasks = append(tasks, func() ([]named, error) {
			var b bytes.Buffer
			err := s.oval.GIF(&b, 2500, min(dpi, 96))
			return []named{{"infographic-" + textfmt.Slug(s.reference) + ".gif", b.Bytes()}}, err
		})
	}
	add(run...)
	done, errs := make([][]named, len(tasks)), make([]error, len(tasks))
	parallel.For(parallel.Workers(0), len(tasks), func(_, k int) {
		if errs[k] = ctx.Err(); errs[k] == nil {
			done[k], errs[k] = tasks[k]()
		}
	})
	if k := slices.IndexFunc(errs, func(err error) bool { return err != nil }); k >= 0 {
		return nil, errs[k]
	}
	return ownNames(slices.Concat(done...)), nil
}

// ownNames keeps files of one name from overwriting each other: those of references "SVM" and "svm".
func ownNames(files []named) []named {
	taken := map[string]bool{}
	for i, f := range files {
		ext := filepath.Ext(f.name)
		base := strings.TrimSuffix(f.name, ext)
		for k := 2; taken[files[i].name]; k++ {
			files[i].name = fmt.Sprintf("%s-%d%s", base, k, ext)
		}
		taken[files[i].name] = true
	}
	return files
}

// WriteFigures writes figures that belong to no single run, as SVG and PNG, into the folder dir,
// which must exist.
func WriteFigures(ctx context.Context, dir string, dpi int, figures ...*figure.Figure) error {
	files, err := encode(ctx, nil, figures, dpi)
	if err != nil {
		return err
	}
	return writeAll(dir, files)
}

// writeAll writes files into the folder dir.
func writeAll(dir string, files []named) error {
	atomicfile.Sweep(dir)
	for _, f := range files {
		if err := atomicfile.WriteFile(filepath.Join(dir, f.name), f.data); err != nil {
			return err
		}
	}
	return nil
}
