package shallow

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"shoal/shallow/shallowtest"
)

// floatProblem is a small problem of numbers and what scikit-learn makes of it; testdata/floats.py says
// how.
type floatProblem struct {
	Name       string
	Classes    int
	X, Queries [][]float32
	Y          []uint16
	Answers    map[string]struct {
		Predicted []uint16
		Values    [][]float64
	}
}

// numbersAsScikit says which model each column of answers is of, and how near its numbers are.
var numbersAsScikit = map[string]struct {
	kind       string
	parameters map[string]string
	near       float64
}{
	"svm standard":      {"svm", map[string]string{"tolerance": "1e-6"}, 2e-4},
	"svm none":          {"svm", map[string]string{"tolerance": "1e-6", "scaling": "none"}, 2e-4},
	"knn standard":      {"knn", nil, 1e-7},
	"knn none":          {"knn", map[string]string{"scaling": "none"}, 1e-7},
	"logistic standard": {"logistic", map[string]string{"tolerance": "1e-7", "iterations": "5000"}, 5e-4},
	"logistic none":     {"logistic", map[string]string{"tolerance": "1e-7", "iterations": "5000", "scaling": "none"}, 5e-4},
	"lda":               {"lda", nil, 1e-5},
	"forest":            {"forest", map[string]string{"trees": "1000", "patience": "0"}, .1},
	"boosting":          {"boosting", map[string]string{"iterations": "20", "min-leaf": "5", "leaves": "6"}, 1e-5},
}

func flat(rows [][]float32) (out []float32) {
	for _, row := range rows {
		out = append(out, row...)
	}
	return out
}

func TestNumbersAsScikitLearn(t *testing.T) {
	data, err := os.ReadFile("testdata/floats.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Problems []floatProblem }
	if err := json.Unmarshal(data, &file); err != nil || len(file.Problems) != 3 {
		t.Fatalf("floats.json: %v, %d problems", err, len(file.Problems))
	}
	for _, p := range file.Problems {
		train := Examples{Values: flat(p.X), Labels: p.Y, Features: len(p.X[0]), Classes: p.Classes}
		for name, as := range numbersAsScikit {
			said, ok := p.Answers[name]
			if !ok {
				if p.Name != "table" || name != "logistic none" {
					t.Errorf("%s: no answer of %s", p.Name, name)
				}
				continue
			}
			m, err := New(as.kind, "", "", as.parameters)
			if err == nil {
				err = m.Fit(context.Background(), train, Options{Seed: 1})
			}
			if err != nil {
				t.Errorf("%s, %s: %v", p.Name, name, err)
				continue
			}
			queries := Examples{Values: flat(p.Queries), Features: train.Features}
			if as.kind == "boosting" {
				queries.Values = train.Values
			}
			compareNumbers(t, p, name, m, queries, as.near, said.Predicted, said.Values)
		}
	}
}

// compareNumbers compares the answers to all queries. A machine of two classes has one number there,
// the sign of which is the class.
func compareNumbers(t *testing.T, p floatProblem, name string, m Model, queries Examples, near float64, predicted []uint16, values [][]float64) {
	t.Helper()
	got, err := m.Predict(context.Background(), queries, Options{Scores: true})
	if err != nil || len(got.Class) != len(values) {
		t.Fatalf("%s, %s: %v, %d answers, want %d", p.Name, name, err, len(got.Class), len(values))
	}
	for i, want := range values {
		scores := got.Scores[i*p.Classes : (i+1)*p.Classes]
		if float64(got.Margin[i]) > 2*near && got.Class[i] != predicted[i] {
			t.Errorf("%s, %s, query %d: got class %d of %v, want %d of %v", p.Name, name, i, got.Class[i], scores, predicted[i], want)
			return
		}
		for k := range want {
			if len(want) == p.Classes && !(math.Abs(float64(scores[k])-want[k]) < near) {
				t.Errorf("%s, %s, query %d: got %v, want %v", p.Name, name, i, scores, want)
				return
			}
		}
	}
}

// numbers are bytes of the made-up problems as numbers, on another scale in every feature.
func numbers(e Examples) Examples {
	e.Values = make([]float32, len(e.Pixels))
	for i, v := range e.Pixels {
		f := i % e.Features
		e.Values[i] = (float32(v) - 100) * float32(math.Pow(10, float64(f%5-2)))
	}
	e.Pixels = nil
	return e
}

// Every kind keeps its promises for numbers: the same bits for any number of workers and when loaded,
// an error for what can't be fitted, and the memory that it says.
func TestNumbers(t *testing.T) {
	train := numbers(shallowtest.Confuse(shallowtest.Blobs(1, 301, 20, 4, 100), 1, .1))
	test := numbers(shallowtest.Blobs(2, 90, 20, 4, 100))
	for _, kind := range Kinds() {
		var first Prediction
		var saved []byte
		for i, workers := range []int{1, 3} {
			m := fuzzModel(t, kind)
			if err := m.Fit(context.Background(), train, Options{Workers: workers, Seed: 3}); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			p, err := m.Predict(context.Background(), test, Options{Workers: workers, Scores: true})
			data, saving := m.MarshalBinary()
			if err != nil || saving != nil {
				t.Fatalf("%s: %v, %v", kind, err, saving)
			}
			if i == 0 {
				first, saved = p, data
				continue
			}
			loaded := fuzzModel(t, kind)
			if err := loaded.UnmarshalBinary(saved); err != nil {
				t.Fatalf("%s: load: %v", kind, err)
			}
			again, err := loaded.Predict(context.Background(), test, Options{Workers: 2, Scores: true})
			if err != nil || string(data) != string(saved) || !equalBits(first, p) || !equalBits(first, again) {
				t.Errorf("%s: other bits with 3 workers, or when loaded (%v)", kind, err)
			}
		}
		if a, err := first.Accuracy(test.Labels); err != nil || !(a > .8) {
			t.Errorf("%s: accuracy %v, %v", kind, a, err)
		}
		refuseNumbers(t, kind, train, test)
	}
}

func equalBits(a, b Prediction) bool {
	for i, v := range a.Scores {
		if math.Float32bits(v) != math.Float32bits(b.Scores[i]) {
			return false
		}
	}
	return len(a.Scores) == len(b.Scores)
}

// refuseNumbers fits and predicts what has to be refused, each with an error of one line.
func refuseNumbers(t *testing.T, kind string, train, test Examples) {
	t.Helper()
	wrong := func(what, want string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s, %s: got error %v, want one line with %q", kind, what, err, want)
		}
	}
	m := fuzzModel(t, kind)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e16} {
		e := train
		e.Values = append([]float32(nil), train.Values...)
		e.Values[41] = float32(v)
		wrong("not finite", "feature 1 of example 2: got", m.Fit(context.Background(), e, Options{}))
	}
	both := train
	both.Pixels = make([]byte, 20)
	wrong("both", "one or the other", m.Fit(context.Background(), both, Options{}))
	_, err := m.Predict(context.Background(), test, Options{})
	wrong("a failed fit", "not fitted", err)
	needed := m.Memory(train, Options{Workers: 2}).Needed
	err = m.Fit(context.Background(), train, Options{Workers: 2, Available: needed - 1})
	wrong("memory", "301 examples of 20 features", err)
	if err := m.Fit(context.Background(), train, Options{Workers: 2, Available: needed + 1<<20}); err != nil {
		t.Errorf("%s, with just enough memory: %v", kind, err)
	}
	bad := test
	bad.Values = append([]float32(nil), test.Values...)
	bad.Values[0] = float32(math.NaN())
	_, err = m.Predict(context.Background(), bad, Options{})
	wrong("predict NaN", "feature 0 of example 0: got NaN", err)
	_, err = m.Predict(context.Background(), shallowtest.Blobs(2, 9, 20, 4, 100), Options{})
	wrong("predict bytes", "fitted to numbers, got bytes", err)
}

// Degenerate numbers: constant features, one class, one example, examples that are all equal, values
// far outside of those of the training.
func TestDegenerateNumbers(t *testing.T) {
	constant := numbers(shallowtest.Blobs(1, 60, 6, 3, 20))
	for i := range constant.Values {
		if i%6 > 2 {
			constant.Values[i] = .1
		}
	}
	one := constant
	one.Labels = make([]uint16, 60)
	equal := constant
	equal.Values = make([]float32, len(constant.Values))
	far := numbers(shallowtest.Blobs(2, 10, 6, 3, 20))
	for i := range far.Values {
		far.Values[i] *= 1e9
	}
	for _, kind := range Kinds() {
		for name, e := range map[string]Examples{"constant": constant, "one class": one, "one example": constant.First(1), "equal": equal} {
			m := fuzzModel(t, kind)
			if err := m.Fit(context.Background(), e, Options{Workers: 1}); err != nil {
				t.Errorf("%s, %s: %v", kind, name, err)
				continue
			}
			p, err := m.Predict(context.Background(), far, Options{Workers: 1, Scores: true})
			if err != nil {
				t.Errorf("%s, %s: %v", kind, name, err)
			}
			for _, s := range p.Scores {
				if !(math.Abs(float64(s)) <= math.MaxFloat32) {
					t.Errorf("%s, %s: score %v", kind, name, s)
					break
				}
			}
		}
	}
}
