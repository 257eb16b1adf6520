package svm

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"shoal/shallow/model"
)

// problem is a problem that LIBSVM has solved; testdata/libsvm.py says how.
type problem struct {
	Name              string
	Features, Classes int
	Train             int
	Kernel            string
	C                 float64
	Gamma             string
	GammaValue        float64 `json:"gamma_value"`
	Pixels, Labels    []byte
	Objective         []float64
	Optimum           []float64
	Rho               []float64
	SupportVectors    int `json:"support_vectors"`
	Predicted         []byte
	Values            []byte
}

func problems(t *testing.T) []problem {
	t.Helper()
	data, err := os.ReadFile("testdata/libsvm.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Problems []problem }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Problems) != 8 {
		t.Fatalf("got %d problems, want 8", len(file.Problems))
	}
	return file.Problems
}

func (p *problem) params() Params {
	params := Defaults()
	params.C, params.Kernel = p.C, p.Kernel
	if p.Kernel == "rbf" {
		params.Gamma = p.Gamma
	}
	return params
}

// split returns the examples for training and for test.
func (p *problem) split() (train, test model.Examples) {
	e := model.Examples{Pixels: p.Pixels, Features: p.Features, Classes: p.Classes}
	for _, label := range p.Labels {
		e.Labels = append(e.Labels, uint16(label))
	}
	test = e
	test.Pixels, test.Labels = e.Pixels[p.Train*p.Features:], e.Labels[p.Train:]
	return e.First(p.Train), test
}

// value returns LIBSVM's decision value of test example i for a pair.
func (p *problem) value(i, pair int) float64 {
	at := 4 * (i*len(p.Rho) + pair)
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(p.Values[at:])))
}

// train solves all pairs and returns what Fit keeps to itself.
func train(t *testing.T, params Params, e model.Examples, opt model.Options) (*training, []*solution) {
	t.Helper()
	gamma, err := params.gamma(e)
	if err != nil {
		t.Fatal(err)
	}
	set := newTraining(params, gamma, e, 1)
	solutions, err := set.solve(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return set, solutions
}

func within(got, want, relative float64) bool {
	return math.Abs(got-want) <= relative*math.Abs(want)
}

func TestDualIsLIBSVMs(t *testing.T) {
	for _, p := range problems(t) {
		t.Run(p.Name, func(t *testing.T) {
			e, _ := p.split()
			params := p.params()
			gamma, err := params.gamma(e)
			if err != nil || p.Kernel == "rbf" && !within(gamma, p.GammaValue, 1e-12) {
				t.Fatalf("gamma: got %v, %v, want %v", gamma, err, p.GammaValue)
			}
			_, solutions := train(t, params, e, model.Options{})
			if len(solutions) != len(p.Objective) {
				t.Fatalf("got %d pairs, want %d", len(solutions), len(p.Objective))
			}
			for i, s := range solutions {
				// Minimised: below LIBSVM's is better, below the optimum impossible.
				if !within(s.objective, p.Objective[i], 1e-4) || !(s.objective >= p.Optimum[i]*(1+1e-6)) {
					t.Errorf("pair %d: dual objective %v, want %v, not below %v", i, s.objective, p.Objective[i], p.Optimum[i])
				}
				if !(math.Abs(s.rho-p.Rho[i]) < 5e-3) {
					t.Errorf("pair %d: rho %v, want %v", i, s.rho, p.Rho[i])
				}
				if !(s.violation < 1e-3) || s.stopped != none {
					t.Errorf("pair %d: violation %v, want below 1e-3", i, s.violation)
				}
			}
		})
	}
}

func TestPredictionsAreLIBSVMs(t *testing.T) {
	for _, p := range problems(t) {
		t.Run(p.Name, func(t *testing.T) {
			e, test := p.split()
			m, err := New(p.params())
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Fit(context.Background(), e, model.Options{}); err != nil {
				t.Fatal(err)
			}
			out, err := m.Predict(context.Background(), test, model.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(out.Class) != len(p.Predicted) || len(out.Class) == 0 {
				t.Fatalf("got %d predictions, want %d", len(out.Class), len(p.Predicted))
			}
			for i, class := range out.Class {
				if class != uint16(p.Predicted[i]) {
					t.Errorf("test example %d: got class %d, want %d", i, class, p.Predicted[i])
				}
			}
			got, want := m.Facts()["support_vectors"].(int), p.SupportVectors
			if d := got - want; d*d > 4 {
				t.Errorf("got %d support vectors, want %d to within 2", got, want)
			}
			var values [][]float64
			predictor := newPredictor(m, model.Options{})
			predictor.decisions(predictor.space(0), test, 0, test.Len(), func(_, _ int, of []float64) {
				values = append(values, slices.Clone(of))
			})
			if len(values) != len(p.Rho) {
				t.Fatalf("got decision values of %d pairs, want %d", len(values), len(p.Rho))
			}
			for pair := range values {
				for i := range test.Len() {
					if d := values[pair][i] - p.value(i, pair); !(math.Abs(d) < 5e-3) {
						t.Fatalf("test example %d, pair %d: decision value %v, want %v", i, pair, values[pair][i], p.value(i, pair))
					}
				}
			}
		})
	}
}
