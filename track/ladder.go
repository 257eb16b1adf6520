package track

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"shoal/dynamics"
	"shoal/record"
	"shoal/runlog"
)

// A Ladder makes references of many kinds at one accuracy, and the starved controls of a run's
// references: whether a shallow model is special is read from how they predict the order of learning.
type Ladder struct {
	// Folder is where its trainings are kept, so that they are resumed and not made again; "" is the
	// folder ladder in the run's.
	Folder string
	// Starved trains networks like the run's to convergence on few examples.
	Starved bool
	// Others are runs of the same study with other seeds, whose networks are rungs where they are as
	// accurate as the others. Without any, and with Early, another seed is trained until it is.
	Others []string
	Early  bool
	Seed   uint64 // of the samples and the starved networks; 0 is the run's
	Steps  int    // that a starved training takes at least; 0 is 1000
}

// LadderFolder is the name of a ladder's folder in a run's.
const LadderFolder = "ladder"

// ladderKinds are the shallow models of a ladder, by the name of their rung. most bounds the training
// examples of those whose time grows with them while their accuracy hardly does; 0 is all.
var ladderKinds = []struct {
	rung, kind string
	most       int
}{{"linear", "logistic", 20000}, {"svm", "svm", 0}, {"forest", "forest", 0}, {"knn", "knn", 20000}}

// mostExamples is the number of training examples, of n, that a kind is fitted to.
func mostExamples(most, n int) int {
	if most == 0 {
		return n
	}
	return min(most, n)
}

const (
	starvedSteps  = 1000    // of a starved training, at least
	starvedPasses = 10      // over its examples, at least
	starvedLonger = 2       // how often it is made twice as long when it hasn't converged
	starvedScored = 20      // times that it is scored
	starvedSeed   = 1 << 20 // more than the ladder's seed: another network than those that it stands by
	starvedGain   = .005    // accuracy that the last fifth of a converged training gains, at most
	fewest        = 2 * unit
)

// ErrNoStudy is wrapped when the network of a run that shoal didn't train would be trained again.
var ErrNoStudy = errors.New("its network was trained elsewhere and can't be trained again here")

// climb is a ladder on its way.
type climb struct {
	Ladder
	dir     string
	options Options
	study   Study
	splits  *record.Splits
	history *runlog.History
	target  float64
	starved trials
	rungs   []runlog.Reference
	// perEpoch and total are the run's steps.
	perEpoch, total int
}

// Do adds a ladder to the finished run in dir, which has to be of a study: its rungs are named after
// dynamics.RungPrefix, starved controls of its references after dynamics.StarvedPrefix. All rungs are
// as accurate as the weakest of the run's references, the shallow models and the network at its end:
// those that would be better are fitted to fewer examples. One whose accuracy isn't reached is left
// out with a line.
func (l Ladder) Do(ctx context.Context, dir string, o Options) (*record.Summary, error) {
	x, err := l.prepare(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	if err := x.shallow(ctx); err != nil {
		return nil, err
	}
	if err := x.early(ctx); err != nil {
		return nil, err
	}
	if l.Starved {
		if err := x.starve(ctx); err != nil {
			return nil, err
		}
	}
	return record.AddControls(ctx, dir, x.rungs, o.Options)
}

// prepare reads the run and loads its data.
func (l Ladder) prepare(ctx context.Context, dir string, o Options) (*climb, error) {
	x := &climb{Ladder: l, dir: dir, options: o, starved: trials{}}
	x.Folder = cmp.Or(l.Folder, filepath.Join(dir, LadderFolder))
	var err error
	if x.history, err = runlog.Load(ctx, dir); err != nil {
		return nil, err
	}
	switch m := x.history.Meta; {
	case m.StudyTOML == "":
		return nil, fmt.Errorf("ladder of run %q: %w", dir, ErrNoStudy)
	case m.Status != runlog.Finished:
		return nil, fmt.Errorf("ladder of run %q: it isn't finished", dir)
	case m.CopyOf != "": // rungs are chosen by accuracy, which trainings take from the dataset's labels
		return nil, fmt.Errorf("ladder of run %q: it is a copy of %q with corrected labels; make the ladder there, and correct its labels again", dir, m.CopyOf)
	case len(x.models()) == 0:
		return nil, fmt.Errorf("ladder of run %q: it has no reference", dir)
	}
	if x.study, err = studyOf(dir, x.history.Meta); err != nil {
		return nil, err
	}
	if x.splits, err = x.study.Data.Load(ctx, o.Options); err != nil {
		return nil, err
	}
	x.Seed = cmp.Or(x.Seed, x.study.Seed)
	loop, err := x.study.loop(x.splits.Train.Len())
	x.perEpoch, x.total = loop.PerEpoch, loop.Total
	return x, errors.Join(err, x.splits.Match(dir, x.history.Meta))
}

// highestRate is the highest learning rate of a training of so many steps.
func (s Study) highestRate(perEpoch, total int) float64 {
	rate, err := ParseRate(s.Training.Schedule, s.Training.LearningRate)
	if err != nil { // the study has been checked
		return s.Training.LearningRate
	}
	most := 0.0
	for step := range total {
		most = math.Max(most, rate(step, perEpoch, total))
	}
	return most
}

// models are the run's references that controls are made for.
func (x *climb) models() []runlog.Reference {
	return slices.DeleteFunc(slices.Clone(x.history.References), func(r runlog.Reference) bool { return r.Control() || r.Kind == record.KindNetwork })
}

// shallow fits the shallow rungs: to all examples first, which says what accuracy all can have, then
// to fewer.
func (x *climb) shallow(ctx context.Context) error {
	accuracies := x.history.Log.Accuracies()
	x.target = accuracies[len(accuracies)-1]
	for _, m := range x.models() {
		x.target = math.Min(x.target, m.Accuracy)
	}
	n := x.splits.Train.Len()
	known := make([]trials, len(ladderKinds))
	for k, kind := range ladderKinds {
		most := mostExamples(kind.most, n)
		full, err := x.fit(ctx, kind.rung, kind.kind, most)
		if err != nil {
			return err
		}
		known[k] = trials{most: full.Accuracy}
		x.target = math.Min(x.target, full.Accuracy)
	}
	for k, kind := range ladderKinds {
		size, ok, err := known[k].search(ctx, fewest, mostExamples(kind.most, n), x.target, func(n int) (float64, error) {
			ref, err := x.fit(ctx, kind.rung, kind.kind, n)
			return ref.Accuracy, err
		})
		if err != nil {
			return err
		}
		ref, err := x.fit(ctx, kind.rung, kind.kind, size) // in the cache
		if err != nil {
			return err
		}
		x.add(ref, ok)
	}
	return nil
}

// fit fits a shallow model to a sample of n training examples.
func (x *climb) fit(ctx context.Context, rung, kind string, n int) (runlog.Reference, error) {
	splits := x.splits
	if n < splits.Train.Len() {
		splits = splits.Sampled(n, x.Seed)
	}
	asked := record.Reference{Name: dynamics.RungPrefix + rung, Kind: kind, Preset: "default", Parameters: record.Parameters{}}
	if k := slices.IndexFunc(x.study.References, func(r record.Reference) bool { return r.Kind == kind }); k >= 0 {
		same := x.study.References[k]
		asked.Preset, asked.Parameters, asked.Seed = same.Preset, same.Parameters, same.Seed
	}
	ref, err := splits.Fit(ctx, asked, x.options.Options, x.Seed)
	if err != nil {
		return ref, err
	}
	params := map[string]any{}
	if err := json.Unmarshal([]byte(ref.ParamsJSON), &params); err != nil {
		return ref, err
	}
	params["train_examples"] = n
	text, err := json.Marshal(params)
	ref.ParamsJSON = string(text)
	return ref, err
}

// add takes a rung if it is as accurate as the others.
func (x *climb) add(ref runlog.Reference, ok bool) {
	if !ok {
		x.options.Tell(fmt.Sprintf("note: %s is left out: its accuracy of %.2f %% isn't %.2f %%", ref.Name, 100*ref.Accuracy, 100*x.target))
		return
	}
	x.rungs = append(x.rungs, ref)
}

// early adds the networks of other seeds, stopped where they are as accurate as the other rungs.
func (x *climb) early(ctx context.Context) error {
	others := x.Others
	if len(others) == 0 && x.Early {
		dir := filepath.Join(x.Folder, "early")
		study := x.another()
		if _, err := Finish(ctx, dir, study, x.options); err != nil {
			return err
		}
		others = []string{dir}
	}
	for k, dir := range others {
		h, err := runlog.Load(ctx, dir)
		if err != nil {
			return err
		}
		t := h.Log.NearestAccuracy(x.target)
		name := dynamics.RungPrefix + "early"
		if k > 0 {
			name = fmt.Sprintf("%s-%d", name, k+1)
		}
		ref, err := network(name, h, t, nil)
		if err != nil {
			return err
		}
		x.add(ref, dynamics.SameAccuracy(ref.Accuracy, x.target))
	}
	return nil
}

// another is the study of the next seed, a quarter longer than this one took to the rungs' accuracy.
func (x *climb) another() Study {
	s := x.study.clone()
	s.Seed, s.Name, s.References = s.Seed+1, s.Name+"-early", record.References{}
	s.Evaluation = Evaluation{Schedule: "log:1.03"}
	l := &x.history.Log
	last := len(l.Steps) - 1
	if t := slices.IndexFunc(l.Accuracies(), func(a float64) bool { return a >= x.target }); t >= 0 && l.Epochs[last] > 0 {
		perEpoch := float64(l.Steps[last]) / l.Epochs[last]
		s.Training.Epochs = math.Min(s.Training.Epochs, (math.Ceil(earlyLonger*float64(l.Steps[t]))+20)/perEpoch)
	}
	return s
}

// network is the network of a run at evaluation t as a reference.
func network(name string, h *runlog.History, t int, more map[string]any) (runlog.Reference, error) {
	params := map[string]any{"run": h.Dir, "network": h.Network, "step": h.Log.Steps[t]}
	for key, value := range more {
		params[key] = value
	}
	text, err := json.Marshal(params)
	return runlog.Reference{Kind: record.KindNetwork, ParamsJSON: string(text), Reference: h.Log.At(name, t), Accuracy: h.Log.Accuracies()[t]}, err
}

// starve adds the starved rung, and the starved control of each of the run's references.
func (x *climb) starve(ctx context.Context) error {
	names := []string{dynamics.RungPrefix + "starved"}
	targets := []float64{x.target}
	for _, m := range x.models() {
		names, targets = append(names, dynamics.StarvedPrefix+m.Name), append(targets, m.Accuracy)
	}
	have := x.history.References
	for k, name := range names {
		if slices.ContainsFunc(have, func(r runlog.Reference) bool { return r.Name == name }) {
			continue
		}
		ref, ok, err := x.starvedAt(ctx, name, targets[k])
		if err != nil {
			return err
		}
		if !ok {
			x.options.Tell(fmt.Sprintf("note: %s is left out: no number of training examples gives a network that has converged %.2f %%", name, 100*targets[k]))
			continue
		}
		x.rungs = append(x.rungs, ref)
	}
	return nil
}

// starvedAt is the starved network of an accuracy.
func (x *climb) starvedAt(ctx context.Context, name string, target float64) (ref runlog.Reference, ok bool, err error) {
	n, ok, err := x.starved.search(ctx, fewest, x.splits.Train.Len(), target, func(n int) (float64, error) {
		h, err := x.train(ctx, n)
		if err != nil {
			return 0, err
		}
		a := h.Log.Accuracies()
		x.options.Tell(fmt.Sprintf("starved of all but %d examples: accuracy %.2f %%, %.2f %% is wanted", n, 100*a[len(a)-1], 100*target))
		return a[len(a)-1], nil
	})
	if err != nil || !ok {
		return ref, false, err
	}
	h, err := x.train(ctx, n)
	if err != nil {
		return ref, false, err
	}
	if !converged(&h.Log) { // a control that still learns has not what it would learn last
		return ref, false, nil
	}
	ref, err = network(name, h, len(h.Log.Steps)-1, map[string]any{"train_examples": n})
	return ref, err == nil, err
}

// train trains a network to convergence on n examples, twice as long where it hasn't converged.
func (x *climb) train(ctx context.Context, n int) (*runlog.History, error) {
	for longer := 0; ; longer++ {
		name := fmt.Sprintf("starved-%d", n)
		if longer > 0 {
			name += fmt.Sprintf("-x%d", 1<<longer)
		}
		dir := filepath.Join(x.Folder, name)
		if _, err := Finish(ctx, dir, x.starvedStudy(n, 1<<longer), x.options); err != nil {
			return nil, err
		}
		h, err := runlog.Load(ctx, dir)
		if err != nil || converged(&h.Log) {
			return h, err
		}
		if longer == starvedLonger {
			x.options.Tell(fmt.Sprintf("warning: %q hasn't converged, though it was trained %d times as long", dir, 1<<longer))
			return h, nil
		}
	}
}

// starvedStudy is the run's study on n examples and with a seed of its own, so that it doesn't begin with
// the weights of a run whose control it is: with the highest rate of its schedule, and a tenth of
// that in the second half.
func (x *climb) starvedStudy(n, longer int) Study {
	s := x.study.clone()
	s.Name, s.References, s.Subset = s.Name+"-starved", record.References{}, Subset{}
	s.Seed = x.Seed + starvedSeed
	s.Data.SampleTrain, s.Data.SampleSeed = n, s.Seed
	perPass := (n + s.Training.Batch - 1) / s.Training.Batch
	passes := longer * max(starvedPasses, (cmp.Or(x.Steps, starvedSteps)+perPass-1)/perPass)
	s.Training.LearningRate = x.study.highestRate(x.perEpoch, x.total)
	s.Training.Epochs = float64(passes)
	s.Training.Schedule = fmt.Sprintf("steps:0.1@%d", passes/2)
	s.Evaluation = Evaluation{Schedule: fmt.Sprintf("every:%d", max(1, passes*perPass/starvedScored))}
	return s
}

// converged reports whether the last fifth of a log gained hardly anything.
func converged(l *dynamics.Log) bool {
	a := l.Accuracies()
	fifth := len(a) / 5
	if fifth == 0 {
		return true
	}
	sum := func(from int) (out float64) {
		for _, v := range a[from : from+fifth] {
			out += v / float64(fifth)
		}
		return out
	}
	return sum(len(a)-fifth)-sum(len(a)-2*fifth) <= starvedGain
}
