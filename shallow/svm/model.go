package svm

import (
	"context"
	"errors"
	"fmt"

	"shoal/internal/parallel"
	"shoal/kernel/gram"
	"shoal/shallow/model"
)

// Model is a support vector machine. New makes it.
type Model struct {
	params Params
	fitted *machine
	facts  map[string]any
}

var _ model.Model = (*Model)(nil)

// machine is what prediction needs.
type machine struct {
	features, labels int      // d; number of classes, absent ones included
	classes          []uint16 // those with training examples, ascending
	gamma            float64
	// support is the training index of each support vector, by class and then ascending; vectors are
	// those examples; first[k] the place where class k begins.
	support []uint32
	first   []int
	vectors model.Examples
	// binary holds the decision functions, one a pair of classes in the order (0,1), (0,2), ...
	// (1,2), ...
	binary []decision
}

// decision is Σ coef·K(vector, x) - rho; positive is a vote for the first class.
type decision struct {
	vector []uint32 // positions among the support vectors, ascending
	coef   []float64
	rho    float64
}

// New returns an unfitted machine.
func New(params Params) (*Model, error) {
	if err := params.check(); err != nil {
		return nil, err
	}
	return &Model{params: params}, nil
}

// Kind returns "svm".
func (m *Model) Kind() string { return "svm" }

// Version counts the changes after which the same parameters fit another model.
func (m *Model) Version() int { return version }

const version = 1

// Params returns c, kernel, gamma (not for the linear kernel), tolerance and max_iterations.
func (m *Model) Params() map[string]any {
	p := map[string]any{
		"c": m.params.C, "kernel": m.params.Kernel, "tolerance": m.params.Tolerance,
		"max_iterations": m.params.MaxIterations,
	}
	if m.params.Kernel == "rbf" {
		p["gamma"] = m.params.Gamma
	}
	return p
}

// Fit solves the dual problem of every pair of classes. Where only one class has examples there is
// none, and that class is predicted for everything. Options.MemoryBytes bounds the cache of kernel
// rows; the packed examples and the support vectors come on top.
func (m *Model) Fit(ctx context.Context, train model.Examples, opt model.Options) error {
	m.fitted, m.facts = nil, nil
	if err := train.CheckTraining(); err != nil {
		return fmt.Errorf("svm: %w", err)
	}
	if most := maxFeatures(train.Floats()); train.Features > most {
		return fmt.Errorf("svm: got examples of %d features, want at most %d: make the images smaller", train.Features, most)
	}
	gamma, err := m.params.gamma(train)
	if err != nil {
		return err
	}
	if err := opt.CheckMemory(m.Kind(), train, m.Memory(train, opt).Needed); err != nil {
		return err
	}
	t := newTraining(m.params, gamma, train, parallel.Workers(opt.Workers))
	solutions, err := t.solve(ctx, opt)
	if err != nil {
		return err
	}
	m.fitted = t.assemble(gamma, solutions)
	m.facts = t.facts(m.fitted, solutions)
	return nil
}

// maxFeatures is how many features an example of numbers or of bytes may have.
func maxFeatures(floats bool) int {
	if floats {
		return 1 << 24
	}
	return gram.MaxFeatures
}

// assemble gathers the support vectors of all pairs.
func (t *training) assemble(gamma float64, solutions []*solution) *machine {
	m := &machine{features: t.features, labels: t.examples.Classes, classes: t.classes, gamma: gamma}
	position := make([][]uint32, len(t.classes)) // class, row: 1 + place among the support vectors
	for class := range position {
		position[class] = make([]uint32, len(t.index[class]))
	}
	pairs := t.pairs()
	var vectors []int
	for i, p := range pairs {
		for side, class := range []int{p.first, p.second} {
			for _, row := range solutions[i].support[side] {
				position[class][row] = 1
			}
		}
	}
	for class := range position {
		m.first = append(m.first, len(m.support))
		for row, used := range position[class] {
			if used == 0 {
				continue
			}
			m.support = append(m.support, uint32(t.index[class][row]))
			vectors = append(vectors, t.example(class, row))
			position[class][row] = uint32(len(m.support))
		}
	}
	m.vectors = t.examples.Select(vectors)
	m.vectors.Labels, m.vectors.Names = nil, nil
	for i, p := range pairs {
		d := decision{rho: solutions[i].rho}
		for side, class := range []int{p.first, p.second} {
			for _, row := range solutions[i].support[side] {
				d.vector = append(d.vector, position[class][row]-1)
			}
			d.coef = append(d.coef, solutions[i].coef[side]...)
		}
		m.binary = append(m.binary, d)
	}
	return m
}

// Facts returns, after Fit or after loading a saved model: support_vectors (distinct training
// examples), support_vectors_per_class, coefficients and bounded_coefficients (nonzero and equal to
// C, over all pairs), pairs, iterations, kkt_violation (the largest over the pairs, from scores
// computed again from α), dual_objective (their sum), gamma and warnings.
func (m *Model) Facts() map[string]any { return m.facts }

var errNotFitted = errors.New("svm: not fitted yet: call Fit or load a saved model")
