package shallow

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
)

// scikitProblem is a small problem and what scikit-learn makes of it; testdata/scikit.py says how.
type scikitProblem struct {
	Name       string
	Classes    int
	X, Queries [][]int
	Y          []uint16
	Answers    map[string]struct {
		Predicted []uint16
		Values    json.RawMessage // rows of one a class that occurs, or numbers
		Refused   string
	}
}

func scikitProblems(t *testing.T) []scikitProblem {
	data, err := os.ReadFile("testdata/scikit.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Problems []scikitProblem }
	if err := json.Unmarshal(data, &file); err != nil || len(file.Problems) < 20 {
		t.Fatalf("scikit.json: %v, %d problems", err, len(file.Problems))
	}
	return file.Problems
}

func bytesOf(rows [][]int) (out []byte) {
	for _, row := range rows {
		for _, v := range row {
			out = append(out, byte(v))
		}
	}
	return out
}

// asScikit says which model each column of answers is of, and how near its numbers are. A forest is
// random: its shares are a mean over many trees.
var asScikit = map[string]struct {
	kind       string
	parameters map[string]string
	near       float64
}{
	"svm scale":     {"svm", map[string]string{"tolerance": "1e-6"}, 1e-4},
	"svm auto":      {"svm", map[string]string{"tolerance": "1e-6", "gamma": "auto"}, 1e-4},
	"svm linear":    {"svm", map[string]string{"tolerance": "1e-6", "kernel": "linear"}, 1e-4},
	"forest":        {"forest", map[string]string{"trees": "1000", "patience": "0"}, .06},
	"knn 1":         {"knn", map[string]string{"k": "1"}, 1e-7},
	"knn 4":         {"knn", map[string]string{"k": "4"}, 1e-7},
	"lda":           {"lda", nil, 1e-6},
	"logistic 1.0":  {"logistic", map[string]string{"c": "1", "tolerance": "1e-6"}, 5e-4},
	"logistic 0.1":  {"logistic", map[string]string{"c": "0.1", "tolerance": "1e-6"}, 5e-4},
	"logistic 30.0": {"logistic", map[string]string{"c": "30", "tolerance": "1e-6", "iterations": "5000"}, 2e-3},
}

// TestAsScikitLearn: where scikit-learn answers, the answers are the same; where it refuses, there is
// an error or a warning.
func TestAsScikitLearn(t *testing.T) {
	for _, p := range scikitProblems(t) {
		train := Examples{Pixels: bytesOf(p.X), Labels: p.Y, Features: len(p.X[0]), Classes: p.Classes}
		queries := Examples{Pixels: bytesOf(p.Queries), Features: train.Features}
		for name, as := range asScikit {
			said, ok := p.Answers[name]
			if !ok {
				t.Fatalf("%s: no answer of %s", p.Name, name)
			}
			m, err := New(as.kind, "", "", as.parameters)
			if err != nil {
				t.Fatal(err)
			}
			err = m.Fit(context.Background(), train, Options{Seed: 1})
			if said.Refused != "" {
				if err == nil && len(Warnings(m.Facts())) == 0 {
					t.Errorf("%s, %s: neither an error nor a warning, where scikit-learn says %q", p.Name, name, said.Refused)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s, %s: %v", p.Name, name, err)
				continue
			}
			got, err := m.Predict(context.Background(), queries, Options{Scores: true})
			if err != nil {
				t.Fatal(err)
			}
			for i := range p.Queries {
				if as.kind == "knn" && tied(train, queries.Row(i), as.parameters["k"]) {
					continue
				}
				if err := agree(got, i, train, said.Predicted[i], said.Values, as.near); err != nil {
					t.Errorf("%s, %s, query %d: %v", p.Name, name, i, err)
				}
			}
		}
	}
}

// agree compares the prediction of query i with scikit-learn's. Classes count where the numbers
// don't leave them open.
func agree(got Prediction, i int, train Examples, class uint16, values json.RawMessage, near float64) error {
	scores := got.Scores[i*train.Classes : (i+1)*train.Classes]
	if float64(got.Margin[i]) > 2*near && got.Class[i] != class {
		return fmt.Errorf("got class %d of %v, want %d", got.Class[i], scores, class)
	}
	var rows [][]float64
	if json.Unmarshal(values, &rows) != nil {
		return nil // a machine of two classes has one number, the sign of which is the class
	}
	present, _ := train.Present()
	if len(rows[i]) != len(present) {
		return fmt.Errorf("%d values of %d classes", len(rows[i]), len(present))
	}
	for k, want := range rows[i] {
		if !(math.Abs(float64(scores[present[k]])-want) < near) {
			return fmt.Errorf("got %v, want %v for the classes %v", scores, rows[i], present)
		}
	}
	return nil
}

// tied reports whether the k nearest are not the only ones at their distances: scikit-learn leaves it
// to its heap which of them vote.
func tied(train Examples, row []byte, k string) bool {
	var distances []int
	for i := range train.Len() {
		sum := 0
		for f, v := range train.Row(i) {
			sum += (int(v) - int(row[f])) * (int(v) - int(row[f]))
		}
		distances = append(distances, sum)
	}
	slices.Sort(distances)
	n := int(k[0] - '0')
	return n < len(distances) && distances[n-1] == distances[n]
}
