package boosting

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"shoal/internal/elementary"
	"shoal/internal/parallel"
	"shoal/kernel"
	"shoal/shallow/model"
)

// fitting is the state of one fit.
type fitting struct {
	params   Params
	patience int
	data     *table
	class    []uint16 // of every example, among those that occur
	width    int      // scores of an example, and trees of an iteration
	workers  int

	examples []uint32 // that trees are grown on, ascending
	held     []uint32 // that early stopping goes by

	baseline []float32
	scores   [][]float32 // [width][n]
	largest  []float32   // n: the largest score of each example
	inverse  []float32   // n: 1 over the sum of the exponentials of scores less that
	growers  []*grower
	trees    []*tree

	losses    []float64 // on the held examples: before the first iteration and after each
	early     bool      // the fit ended as they no longer fell
	iteration int
}

func newFitting(p Params, train model.Examples, class []uint16, present int, opt model.Options) *fitting {
	workers := parallel.Workers(opt.Workers)
	f := &fitting{params: p, patience: p.Patience, class: class, width: width(present), workers: workers, data: newTable(train, workers)}
	if f.patience == Auto {
		if f.patience = 0; train.Len() > EarlyFrom {
			f.patience = autoPatience
		}
	}
	f.deal(present, opt.Seed)
	f.begin(present)
	lanes := sideBySide(f.width, workers)
	for range lanes {
		f.growers = append(f.growers, newGrower(p, f.data, len(f.examples), max(1, workers/lanes)))
	}
	return f
}

// sideBySide is how many trees of an iteration are grown at once. Trees side by side share no work,
// so they are quicker than the features of one, unless workers would wait at the end.
func sideBySide(trees, workers int) int {
	if trees >= 4*workers || trees%workers == 0 {
		return workers
	}
	return 1
}

// deal leaves examples out of the trees for early stopping: of every class about its share, at least
// one stays in.
func (f *fitting) deal(present int, seed uint64) {
	out := make([]bool, f.data.n)
	if f.patience > 0 {
		members := make([][]uint32, present)
		for i, c := range f.class {
			members[c] = append(members[c], uint32(i))
		}
		due := 0.0
		for c, m := range members {
			r := rand.New(rand.NewPCG(seed, uint64(c)))
			r.Shuffle(len(m), func(a, b int) { m[a], m[b] = m[b], m[a] })
			due += float64(float64(len(m)) * f.params.Validation)
			take := min(int(due), len(m)-1)
			due -= float64(take)
			for _, i := range m[:take] {
				out[i] = true
			}
		}
	}
	for i, o := range out {
		if o {
			f.held = append(f.held, uint32(i))
		} else {
			f.examples = append(f.examples, uint32(i))
		}
	}
	if len(f.held) == 0 {
		f.patience = 0
	}
}

// begin sets all scores to the logarithms of the classes' shares.
func (f *fitting) begin(present int) {
	count := make([]float64, present)
	for _, i := range f.examples {
		count[f.class[i]]++
	}
	f.baseline = make([]float32, f.width)
	for k := range f.baseline {
		if f.width == 1 {
			f.baseline[k] = float32(elementary.Log(count[1] / count[0]))
		} else {
			f.baseline[k] = float32(elementary.Log(count[k] / float64(len(f.examples))))
		}
	}
	f.largest, f.inverse = make([]float32, f.data.n), make([]float32, f.data.n)
	for k := range f.width {
		f.scores = append(f.scores, make([]float32, f.data.n))
		for i := range f.scores[k] {
			f.scores[k][i] = f.baseline[k]
		}
	}
}

// run grows the trees until the last iteration or until nothing improves.
func (f *fitting) run(ctx context.Context, opt model.Options) error {
	if f.patience > 0 {
		f.normalise()
		f.losses = append(f.losses, f.loss(f.held))
	}
	for f.iteration = 0; f.iteration < f.params.Iterations; {
		f.normalise()
		grown := f.grow(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		f.trees = append(f.trees, grown...)
		f.iteration++
		f.advance(opt)
		if f.early = f.stopped(); f.early || !divided(grown) {
			break
		}
	}
	return nil
}

// grow grows the trees of an iteration, each from the scores before it.
func (f *fitting) grow(ctx context.Context) []*tree {
	out := make([]*tree, f.width)
	parallel.For(len(f.growers), f.width, func(lane, k int) {
		if ctx.Err() != nil {
			return
		}
		g := f.growers[lane]
		f.gradients(k, g)
		scores := f.scores[k]
		out[k] = g.grow(ctx, f.examples, func(list []uint32, value float32) {
			for _, i := range list {
				scores[i] += value
			}
		})
		if out[k] == nil {
			return
		}
		for _, i := range f.held {
			scores[i] += out[k].valueOf(f.data, i)
		}
	})
	return out
}

// rows is how many examples are worked on at once.
const rows = 1024

// blocks calls work for consecutive ranges of all examples.
func (f *fitting) blocks(workers int, work func(from, to int)) {
	parallel.For(workers, (f.data.n+rows-1)/rows, func(_, b int) { work(b*rows, min(f.data.n, (b+1)*rows)) })
}

// normalise prepares the probabilities of several classes from the scores.
func (f *fitting) normalise() {
	if f.width == 1 {
		return
	}
	f.blocks(f.workers, func(from, to int) {
		var buf [rows]float32
		largest, sum := f.largest[from:to], f.inverse[from:to]
		copy(largest, f.scores[0][from:to])
		for _, scores := range f.scores[1:] {
			for i, s := range scores[from:to] {
				largest[i] = max(largest[i], s)
			}
		}
		clear(sum)
		for _, scores := range f.scores {
			p := buf[:to-from]
			for i, s := range scores[from:to] {
				p[i] = s - largest[i]
			}
			kernel.Best().Exp(p, p)
			for i, v := range p {
				sum[i] += v
			}
		}
		for i, s := range sum {
			sum[i] = 1 / s
		}
	})
}

// probabilities writes those of score k for examples [from, to) to p.
func (f *fitting) probabilities(k, from, to int, p []float32) {
	scores := f.scores[k][from:to]
	if f.width == 1 {
		for i, s := range scores {
			p[i] = -s
		}
		kernel.Best().Exp(p, p)
		for i, e := range p {
			p[i] = 1 / (1 + e)
		}
		return
	}
	largest, inverse := f.largest[from:to], f.inverse[from:to]
	for i, s := range scores {
		p[i] = s - largest[i]
	}
	kernel.Best().Exp(p, p)
	for i := range p {
		p[i] *= inverse[i]
	}
}

// gradients fills the pairs of a grower for the tree of score k.
func (f *fitting) gradients(k int, g *grower) {
	is := uint16(k)
	if f.width == 1 {
		is = 1
	}
	f.blocks(g.workers, func(from, to int) {
		var buf [rows]float32
		p := buf[:to-from]
		f.probabilities(k, from, to, p)
		for i, v := range p {
			g.pairs[from+i] = g.units.of(v, f.class[from+i] == is)
		}
	})
}

// loss is the mean log loss of some examples, whose scores are normalised.
func (f *fitting) loss(list []uint32) float64 {
	sum := 0.0
	for _, i := range list {
		c := int(f.class[i])
		if f.width == 1 {
			s := float64(f.scores[0][i])
			if c == 1 {
				s = -s
			}
			sum += max(s, 0) + elementary.Log(1+elementary.Exp(-math.Abs(s)))
			continue
		}
		sum -= float64(f.scores[c][i]-f.largest[i]) + elementary.Log(float64(f.inverse[i]))
	}
	return sum / float64(len(list))
}

// tolerance is what a loss must fall by to have fallen; scikit-learn's.
const tolerance = 1e-7

// stopped judges the iteration that was just grown.
func (f *fitting) stopped() bool {
	if f.patience == 0 {
		return false
	}
	f.normalise()
	f.losses = append(f.losses, f.loss(f.held))
	return fallsNoMore(f.losses, f.patience)
}

// fallsNoMore is scikit-learn's rule: none of the last losses, patience of them, is below the one before
// them. A least loss of long ago doesn't count.
func fallsNoMore(losses []float64, patience int) bool {
	before := len(losses) - 1 - patience
	return before >= 0 && !(slices.Min(losses[before+1:]) < losses[before]-tolerance)
}

// divided reports whether any of the trees has a split.
func divided(trees []*tree) bool {
	for _, t := range trees {
		if len(t.nodes) > 1 {
			return true
		}
	}
	return false
}

func (f *fitting) advance(opt model.Options) {
	note := "iterations"
	if f.patience > 0 {
		note += fmt.Sprintf(", until %d bring no less than a loss of %.5f", f.patience, slices.Min(f.losses))
	}
	opt.Advance(f.iteration, f.params.Iterations, note)
}

// describe fills the facts of a finished fit.
func (f *fitting) describe(out *facts) {
	f.normalise()
	out.Iterations, out.Early, out.Patience, out.Held = f.iteration, f.early, f.patience, len(f.held)
	if out.Loss = f.loss(f.examples); f.patience > 0 {
		out.Best = slices.Min(f.losses)
	}
	if !divided(f.trees) {
		out.Warnings = append(out.Warnings, fmt.Sprintf("no split of the %d examples lowers the loss with %d in a leaf at least: the most frequent class is predicted for everything", len(f.examples), f.params.MinLeaf))
	}
}
