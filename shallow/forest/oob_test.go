package forest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

func noisy() model.Examples {
	return shallowtest.Confuse(shallowtest.Blobs(1, 400, 30, 5, 120), 1, .15)
}

// TestOutOfBagError takes the curve again from the definition: every tree's bootstrap is drawn
// again and the other examples walk down the finished tree.
func TestOutOfBagError(t *testing.T) {
	train := noisy()
	m, err := New(Params{Trees: 12, MinLeaf: 3, Round: 4})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Fit(context.Background(), train, model.Options{Seed: 9}); err != nil {
		t.Fatal(err)
	}
	sums := make([][]float64, train.Len())
	for i := range sums {
		sums[i] = make([]float64, train.Classes)
	}
	var want []Point
	for k, tree := range m.trees {
		rng := newRandom(9, k)
		drawn := make([]bool, train.Len())
		for range drawn {
			drawn[rng.below(len(drawn))] = true
		}
		for i, in := range drawn {
			if !in {
				tree.add(tree.leafOf(train.Row(i)), sums[i])
			}
		}
		if (k+1)%4 != 0 {
			continue
		}
		wrong, counted := 0, 0
		for i, s := range sums {
			best, any := 0, false
			for class := range s {
				any = any || s[class] > 0
				if s[class] > s[best] {
					best = class
				}
			}
			if any {
				counted++
				if best != int(train.Labels[i]) {
					wrong++
				}
			}
		}
		want = append(want, Point{k + 1, float64(wrong) / float64(counted)})
	}
	if len(m.curve) != len(want) {
		t.Fatalf("curve: got %v, want %v", m.curve, want)
	}
	for i := range want {
		if m.curve[i].Trees != want[i].Trees || !(math.Abs(m.curve[i].Error-want[i].Error) < 1e-12) {
			t.Errorf("round %d: got %v, want %v", i, m.curve[i], want[i])
		}
	}
}

func TestEarlyStopping(t *testing.T) {
	train := noisy()
	fit := func(p Params, workers int) *Model {
		m, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Fit(context.Background(), train, model.Options{Seed: 2, Workers: workers}); err != nil {
			t.Fatal(err)
		}
		return m
	}
	p := Params{Trees: 300, MinLeaf: 1, Round: 3, Patience: 2, Improvement: .1}
	m := fit(p, 3)
	n := len(m.trees)
	if !m.stopped || n == 300 || n%3 != 0 || m.Facts()["stopped"] != "early" {
		t.Fatalf("got %d trees, stopped %v, want fewer than 300 by whole rounds", n, m.stopped)
	}
	// The curve itself must say that the last two rounds did not improve, and that no two in a row
	// before them failed to.
	best, idle := m.curve[0].Error, 0
	for i, point := range m.curve[1:] {
		if point.Error < best*.9 {
			best, idle = point.Error, 0
		} else if idle++; idle == 2 && i+2 != len(m.curve) {
			t.Errorf("curve %v: should have stopped at %d trees", m.curve, point.Trees)
		}
	}
	if idle != 2 {
		t.Errorf("curve %v: stopped after %d rounds without improvement, want 2", m.curve, idle)
	}
	p.Patience = 0
	if all := fit(p, 2); len(all.trees) != 300 || all.stopped {
		t.Errorf("patience 0: got %d trees, want all 300", len(all.trees))
	}
}

// TestFullTreesKnowTheirBag: grown full, on images that all differ, a tree gets every example of
// its bootstrap right.
func TestFullTreesKnowTheirBag(t *testing.T) {
	train := noisy()
	m, err := New(Params{Trees: 3, MinLeaf: 1, Round: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Fit(context.Background(), train, model.Options{Seed: 4}); err != nil {
		t.Fatal(err)
	}
	if len(m.trees) != 3 {
		t.Fatalf("got %d trees, want 3", len(m.trees))
	}
	for k, tree := range m.trees {
		rng := newRandom(4, k)
		for range train.Len() {
			i := rng.below(train.Len())
			sums := make([]float64, train.Classes)
			tree.add(tree.leafOf(train.Row(i)), sums)
			if sums[train.Labels[i]] != 1 {
				t.Fatalf("tree %d, example %d: got shares %v, want 1 for class %d", k, i, sums, train.Labels[i])
			}
		}
	}
}

func TestMaxDepth(t *testing.T) {
	for _, depth := range []int{1, 2, 5} {
		m, err := New(Params{Trees: 5, MinLeaf: 1, MaxDepth: depth, Round: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Fit(context.Background(), noisy(), model.Options{}); err != nil {
			t.Fatal(err)
		}
		if got := m.Facts()["depth"]; got != depth {
			t.Errorf("depth: got %v, want %d", got, depth)
		}
	}
}

func TestFitStopsAtTheEndOfItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m, err := New(Params{Trees: 1 << 20, MinLeaf: 1, Round: 5})
	if err != nil {
		t.Fatal(err)
	}
	opt := model.Options{Workers: 2, Progress: func(done, _ int, _ string) {
		if done == 3 {
			cancel()
		}
	}}
	if err := m.Fit(ctx, noisy(), opt); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// Trees are watched as they grow: how large they get isn't known before.
func TestTreesThatDoNotFitAreRefused(t *testing.T) {
	train := shallowtest.Confuse(shallowtest.Blobs(1, 400, 16, 5, 120), 1, .5)
	m, err := New(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	opt := model.Options{Workers: 2}
	opt.Available = m.Memory(train, opt).Needed + 40000
	full, ok := errors.AsType[*model.MemoryError](m.Fit(context.Background(), train, opt))
	if !ok || full.Needed <= full.Available || full.Available != opt.Available || m.Facts() != nil {
		t.Errorf("got %v, want a memory error", full)
	}
	opt.Available += 16 << 20
	if err := m.Fit(context.Background(), train, opt); err != nil {
		t.Errorf("with 16 MB more: %v", err)
	}
}

// An early stopping without an out-of-bag error says so.
func TestNothingToStopBy(t *testing.T) {
	p := Defaults()
	p.Trees, p.Patience = 2, 1
	m, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Fit(context.Background(), shallowtest.Blobs(1, 1, 16, 5, 120), model.Options{}); err != nil {
		t.Fatal(err)
	}
	if w := fmt.Sprint(m.Facts()["warnings"]); !strings.Contains(w, "no out-of-bag error to stop by") || !strings.Contains(w, "all training examples have class 0") {
		t.Errorf("warnings: %s", w)
	}
}
