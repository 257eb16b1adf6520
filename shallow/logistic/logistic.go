package logistic

import (
	"context"
	"fmt"
	"math"

	"shoal/internal/parallel"
	"shoal/kernel"
	"shoal/shallow/model"
)

// version is the code's: see model.Model.
const version = 2

// Params define the fit together with the examples.
type Params struct {
	C          float64 // inverse strength of the penalty; positive
	Tolerance  float64 // on the largest element of the gradient; positive
	Iterations int     // largest number of steps; at least 1
}

// Defaults are scikit-learn's C and tolerance, with room to reach it: its 100 iterations do not
// suffice for images.
func Defaults() Params { return Params{C: 1, Tolerance: 1e-4, Iterations: 1000} }

func (p Params) check() error {
	if !(p.C > 0) || math.IsInf(p.C, 0) {
		return fmt.Errorf("logistic: c: got %v, want a positive number", p.C)
	}
	if !(p.Tolerance > 0) || math.IsInf(p.Tolerance, 0) {
		return fmt.Errorf("logistic: tolerance: got %v, want a positive number such as 0.0001", p.Tolerance)
	}
	if p.Iterations < 1 {
		return fmt.Errorf("logistic: iterations: got %d, want at least 1", p.Iterations)
	}
	return nil
}

// Model is a multinomial logistic regression. The zero value is not usable; call New.
type Model struct {
	params Params
	fitted
}

// fitted is the result of Fit, and what is saved.
type fitted struct {
	Features int // 0 before Fit
	Classes  int
	Floats   bool     // fitted to numbers
	Present  []uint16 // the classes that occur, ascending
	facts
	weights []float64 // [d][len(Present)], then the intercepts
}

type facts struct {
	Iterations, Evaluations int
	Loss, Gradient          float64
	Converged               bool
	Warnings                []string // of the examples
}

// New returns an unfitted model, or an error that names the parameter which is out of its range.
func New(p Params) (*Model, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return &Model{params: p}, nil
}

// Kind returns "logistic".
func (m *Model) Kind() string { return "logistic" }

// Version returns the code's version.
func (m *Model) Version() int { return version }

// Params returns the parameters by the names of their flags.
func (m *Model) Params() map[string]any {
	return map[string]any{"c": m.params.C, "tolerance": m.params.Tolerance, "iterations": m.params.Iterations}
}

// Facts returns, after Fit: iterations, evaluations (of f), loss (f at the end), gradient (its
// largest element there), converged, and warnings, among them what ended the walk when it is false.
func (m *Model) Facts() map[string]any {
	if m.Features == 0 {
		return nil
	}
	return map[string]any{
		"iterations": m.Iterations, "evaluations": m.Evaluations, "loss": m.Loss,
		"gradient": m.Gradient, "converged": m.Converged, "warnings": m.warnings(),
	}
}

// warnings name what ended the walk before it converged, if it did.
func (m *Model) warnings() []string {
	out := append([]string{}, m.Warnings...)
	if m.Converged {
		return out
	}
	where := fmt.Sprintf("at a gradient of %.2g, want %.2g", m.Gradient, m.params.Tolerance)
	if m.Iterations < m.params.Iterations {
		return append(out, fmt.Sprintf("stopped after %d of %d iterations %s: no step lowers the loss beyond its rounding, so raise the tolerance", m.Iterations, m.params.Iterations, where))
	}
	return append(out, fmt.Sprintf("stopped at the bound of %d iterations %s: raise iterations or the tolerance", m.params.Iterations, where))
}

// Memory counts what a fit keeps for every weight: the vectors of the walk, its pairs and the parts
// of the sum.
func (m *Model) Memory(train model.Examples, opt model.Options) model.Memory {
	c := int64(train.Occurring())
	weights := int64(train.Features+1) * c
	parts := int64(min(maxParts, (train.Len()+tileRows-1)/tileRows))
	const vectors = 6 + 2*memory
	tile := 4 * (tileRows*(int64(train.Features)+2*c) + weights)
	return model.Memory{Needed: 8*weights*(vectors+parts) + int64(parallel.Workers(opt.Workers))*tile}
}

// Fit minimises f from zero weights.
func (m *Model) Fit(ctx context.Context, train model.Examples, opt model.Options) error {
	m.fitted = fitted{}
	if err := train.CheckTraining(); err != nil {
		return fmt.Errorf("logistic: %w", err)
	}
	if err := opt.CheckMemory(m.Kind(), train, m.Memory(train, opt).Needed); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	out := fitted{Features: train.Features, Classes: train.Classes, Floats: train.Floats()}
	var label []uint16
	out.Present, label = train.Present()
	l := newLoss(ctx, train, label, len(out.Present), m.params.C, parallel.Workers(opt.Workers))
	var mean []float64
	l.conversion, mean = centred(train)
	out.weights = make([]float64, (train.Features+1)*len(out.Present))
	w := walk{
		value: l.value, tolerance: m.params.Tolerance, limit: m.params.Iterations, noise: 1e-7,
		stop: func() bool { return ctx.Err() != nil },
		step: func(i int, f, largest float64) {
			opt.Advance(i, m.params.Iterations, fmt.Sprintf("loss %.5f, gradient %.2g", f, largest))
		},
	}
	o := w.from(out.weights)
	if err := ctx.Err(); err != nil {
		return err
	}
	c := len(out.Present)
	for f, x := range mean { // from centred features back to byte/255 or numbers
		for k := range c {
			out.weights[train.Features*c+k] -= float64(out.weights[f*c+k] * x)
		}
	}
	opt.Advance(m.params.Iterations, m.params.Iterations, fmt.Sprintf("loss %.5f", o.f))
	out.facts = facts{o.iterations, o.evaluations, o.f, o.largest, o.converged, train.Warnings()}
	m.fitted = out
	return nil
}

// Predict returns the probabilities of the classes as Scores.
func (m *Model) Predict(ctx context.Context, examples model.Examples, opt model.Options) (model.Prediction, error) {
	if err := examples.CheckPrediction(m.Kind(), m.Features, m.Floats); err != nil {
		return model.Prediction{}, err
	}
	d, c := m.Features, len(m.Present)
	packed, bias := kernel.Aligned(kernel.PackedLen(d, c)), make([]float32, c)
	packWeights(packed, bias, make([]float32, d*c), m.weights, d, c)
	scratch := make([]*tile, parallel.Workers(opt.Workers))
	return model.PredictScores(ctx, examples.Len(), m.Classes, tileRows, opt, "predict", func(worker, from, to int, scores []float32) {
		if scratch[worker] == nil {
			scratch[worker] = newTile(d, c)
		}
		t := scratch[worker]
		t.load(kernel.Best(), examples, from, to, c, packed, bias, plain)
		p := make([]float64, c)
		for i := from; i < to; i++ {
			model.Softmax(p, t.scores[(i-from)*c:(i-from+1)*c])
			for k, v := range p {
				scores[(i-from)*m.Classes+int(m.Present[k])] = float32(v)
			}
		}
	})
}
