package track

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"shoal/dynamics"
	"shoal/dynamics/easiness"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/published"
	"shoal/record"
	"shoal/runlog"
	"shoal/shallow"
)

// Easiness says what Easier asks of runs.
type Easiness struct {
	Runs       []string // folders of runs that differ in their seed only
	References []string // names of the first run's; empty: all that can be fitted again
	Refits     int      // of each reference, 2 or more
	Seed       uint64   // of the parts of the training split that they are fitted to
	// EstimateOnly ends it before anything is fitted.
	EstimateOnly bool
	// Cost gets what the refits will cost, a line for each reference; nil has it told with all else.
	Cost func(line string)
}

// Examples of the census.
const (
	mostListed = 2000 // rows
	compared   = 500  // examples of the whole split that groups are set against
)

// Ask answers, for each reference of some runs, whether easiness is the example's and what the network
// misses: see package easiness. It fits each reference again to parts of the training split, or takes
// that from the cache, and says first what it will cost. With EstimateOnly the report is nil.
func (e Easiness) Ask(ctx context.Context, o Options) (*easiness.Report, error) {
	if err := errors.Join(o.check(), e.check()); err != nil {
		return nil, err
	}
	runs, err := e.load(ctx)
	if err != nil {
		return nil, err
	}
	q := &questioning{Easiness: e, options: o, runs: runs, out: &easiness.Report{
		Dataset: runs[0].Dataset, Network: runs[0].Network, Classes: runs[0].Classes, Runs: e.Runs, Examples: len(runs[0].Log.Labels), Refits: e.Refits, BagSeed: e.Seed, Rules: easiness.Rules,
		Answers: []easiness.Answer{}, Groups: []easiness.Group{}, Census: []easiness.Example{}}}
	if err := q.choose(); err != nil {
		return nil, err
	}
	if q.splits, _, err = record.DataOf(ctx, e.Runs[0], o.Options); err != nil {
		return nil, err
	}
	if err := q.estimate(ctx); err != nil || e.EstimateOnly {
		return nil, err
	}
	for k := range q.references {
		if err := q.answer(ctx, k); err != nil {
			return nil, err
		}
	}
	return q.out, q.census(ctx)
}

func (e Easiness) check() error {
	if len(e.Runs) == 0 {
		return usage.Errorf("no run: want the folders of one or more, better three or more seeds")
	}
	if e.Refits < 2 || e.Refits > 1000 {
		return usage.Errorf("refits is %d: want 2 to 1000", e.Refits)
	}
	return nil
}

// load reads the runs and refuses those that are not seeds of one study.
func (e Easiness) load(ctx context.Context) ([]*runlog.History, error) {
	var runs []*runlog.History
	for _, dir := range e.Runs {
		h, err := runlog.Load(ctx, dir)
		switch {
		case err != nil:
			return nil, err
		case h.LastStep() < 0:
			return nil, fmt.Errorf("run %q has no evaluation yet", dir)
		case h.CopyOf != "": // what is refitted is counted by the dataset's labels
			return nil, fmt.Errorf("run %q is a copy of %q with corrected labels: ask this of runs with the dataset's labels", dir, h.CopyOf)
		case h.Split == dynamics.TrainSplit:
			return nil, fmt.Errorf("run %q was scored on its training split, whose examples references would have seen", dir)
		}
		for k, other := range runs {
			if err := sameButSeed(other, h); err != nil {
				return nil, fmt.Errorf("runs %q and %q %w", e.Runs[k], dir, err)
			}
		}
		runs = append(runs, h)
	}
	return runs, nil
}

// sameButSeed refuses two runs that are not two seeds of one study.
func sameButSeed(a, b *runlog.History) error {
	switch {
	case a.Identity().Differs(b.Identity()) != "":
		return fmt.Errorf("%w: %s", runlog.ErrOtherExamples, a.Identity().Differs(b.Identity()))
	case a.TestHash != "" && b.TestHash != "" && a.TestHash != b.TestHash:
		return runlog.ErrOtherExamples
	case a.Network != b.Network:
		return fmt.Errorf("have different networks, %q and %q", a.Network, b.Network)
	case slices.EqualFunc(a.Log.Predictions, b.Log.Predictions, slices.Equal[[]uint16]):
		return errors.New("are the same training: every prediction agrees; give runs of different seeds")
	case a.StudyTOML == "" || b.StudyTOML == "":
		return nil
	}
	x, err := comparable(a.StudyTOML)
	if err != nil {
		return err
	}
	y, err := comparable(b.StudyTOML)
	if err != nil {
		return err
	}
	if keys := differing(x, y); len(keys) > 0 {
		return fmt.Errorf("differ in %s: only their seeds may differ", strings.Join(keys, ", "))
	}
	return nil
}

// comparable is a study without what seeds of one network may differ in: name, seed, references, and
// what was scored when.
func comparable(text string) (map[string]string, error) {
	s, err := ParseStudy(text)
	if err != nil {
		return nil, err
	}
	s = s.unplaced()
	s.Name, s.Seed, s.References, s.Evaluation = "-", 0, nil, Evaluation{Schedule: "every:1"}
	if strings.HasPrefix(s.Data.Dataset, "folder:") { // hashes say more than its path
		s.Data.Dataset = "folder:-"
	}
	return s.flat()
}

// questioning is one Ask.
type questioning struct {
	Easiness
	options    Options
	runs       []*runlog.History
	splits     *record.Splits
	references []record.Reference
	kept       []runlog.Reference // the same, as the first run has them
	out        *easiness.Report
	share      [][]float64 // by reference, of the refits that are right
	wrong      *published.LabelErrors
}

// ErrNoModel is wrapped where a run has no reference that can be fitted again.
var ErrNoModel = errors.New("none of its references can be fitted again")

// choose lists the references that are fitted again, and what a reader has to know of the others and of
// the runs.
func (q *questioning) choose() error {
	first := q.runs[0]
	for _, name := range q.References {
		if first.Reference(name) == nil {
			return usage.Errorf("run %q has no reference %q", first.Dir, name)
		}
	}
	for _, ref := range first.References {
		asked := slices.Contains(q.References, ref.Name)
		if !asked && (len(q.References) > 0 || ref.Control()) {
			continue
		}
		if ref.Control() {
			return usage.Errorf("reference %q of run %q was weakened for the ladder: easiness asks the references it was made from", ref.Name, first.Dir)
		}
		if !slices.Contains(shallow.Kinds(), ref.Kind) {
			if asked {
				return usage.Errorf("reference %q of run %q is of kind %q: only models that shoal fits can be fitted again", ref.Name, first.Dir, ref.Kind)
			}
			q.note("%s was left out: it is of kind %s and can't be fitted again", ref.Name, ref.Kind)
			continue
		}
		again, err := record.Again(ref, first.Dataset)
		if err != nil {
			return err
		}
		q.references, q.kept = append(q.references, again), append(q.kept, ref)
	}
	if len(q.references) == 0 {
		return fmt.Errorf("run %q: %w: want one of %s", first.Dir, ErrNoModel, strings.Join(shallow.Kinds(), ", "))
	}
	q.noteOthers()
	for _, h := range q.runs {
		seed := uint64(0)
		if s, err := ParseStudy(h.StudyTOML); err == nil {
			seed = s.Seed
		}
		q.out.Seeds = append(q.out.Seeds, seed)
		if h.Status != runlog.Finished {
			q.note("run %s isn't finished: its last evaluation, of step %d, counts as its end", h.Dir, h.LastStep())
		}
	}
	return nil
}

// noteOthers says which references of the other runs aren't asked: those that the first one lacks, and those that are
// another M there.
func (q *questioning) noteOthers() {
	first := q.runs[0]
	for _, h := range q.runs[1:] {
		for _, ref := range h.Compared() {
			own := first.Reference(ref.Name)
			switch asked := slices.Contains(q.References, ref.Name); {
			case !asked && len(q.References) > 0:
			case own == nil:
				q.note("%s of run %s was left out: run %s, the first, lacks it", ref.Name, h.Dir, first.Dir)
			default:
				if what := record.ReferenceDiffers(*own, ref, "run "+first.Dir, "run "+h.Dir); what != "" {
					q.note("%s is that of run %s: %s", ref.Name, first.Dir, what)
				}
			}
		}
	}
}

// note keeps a line for the reader and says it.
func (q *questioning) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	q.out.Notes = append(q.out.Notes, text)
	q.options.Tell("note: " + text)
}

// estimate says what the refits will cost that the cache doesn't have.
func (q *questioning) estimate(ctx context.Context) error {
	tell := q.options.Tell
	if q.Cost != nil {
		tell = q.Cost
	}
	for _, r := range q.references {
		missing, seconds, memory, err := estimateRefits(ctx, r, q.splits, q.Refits, q.Seed, q.options)
		switch {
		case err != nil:
			return err
		case missing == 0:
			tell(fmt.Sprintf("%s: all %d refits are in the cache", r.Name, q.Refits))
		default:
			tell(fmt.Sprintf("%s: %d of %d refits are to be made, about %s and %s of memory", r.Name, missing, q.Refits, textfmt.Duration(seconds), textfmt.Bytes(memory)))
		}
	}
	return nil
}

// estimateRefits is how many of a reference's refits the cache lacks, the seconds that they will take and
// the memory.
func estimateRefits(ctx context.Context, r record.Reference, splits *record.Splits, count int, seed uint64, o Options) (missing int, seconds float64, memory int64, err error) {
	if missing, err = splits.MissingRefits(r, count, seed, o.Options); err != nil || missing == 0 {
		return missing, 0, 0, err
	}
	set := *splits.Set
	set.Train = set.Train.First(len(shallow.Bag(set.Train.Len(), 0, 0)))
	if seconds, memory, err = measureReference(ctx, r, seed, &record.Splits{Set: &set}, o); err != nil {
		return missing, 0, 0, fmt.Errorf("reference %q: %w", r.Name, err)
	}
	return missing, seconds * float64(missing), memory, nil
}

// EstimateRefits is the time, in seconds, of the refits of a study's references that the cache lacks; see
// Easiness. It loads the study's data.
func EstimateRefits(ctx context.Context, s Study, count int, seed uint64, o Options) (float64, error) {
	splits, err := s.Data.Load(ctx, o.Options)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, r := range s.References {
		if r.Fitted() {
			_, seconds, _, err := estimateRefits(ctx, r, splits, count, seed, o)
			if err != nil {
				return 0, err
			}
			sum += seconds
		}
	}
	return sum, nil
}

// answer fits reference k again and answers both questions about it.
func (q *questioning) answer(ctx context.Context, k int) error {
	refits, err := q.splits.Refits(ctx, q.references[k], q.Refits, q.Seed, q.options.Options)
	if err != nil {
		return err
	}
	labels := q.runs[0].Log.Labels
	family := easiness.Family{Name: q.references[k].Name}
	share := make([]float64, len(labels))
	for _, classes := range refits {
		right := dynamics.Reference{Predictions: classes}.Correct(labels)
		family.Right = append(family.Right, right)
		for i, r := range right {
			if r {
				share[i] += 1 / float64(q.Refits)
			}
		}
	}
	q.share = append(q.share, share)
	var logs []*dynamics.Log
	for _, h := range q.runs {
		logs = append(logs, &h.Log)
	}
	var a easiness.Answer
	if a.Shared, err = easiness.Compare(labels, family, q.out.Network, logs); err != nil {
		return err
	}
	if a.Missed, err = easiness.Miss(labels, family, q.out.Network, logs); err != nil {
		return err
	}
	q.out.Answers = append(q.out.Answers, a)
	return nil
}

// census lists the examples behind the answers, and sets them against the whole split.
func (q *questioning) census(ctx context.Context) error {
	labels := q.runs[0].Log.Labels
	never, err := q.never()
	if err != nil {
		return err
	}
	listed := slices.Clone(never)
	for _, a := range q.out.Answers {
		listed = append(listed, a.Missed.Named...)
	}
	slices.Sort(listed)
	listed = slices.Compact(listed)
	if q.wrong = published.LabelErrorsOf(labels); q.wrong != nil {
		q.out.LabelErrors = fmt.Sprintf("%s; %d examples were checked", q.wrong.Source, q.wrong.Checked)
	}
	rows := evenly(listed, mostListed)
	q.out.Left = len(listed) - len(rows)
	if q.out.Census, err = q.describe(ctx, rows, never, true); err != nil {
		return err
	}
	var whole []int
	for i := range labels {
		whole = append(whole, i)
	}
	others, err := q.describe(ctx, evenly(whole, compared), never, false)
	if err != nil {
		return err
	}
	all := make([]easiness.Example, len(listed))
	for k, i := range listed {
		all[k] = q.row(i, never)
	}
	q.group(all, others)
	return nil
}

// evenly is a list, or most of it, evenly from its beginning to its end: splits that are sorted by class have
// the last classes at their end.
func evenly(list []int, most int) []int {
	if len(list) <= most {
		return list
	}
	out := make([]int, most)
	for k := range out {
		out[k] = list[k*len(list)/most]
	}
	return out
}

// never lists what no seed gets right at any evaluation.
func (q *questioning) never() ([]int, error) {
	count := make([]int, len(q.runs[0].Log.Labels))
	for _, h := range q.runs {
		m, err := dynamics.Measure(&h.Log)
		if err != nil {
			return nil, fmt.Errorf("run %q: %w", h.Dir, err)
		}
		for i, never := range m.NeverRight {
			if never {
				count[i]++
			}
		}
	}
	var out []int
	for i, c := range count {
		if c == len(q.runs) {
			out = append(out, i)
		}
	}
	return out, nil
}

// group summarises all examples behind the answers by why they are that, with what the census describes of them,
// and the whole split beside them.
func (q *questioning) group(all, others []easiness.Example) {
	add := func(name string, keep func(e easiness.Example) bool) {
		pick := func(from []easiness.Example) []easiness.Example {
			return slices.DeleteFunc(slices.Clone(from), func(e easiness.Example) bool { return !keep(e) })
		}
		q.out.Groups = append(q.out.Groups, easiness.GroupOf(name, pick(all), pick(q.out.Census), len(q.out.Classes), len(q.references)))
	}
	for _, r := range q.references {
		add(r.Name+" alone", func(e easiness.Example) bool { return slices.Contains(e.ShallowOnly, r.Name) })
	}
	add("never right", func(e easiness.Example) bool { return e.Never })
	q.out.Groups = append(q.out.Groups, easiness.GroupOf("of the whole split", others, others, len(q.out.Classes), len(q.references)))
}

// describe makes rows of examples. Distances take a while, and need memory: where there is too little,
// or images are too large, they are not known.
func (q *questioning) describe(ctx context.Context, list, never []int, pictures bool) ([]easiness.Example, error) {
	q.options.Show(record.Progress{Part: record.PartReport, Note: "nearest training examples"})
	near, err := q.splits.Distances(ctx, list, q.options.Options)
	measured := err == nil
	if !measured && record.Cancelled(err) {
		return nil, err
	}
	if !measured {
		q.note("distances to training examples are not known: %v", err)
	}
	out := make([]easiness.Example, len(list))
	for k, i := range list {
		e := q.row(i, never)
		e.Contrast = dynamics.NullFloat(q.contrast(i))
		if measured {
			e.Own, e.Other = finite(near.Own[k]), finite(near.Other[k])
		}
		if pictures {
			if e.Picture, err = q.splits.PNG(q.splits.Test.Image(i)); err != nil {
				return nil, err
			}
		}
		out[k] = e
	}
	return out, nil
}

// row is what runs and refits say of an example.
func (q *questioning) row(i int, never []int) easiness.Example {
	first, unknown := q.runs[0], dynamics.NullFloat(math.NaN())
	e := easiness.Example{ID: i, Label: first.Log.Labels[i], LabelError: q.wrong.Has(i), ShallowOnly: []string{}, Contrast: unknown, Own: unknown, Other: unknown}
	if first.Names != nil {
		e.Name = first.Names[i]
	}
	_, e.Never = slices.BinarySearch(never, i)
	for _, h := range q.runs {
		e.Network = append(e.Network, h.Log.Predictions[len(h.Log.Steps)-1][i])
	}
	q.addReferences(&e)
	return e
}

// addReferences adds what each reference makes of an example.
func (q *questioning) addReferences(e *easiness.Example) {
	for r, kept := range q.kept {
		x := easiness.ExampleReference{Reference: kept.Name, Prediction: kept.Predictions[e.ID], RefitsRight: q.share[r][e.ID], Margin: dynamics.NullFloat(math.NaN())}
		if kept.Margins != nil {
			x.Margin = finite(float64(kept.Margins[e.ID]))
		}
		e.References = append(e.References, x)
		if _, named := slices.BinarySearch(q.out.Answers[r].Missed.Named, e.ID); named {
			e.ShallowOnly = append(e.ShallowOnly, kept.Name)
		}
	}
}

// finite is x, or no number if it is infinite.
func finite(x float64) dynamics.NullFloat {
	if math.IsInf(x, 0) {
		return dynamics.NullFloat(math.NaN())
	}
	return dynamics.NullFloat(x)
}

// contrast is the standard deviation of an image's pixels, 0 to 1, the channels of a pixel averaged.
func (q *questioning) contrast(i int) float64 {
	image, channels := q.splits.Test.Image(i), q.splits.Channels
	n := len(image) / channels
	var sum, squares float64
	for p := range n {
		x := 0.0
		for _, b := range image[p*channels : (p+1)*channels] {
			x += float64(b) / 255 / float64(channels)
		}
		sum += x
		squares += float64(x * x)
	}
	mean := sum / float64(n)
	return math.Sqrt(math.Max(0, squares/float64(n)-float64(mean*mean)))
}
