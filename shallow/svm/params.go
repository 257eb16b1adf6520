package svm

import (
	"fmt"
	"math"
	"strconv"

	"shoal/shallow/model"
)

// Params is what defines the fit besides the examples.
type Params struct {
	// C bounds every coefficient: the price of an example on the wrong side of its margin. Positive
	// and finite.
	C float64
	// Kernel is "rbf" or "linear".
	Kernel string
	// Gamma of the RBF kernel exp(-gamma·|x-y|²), x and y being bytes/255 or numbers: "scale" is
	// 1/(d·Var(X)), Var the population variance of all entries of the training examples, and 1
	// where that is 0; "auto" is 1/d; or a positive number.
	Gamma string
	// Tolerance is the violation of the optimality conditions at which a pair of classes counts as
	// solved. Positive and finite.
	Tolerance float64
	// MaxIterations bounds the two-variable steps of one pair of classes; 0 means LIBSVM's bound,
	// max(10,000,000, 100·n). A fit that hits it is kept and says so in its facts.
	MaxIterations int
}

// Defaults are C = 1, RBF kernel, gamma "scale", tolerance 1e-3: scikit-learn's defaults.
func Defaults() Params {
	return Params{C: 1, Kernel: "rbf", Gamma: "scale", Tolerance: 1e-3}
}

func (p Params) check() error {
	if !(p.C > 0) || math.IsInf(p.C, 0) {
		return fmt.Errorf("svm: c: got %v, want a positive number", p.C)
	}
	if !(p.Tolerance > 0) || math.IsInf(p.Tolerance, 0) {
		return fmt.Errorf("svm: tolerance: got %v, want a positive number such as 0.001", p.Tolerance)
	}
	if p.MaxIterations < 0 {
		return fmt.Errorf("svm: iterations: got %d, want a positive bound, or 0 for the default", p.MaxIterations)
	}
	switch p.Kernel {
	case "linear":
		return nil
	case "rbf":
		_, err := p.fixedGamma()
		return err
	}
	return fmt.Errorf(`svm: kernel: got %q, want "rbf" or "linear"`, p.Kernel)
}

// fixedGamma returns the number that Gamma spells, or 0 for a rule.
func (p Params) fixedGamma() (float64, error) {
	if p.Gamma == "scale" || p.Gamma == "auto" {
		return 0, nil
	}
	gamma, err := strconv.ParseFloat(p.Gamma, 64)
	if err != nil || !(gamma > 0) || math.IsInf(gamma, 0) {
		return 0, fmt.Errorf(`svm: gamma: got %q, want "scale", "auto" or a positive number`, p.Gamma)
	}
	return gamma, nil
}

// gamma returns the number for the examples of a training.
func (p Params) gamma(train model.Examples) (float64, error) {
	switch {
	case p.Kernel == "linear":
		return 0, nil
	case p.Gamma == "auto":
		return 1 / float64(train.Features), nil
	case p.Gamma != "scale":
		return p.fixedGamma()
	}
	variance := variance(train)
	if variance == 0 {
		return 1, nil // as scikit-learn does; the examples are all equal, and facts warn of that
	}
	return 1 / (float64(train.Features) * variance), nil
}

// variance returns the population variance of all entries.
func variance(train model.Examples) float64 {
	if !train.Floats() {
		return pixelVariance(train.Pixels)
	}
	n := float64(len(train.Values))
	var mean, variance float64
	for _, v := range train.Values {
		mean += float64(v) / n
	}
	for _, v := range train.Values {
		d := float64(v) - mean
		variance += float64(d*d) / n
	}
	return variance
}

// pixelVariance returns the population variance of all entries of bytes/255, from their histogram,
// so that no order of summation matters.
func pixelVariance(pixels []byte) float64 {
	var count [256]int
	for _, v := range pixels {
		count[v]++
	}
	n := float64(len(pixels))
	var mean, variance float64
	for v, c := range count {
		mean += float64(v) * float64(c) / n
	}
	for v, c := range count {
		d := float64(v) - mean
		variance += float64(d * d * (float64(c) / n))
	}
	return variance / (255 * 255)
}
