package lda

import (
	"cmp"
	"context"
	"fmt"

	"shoal/internal/parallel"
	"shoal/shallow/model"
)

// version is the code's: see model.Model.
const version = 2

// maxFeatures bounds the covariance matrix to 2 GiB.
const maxFeatures = 1 << 14

// Model is a linear discriminant analysis. It has no parameters. The zero value is ready for Fit.
type Model struct {
	fitted
}

// fitted is the result of Fit, and what is saved.
type fitted struct {
	Features int // 0 before Fit
	Classes  int
	Floats   bool     // fitted to numbers
	Present  []uint16 // the classes that occur, ascending
	facts
	weights    []float64 // [len(Present)][d], for bytes or numbers
	intercepts []float64 // [len(Present)]
}

type facts struct {
	Varying  int
	Rank     int
	Solver   string
	Warnings []string
}

// New returns an unfitted model.
func New() *Model { return &Model{} }

// Kind returns "lda".
func (m *Model) Kind() string { return "lda" }

// Version returns the code's version.
func (m *Model) Version() int { return version }

// Params returns an empty map: the examples define everything.
func (m *Model) Params() map[string]any { return map[string]any{} }

// Facts returns, after Fit: varying (features that vary within a class), rank (directions that
// count), solver ("cholesky", "eigenvectors", or "none" where there was nothing to invert) and
// warnings.
func (m *Model) Facts() map[string]any {
	if m.Features == 0 {
		return nil
	}
	return map[string]any{"varying": m.Varying, "rank": m.Rank, "solver": m.Solver, "warnings": append([]string{}, m.Warnings...)}
}

// Memory counts the sums, the covariance and its decomposition, as if all features varied.
func (m *Model) Memory(train model.Examples, opt model.Options) model.Memory {
	d, k := int64(train.Features), int64(train.Occurring())
	const matrices, perClass = 3, 6 // products, correlation, factor; sums, squares, means, weights, both sides of the system
	scratch := int64(parallel.Workers(opt.Workers)) * (tileRows + blockFeatures) * 4 * d
	if train.Floats() {
		scratch = 8 * rowsAtOnce * d
	}
	return model.Memory{Needed: 8*d*(matrices*d+perClass*k) + scratch}
}

// Fit computes means, covariance and weights. Several classes need more examples than there are
// classes, and one feature at least that varies within a class, unless all examples are equal: else
// it returns an error that wraps model.ErrTooFew.
func (m *Model) Fit(ctx context.Context, train model.Examples, opt model.Options) error {
	m.fitted = fitted{}
	if err := train.CheckTraining(); err != nil {
		return fmt.Errorf("lda: %w", err)
	}
	if train.Features > maxFeatures {
		return fmt.Errorf("lda: features of an example: got %d, want at most %d: the covariance would not fit", train.Features, maxFeatures)
	}
	out := fitted{Features: train.Features, Classes: train.Classes, Floats: train.Floats()}
	var class []uint16
	out.Present, class = train.Present()
	err := opt.CheckMemory(m.Kind(), train, m.Memory(train, opt).Needed)
	if n, k := train.Len(), len(out.Present); err == nil && n <= k && k > 1 {
		err = fmt.Errorf("lda: got %d examples of %d classes, want more examples than classes: %w", n, k, model.ErrTooFew)
	}
	if err = cmp.Or(err, ctx.Err()); err != nil {
		return err
	}
	opt.Workers = parallel.Workers(opt.Workers)
	out.weights, out.intercepts, out.facts, err = discriminants(ctx, train, class, len(out.Present), opt)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("lda: %w", err)
	}
	opt.Advance(1, 1, "fitted")
	m.fitted = out
	return nil
}

// Predict returns the probabilities of the classes as Scores.
func (m *Model) Predict(ctx context.Context, examples model.Examples, opt model.Options) (model.Prediction, error) {
	if err := examples.CheckPrediction(m.Kind(), m.Features, m.Floats); err != nil {
		return model.Prediction{}, err
	}
	const block = 64
	return model.PredictScores(ctx, examples.Len(), m.Classes, block, opt, "predict", func(_, from, to int, scores []float32) {
		x, p := make([]float64, m.Features), make([]float64, len(m.Present))
		for i := from; i < to; i++ {
			if m.Floats {
				widen(x, examples.Point(i))
			} else {
				widen(x, examples.Row(i))
			}
			m.probabilities(x, p)
			for k, v := range p {
				scores[(i-from)*m.Classes+int(m.Present[k])] = float32(v)
			}
		}
	})
}

func widen[T byte | float32](to []float64, from []T) {
	for i, v := range from {
		to[i] = float64(v)
	}
}

// probabilities sets p to those of the classes that occur.
func (m *Model) probabilities(x, p []float64) {
	for k := range p {
		p[k] = m.intercepts[k] + dot(m.weights[k*m.Features:(k+1)*m.Features], x)
	}
	model.Softmax(p, p)
}

// dot adds in four chains, in a fixed order.
func dot(a, b []float64) float64 {
	var s [4]float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s[0] += float64(a[i] * b[i])
		s[1] += float64(a[i+1] * b[i+1])
		s[2] += float64(a[i+2] * b[i+2])
		s[3] += float64(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s[0] += float64(a[i] * b[i])
	}
	return s[0] + s[1] + (s[2] + s[3])
}
