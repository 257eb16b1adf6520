package paper

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"shoal/dynamics"
	"shoal/dynamics/easiness"
	"shoal/record"
	"shoal/report"
	"shoal/runlog"
	"shoal/track"
)

// A stage is a paper's folder whose runs never happened: studies and schedules are the plan's, the
// answers are drawn. It shows in seconds what the paper would deliver after a night.
type stage struct {
	t    *testing.T
	plan Plan
	out  string
	n    int // test images of each dataset
}

// newStage is an empty folder of an evening, in dir. references are the kinds of M (nil: svm and forest, and
// stronger ones).
func newStage(t *testing.T, dir string, n int, references ...string) *stage {
	t.Helper()
	p, err := NewPlan("evening", nil, references, 1)
	if err != nil {
		t.Fatal(err)
	}
	return &stage{t, p, dir, n}
}

// A course is how accuracy rises in a simulated run: by the logarithm of the step, to top at four
// fifths of the training.
type course struct {
	top  float64
	half float64 // step that is as long as the beginning
}

// courses by part. The tops are near what the short recipes reach.
var courses = map[string]course{"mnist": {.988, 2}, "cifar10": {.925, 40}, "cifar100": {.68, 300},
	"cifar10-resnet20": {.879, 30}, "cifar100-resnet20": {.572, 250}}

// accuracies of M, by dataset and name.
var shallowAccuracies = map[string]map[string]float64{
	"mnist":    {"svm": .9792, "forest": .9625, "svm-strong": .985, "forest-strong": .97},
	"cifar10":  {"svm": .408, "forest": .3606, "svm-strong": .56, "forest-strong": .47},
	"cifar100": {"svm": .1432, "forest": .1466, "svm-strong": .2639, "forest-strong": .2639},
}

// at is the accuracy at a step, of total.
func (c course) at(step, total int, chance float64) float64 {
	share := func(s float64) float64 { return math.Log1p(math.Pow(s/c.half, 1.4)) }
	whole := share(.8 * float64(total))
	return chance + float64((c.top-chance)*min(1, share(float64(step))/whole))
}

// scene is one part of a stage: its images, which all of its runs share.
type scene struct {
	*stage
	part    Part
	classes int
	labels  []uint16
	hard    []float64 // standard normal
}

// scene makes the images of a part; those of one dataset are the same.
func (s *stage) scene(name string) *scene {
	s.t.Helper()
	k := slices.IndexFunc(s.plan.Parts, func(p Part) bool { return p.Name == name })
	if k < 0 {
		s.t.Fatalf("the plan has no part %q", name)
	}
	x := &scene{stage: s, part: s.plan.Parts[k], classes: 10}
	if x.part.Study.Data.Dataset == "cifar100" {
		x.classes = 100
	}
	r := rand.New(rand.NewPCG(uint64(len(x.part.Study.Data.Dataset)), 1))
	for i := range s.n {
		x.labels, x.hard = append(x.labels, uint16(i%x.classes)), append(x.hard, r.NormFloat64())
	}
	return x
}

// answers are right where right says so, and another class elsewhere: a common one at first.
func (x *scene) answers(r *rand.Rand, lost float64, right func(i int) bool) []uint16 {
	out, common := make([]uint16, x.n), uint16(r.IntN(x.classes))
	for i, y := range x.labels {
		switch {
		case right(i):
			out[i] = y
		case r.Float64() < lost:
			out[i] = common
		default:
			out[i] = (y + 1 + uint16(r.IntN(x.classes-1))) % uint16(x.classes)
		}
	}
	return out
}

// learner is right on what its noisy idea of difficulty puts below its accuracy.
func (x *scene) learner(r *rand.Rand, accuracy, noise float64) []uint16 {
	cut := math.Sqrt2 * math.Erfinv(2*accuracy-1) * math.Hypot(1, noise)
	return x.answers(r, 0, func(i int) bool { return x.hard[i]+float64(noise*r.NormFloat64()) < cut })
}

// reference is a model that is set against the network.
func (x *scene) reference(name, kind string, accuracy, noise float64, seed uint64) runlog.Reference {
	return runlog.Reference{Reference: dynamics.Reference{Name: name, Predictions: x.learner(rand.New(rand.NewPCG(seed, 3)), accuracy, noise)},
		Kind: kind, ParamsJSON: `{"train_examples": 5000}`, FitSeconds: 61.5}
}

// references are those of the part's study and, with a ladder, the rungs.
func (x *scene) references(ladder bool) []runlog.Reference {
	var out []runlog.Reference
	dataset := x.part.Study.Data.Dataset
	for k, ref := range x.part.Study.References {
		out = append(out, x.reference(ref.Name, ref.Kind, shallowAccuracies[dataset][ref.Name], .8, uint64(k)))
	}
	if !ladder {
		return out
	}
	least := shallowAccuracies[dataset]["forest"]
	for k, rung := range []string{"linear", "svm", "forest", "knn"} {
		out = append(out, x.reference(dynamics.RungPrefix+rung, rung, least, 1, uint64(10+k)))
	}
	if x.part.Ladder.Starved {
		out = append(out, x.reference(dynamics.RungPrefix+"starved", record.KindNetwork, least, .6, 20))
		for k, name := range []string{"svm", "forest"} {
			out = append(out, x.reference(dynamics.StarvedPrefix+name, record.KindNetwork, shallowAccuracies[dataset][name], .6, uint64(21+k)))
		}
	}
	return out
}

// initial are the answers of untrained networks, a class or two each.
func (x *scene) initial(r *rand.Rand) [][]uint16 {
	var out [][]uint16
	for range initialisations {
		class, other := uint16(r.IntN(x.classes)), uint16(r.IntN(x.classes))
		one := make([]uint16, min(x.n, 1000))
		for i := range one {
			if one[i] = class; r.Float64() < .2 {
				one[i] = other
			}
		}
		out = append(out, one)
	}
	return out
}

// run makes the run of the k-th seed up to a share of its training: 1 finishes it.
func (x *scene) run(k int, share float64, ladder bool) {
	x.t.Helper()
	study := x.part.study(x.part.Study.Seed + uint64(k-1))
	dir := filepath.Join(x.out, x.part.folder(k))
	text, err := study.Encode(nil)
	if err != nil {
		x.t.Fatal(err)
	}
	classes := make([]string, x.classes)
	for c := range classes {
		classes[c] = fmt.Sprint("class ", c)
	}
	r, err := runlog.Create(dir, runlog.Meta{Study: study.Name, Dataset: study.Data.Dataset, Network: study.Network.Name, Classes: classes, StudyTOML: string(text)},
		runlog.Examples{Labels: x.labels})
	if err != nil {
		x.t.Fatal(err)
	}
	defer r.Close()
	if err := os.WriteFile(filepath.Join(dir, track.StudyFile), text, 0o666); err != nil {
		x.t.Fatal(err)
	}
	draw := rand.New(rand.NewPCG(study.Seed, uint64(len(x.part.Name))))
	x.evaluate(r, draw, study, share)
	for _, ref := range x.references(ladder) {
		if _, err := r.AddReference(ref); err != nil {
			x.t.Fatal(err)
		}
	}
	if study.Evaluation.Initialisations > 0 {
		if err := r.KeepInitial(x.initial(draw)); err != nil {
			x.t.Fatal(err)
		}
	}
	x.finish(r, study, share)
}

// evaluate writes the evaluations of a run, by the study's schedule.
func (x *scene) evaluate(r *runlog.Run, draw *rand.Rand, study track.Study, share float64) {
	x.t.Helper()
	schedule, err := record.ParseSchedule(study.Evaluation.Schedule)
	if err != nil {
		x.t.Fatal(err)
	}
	perEpoch := 391
	if study.Data.Dataset == "mnist" {
		perEpoch = 938
	}
	total := int(math.Round(study.Training.Epochs * float64(perEpoch)))
	own, chance := make([]float64, x.n), 1/float64(x.classes)
	for i := range own {
		own[i] = x.hard[i] + .5*draw.NormFloat64()
	}
	c := courses[x.part.Name]
	for _, step := range schedule.Steps(perEpoch, total) {
		if float64(step) > share*float64(total) {
			break
		}
		accuracy := c.at(step, total, chance)
		// What isn't known is guessed, so that an untrained network is right by chance.
		known := max(0, (accuracy-chance)/(1-chance))
		cut, lost := math.Sqrt2*math.Erfinv(2*known-1)*math.Hypot(1, math.Hypot(.5, .15)), math.Exp(-float64(step)/20)
		guesses := x.answers(draw, lost, func(int) bool { return draw.Float64() < chance })
		predictions := x.answers(draw, 0, func(i int) bool { return own[i]+.15*draw.NormFloat64() < cut })
		for i, y := range x.labels {
			if predictions[i] != y {
				predictions[i] = guesses[i]
			}
		}
		if _, err := r.AppendEvaluation(runlog.Evaluation{Step: step, Epoch: float64(step) / float64(perEpoch), Loss: 1 - accuracy, Seconds: 2, Predictions: predictions}); err != nil {
			x.t.Fatal(err)
		}
	}
}

// finish ends a run whose share is 1; another one was interrupted.
func (x *scene) finish(r *runlog.Run, study track.Study, share float64) {
	x.t.Helper()
	recorder, err := record.New(r, record.Options{})
	if err != nil {
		x.t.Fatal(err)
	}
	hours := map[string]float64{"densenet121": 4, "resnet101": 7}
	seconds := 3600 * max(.05, hours[study.Network.Name]) * share
	recorder.Seconds = runlog.Seconds{Data: 3, References: 246, Training: seconds, Evaluation: seconds / 4, Total: 249 + 1.25*seconds}
	if share < 1 {
		if err := r.SetSeconds(recorder.Seconds); err != nil {
			x.t.Fatal(err)
		}
		if err := r.SetStatus(runlog.Interrupted, ""); err != nil {
			x.t.Fatal(err)
		}
		return
	}
	seed := study.Seed
	if _, err := recorder.Finish(context.Background(), record.Summary{Precision: "bfloat16", Tier: "amx", SIMD: "avx512", Workers: 2, Seed: &seed}, nil); err != nil {
		x.t.Fatal(err)
	}
}

// company has the finished seeds of the part stand by each other, and asks them what takes refits.
func (x *scene) company(seeds int) {
	x.t.Helper()
	var dirs []string
	var logs []*dynamics.Log
	for k := range seeds {
		dirs = append(dirs, filepath.Join(x.out, x.part.folder(k+1)))
		h, err := runlog.Load(x.t.Context(), dirs[k])
		if err != nil {
			x.t.Fatal(err)
		}
		logs = append(logs, &h.Log)
	}
	if err := record.JoinSeeds(x.t.Context(), dirs, record.Options{}); err != nil {
		x.t.Fatal(err)
	}
	answers := &easiness.Report{Dataset: x.part.Study.Data.Dataset, Network: x.part.Study.Network.Name, Runs: dirs, Examples: x.n, Refits: refits}
	for c := range x.classes {
		answers.Classes = append(answers.Classes, fmt.Sprint("class ", c))
	}
	for k, ref := range x.part.Study.References {
		f := easiness.Family{Name: ref.Name}
		for refit := range refits {
			right := make([]bool, x.n)
			for i, y := range x.learner(rand.New(rand.NewPCG(uint64(100*k+refit), 5)), shallowAccuracies[answers.Dataset][ref.Name], .8) {
				right[i] = y == x.labels[i]
			}
			f.Right = append(f.Right, right)
		}
		shared, err := easiness.Compare(x.labels, f, answers.Network, logs)
		if err != nil {
			x.t.Fatal(err)
		}
		missed, err := easiness.Miss(x.labels, f, answers.Network, logs)
		if err != nil {
			x.t.Fatal(err)
		}
		answers.Answers = append(answers.Answers, easiness.Answer{Shared: shared, Missed: missed})
	}
	if err := report.WriteEasiness(filepath.Join(x.out, x.part.easinessFolder()), answers, report.Options{DPI: coarse}); err != nil {
		x.t.Fatal(err)
	}
}

// planned is the plan, with so many seeds of each part that is named.
func (s *stage) planned(seeds map[string]int) *state {
	out := &state{Budget: s.plan.Budget}
	for _, p := range s.plan.Parts {
		if seeds[p.Name] > 0 {
			out.Parts = append(out.Parts, partState{Name: p.Name, Dataset: p.Study.Data.Dataset, Network: p.Study.Network.Name, Note: p.Note, Seeds: seeds[p.Name], Smaller: p.Smaller})
		}
	}
	return out
}

// summary is that of the folder, without drawing it.
func (s *stage) summary(seeds map[string]int) *Summary {
	s.t.Helper()
	plan := s.planned(seeds)
	parts, err := collect(s.t.Context(), s.out, plan)
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := summarise(s.t.Context(), plan, parts)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// write saves the plan and draws the page.
func (s *stage) write(seeds map[string]int, dpi int) *Summary {
	s.t.Helper()
	if err := s.planned(seeds).save(s.out); err != nil {
		s.t.Fatal(err)
	}
	out, err := Write(s.t.Context(), s.out, WriteOptions{DPI: dpi})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// TestSamples writes the paper of an evening that was stopped in its last large network to the folder
// named by SHOAL_SAMPLES, for people to look at.
func TestSamples(t *testing.T) {
	dir := os.Getenv("SHOAL_SAMPLES")
	if dir == "" {
		t.Skip("SHOAL_SAMPLES names no folder: nothing to look at")
	}
	s := newStage(t, filepath.Join(dir, "paper-evening"), 2000)
	seeds := map[string]int{}
	for _, part := range []struct {
		name     string
		finished int
		begun    float64 // of the next seed
	}{{"mnist", 3, 0}, {"cifar10", 1, .3}, {"cifar100", 0, .5}, {"cifar10-resnet20", 3, 0}, {"cifar100-resnet20", 3, 0}} {
		x := s.scene(part.name)
		for k := range part.finished {
			x.run(k+1, 1, true)
			seeds[part.name]++
		}
		if part.begun > 0 {
			seeds[part.name]++
			x.run(seeds[part.name], part.begun, false)
		}
		if part.finished > 1 {
			x.company(part.finished)
		}
	}
	summary := s.write(seeds, 0)
	text, err := json.Marshal(summary)
	if err != nil {
		t.Fatal(err)
	}
	noNaN(t, text)
}
