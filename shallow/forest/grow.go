package forest

import "slices"

// columns is the training pixels twice: by example, as they came, and by feature. Large nodes read
// columns, where their examples lie close together; small nodes read the few rows that the cache
// still holds.
type columns struct {
	rows     []byte // n×d
	byColumn []byte // d×n
	n, d     int
	classes  int
	labels   []uint16

	rowsBytes int // the constant, but for tests
}

// column returns the n bytes of a feature.
func (c *columns) column(feature uint32) []byte {
	return c.byColumn[int(feature)*c.n:][:c.n]
}

// pixels returns where a node of so many examples reads a feature: that of example i is at
// source[i*stride].
func (c *columns) pixels(feature uint32, examples int) (source []byte, stride int) {
	if examples*c.d <= c.rowsBytes {
		return c.rows[feature:], c.d
	}
	return c.column(feature), 1
}

// limits are the parameters that bound a tree.
type limits struct {
	candidates int // features tried at a node
	maxDepth   int // 0: none
	minLeaf    int
}

// pending is a node that waits to be split.
type pending struct {
	node              int
	bagFrom, bagTo    int // its range of grower.bag
	outFrom, outTo    int // its range of grower.out
	depth, nConstants int // features[:nConstants] are known to be constant
}

// grower is the scratch of one worker.
type grower struct {
	data *columns
	lim  limits

	times    []uint16 // n: how often each example was drawn
	bag      []uint32 // the examples that were drawn, ascending in every node
	packed   []uint32 // beside bag: weight<<16 | class
	out      []uint32 // the examples that were not
	spill    []uint32
	spill2   []uint32
	features []uint32 // a permutation of the d features
	constant []uint32 // the constant ones in the order of finding
	stack    []pending

	items  []item // of one feature at a node
	sorted []item // the same after sorted[0], which stays 0
	total  totals
	last   pending  // the node that total has
	all    []uint16 // c: the classes
	few    []uint16 // those of a small leaf
	hist   *histogram
	counts [32]uint64
	large  [256]uint32

	tree *tree
	rng  random
}

func newGrower(data *columns, lim limits) *grower {
	g := &grower{
		data: data, lim: lim,
		times:    make([]uint16, data.n),
		bag:      make([]uint32, 0, data.n),
		packed:   make([]uint32, 0, data.n),
		out:      make([]uint32, 0, data.n),
		spill:    make([]uint32, data.n),
		spill2:   make([]uint32, data.n),
		features: make([]uint32, data.d),
		constant: make([]uint32, data.d),
		items:    make([]item, data.n),
		sorted:   make([]item, data.n+1),
		total:    totals{table: new([1 << 16]uint64), classes: data.classes, minLeaf: lim.minLeaf},
		all:      make([]uint16, data.classes),
	}
	for class := range g.all {
		g.all[class] = uint16(class)
	}
	if data.n >= histogramFactor*data.classes {
		g.hist = newHistogram(data.classes) // else no node is large enough
	}
	return g
}

// grown is a tree and where its out-of-bag examples fell.
type grown struct {
	tree    *tree
	example []uint32 // out of bag
	leaf    []uint32 // of each
}

// grow grows one tree. stop is called now and then; when it returns true, grow returns nil.
func (g *grower) grow(rng random, stop func() bool) *grown {
	g.rng = rng
	g.tree = &tree{nodes: make([]node, 1, 1024)}
	g.bootstrap()
	clear(g.total.table[:g.total.classes])
	g.last = pending{}
	for i := range g.features {
		g.features[i] = uint32(i)
	}
	result := &grown{tree: g.tree, leaf: make([]uint32, len(g.out))}
	g.stack = append(g.stack[:0], pending{bagTo: len(g.bag), outTo: len(g.out)})
	for steps := 0; len(g.stack) > 0; steps++ {
		if steps&63 == 0 && stop() {
			return nil
		}
		p := g.stack[len(g.stack)-1]
		g.stack = g.stack[:len(g.stack)-1]
		best := split{}
		g.countClasses(p)
		if g.mayDivide(p) {
			best = g.search(&p)
		}
		if best.quality > 0 {
			g.divide(p, best)
			continue
		}
		index := g.tree.addLeaf(g.classesOf(p), g.total.table, g.total.weight)
		g.tree.nodes[p.node] = leaf(index)
		for k := p.outFrom; k < p.outTo; k++ {
			result.leaf[k] = uint32(index)
		}
	}
	result.example = append([]uint32(nil), g.out...)
	return result
}

// bootstrap draws n examples with replacement.
func (g *grower) bootstrap() {
	clear(g.times)
	for range g.data.n {
		g.times[g.rng.below(g.data.n)]++
	}
	g.bag, g.packed, g.out = g.bag[:0], g.packed[:0], g.out[:0]
	for i, w := range g.times {
		if w == 0 {
			g.out = append(g.out, uint32(i))
			continue
		}
		g.bag = append(g.bag, uint32(i))
		g.packed = append(g.packed, uint32(w)<<16|uint32(g.data.labels[i]))
	}
}

// countClasses sets the totals of a node.
func (g *grower) countClasses(p pending) {
	t := &g.total
	if last := g.packed[g.last.bagFrom:g.last.bagTo]; len(last) < t.classes {
		for _, k := range last { // in another order by now
			t.table[uint16(k)] = 0
		}
	} else {
		clear(t.table[:t.classes])
	}
	g.last = p
	t.weight, t.squares = 0, 0
	for _, k := range g.packed[p.bagFrom:p.bagTo] {
		w, c := uint64(k>>16), uint16(k)
		t.squares += w * (2*(t.table[c]>>32) + w)
		t.table[c] += w << 32
		t.weight += w
	}
}

// classesOf returns classes, ascending, that include those of a node.
func (g *grower) classesOf(p pending) []uint16 {
	packed := g.packed[p.bagFrom:p.bagTo]
	if len(packed) >= len(g.all)/8 {
		return g.all
	}
	g.few = g.few[:0]
	for _, k := range packed {
		g.few = append(g.few, uint16(k))
	}
	slices.Sort(g.few)
	g.few = slices.Compact(g.few)
	return g.few
}

// mayDivide reports whether the node's size, depth and classes allow a split.
func (g *grower) mayDivide(p pending) bool {
	return p.bagTo-p.bagFrom >= 2*g.lim.minLeaf &&
		(g.lim.maxDepth == 0 || p.depth < g.lim.maxDepth) &&
		g.total.squares < g.total.weight*g.total.weight
}

// search draws features without replacement and returns the best split. It stops after the number
// of candidates, constant ones included, but not before one feature varied in the node. p learns
// which features are constant.
func (g *grower) search(p *pending) split {
	var best split
	f := g.features
	known := p.nConstants // f[:known] were constant in an ancestor
	drawn := 0            // f[:drawn] are those of them that were drawn
	found := 0            // f[known:known+found] turned out to be constant here
	end := g.data.d       // f[end:] varied and were tried
	perfect := float64(g.total.weight)
	for visited := 0; end > known+found && (visited < g.lim.candidates || visited <= found+drawn); visited++ {
		j := drawn + g.rng.below(end-found-drawn)
		if j < known {
			f[j], f[drawn] = f[drawn], f[j]
			drawn++
			continue
		}
		j += found
		var varies bool
		if best, varies = g.evaluate(p, f[j], best); !varies {
			f[j], f[known+found] = f[known+found], f[j]
			found++
			continue
		}
		end--
		f[j], f[end] = f[end], f[j]
		if best.quality == perfect {
			break // both sides are pure: nothing can be better
		}
	}
	// The constants of ancestors go back to the order in which siblings, still to come, know them;
	// the new ones follow.
	copy(f[:known], g.constant[:known])
	copy(g.constant[known:known+found], f[known:known+found])
	p.nConstants = known + found
	return best
}

// gather puts the node's examples whose byte of a feature is not 0 into g.items and returns their
// number, and whether the feature varies in the node.
func (g *grower) gather(bag, packed []uint32, feature uint32) (n int, varies bool) {
	source, stride := g.data.pixels(feature, len(bag))
	items := g.items[:len(bag)]
	packed = packed[:len(bag)]
	first := source[int(bag[0])*stride]
	var differs byte
	for i, example := range bag {
		v := source[int(example)*stride]
		items[n] = item(v)<<32 | item(packed[i])
		n += int((uint64(v) + 0xff) >> 8) // 1 unless v is 0
		differs |= v ^ first
	}
	return n, differs != 0
}

// rowsBytes is a few times the size of a core's second-level cache: nodes whose rows take no more
// read rows. Found by timing MNIST and CIFAR-10.
const rowsBytes = 3 << 20

// evaluate returns the better of best and the splits of a feature, and reports whether the feature
// varies in the node.
func (g *grower) evaluate(p *pending, feature uint32, best split) (split, bool) {
	bag, packed := g.bag[p.bagFrom:p.bagTo], g.packed[p.bagFrom:p.bagTo]
	n := len(bag)
	if n >= histogramFactor*g.data.classes {
		g.hist.fill(g.data.column(feature), bag, packed, g.lim.minLeaf)
		return g.hist.scan(n, &g.total, best, feature)
	}
	m, varies := g.gather(bag, packed, feature)
	if !varies {
		return best, false
	}
	items, sorted := g.items[:m], g.sorted[:m+1]
	switch {
	case m <= insertionLimit:
		copy(sorted[1:], items)
		sortSmall(sorted[1:])
	case m <= countingLimit:
		sortCounting(items, sorted[1:], &g.counts)
	default:
		sortCountingLarge(items, sorted[1:], &g.large)
	}
	return scanSorted(sorted, n-m, &g.total, best, feature), true
}

// divide makes p an inner node and queues its children.
func (g *grower) divide(p pending, s split) {
	left := len(g.tree.nodes)
	g.tree.nodes = append(g.tree.nodes, 0, 0)
	g.tree.nodes[p.node] = inner(s.feature, s.threshold, left)
	bagMid := p.bagFrom + g.partition(g.bag[p.bagFrom:p.bagTo], g.packed[p.bagFrom:p.bagTo], s)
	outMid := p.outFrom + g.partition(g.out[p.outFrom:p.outTo], nil, s)
	g.stack = append(g.stack,
		pending{left + 1, bagMid, p.bagTo, outMid, p.outTo, p.depth + 1, p.nConstants},
		pending{left, p.bagFrom, bagMid, p.outFrom, outMid, p.depth + 1, p.nConstants})
}

// partition moves the examples that go left to the front, in order on both sides, and returns their
// number. beside, if any, moves along.
func (g *grower) partition(examples, beside []uint32, s split) int {
	source, stride := g.data.pixels(s.feature, len(examples))
	l, r := 0, 0
	for i, example := range examples {
		goesRight := int((uint64(s.threshold) - uint64(source[int(example)*stride])) >> 63)
		g.spill[r] = example
		examples[l] = example
		if beside != nil {
			b := beside[i]
			g.spill2[r] = b
			beside[l] = b
		}
		r += goesRight
		l += 1 - goesRight
	}
	copy(examples[l:], g.spill[:r])
	if beside != nil {
		copy(beside[l:], g.spill2[:r])
	}
	return l
}
