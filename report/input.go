package report

import (
	"cmp"
	"errors"
	"fmt"
	"image"

	"shoal/dataset"
	"shoal/dynamics"
	"shoal/dynamics/groups"
	"shoal/published"
	"shoal/runlog"
)

// Input is everything that figures and page are drawn from. FromRun reads it from a run folder.
type Input struct {
	Study, Network string
	Dataset        string   // as package dataset names it: "cifar10"; figures and page show its title
	Classes        []string // names of the classes; numbers where empty
	Names          []string // of the examples, files mostly; nil where only their index is known
	Log            dynamics.Log
	References     []runlog.Reference
	Split          string                  // what the examples are: "train", or "" for a test split
	Values         *dynamics.ValueMeasures // nil when the log keeps no values
	LabelP         []float32               // the network's probabilities of the labels at the last evaluation; nil where none are kept
	Groups         []groups.Attribute      // of the examples; nil for none
	// LabelErrors are the known errors among the labels; nil where nothing is known.
	LabelErrors *published.LabelErrors
	// Judgements are those of the references, one each in their order; nil means that they are made
	// here.
	Judgements []*dynamics.Judgement
	Ladder     Ladder                           // references at one accuracy, and starved controls
	Image      func(i int) (image.Image, error) // nil when the run keeps no images; called by several goroutines at once
	Facts      []Fact                           // what was run: seeds, times, machine
	Warnings   []string                         // what a reader must know first: "run failed at step 12"
	SoFar      bool                             // the run isn't finished: its last evaluation is not the end
}

// Fact is a line of "what was run".
type Fact struct{ Name, Value string }

// title is the dataset's name as people write it, or the study's where no dataset is named.
func (in *Input) title() string { return cmp.Or(dataset.Describe(in.Dataset).Title, in.Study) }

// ErrNoReference is wrapped for a run that has nothing to compare its network with.
var ErrNoReference = errors.New("no reference")

// Check reports what does not fit together.
func (in *Input) Check() error {
	if err := in.Log.Check(); err != nil {
		return fmt.Errorf("report on study %q: %w", in.Study, err)
	}
	if len(in.Log.Steps) == 0 {
		return fmt.Errorf("report on study %q: the run has no evaluation yet", in.Study)
	}
	if len(in.References) == 0 {
		return fmt.Errorf("report on study %q: the run has %w", in.Study, ErrNoReference)
	}
	n := len(in.Log.Labels)
	for _, r := range in.References {
		if len(r.Predictions) != n {
			return fmt.Errorf("reference %q has %d predictions, want %d, one an example", r.Name, len(r.Predictions), n)
		}
		if r.Margins != nil && len(r.Margins) != n {
			return fmt.Errorf("reference %q has %d margins, want %d, one an example", r.Name, len(r.Margins), n)
		}
	}
	if in.LabelP != nil && len(in.LabelP) != n {
		return fmt.Errorf("%d probabilities of labels, want %d, one an example", len(in.LabelP), n)
	}
	return nil
}

// references lists the references as package dynamics has them.
func (in *Input) references() []dynamics.Reference {
	var out []dynamics.Reference
	for _, r := range in.References {
		out = append(out, r.Reference)
	}
	return out
}

// class names a class for readers.
func (in *Input) class(k int) string {
	if k < len(in.Classes) && in.Classes[k] != "" {
		return in.Classes[k]
	}
	return fmt.Sprint(k)
}
