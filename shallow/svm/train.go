package svm

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"unsafe"

	"shoal/internal/parallel"
	"shoal/kernel/gram"
	"shoal/shallow/model"
)

// training is what all pairs of one fit share.
type training struct {
	examples      model.Examples
	features      int
	classes       []uint16  // those with examples, ascending
	index         [][]int32 // class, row: position among the examples
	panels        []panels
	kernel        gram.Kernel
	linear        bool
	own           *ownRows
	c, tolerance  float64
	maxIterations int
}

// example returns which example a row of a class is.
func (t *training) example(class, row int) int { return int(t.index[class][row]) }

// diagonal returns K(x, x).
func (t *training) diagonal(p panels, row int) float64 {
	if t.linear {
		return p.norm(row)
	}
	return 1
}

func kernelOf(kind string, gamma float64) gram.Kernel {
	if kind == "linear" {
		return gram.Linear()
	}
	return gram.RBF(gamma)
}

// newTraining groups the examples by class and packs them.
func newTraining(params Params, gamma float64, train model.Examples, workers int) *training {
	t := &training{
		examples: train, features: train.Features,
		kernel: kernelOf(params.Kernel, gamma), linear: params.Kernel == "linear",
		c: params.C, tolerance: params.Tolerance, maxIterations: params.MaxIterations,
	}
	if t.maxIterations == 0 {
		t.maxIterations = max(10_000_000, 100*train.Len())
	}
	byClass := make([][]int32, train.Classes)
	for i, label := range train.Labels {
		byClass[label] = append(byClass[label], int32(i))
	}
	for label, index := range byClass {
		if len(index) > 0 {
			t.classes, t.index = append(t.classes, uint16(label)), append(t.index, index)
		}
	}
	for class, index := range t.index {
		t.panels = append(t.panels, pack(train, func(i int) int { return t.example(class, i) }, len(index), workers))
	}
	return t
}

// pair is two classes among those present, first < second.
type pair struct{ first, second int }

func (t *training) pairs() []pair {
	var out []pair
	for a := range t.classes {
		for b := a + 1; b < len(t.classes); b++ {
			out = append(out, pair{a, b})
		}
	}
	return out
}

// DefaultMemory bounds the cache of kernel rows where Options do not and there is as much: 2 GiB.
const DefaultMemory = 2 << 30

// perPair is what a pair of classes takes at least, in bytes: its solution and its decision function
// with an example of each class.
const perPair = int64(unsafe.Sizeof(solution{})+unsafe.Sizeof(decision{})+unsafe.Sizeof(pair{})) + 3*8 + 2*(8+8) + 2*(4+8)

// Memory counts the packed examples and the pairs of classes; the cache of kernel rows is that of the
// largest pair, up to its bound.
func (m *Model) Memory(train model.Examples, opt model.Options) model.Memory {
	present, class := train.Present()
	count, largest := make([]int64, len(present)), int64(0)
	for _, k := range class {
		count[k]++
		largest = max(largest, count[k])
	}
	pairs := int64(len(present)) * int64(len(present)-1) / 2
	const heap = 2 // small allocations: the collector lets as much again become garbage
	needed := train.Bytes() + heap*pairs*perPair
	return model.Memory{Needed: needed, Cache: min(opt.CacheBytes(DefaultMemory, needed), 4*2*largest*2*largest)}
}

// plan is how memory and workers are split: slots of segments a lane, the rest for rows against the
// own class.
type plan struct{ lanes, inner, slots, shared, width int }

// minSlots holds the two segments of two kernel rows.
const minSlots = 4

func (t *training) plan(pairs int, opt model.Options) (plan, error) {
	var p plan
	sizes := 0
	for _, panels := range t.panels {
		p.width = max(p.width, panels.Width())
		sizes += panels.Len()
	}
	slot := int64(p.width) * 4
	memory := opt.CacheBytes(DefaultMemory, 0)
	if opt.MemoryBytes == 0 {
		memory = max(memory, minSlots*slot)
	}
	total := int(min(memory/slot, 1<<40))
	if total < minSlots {
		return p, fmt.Errorf("svm: memory for kernel rows: got %d bytes, want at least %d for two rows of %d values", memory, minSlots*slot, 2*p.width)
	}
	workers := parallel.Workers(opt.Workers)
	p.lanes = max(1, min(workers, pairs, total/2/minSlots))
	p.inner = max(1, workers/p.lanes)
	p.slots = max(min(total/2/p.lanes, 4*p.width), minSlots)
	p.shared = min(total-p.lanes*p.slots, sizes)
	return p, nil
}

// solve solves all pairs, side by side on as many lanes as the plan has.
func (t *training) solve(ctx context.Context, opt model.Options) ([]*solution, error) {
	pairs := t.pairs()
	p, err := t.plan(len(pairs), opt)
	if err != nil {
		return nil, err
	}
	sizes := make([]int, len(t.index))
	for class := range t.index {
		sizes[class] = len(t.index[class])
	}
	t.own = newOwnRows(sizes, p.width, p.shared)
	solvers := make([]*solver, p.lanes)
	for i := range solvers {
		solvers[i] = newSolver(t, p.slots, p.inner)
	}
	out, errs := make([]*solution, len(pairs)), make([]error, len(pairs))
	var mu sync.Mutex
	done := 0
	parallel.For(p.lanes, len(pairs), func(lane, i int) {
		if errs[i] = ctx.Err(); errs[i] != nil {
			return // there can be millions of pairs
		}
		out[i], errs[i] = solvers[lane].solve(ctx, pairs[i].first, pairs[i].second)
		t.own.leave(pairs[i].first)
		t.own.leave(pairs[i].second)
		mu.Lock()
		defer mu.Unlock()
		done++
		opt.Advance(done, len(pairs), "pairs of classes")
	})
	return out, cmp.Or(errs...)
}
