package svm

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

// crowd is a problem larger than a working set, with labels that no machine gets all right.
func crowd(n, features, classes int) model.Examples {
	return shallowtest.Confuse(shallowtest.Blobs(4, n, features, classes, 110), 5, .15)
}

// plainSMO solves the dual by the definition: float64 kernel values, one pair of variables after
// the other, always the one that violates most.
func plainSMO(k [][]float64, y []float64, c, tolerance float64) (alpha []float64, objective float64) {
	n := len(y)
	alpha = make([]float64, n)
	f := make([]float64, n)
	for {
		i, j := -1, -1
		for v := range n {
			g := y[v] - f[v]
			if (y[v] > 0 && alpha[v] < c || y[v] < 0 && alpha[v] > 0) && (i < 0 || g > y[i]-f[i]) {
				i = v
			}
			if (y[v] < 0 && alpha[v] < c || y[v] > 0 && alpha[v] > 0) && (j < 0 || g < y[j]-f[j]) {
				j = v
			}
		}
		if i < 0 || j < 0 || (y[i]-f[i])-(y[j]-f[j]) < tolerance {
			break
		}
		step := ((y[i] - f[i]) - (y[j] - f[j])) / math.Max(k[i][i]+k[j][j]-2*k[i][j], 1e-12)
		room := func(v int, sign float64) float64 {
			if sign > 0 {
				return c - alpha[v]
			}
			return alpha[v]
		}
		step = math.Min(step, math.Min(room(i, y[i]), room(j, -y[j])))
		alpha[i] += y[i] * step
		alpha[j] -= y[j] * step
		for v := range n {
			f[v] += step * (k[i][v] - k[j][v])
		}
	}
	for v := range n {
		objective += .5 * alpha[v] * (y[v]*f[v] - 2)
	}
	return alpha, objective
}

// distances returns the RBF kernel matrix by the definition.
func kernelMatrix(e model.Examples, gamma float64) [][]float64 {
	k := make([][]float64, e.Len())
	for i := range k {
		k[i] = make([]float64, e.Len())
		for j := range k[i] {
			var d2 float64
			for f, a := range e.Row(i) {
				d := (float64(a) - float64(e.Row(j)[f])) / 255
				d2 += d * d
			}
			k[i][j] = math.Exp(-gamma * d2)
		}
	}
	return k
}

func TestSolverFindsTheOptimum(t *testing.T) {
	e := crowd(2*setSize+130, 10, 2)
	for _, c := range []float64{.05, 1, 30} {
		params := Defaults()
		params.C, params.Gamma, params.Tolerance = c, "0.8", 1e-4
		_, solutions := train(t, params, e, model.Options{})
		y := make([]float64, e.Len())
		for i, label := range e.Labels {
			y[i] = 1 - 2*float64(label)
		}
		_, want := plainSMO(kernelMatrix(e, .8), y, c, 1e-6)
		if got := solutions[0].objective; !within(got, want, 1e-5) {
			t.Errorf("c %v: dual objective %v, want %v", c, got, want)
		}
	}
}

// The conditions of optimality, from the coefficients alone.
func TestSolutionIsFeasibleAndOptimal(t *testing.T) {
	e := crowd(600, 12, 3)
	params := Defaults()
	params.C = 2
	set, solutions := train(t, params, e, model.Options{})
	gamma, _ := params.gamma(e)
	k := kernelMatrix(e, gamma)
	for i, p := range set.pairs() {
		s := solutions[i]
		var sum, violation float64
		f := make([]float64, e.Len())
		alpha := make([]float64, e.Len())
		for side, class := range []int{p.first, p.second} {
			for n, row := range s.support[side] {
				at, coef := set.index[class][row], s.coef[side][n]
				if a := coef * float64(1-2*side); !(a > 0 && a <= params.C) {
					t.Fatalf("pair %d: alpha %v, want it above 0 and at most %v", i, a, params.C)
				}
				sum += coef
				alpha[at] = math.Abs(coef)
				for v := range f {
					f[v] += coef * k[at][v]
				}
			}
		}
		for side, class := range []int{p.first, p.second} {
			y := float64(1 - 2*side)
			for _, at := range set.index[class] {
				margin := y * (f[at] - s.rho) // 1 on the margin
				if alpha[at] < params.C {
					violation = math.Max(violation, 1-margin)
				}
				if alpha[at] > 0 {
					violation = math.Max(violation, margin-1)
				}
			}
		}
		if !(math.Abs(sum) < 1e-9) || !(violation < 1e-3) {
			t.Errorf("pair %d: sum of y·alpha %v, violation %v, want 0 and below 1e-3", i, sum, violation)
		}
	}
}

func saved(t *testing.T, e model.Examples, opt model.Options) string {
	t.Helper()
	m, err := New(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Fit(context.Background(), e, opt); err != nil {
		t.Fatal(err)
	}
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Neither memory, down to two rows, nor workers change a bit; many lanes that need the same rows at
// once are what shows a row handed to two of them.
func TestMemoryAndWorkersChangeNothing(t *testing.T) {
	e := crowd(2100, 20, 5)
	want := saved(t, e, model.Options{Workers: 1})
	segment := int64(4 * 448) // 420 rows of a class, in whole panels of 32
	for _, o := range []model.Options{
		{Workers: 2}, {Workers: 3}, {Workers: 5}, {Workers: 16},
		{Workers: 1, MemoryBytes: minSlots * segment},
		{Workers: 3, MemoryBytes: 9 * segment},
		{Workers: 2, MemoryBytes: 50 * segment},
		{Workers: 3, MemoryBytes: 900 * segment},
	} {
		if saved(t, e, o) != want {
			t.Errorf("%d workers, %d bytes: another model", o.Workers, o.MemoryBytes)
		}
	}
	two := crowd(900, 20, 2) // one pair: workers share its products
	if saved(t, two, model.Options{Workers: 1}) != saved(t, two, model.Options{Workers: 4}) {
		t.Error("one pair, 1 and 4 workers: another model")
	}
}

func TestMemoryTooSmallForTwoRows(t *testing.T) {
	m, _ := New(Defaults())
	e := crowd(200, 8, 2)
	err := m.Fit(context.Background(), e, model.Options{MemoryBytes: 2000})
	want := "memory for kernel rows: got 2000 bytes, want at least 2048 for two rows of 256 values"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	if err := m.Fit(context.Background(), e, model.Options{MemoryBytes: 2048}); err != nil {
		t.Errorf("with what the message asks for: %v", err)
	}
}

func TestIterationBoundIsToldOf(t *testing.T) {
	params := Defaults()
	params.MaxIterations = 40
	m, _ := New(params)
	if err := m.Fit(context.Background(), crowd(900, 16, 3), model.Options{}); err != nil {
		t.Fatal(err)
	}
	facts := m.Facts()
	warnings := facts["warnings"].([]string)
	if len(warnings) != 1 || !strings.Contains(warnings[0], "3 of 3 pairs of classes stopped at the bound of 40 iterations") {
		t.Errorf("warnings %q, want one on the bound", warnings)
	}
	if v := facts["kkt_violation"].(float64); !(v > 1e-3) || facts["iterations"] != 120 {
		t.Errorf("violation %v after %v iterations, want more than 1e-3 after 120", v, facts["iterations"])
	}
}

// A tolerance that rounding cannot reach ends, and says so.
func TestToleranceBelowRounding(t *testing.T) {
	params := Defaults()
	params.Tolerance, params.MaxIterations = 1e-300, 20000
	m, _ := New(params)
	if err := m.Fit(context.Background(), crowd(300, 16, 2), model.Options{}); err != nil {
		t.Fatal(err)
	}
	w := m.Facts()["warnings"].([]string)
	if len(w) != 1 || !strings.Contains(w[0], "1 of 1 pairs of classes stopped at the bound of 100 working sets") || !(m.Facts()["kkt_violation"].(float64) < 1e-9) {
		t.Errorf("warnings %q, violation %v, want one on working sets and less than 1e-9", w, m.Facts()["kkt_violation"])
	}
}

// A fit with parameters at the ends of their ranges ends, with finite scores and facts.
func TestExtremeParameters(t *testing.T) {
	e := crowd(120, 8, 3)
	for _, kernel := range []string{"rbf", "linear"} {
		for _, c := range []float64{1e-300, 1e10, 1e300} {
			for _, gamma := range []string{"5e-324", "1e-9", "1e9", "1.7e308"} {
				m, err := New(Params{C: c, Kernel: kernel, Gamma: gamma, Tolerance: 1e-3, MaxIterations: 10000})
				if err != nil {
					t.Fatal(err)
				}
				if err := m.Fit(context.Background(), e, model.Options{}); err != nil {
					t.Fatalf("%s, c %v, gamma %s: %v", kernel, c, gamma, err)
				}
				p, err := m.Predict(context.Background(), e, model.Options{Scores: true})
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range append(p.Scores, p.Margin...) {
					if math.IsNaN(float64(s)) || math.IsInf(float64(s), 0) {
						t.Fatalf("%s, c %v, gamma %s: score %v", kernel, c, gamma, s)
					}
				}
				if _, err := json.Marshal(m.Facts()); err != nil {
					t.Errorf("%s, c %v, gamma %s: facts: %v", kernel, c, gamma, err)
				}
			}
		}
	}
}

func TestWarnings(t *testing.T) {
	grey := model.Examples{Pixels: make([]byte, 32), Labels: []uint16{0, 1, 0, 1}, Features: 8, Classes: 2}
	alone := crowd(20, 4, 2)
	clear(alone.Labels)
	for want, e := range map[string]model.Examples{
		"all 4 training examples are equal":  grey,
		"all training examples have class 0": alone,
	} {
		m, _ := New(Defaults())
		if err := m.Fit(context.Background(), e, model.Options{}); err != nil {
			t.Fatal(err)
		}
		if w := m.Facts()["warnings"].([]string); len(w) != 1 || !strings.Contains(w[0], want) {
			t.Errorf("warnings %q, want one with %q", w, want)
		}
	}
}

func TestRowsTooLong(t *testing.T) {
	e := model.Examples{Pixels: make([]byte, 2*33026), Labels: []uint16{0, 1}, Features: 33026, Classes: 2}
	m, _ := New(Defaults())
	err := m.Fit(context.Background(), e, model.Options{})
	if err == nil || !strings.Contains(err.Error(), "got examples of 33026 features, want at most 33025") {
		t.Errorf("got %v, want a message on 33026 bytes", err)
	}
}

func TestCancelledWhileFitting(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m, _ := New(Defaults())
	err := m.Fit(ctx, crowd(1000, 16, 6), model.Options{Workers: 2, Progress: func(int, int, string) { cancel() }})
	if !errors.Is(err, context.Canceled) || m.Facts() != nil {
		t.Errorf("got %v and facts %v, want %v and none", err, m.Facts(), context.Canceled)
	}
}

// Votes are counted as LIBSVM does: a decision of 0 is for the second class, and among classes with
// equal votes the first wins.
func TestVote(t *testing.T) {
	m := &machine{labels: 5, classes: []uint16{0, 2, 4}}
	for _, c := range []struct {
		values [3]float64 // (0,2) (0,4) (2,4)
		want   uint16
	}{
		{[3]float64{1, 1, 1}, 0},
		{[3]float64{-1, -1, 1}, 2},
		{[3]float64{-1, -1, -1}, 4},
		{[3]float64{1, -1, 1}, 0},  // one vote each
		{[3]float64{-1, 9, -9}, 0}, // one vote each, whatever the strength
		{[3]float64{0, 1, 1}, 2},   // 0 is not positive
		{[3]float64{0, 0, 0}, 4},
	} {
		scores := make([]float32, 5)
		if got := vote(m, c.values, scores); got != c.want {
			t.Errorf("values %v: class %d, want %d", c.values, got, c.want)
		}
		if scores[1] != -1 || scores[3] != -1 {
			t.Errorf("scores of absent classes %v, want -1", scores)
		}
	}
	scores := make([]float32, 5)
	vote(m, [3]float64{2, -1, .5}, scores)
	// Class 0: one vote, 2 - 1 = 1; class 2: one, .5 - 2 = -1.5; class 4: one, 1 - .5 = .5.
	for class, want := range map[int]float64{0: 1 + 1./6, 2: 1 - 1.5/7.5, 4: 1 + .5/4.5} {
		if !within(float64(scores[class]), want, 1e-6) {
			t.Errorf("score of class %d: %v, want %v", class, scores[class], want)
		}
	}
}

// vote has three pairs of classes vote on one example.
func vote(m *machine, values [3]float64, scores []float32) uint16 {
	v := ballot{make([]int32, 3), make([]float64, 3)}
	for pair, of := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
		v.count(3, of[0], of[1], values[pair:pair+1])
	}
	return m.winner(&v, 0, scores)
}

func TestStrongestIsASortedSelection(t *testing.T) {
	for n := range 40 {
		for k := range 12 {
			var all []candidate
			for i := range n {
				all = append(all, candidate{int32(i), float64(i * 7 % 11)}) // many equal ones
			}
			got := strongest(append([]candidate(nil), all...), k)
			want := strongest(append([]candidate(nil), all...), n)
			if len(got) != min(n, k) {
				t.Fatalf("n %d, k %d: got %d", n, k, len(got))
			}
			for i := range got {
				if got[i] != want[i] || i > 0 && stronger(got[i-1], got[i]) >= 0 {
					t.Fatalf("n %d, k %d: got %v, want the first of %v", n, k, got, want)
				}
			}
		}
	}
}
