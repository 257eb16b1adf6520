package forest

import (
	"fmt"

	"shoal/shallow/model"
)

// Point is one point of the out-of-bag curve: after a number of trees, the share of the training
// examples that the trees which did not see them get wrong. Examples that every tree has seen so
// far do not count.
type Point struct {
	Trees int     `json:"trees"`
	Error float64 `json:"error"`
}

// collector takes grown trees in any order and judges them in theirs, so that the forest does not
// depend on which worker was quicker.
type collector struct {
	params  Params
	labels  []uint16
	classes int
	opt     model.Options

	waiting map[int]*grown
	trees   []*tree
	sums    []float64 // n×c: shares from the trees that did not see the example
	votes   []uint32  // n: how many those were
	curve   []Point
	best    float64 // error of the best round that counted as an improvement
	idle    int     // rounds since
	stopped bool
}

func newCollector(p Params, train model.Examples, opt model.Options) *collector {
	return &collector{
		params: p, labels: train.Labels, classes: train.Classes, opt: opt,
		waiting: map[int]*grown{},
		sums:    make([]float64, train.Len()*train.Classes),
		votes:   make([]uint32, train.Len()),
	}
}

// put adds tree i and reports whether the forest is complete.
func (c *collector) put(i int, g *grown) (complete bool) {
	c.waiting[i] = g
	for !c.stopped {
		next, ok := c.waiting[len(c.trees)]
		if !ok {
			break
		}
		delete(c.waiting, len(c.trees))
		c.accept(next)
	}
	return c.stopped || len(c.trees) == c.params.Trees
}

// accept adds the next tree of the forest.
func (c *collector) accept(g *grown) {
	c.trees = append(c.trees, g.tree)
	for k, example := range g.example {
		from := int(example) * c.classes
		g.tree.add(int(g.leaf[k]), c.sums[from:from+c.classes])
		c.votes[example]++
	}
	n := len(c.trees)
	if n%c.params.Round == 0 || n == c.params.Trees {
		c.judge()
	}
	c.advance(n)
}

// advance says how many trees there are. How many there will be is known only without early
// stopping.
func (c *collector) advance(trees int) {
	total, note := c.params.Trees, "trees"
	if len(c.curve) > 0 {
		note += fmt.Sprintf(", out-of-bag error %.4f", c.curve[len(c.curve)-1].Error)
	}
	if c.params.Patience > 0 {
		rounds := "a round"
		if c.params.Patience > 1 {
			rounds = fmt.Sprintf("%d rounds", c.params.Patience)
		}
		note += fmt.Sprintf(", until %s of %d improves it by less than %.3g %%", rounds, c.params.Round, 100*c.params.Improvement)
		total = 0
	}
	c.opt.Advance(trees, total, note)
}

// judge ends a round: it extends the curve and decides whether to continue.
func (c *collector) judge() {
	e, ok := c.error()
	if !ok {
		return // every tree saw every example: there is no error to measure
	}
	first := len(c.curve) == 0
	c.curve = append(c.curve, Point{Trees: len(c.trees), Error: e})
	if first || e < c.best*(1-c.params.Improvement) {
		c.best, c.idle = e, 0
		return
	}
	c.idle++
	c.stopped = c.params.Patience > 0 && c.idle >= c.params.Patience
}

// error returns the out-of-bag error of the trees so far.
func (c *collector) error() (share float64, ok bool) {
	wrong, counted := 0, 0
	for i, label := range c.labels {
		if c.votes[i] == 0 {
			continue
		}
		counted++
		sums := c.sums[i*c.classes : (i+1)*c.classes]
		best := 0
		for k, s := range sums {
			if s > sums[best] {
				best = k
			}
		}
		if best != int(label) {
			wrong++
		}
	}
	if counted == 0 {
		return 0, false
	}
	return float64(wrong) / float64(counted), true
}
