package paper

import (
	"slices"
	"strconv"
	"strings"

	"shoal/internal/usage"
	"shoal/published"
	"shoal/track"
)

// Budgets lists the names of the budgets, the smallest first.
func Budgets() []string { return []string{"quick", "day", "full"} }

// A Plan says which runs the paper's table is made of.
type Plan struct {
	Budget string
	Parts  []Part
	Seeds  int // runs of each part: seeds Study.Seed, Study.Seed+1, ...
}

// A Part is one dataset with its network, scored against all references at once: a column of figure
// 1.
type Part struct {
	Name  string      // of its folders: NAME-seed1, ...
	Study track.Study // of the first seed
	Note  string      // how it differs from the paper's recipe; "" when it doesn't
	// Control is how often to score the control network of another seed, which a single seed is set
	// against: it is trained until it is as accurate as the references. "" for no control.
	Control string
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
		return p, usage.Errorf("unknown budget %q: want one of %s", budget, strings.Join(Budgets(), ", "))
	}
	for _, name := range only {
		if !slices.Contains(published.Datasets(), name) {
			return p, usage.Errorf("the paper has no dataset %q: want some of %s", name, strings.Join(published.Datasets(), ", "))
		}
	}
	for _, name := range published.Datasets() {
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

// controls are the evaluation schedules of control networks: with 2-layer CNNs often enough to meet
// M's accuracy within a few tenths of a point, with DenseNet-121 as often as can be paid for. With
// ResNet-101 a second seed, asked for by the user, is the only one.
var controls = map[string]string{"mnist": "log:1.02", "cifar10": "log:1.1"}

// newPart is a built-in study, cut to the budget, with the paper's references.
func newPart(budget, name string, references []string) (Part, error) {
	s, err := track.Builtin(name)
	if err != nil {
		return Part{}, err
	}
	p := Part{Name: name, Study: s, Control: controls[name]}
	if len(references) > 0 {
		if p.Study.References, err = p.Study.References.Named(references); err != nil {
			return p, err
		}
	}
	p.Study.References.SetPreset("paper")
	p.Study.Name = "paper-" + budget + "-" + name
	p.cut(budget)
	return p, p.Study.Check()
}

// cut sets length and evaluation schedule. The numbers of epochs of day and quick are what two
// cores with AVX-512 manage in about a day and about an hour, all three datasets together; they are
// fixed so that a budget means the same study everywhere. day shortens the schedule of the learning
// rate with the training, so that it ends settled; quick is the beginning of the full training.
func (p *Part) cut(budget string) {
	t, e, d := &p.Study.Training, &p.Study.Evaluation, &p.Study.Data
	switch budget + " " + p.Name {
	case "full mnist", "day mnist":
		t.Epochs, e.Schedule = 24, "every:1@2,every:20"
	case "quick mnist":
		t.Epochs, e.Schedule = 12, "every:1@2,every:20"
		p.Note = "12 epochs instead of 24"
	case "day cifar10":
		t.Epochs, t.Schedule, e.Schedule = 10, "steps:0.1@5,8", "log:1.1"
		p.Note = "10 epochs instead of 350, with the learning rate's schedule shortened alike"
	case "quick cifar10":
		t.Epochs, e.Schedule, d.LimitTest = 1, "log:1.15", 2000
		p.Note = "the first of 350 epochs, scored on the first 2,000 test images"
	case "day cifar100":
		t.Epochs, t.Schedule, e.Schedule = 5, "warmup:1+steps:0.2@2,3,4", "log:1.15"
		p.Note = "5 epochs instead of 200, with the learning rate's schedule shortened alike"
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
	s.Seed = seed
	return s
}

// folder is the name of the run of the k-th seed, k from 1.
func (p Part) folder(k int) string { return p.Name + "-seed" + strconv.Itoa(k) }

// controlFolder is the name of the control run.
func (p Part) controlFolder() string { return p.Name + "-control" }
