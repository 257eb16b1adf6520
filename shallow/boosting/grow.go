package boosting

import (
	"cmp"
	"context"
	"slices"

	"shoal/internal/parallel"
)

// leastHessian is the smallest sum of Hessians on a side of a split; scikit-learn's.
const leastHessian = 1e-3

// maxStep keeps scores finite, whatever was learnt: no leaf adds more.
const maxStep = 1e6

// split sends the examples whose byte is at most a threshold to the left.
type split struct {
	gain      float64 // 0: none
	feature   uint32
	threshold uint8
}

// growing is a node that may be split.
type growing struct {
	node     int // in the tree
	from, to int // its range of grower.list
	sum      pair
	best     split
	counts   histogram // nil: too small to be split
}

// grower is the scratch of one tree at a time.
type grower struct {
	params  Params
	data    *table
	units   units
	workers int // inside a tree

	pairs []pair   // of every example, for the tree at hand
	list  []uint32 // the examples of the trees, by node
	spill []uint32
	free  []histogram
	open  []*growing
	found []split // by feature, of the node at hand
	also  []split // of its sibling
}

func newGrower(p Params, data *table, examples, workers int) *grower {
	return &grower{
		params: p, data: data, units: newUnits(examples), workers: workers,
		pairs: make([]pair, data.n), list: make([]uint32, examples), spill: make([]uint32, examples),
		found: make([]split, data.d), also: make([]split, data.d),
	}
}

// grow grows the tree of g.pairs on the listed examples. use gets the examples of each leaf and what
// the leaf adds to their score. It returns nil when ctx ends first.
func (g *grower) grow(ctx context.Context, examples []uint32, use func(list []uint32, value float32)) *tree {
	copy(g.list, examples)
	t := &tree{nodes: make([]node, 1, 2*g.params.Leaves)}
	root := &growing{to: len(examples)}
	for _, i := range examples {
		root.sum.gradient += g.pairs[i].gradient
		root.sum.rest += g.pairs[i].rest
	}
	if g.mayDivide(root) {
		root.counts = g.space()
		g.measure(root, nil)
	}
	g.open = append(g.open[:0], root)
	for leaves := 1; leaves < g.params.Leaves; leaves++ {
		at := g.next()
		if at < 0 {
			break
		}
		if ctx.Err() != nil {
			g.release()
			return nil
		}
		g.divide(t, at, leaves+1 < g.params.Leaves)
	}
	for _, n := range g.open {
		value := float32(g.step(n.sum))
		t.nodes[n.node] = node{value: value, feature: isLeaf}
		use(g.list[n.from:n.to], value)
	}
	g.release()
	return t
}

// release gives the histograms back.
func (g *grower) release() {
	for _, n := range g.open {
		if n.counts != nil {
			g.free = append(g.free, n.counts)
			n.counts = nil
		}
	}
}

func (g *grower) space() histogram {
	if n := len(g.free); n > 0 {
		h := g.free[n-1]
		g.free = g.free[:n-1]
		return h
	}
	return make(histogram, g.data.blocks)
}

// mayDivide reports whether a node is large enough for two leaves.
func (g *grower) mayDivide(n *growing) bool {
	_, h, count := g.units.split(n.sum)
	return count >= 2*g.params.MinLeaf && h >= 2*leastHessian
}

// step is what a leaf with such a sum adds to the score.
func (g *grower) step(sum pair) float64 {
	gradient, hessian, _ := g.units.split(sum)
	const nothing = 1e-15 // as scikit-learn
	return max(-maxStep, min(maxStep, -g.params.Shrinkage*gradient/(hessian+g.params.L2+nothing)))
}

// next returns which open node gains most by its split, the first among equals, -1 for none.
func (g *grower) next() int {
	at := -1
	for i, n := range g.open {
		if n.best.gain > 0 && (at < 0 || n.best.gain > g.open[at].best.gain) {
			at = i
		}
	}
	return at
}

// divide splits an open node: its left child takes its place and the right one is the last. more says
// whether a further split can follow.
func (g *grower) divide(t *tree, at int, more bool) {
	n := g.open[at]
	left := len(t.nodes)
	t.nodes[n.node] = node{feature: n.best.feature, threshold: n.best.threshold, left: uint32(left)}
	t.nodes = append(t.nodes, node{}, node{})
	mid := n.from + g.partition(g.list[n.from:n.to], n.best)
	a, b := &growing{node: left, from: n.from, to: mid}, &growing{node: left + 1, from: mid, to: n.to}
	small, large := a, b
	if b.to-b.from < a.to-a.from {
		small, large = b, a
	}
	for _, i := range g.list[small.from:small.to] {
		small.sum.gradient += g.pairs[i].gradient
		small.sum.rest += g.pairs[i].rest
	}
	large.sum = pair{n.sum.gradient - small.sum.gradient, n.sum.rest - small.sum.rest}
	counts := n.counts
	n.counts = nil
	g.open[at] = a
	g.open = append(g.open, b)
	if !more || !g.mayDivide(large) && !g.mayDivide(small) {
		g.free = append(g.free, counts)
		return
	}
	small.counts, large.counts = g.space(), counts
	g.measure(small, large)
}

// partition moves the examples that go left to the front, in order on both sides, and returns their
// number.
func (g *grower) partition(list []uint32, s split) int {
	words := g.data.block(int(s.feature) / inBlock)
	shift := s.feature % inBlock * 8
	l, r := 0, 0
	for _, i := range list {
		right := int((uint64(s.threshold) - words[i]>>shift&255) >> 63)
		g.spill[r] = i
		list[l] = i
		r += right
		l += 1 - right
	}
	copy(list[l:], g.spill[:r])
	return l
}

// smallWork is the number of bytes to count below which sharing out takes longer.
const smallWork = 1 << 13

// measure counts the examples of a node and finds its best split. Its larger sibling, if any, has the
// counts of both when it begins, and its own and its best split at the end.
func (g *grower) measure(n, sibling *growing) {
	workers := g.workers
	if (n.to-n.from)*g.data.d+values*g.data.d < smallWork {
		workers = 1
	}
	list := g.list[n.from:n.to]
	parallel.For(workers, g.data.blocks, func(_, b int) {
		n.counts.clear(g.data, b)
		if features := g.data.d - b*inBlock; features >= inBlock {
			n.counts[b].add(g.data.block(b), list, g.pairs)
		} else {
			n.counts[b].addSome(g.data.block(b), list, g.pairs, features)
		}
		g.scan(n, b, g.found)
		if sibling != nil {
			sibling.counts.subtract(n.counts, g.data, b)
			g.scan(sibling, b, g.also)
		}
	})
	n.best = best(g.found)
	if sibling != nil {
		sibling.best = best(g.also)
	}
}

// best returns the split of the largest gain, the first among equals.
func best(found []split) split {
	return slices.MaxFunc(found, func(a, b split) int { return cmp.Compare(a.gain, b.gain) })
}

// scan finds the best threshold of each feature of a block.
func (g *grower) scan(n *growing, b int, found []split) {
	may := g.mayDivide(n)
	for f := range n.counts[b] {
		at := b*inBlock + f
		if at >= g.data.d {
			return
		}
		found[at] = split{}
		if size := g.data.size[at]; may && size > 1 {
			found[at] = g.threshold(n.counts[b][f][:size], n.sum)
			found[at].feature = uint32(at)
		}
	}
}

// threshold returns the best threshold of a feature, halfway between two bytes that the node has. With
// n = G_l²·(H_r+l2) + G_r²·(H_l+l2) and d = (H_l+l2)·(H_r+l2) the gain is n/d less a constant, so
// thresholds are compared without dividing.
func (g *grower) threshold(counts []pair, sum pair) split {
	gradient, hessian, count := g.units.split(sum)
	l2, least := g.params.L2, g.params.MinLeaf
	alone := float64(gradient*gradient) / (hessian + l2)
	most, out := alone, split{}
	var left pair // up to the byte before
	before := 0
	for v, c := range counts {
		if c.rest == 0 {
			continue
		}
		nl := g.units.count(left)
		if count-nl < least {
			break
		}
		if nl >= least {
			gl, hl, _ := g.units.split(left)
			gr, hr := gradient-gl, hessian-hl
			if hr < leastHessian {
				break
			}
			a, b := hl+l2, hr+l2
			over, under := float64(float64(gl*gl)*b)+float64(float64(gr*gr)*a), float64(a*b)
			if over > most*under && hl >= leastHessian {
				most = over / under
				out.threshold = uint8((before + v) / 2)
			}
		}
		left.gradient += c.gradient
		left.rest += c.rest
		before = v
	}
	out.gain = most - alone
	return out
}
