package record

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"shoal/dynamics"
	"shoal/internal/smalltoml"
	"shoal/internal/textfmt"
	"shoal/record/answers"
	"shoal/runlog"
)

// Compare adds references to the run in dir, with their tables for all its evaluations: the learner
// isn't trained again. Data are only loaded when a reference has to be fitted; they are those of
// the run's study or, in a run that no study defines, all of the dataset that it names. The summary
// and the judgements are made again; the summary is written if the run is finished.
func Compare(ctx context.Context, dir string, list References, o Options) (*Summary, error) {
	return CompareSplit(ctx, dir, "", list, o)
}

// CompareSplit is Compare for one of the run's evaluation splits, whose summary is in a folder of its
// name; "" is the main one. References of a training split are fitted out of fold: one that had seen
// an example would be right by memory.
func CompareSplit(ctx context.Context, dir, split string, list References, o Options) (*Summary, error) {
	if err := list.Check(""); err != nil {
		return nil, err
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	run, err := runlog.Open(dir)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	r, err := recorderOf(run, dir, split, o)
	if err != nil {
		return nil, err
	}
	if err := r.compare(ctx, list); err != nil {
		return nil, err
	}
	return r.summarise(ctx)
}

// AddControls adds references that were made elsewhere to the run in dir, but those whose names it
// has, and makes its summary again.
func AddControls(ctx context.Context, dir string, list []runlog.Reference, o Options) (*Summary, error) {
	run, err := runlog.Open(dir)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	r, err := recorderOf(run, dir, "", o)
	if err != nil {
		return nil, err
	}
	have := run.ReferenceNames()
	for _, ref := range list {
		if slices.Contains(have, ref.Name) {
			continue
		}
		if _, err := run.AddReference(ref); err != nil {
			return nil, err
		}
	}
	return r.summarise(ctx)
}

// Renew makes the summary of a split of the run in dir, "" for the main one, again if earlier rules of the
// verdicts made it (runlog.Outdated): what is drawn of the run is by those of today. A run that another
// process writes is left as it is, with a line.
func Renew(ctx context.Context, dir, split string, o Options) error {
	outdated, seeds, err := runlog.Outdated(dir, split)
	if err != nil || !outdated {
		return err
	}
	if seeds > 1 {
		o.Tell(fmt.Sprintf("note: run %q stood beside %d other seeds; it is judged alone by the rules of this version: draw it beside them again", dir, seeds-1))
	}
	_, err = Summarise(ctx, dir, split)
	if errors.Is(err, runlog.ErrLocked) {
		o.Tell(fmt.Sprintf("note: the summary of run %q is by the rules of an earlier version, and another process writes it: make its report again", dir))
		return nil
	}
	return err
}

// Summarise judges a split of the run in dir, "" for the main one, which is as its log has it, and makes its
// summary again; see Compare.
func Summarise(ctx context.Context, dir, split string) (*Summary, error) {
	run, err := runlog.Open(dir)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	r, err := recorderOf(run, dir, split, Options{})
	if err != nil {
		return nil, err
	}
	return r.summarise(ctx)
}

// SummariseOpen is Summarise for the main split of a run that is open.
func SummariseOpen(ctx context.Context, run *runlog.Run, o Options) (*Summary, error) {
	r, err := recorderOf(run, run.Dir(), "", o)
	if err != nil {
		return nil, err
	}
	o.Show(Progress{Part: PartReport, Note: "judge the claims"})
	return r.summarise(ctx)
}

// Lags reports whether the summary of the run in dir is missing, or of another state of the run than its
// main split is in: what a live page imports, or an import that was stopped, makes no summary.
func Lags(dir string) (bool, error) {
	run, err := runlog.OpenReadOnly(dir)
	if err != nil {
		return false, err
	}
	defer run.Close()
	steps, err := run.Steps()
	if err != nil {
		return false, err
	}
	s, err := ReadSummary(dir)
	if err != nil {
		return true, nil
	}
	return s.Evaluations != len(steps) || len(steps) > 0 && s.Steps != steps[len(steps)-1], nil
}

// compare adds the references.
func (r *Recorder) compare(ctx context.Context, list References) error {
	m, err := r.run.Meta()
	if err != nil {
		return err
	}
	to := target{m.Dataset, m.Given(r.run.Labels()), m.TestHash, r.answers(m)}
	if r.options.Features.given() {
		to.dataset = "" // presets are for a dataset's own features
	}
	needed, files := false, false
	for _, ref := range list {
		needed, files = needed || ref.NeedsData(), files || ref.Kind == KindFile
	}
	// A run has no names if it is older than they are, and none of the examples beyond its limit.
	useful := files && strings.HasPrefix(m.Dataset, folderPrefix) && (to.split.Names == nil || to.split.Cut)
	splits, seed, err := r.data(ctx, m, needed, useful)
	if err != nil {
		return err
	}
	f := &Fitter{labels: r.run.Labels(), options: r.options}
	if splits != nil {
		f = splits.Fitter(r.options, seed)
	}
	switch {
	case splits == nil:
	case r.run.SplitName() == dynamics.TrainSplit:
		f.labels, f.folds = r.run.Labels(), outOfFold
	default:
		to.split = splits.answers()
	}
	sources, err := prepare(list, to)
	if err != nil {
		return err
	}
	if err := r.checkPresent(ctx, f, sources); err != nil {
		return err
	}
	return r.AddReferences(ctx, f, sources)
}

// checkPresent accepts the references that the run has already, such as those that a comparison
// added before it was stopped, and refuses others of their names.
func (r *Recorder) checkPresent(ctx context.Context, f *Fitter, sources []Source) error {
	have, err := r.run.References()
	if err != nil {
		return err
	}
	for _, s := range sources {
		k := slices.IndexFunc(have, func(ref runlog.Reference) bool { return ref.Name == s.Name })
		if k < 0 {
			continue
		}
		same := have[k].Kind == s.Kind
		if same { // a fitted one is in the cache
			ref, err := f.resolve(ctx, s)
			if err != nil {
				return err
			}
			same = slices.Equal(ref.Predictions, have[k].Predictions) && slices.Equal(ref.Right, have[k].Right)
		}
		if !same {
			return fmt.Errorf("run %q has another reference %q already; name the new one, as in other=%s", r.run.Dir(), s.Name, s.Kind)
		}
		r.options.Tell(fmt.Sprintf("reference %s is there already, with the same predictions", s.Name))
	}
	return nil
}

// data loads the run's data if they are needed, or if they are useful and still there: nil where
// they are neither.
func (r *Recorder) data(ctx context.Context, m runlog.Meta, needed, useful bool) (*Splits, uint64, error) {
	if !needed && !useful {
		return nil, 0, nil
	}
	data, seed, err := dataOf(m)
	if err != nil {
		return nil, 0, fmt.Errorf("run %q: %w", r.run.Dir(), err)
	}
	var splits *Splits
	switch {
	case r.options.Features.given():
		splits, err = r.dataOfFeatures(ctx, m, data)
	case m.StudyTOML == "":
		splits, err = r.dataOfLog(ctx, m)
	default:
		splits, err = r.dataOfStudy(ctx, m, data)
	}
	if err != nil && !needed && !Cancelled(err) {
		if r.run.Names() == nil {
			r.options.Tell(fmt.Sprintf("note: names of images are not known, ids have to be indexes: %v", err))
		}
		return nil, 0, nil
	}
	return splits, seed, err
}

// dataOfStudy loads the data that the run's study names, and wants them to be the run's.
func (r *Recorder) dataOfStudy(ctx context.Context, m runlog.Meta, data Data) (*Splits, error) {
	o := r.options
	o.Features = o.Features.own()
	splits, err := data.Load(ctx, o)
	if err != nil {
		return nil, err
	}
	return splits, splits.matchSplit(r.run, m)
}

// dataOfFeatures reads other features of the run's examples. Labels that they lack are those of the
// dataset that the run names.
func (r *Recorder) dataOfFeatures(ctx context.Context, m runlog.Meta, data Data) (*Splits, error) {
	if m.StudyTOML != "" {
		if _, err := r.dataOfStudy(ctx, m, data); err != nil {
			return nil, err
		}
		return data.Load(ctx, r.options)
	}
	f, labels := r.options.Features, m.Given(r.run.Labels())
	training := r.run.SplitName() == dynamics.TrainSplit
	splits, err := f.forRun(m.Dataset, m.Classes, labels, training, nil)
	if errors.Is(err, ErrNoTrainLabels) && m.Dataset != "" {
		named, second := r.dataOfLog(ctx, m)
		if second != nil {
			return nil, fmt.Errorf("%w, and not those of %s: %w", err, m.Dataset, second)
		}
		splits, err = f.forRun(m.Dataset, m.Classes, labels, training, named.Train.Labels)
	}
	if err == nil {
		r.options.tellNotes(splits.Set)
	}
	return splits, err
}

// answers is the run's evaluation split for files of predictions.
func (r *Recorder) answers(m runlog.Meta) answers.Split {
	out := answers.Split{Classes: m.Classes, Labels: m.Given(r.run.Labels()), Names: r.run.Names(), Cut: limited(m)}
	if strings.HasPrefix(m.Dataset, folderPrefix) {
		out.Other = "train"
	}
	return out
}

// limited reports whether the run's evaluation split is the first part of a longer one.
func limited(m runlog.Meta) bool {
	data, _, err := dataOf(m)
	return err == nil && data.LimitTest > 0
}

// ErrNoDataset is wrapped when a reference would be fitted for a run that names no dataset.
var ErrNoDataset = errors.New("it names no dataset, so no reference can be fitted")

// dataOfLog loads the dataset that a run names which no study defines, and wants its labels to be
// the run's: of its images nothing is known.
func (r *Recorder) dataOfLog(ctx context.Context, m runlog.Meta) (*Splits, error) {
	if m.Dataset == "" {
		return nil, fmt.Errorf("run %q: %w", r.run.Dir(), ErrNoDataset)
	}
	o := r.options
	o.Features = o.Features.own()
	splits, err := Data{Dataset: m.Dataset, from: m.DatasetFolder()}.Load(ctx, o)
	if err != nil {
		return nil, err
	}
	labels, name, split := m.Given(r.run.Labels()), "test", &splits.Test
	if r.run.SplitName() == dynamics.TrainSplit {
		name, split = "training", &splits.Train
	}
	if len(labels) > split.Len() {
		return nil, &OtherData{Dir: r.run.Dir(), Dataset: m.Dataset, Split: name, Difference: fmt.Sprintf("the run has %s, the split %d", textfmt.Count(len(labels), "example"), split.Len())}
	}
	for i, l := range labels {
		if have := split.Labels[i]; l != have {
			return nil, &OtherData{Dir: r.run.Dir(), Dataset: m.Dataset, Split: name, Difference: fmt.Sprintf("the labels differ first at index %d, %d in the run and %d in the split", i, l, have)}
		}
	}
	if k := runlog.Permuted(m.Classes, splits.Classes); k >= 0 {
		return nil, &OtherData{Dir: r.run.Dir(), Dataset: m.Dataset, Split: name, Difference: fmt.Sprintf("class %d is %q in the run and %q in the dataset", k, m.Classes[k], splits.Classes[k])}
	}
	*split = split.First(len(labels))
	splits.TrainHash, splits.TestHash = splits.Train.Hash(), splits.Test.Hash()
	if name == "training" {
		return splits, nil
	}
	return splits, splits.Match(r.run.Dir(), m)
}

// outOfFold is the number of folds of a reference of a training split.
const outOfFold = 5

// dataOf says which data a study's run was made with, and by which seed.
func dataOf(m runlog.Meta) (Data, uint64, error) {
	var study struct {
		Seed uint64
		Data Data
	}
	if _, err := smalltoml.Decode(m.StudyTOML, &study); err != nil {
		return Data{}, 0, fmt.Errorf("its study: %w", err)
	}
	return study.Data, study.Seed, nil
}

// OtherData is the error for examples that are not those a run was made with.
type OtherData struct {
	Dir, Dataset string
	// Was and Now are what decoded the images, then and now, where that differs; see dataset.Set.
	Was, Now   string
	Split      string // "test" or "training", where the difference is known
	Difference string // the first, "" for an unknown one
}

func (e *OtherData) Error() string {
	if e.Difference != "" {
		return fmt.Sprintf("run %q was not scored on the %s split of %s, in its order: %s", e.Dir, e.Split, e.Dataset, e.Difference)
	}
	text := fmt.Sprintf("run %q was made with other examples of %s than those found now", e.Dir, e.Dataset)
	if e.Was != e.Now {
		text += fmt.Sprintf(": its JPEG images were decoded by %s and now are by %s, which may round differently", cmp.Or(e.Was, "a version that didn't say"), cmp.Or(e.Now, "none"))
	}
	return text
}

// Match refuses data that are not those of the run in dir. Of a run whose data were never seen only
// the labels are known. Labels that the run has corrected are the dataset's here: what is fitted and
// verified is the dataset, and runlog counts by the run's labels.
func (s *Splits) Match(dir string, m runlog.Meta) error {
	if m.TrainHash != "" && m.TrainHash != s.TrainHash || m.TestHash != "" && m.TestHash != s.TestHash || m.GivenHash() != s.Test.LabelHash() {
		return &OtherData{Dir: dir, Dataset: s.Name, Was: m.Decoder, Now: s.Decoder}
	}
	return nil
}

// matchSplit is Match for any split of a run: of the training split the first examples are scored.
func (s *Splits) matchSplit(run *runlog.Run, m runlog.Meta) error {
	if run.SplitName() != dynamics.TrainSplit {
		return s.Match(run.Dir(), m)
	}
	scored := s.Train.First(len(run.Labels()))
	if m.TrainHash != "" && m.TrainHash != s.TrainHash || m.TestHash != "" && m.TestHash != scored.Hash() || m.GivenHash() != scored.LabelHash() {
		return &OtherData{Dir: run.Dir(), Dataset: s.Name, Was: m.Decoder, Now: s.Decoder}
	}
	return nil
}

// summarise makes the summary of the run again, and writes it if the run is finished.
func (r *Recorder) summarise(ctx context.Context) (*Summary, error) {
	h, err := r.judge(ctx, false)
	if err != nil {
		return nil, err
	}
	s, err := ReadSummary(r.place)
	if err != nil { // an unfinished run, one that somebody else trains, or one whose file was lost
		s = &Summary{Seconds: h.Seconds}
		if data, seed, err := dataOf(h.Meta); err == nil && data.Dataset != "" {
			s.Seed = &seed
		}
	}
	if err := s.measure(h); err != nil {
		return nil, err
	}
	if h.Status != runlog.Finished {
		return s, nil
	}
	if err := os.MkdirAll(r.place, 0o777); err != nil {
		return nil, err
	}
	return s, s.write(r.place)
}
