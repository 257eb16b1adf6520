package boosting

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"shoal/internal/parallel"
	"shoal/shallow/model"
)

// version is the code's: see model.Model.
const version = 2

const (
	// Auto is the Patience that depends on the number of examples.
	Auto = -1
	// EarlyFrom is the number of training examples above which Auto stops early.
	EarlyFrom    = 10_000
	autoPatience = 10
)

// Params define the fit together with the examples and the seed.
type Params struct {
	Iterations int     // most trees of a class; at least 1
	Leaves     int     // most leaves of a tree; at least 2
	MinLeaf    int     // fewest examples in a leaf; at least 1
	Shrinkage  float64 // of every step: the learning rate; above 0
	L2         float64 // added to Hessians; 0 or more
	Patience   int     // iterations without improvement that end the fit; 0: never; Auto
	Validation float64 // share of the examples that early stopping goes by; above 0, below 1
}

// Defaults are scikit-learn's: 100 iterations of 31 leaves with 20 examples, shrinkage 0.1.
func Defaults() Params {
	return Params{Iterations: 100, Leaves: 31, MinLeaf: 20, Shrinkage: .1, Patience: Auto, Validation: .1}
}

// maxLeaves keeps the histograms of a tree's leaves in memory.
const maxLeaves = 1 << 12

func (p Params) check() error {
	for _, c := range []struct {
		name           string
		got, min, most int
	}{
		{"iterations", p.Iterations, 1, 1 << 20}, {"leaves", p.Leaves, 2, maxLeaves}, {"min-leaf", p.MinLeaf, 1, math.MaxInt32},
		{"patience", p.Patience, Auto, math.MaxInt32},
	} {
		if c.got < c.min || c.got > c.most {
			return fmt.Errorf("boosting: %s: got %d, want %d to %d", c.name, c.got, c.min, c.most)
		}
	}
	if !(p.Shrinkage > 0 && p.Shrinkage <= 1) {
		return fmt.Errorf("boosting: shrinkage: got %v, want above 0 and at most 1", p.Shrinkage)
	}
	if !(p.L2 >= 0) || math.IsInf(p.L2, 0) {
		return fmt.Errorf("boosting: l2: got %v, want 0 or more", p.L2)
	}
	if !(p.Validation > 0 && p.Validation < 1) {
		return fmt.Errorf("boosting: validation: got %v, want above 0 and below 1", p.Validation)
	}
	return nil
}

// Model is a classifier of boosted trees. The zero value is not usable; call New.
type Model struct {
	params Params
	fitted
}

// fitted is the result of Fit, and what is saved.
type fitted struct {
	Features int // 0 before Fit
	Classes  int
	Present  []uint16 // the classes that occur, ascending
	facts
	baseline []float32 // score of each class before the first tree
	trees    []*tree   // those of an iteration together, one a class
}

type facts struct {
	Iterations int
	Patience   int // that was in force
	Held       int // examples that early stopping went by
	Early      bool
	Loss       float64
	Best       float64 // loss on those held out, 0 without
	Warnings   []string
}

// New returns an unfitted model, or an error that names the parameter which is out of its range.
func New(p Params) (*Model, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return &Model{params: p}, nil
}

// Kind returns "boosting".
func (m *Model) Kind() string { return "boosting" }

// Version returns the code's version.
func (m *Model) Version() int { return version }

// Params returns the parameters by the names of their flags.
func (m *Model) Params() map[string]any {
	p := m.params
	out := map[string]any{
		"iterations": p.Iterations, "leaves": p.Leaves, "min-leaf": p.MinLeaf, "shrinkage": p.Shrinkage, "l2": p.L2, "patience": p.Patience,
	}
	if p.Patience != 0 {
		out["validation"] = p.Validation
	}
	return out
}

// Facts returns, after Fit: iterations, stopped ("early" or "iterations": what ended the fit), patience
// (that was in force, 0 for none), held_out (examples it went by), loss (mean log loss of the examples
// of the trees), held_out_loss (the least), trees, nodes and warnings.
func (m *Model) Facts() map[string]any {
	if m.Features == 0 {
		return nil
	}
	nodes, stopped := 0, "iterations"
	for _, t := range m.trees {
		nodes += len(t.nodes)
	}
	if m.Early {
		stopped = "early"
	}
	return map[string]any{
		"iterations": m.Iterations, "stopped": stopped, "patience": m.Patience, "held_out": m.Held, "loss": m.Loss,
		"held_out_loss": m.Best, "trees": len(m.trees), "nodes": nodes, "warnings": append([]string{}, m.Warnings...),
	}
}

// width is the number of scores, and of trees in an iteration, for so many classes that occur.
func width(present int) int {
	if present <= 2 {
		return present - 1
	}
	return present
}

// Memory counts the packed examples, the scores of all examples and classes that occur, the
// histograms of a tree's leaves and the trees.
func (m *Model) Memory(train model.Examples, opt model.Options) model.Memory {
	n, blocks := int64(train.Len()), int64(blocksOf(train.Features))
	trees := int64(max(1, width(train.Occurring())))
	const ofExample = pairBytes + 3*4 + 2*4 // gradient; two lists and a copy of one; largest score and sum
	growers := int64(min(sideBySide(int(trees), parallel.Workers(opt.Workers)), int(trees)))
	leaves := int64(m.params.Leaves)
	histograms := growers * (leaves + 1) * blocks * blockBytes
	return model.Memory{Needed: n*(8*blocks+4*trees+growers*ofExample) + histograms + trees*int64(m.params.Iterations)*2*leaves*nodeBytes}
}

// Fit grows the trees.
func (m *Model) Fit(ctx context.Context, train model.Examples, opt model.Options) error {
	m.fitted = fitted{}
	if err := cmp.Or(train.CheckBytes(), train.CheckTraining()); err != nil {
		return fmt.Errorf("boosting: %w", err)
	}
	if train.Len() > maxExamples || train.Features > maxFeatures {
		return fmt.Errorf("boosting: got %d examples of %d features, want at most %d of %d", train.Len(), train.Features, maxExamples, maxFeatures)
	}
	if err := cmp.Or(opt.CheckMemory(m.Kind(), train, m.Memory(train, opt).Needed), ctx.Err()); err != nil {
		return err
	}
	out := fitted{Features: train.Features, Classes: train.Classes}
	var class []uint16
	out.Present, class = train.Present()
	out.Warnings = train.Warnings()
	if width(len(out.Present)) == 0 {
		opt.Advance(1, 1, "one class")
		m.fitted = out
		return nil
	}
	f := newFitting(m.params, train, class, len(out.Present), opt)
	if err := f.run(ctx, opt); err != nil {
		return err
	}
	out.baseline, out.trees = f.baseline, f.trees
	f.describe(&out.facts)
	m.fitted = out
	return nil
}

// Predict returns the probabilities of the classes as Scores.
func (m *Model) Predict(ctx context.Context, examples model.Examples, opt model.Options) (model.Prediction, error) {
	if err := examples.CheckPrediction(m.Kind(), m.Features, false); err != nil {
		return model.Prediction{}, err
	}
	const block = 256
	return model.PredictScores(ctx, examples.Len(), m.Classes, block, opt, "predict", func(_, from, to int, scores []float32) {
		w := width(len(m.Present))
		sums := make([]float32, (to-from)*max(1, w))
		for i := 0; i < len(sums) && w > 0; i += w {
			copy(sums[i:i+w], m.baseline)
		}
		for at, t := range m.trees {
			for i := from; i < to; i++ {
				sums[(i-from)*w+at%w] += t.value(examples.Row(i))
			}
		}
		p := make([]float64, len(m.Present))
		for i := 0; i < to-from; i++ {
			m.probabilities(sums[i*w:(i+1)*w], p)
			for k, v := range p {
				scores[i*m.Classes+int(m.Present[k])] = float32(v)
			}
		}
	})
}

// probabilities sets p to those of the classes that occur, from the sums of an example.
func (m *Model) probabilities(sums []float32, p []float64) {
	switch len(sums) {
	case 0:
		p[0] = 1
	case 1: // the second class against the first
		model.Softmax(p, []float32{0, sums[0]})
	default:
		model.Softmax(p, sums)
	}
}
