package paper

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"shoal/internal/usage"
	"shoal/published"
	"shoal/record"
	"shoal/track"
)

// Budgets lists the names of the budgets, the smallest first.
func Budgets() []string { return []string{"quick", "evening", "full"} }

// A Plan says which runs the paper's table is made of.
type Plan struct {
	Budget string
	Parts  []Part
	Seeds  int // runs of each part, or its own Seeds if those are more: seeds Study.Seed, Study.Seed+1, ...
}

// seeds is the number of runs of a part.
func (p Plan) seeds(part Part) int { return max(p.Seeds, part.Seeds) }

// A Part is one dataset with its network, scored against all references at once: a column of figure
// 1, or a smaller network that stands for it where several seeds are needed.
type Part struct {
	Name  string      // of its folders: NAME-seed1, ...
	Study track.Study // of the first seed
	Note  string      // how it differs from the paper's recipe; "" when it doesn't
	Seeds int         // at least so many runs; 0: as many as the plan says
	// Smaller: a network that isn't the paper's. It is no column of figure 1 and no triplet of the paper.
	Smaller bool
	// Ladder is what references at one accuracy each run gets; nil for none.
	Ladder *track.Ladder
	// Required: a dataset that is not available is an error in the end, not only a line.
	Required bool
}

// NewPlan makes the plan of a budget. only are the datasets (nil: all three, and one that is not
// available is no error), references the kinds of M (nil: svm and forest).
func NewPlan(budget string, only, references []string, seeds int) (Plan, error) {
	p := Plan{Budget: budget, Seeds: seeds}
	if seeds < 1 || seeds > 1000 {
		return p, usage.Errorf("%d seeds: want 1 to 1000", seeds)
	}
	if !slices.Contains(Budgets(), budget) {
		return p, usage.Errorf("unknown budget %q: want one of %s%s", budget, strings.Join(Budgets(), ", "), usage.DidYouMean(budget, Budgets()))
	}
	names := PartNames(budget)
	for _, name := range only {
		if !slices.Contains(names, name) {
			return p, usage.Errorf("budget %s has no part %q: want some of %s%s", budget, name, strings.Join(names, ", "), usage.DidYouMean(name, names))
		}
	}
	for _, name := range names {
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		part, err := newPart(budget, name, references)
		if err != nil {
			return p, err
		}
		part.Required = len(only) > 0
		p.Parts = append(p.Parts, part)
	}
	return p, nil
}

// PartNames lists the parts of a budget: the paper's datasets and, in the evening, smaller networks
// on two of them.
func PartNames(budget string) []string {
	names := published.Datasets()
	if budget == "evening" {
		names = append(slices.Clone(names), "cifar10-resnet20", "cifar100-resnet20")
	}
	return names
}

// ladderOf is the ladder that a budget pays for: the shallow rungs always; starved networks, which are
// a few more trainings, where those are cheap or the budget is full; another seed, where there is only
// one, but for ResNet-101.
func ladderOf(budget, name string) *track.Ladder {
	l := &track.Ladder{Starved: true, Early: true}
	switch budget + " " + name {
	case "quick cifar10", "evening cifar10":
		l.Starved = false
	case "quick cifar100", "evening cifar100":
		l.Starved, l.Early = false, false
	}
	return l
}

// initialisations are what claim 1 takes.
const initialisations = 100

// newPart is a built-in study, cut to the budget, with the paper's references.
func newPart(budget, name string, references []string) (Part, error) {
	dataset, network, smaller := strings.Cut(name, "-")
	s, err := track.Builtin(dataset)
	if err != nil {
		return Part{}, err
	}
	p := Part{Name: name, Study: s, Ladder: ladderOf(budget, name), Smaller: smaller}
	if smaller {
		p.Study.Network.Name, p.Seeds = network, 3
	}
	if len(references) > 0 {
		if p.Study.References, err = p.Study.References.Named(references); err != nil {
			return p, err
		}
	}
	p.Study.References.SetPreset("paper")
	p.Study.Evaluation.Initialisations = initialisations
	if budget == "evening" {
		if len(references) == 0 {
			p.Study.References = append(p.Study.References, strong(p.Study.References)...)
		}
		p.Study.Name = "paper-evening-" + name
		p.evening()
		return p, p.Study.Check()
	}
	p.Study.Name = "paper-" + budget + "-" + name
	p.cut(budget)
	return p, p.Study.Check()
}

// strong are the same kinds of M as good as they get in minutes: they show whether what is found
// depends on how weak the paper's were.
func strong(references record.References) record.References {
	var out record.References
	for _, r := range references {
		r.Name += "-strong"
		out = append(out, r)
	}
	out.SetPreset("strong")
	return out
}

// evening sets recipes that converge in so few epochs: the rate rises, falls linearly, and stays low
// for the last fifth, so that it can be judged whether the curves have settled. Accuracy is scored
// ever more rarely as it rises, and about ten times in that tail; that takes about a quarter of the
// time.
func (p *Part) evening() {
	t, e := &p.Study.Training, &p.Study.Evaluation
	if p.Name == "mnist" {
		t.Epochs, e.Schedule, p.Seeds = 24, "every:1@2,every:20", 3
		return
	}
	t.LearningRate, t.Nesterov = 0, true
	switch p.Name {
	case "cifar10":
		t.Epochs, t.Schedule, e.Schedule = 20, "linear:0@0,0.1@5,0.003@16", "log:1.08@16,every:150"
		p.Note = "20 epochs with Nesterov momentum and a rate that falls linearly, instead of 350 with a rate that falls in steps"
	case "cifar100":
		t.Epochs, t.Schedule, e.Schedule = 12, "linear:0@0,0.1@3,0.003@9.6", "log:1.12@9.6,every:93"
		p.Note = "12 epochs with Nesterov momentum and a rate that falls linearly, instead of 200 with a rate that falls in steps"
	default:
		t.Epochs, t.Schedule, e.Schedule = 16, "linear:0@0,0.1@4,0.003@12", "log:1.1@12,every:120"
		p.Note = "16 epochs of a smaller network, for its three seeds, with Nesterov momentum and a rate that falls linearly"
	}
}

// cut sets length and evaluation schedule. quick is the beginning of the full training, as long as
// two cores with AVX-512 manage in about an hour, all three datasets together; it is fixed so that a
// budget means the same study everywhere, but for the precision, which is the machine's.
func (p *Part) cut(budget string) {
	t, e, d := &p.Study.Training, &p.Study.Evaluation, &p.Study.Data
	switch budget + " " + p.Name {
	case "full mnist":
		t.Epochs, e.Schedule = 24, "every:1@2,every:20"
	case "quick mnist":
		t.Epochs, e.Schedule = 12, "every:1@2,every:20"
		p.Note = "12 epochs instead of 24"
	case "quick cifar10":
		t.Epochs, e.Schedule, d.LimitTest = 1, "log:1.15", 2000
		p.Note = "the first of 350 epochs, scored on the first 2,000 test images"
	case "quick cifar100":
		t.Epochs, e.Schedule, d.LimitTest = .2, "log:1.15", 1000
		p.Note = "the first 0.2 of 200 epochs, scored on the first 1,000 test images"
	}
}

// study is the part's study with another seed. The references keep the first seed: M is one fixed
// model, whichever D is set against it.
func (p Part) study(seed uint64) track.Study {
	s := p.Study
	s.References = slices.Clone(s.References)
	for k := range s.References {
		if s.References[k].Seed == 0 {
			s.References[k].Seed = s.Seed
		}
	}
	if seed != s.Seed { // random initialisations are those of the network, not of a seed
		s.Evaluation.Initialisations = 0
	}
	s.Seed = seed
	return s
}

// asBegun lets a part whose runs are in a folder already have their precision: that of a built-in study
// depends on the machine, and a folder may come from another one.
func (p *Part) asBegun(out string, seeds int) {
	for k := 1; k <= seeds; k++ {
		if s, err := track.ReadStudy(filepath.Join(out, p.folder(k), track.StudyFile)); err == nil {
			p.Study.Training.Precision = s.Training.Precision
			return
		}
	}
}

// folder is the name of the run of the k-th seed, k from 1.
func (p Part) folder(k int) string { return p.Name + "-seed" + strconv.Itoa(k) }

// ladderFolder is the name of the folder with the trainings of the ladder.
func (p Part) ladderFolder() string { return p.Name + "-ladder" }
