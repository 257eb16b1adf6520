package forest

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"shoal/internal/parallel"
	"shoal/shallow/model"
)

// version is the code's: see model.Model.
const version = 1

// maxExamples keeps the whole numbers of a split, up to n³/4, below 2^63.
const maxExamples = 1 << 21

// Params define a forest together with the examples and the seed.
type Params struct {
	Trees    int // largest number of trees; at least 1
	MaxDepth int // edges from the root to the deepest leaf; 0: grown full
	MinLeaf  int // fewest distinct examples in a leaf; at least 1
	Features int // candidates at a node; 0: the square root of d, rounded down

	// Early stopping: after every Round trees the out-of-bag error is taken; a round improves when
	// the error is below (1-Improvement) times the best so far; Patience rounds without improvement
	// end the growth.
	Patience    int     // 0: no early stopping
	Round       int     // at least 1
	Improvement float64 // 0 to below 1
}

// Defaults are scikit-learn's: 100 trees, grown full, no early stopping.
func Defaults() Params {
	return Params{Trees: 100, MinLeaf: 1, Round: 5}
}

// check names the first parameter that is out of its range.
func (p Params) check() error {
	for _, c := range []struct {
		name     string
		got, min int
	}{
		{"trees", p.Trees, 1}, {"max-depth", p.MaxDepth, 0}, {"min-leaf", p.MinLeaf, 1},
		{"features", p.Features, 0}, {"patience", p.Patience, 0}, {"round", p.Round, 1},
	} {
		if c.got < c.min {
			return fmt.Errorf("forest: %s: got %d, want at least %d", c.name, c.got, c.min)
		}
	}
	if p.Trees > 1<<20 {
		return fmt.Errorf("forest: trees: got %d, want at most %d", p.Trees, 1<<20)
	}
	if !(p.Improvement >= 0 && p.Improvement < 1) {
		return fmt.Errorf("forest: improvement: got %v, want 0 to below 1", p.Improvement)
	}
	return nil
}

// Model is a random forest. The zero value is not usable; call New.
type Model struct {
	params   Params
	features int // 0 before Fit
	classes  int
	trees    []*tree
	curve    []Point
	stopped  bool // by the out-of-bag error
	warnings []string
}

// New returns an unfitted forest, or an error that names the parameter which is out of its range.
func New(p Params) (*Model, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return &Model{params: p}, nil
}

// Kind returns "forest".
func (m *Model) Kind() string { return "forest" }

// Version returns the code's version.
func (m *Model) Version() int { return version }

// Params returns the parameters by the names of their flags.
func (m *Model) Params() map[string]any {
	p := m.params
	out := map[string]any{
		"trees": p.Trees, "max-depth": p.MaxDepth, "min-leaf": p.MinLeaf,
		"features": p.Features, "patience": p.Patience,
	}
	if p.Patience > 0 {
		out["round"], out["improvement"] = p.Round, p.Improvement
	}
	return out
}

// Facts returns, after Fit:
//
//	trees      number of trees
//	nodes      of all trees together, leaves included
//	leaves     of all trees together
//	depth      of the deepest tree, in edges
//	oob_curve  []Point, the out-of-bag error after every round
//	oob_error  the last of it
//	stopped    "early" or "trees": what ended the growth
//	warnings   what a reader of the predictions has to know
func (m *Model) Facts() map[string]any {
	if m.features == 0 {
		return nil
	}
	nodes, leaves, depth := 0, 0, 0
	for _, t := range m.trees {
		nodes += len(t.nodes)
		leaves += len(t.start) - 1
		depth = max(depth, t.depth())
	}
	stopped := "trees"
	if m.stopped {
		stopped = "early"
	}
	facts := map[string]any{
		"trees": len(m.trees), "nodes": nodes, "leaves": leaves, "depth": depth,
		"oob_curve": m.curve, "stopped": stopped, "warnings": append([]string{}, m.warnings...),
	}
	if len(m.curve) > 0 {
		facts["oob_error"] = m.curve[len(m.curve)-1].Error
	}
	return facts
}

// Memory counts the pixels feature by feature, the scratch of the workers and what is kept of every
// example. Fit watches the trees as they grow.
func (m *Model) Memory(train model.Examples, opt model.Options) model.Memory {
	n := int64(train.Len())
	scratch := 38*n + 8*int64(train.Features) + 8<<16
	if train.Len() >= histogramFactor*train.Classes {
		scratch += 2 * 4 * 256 << shiftOf(train.Classes)
	}
	const ofExample = 4 + 24 + entryBytes
	return model.Memory{Needed: n*int64(train.Features) + int64(parallel.Workers(opt.Workers))*scratch + ofExample*n}
}

// Fit grows the trees, several at once, each from its own seed.
func (m *Model) Fit(ctx context.Context, train model.Examples, opt model.Options) error {
	m.features, m.trees, m.curve, m.stopped, m.warnings = 0, nil, nil, false, nil
	if err := cmp.Or(train.CheckBytes(), train.CheckTraining()); err != nil {
		return fmt.Errorf("forest: %w", err)
	}
	if train.Features > maxFeatures || train.Len() > maxExamples {
		return fmt.Errorf("forest: got %d examples of %d features, want at most %d of %d", train.Len(), train.Features, maxExamples, maxFeatures)
	}
	needed := m.Memory(train, opt).Needed
	if err := opt.CheckMemory(m.Kind(), train, needed); err != nil {
		return err
	}
	workers := parallel.Workers(opt.Workers)
	data := newColumns(train, workers)
	lim := limits{candidates: m.params.Features, maxDepth: m.params.MaxDepth, minLeaf: m.params.MinLeaf}
	if lim.candidates == 0 {
		lim.candidates = max(1, int(math.Sqrt(float64(train.Features))))
	}
	collect := newCollector(m.params, train, opt, opt.Room(needed))
	var lock sync.Mutex
	var enough atomic.Bool
	stop := func() bool { return enough.Load() || ctx.Err() != nil }
	growers := make([]*grower, workers)
	parallel.For(workers, m.params.Trees, func(worker, i int) {
		if stop() {
			return
		}
		if growers[worker] == nil {
			growers[worker] = newGrower(data, lim)
		}
		g := growers[worker].grow(newRandom(opt.Seed, i), stop)
		if g == nil {
			return
		}
		lock.Lock()
		defer lock.Unlock()
		enough.Store(collect.put(i, g))
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	if collect.full {
		return model.NewMemoryError(m.Kind(), train, needed+collect.bytes, needed+collect.room)
	}
	m.trees, m.curve, m.stopped, m.warnings = collect.trees, collect.curve, collect.stopped, collect.warnings(train)
	m.features, m.classes = train.Features, train.Classes
	return nil
}

// Predict averages the shares of the classes in the leaves that an example falls into: Scores are
// probabilities.
func (m *Model) Predict(ctx context.Context, examples model.Examples, opt model.Options) (model.Prediction, error) {
	if err := examples.CheckPrediction(m.Kind(), m.features, false); err != nil {
		return model.Prediction{}, err
	}
	const block = 256 // examples at once: their pixels stay in the cache for all trees
	sums := make([][]float64, parallel.Workers(opt.Workers))
	return model.PredictScores(ctx, examples.Len(), m.classes, block, opt, "predict", func(worker, from, to int, scores []float32) {
		sums[worker] = slices.Grow(sums[worker][:0], len(scores))[:len(scores)]
		m.score(examples, from, to, sums[worker], scores)
	})
}

// score writes the probabilities of examples [from, to), by way of their sums over the trees.
func (m *Model) score(examples model.Examples, from, to int, sums []float64, scores []float32) {
	c := m.classes
	clear(sums)
	for _, t := range m.trees {
		for i := from; i < to; i++ {
			t.add(t.leafOf(examples.Row(i)), sums[(i-from)*c:(i-from+1)*c])
		}
	}
	for i, s := range sums {
		scores[i] = float32(s / float64(len(m.trees)))
	}
}

// newColumns copies the pixels feature by feature.
func newColumns(train model.Examples, workers int) *columns {
	n, d := train.Len(), train.Features
	data := &columns{rows: train.Pixels, byColumn: make([]byte, n*d), n: n, d: d, classes: train.Classes, labels: train.Labels, rowsBytes: rowsBytes}
	const block = 64 // features at once: one cache line of every row
	parallel.For(workers, (d+block-1)/block, func(_, b int) {
		from, to := b*block, min(d, (b+1)*block)
		i := 0
		for ; i+8 <= n; i += 8 {
			f := from
			for ; f+8 <= to; f += 8 {
				transpose8(data.rows[i*d+f:], d, data.byColumn[f*n+i:], n)
			}
			for ; f < to; f++ {
				for k := i; k < i+8; k++ {
					data.byColumn[f*n+k] = data.rows[k*d+f]
				}
			}
		}
		for ; i < n; i++ {
			for f := from; f < to; f++ {
				data.byColumn[f*n+i] = data.rows[i*d+f]
			}
		}
	})
	return data
}

// transpose8 copies a square of 8×8 bytes from rows that lie stride apart to rows that lie
// outStride apart, transposed, in three rounds of swaps.
func transpose8(in []byte, stride int, out []byte, outStride int) {
	var w [8]uint64
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(in[i*stride:])
	}
	for i := 0; i < 4; i++ {
		low, high := w[i], w[i+4]
		w[i], w[i+4] = low&0x00000000ffffffff|high<<32, low>>32|high&^0x00000000ffffffff
	}
	for _, i := range [4]int{0, 1, 4, 5} {
		low, high := w[i], w[i+2]
		w[i] = low&0x0000ffff0000ffff | high&0x0000ffff0000ffff<<16
		w[i+2] = low>>16&0x0000ffff0000ffff | high&^0x0000ffff0000ffff
	}
	for _, i := range [4]int{0, 2, 4, 6} {
		low, high := w[i], w[i+1]
		w[i] = low&0x00ff00ff00ff00ff | high&0x00ff00ff00ff00ff<<8
		w[i+1] = low>>8&0x00ff00ff00ff00ff | high&^0x00ff00ff00ff00ff
	}
	for i, v := range w {
		binary.LittleEndian.PutUint64(out[i*outStride:], v)
	}
}
