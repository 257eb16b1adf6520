package forest

import (
	"fmt"
	"slices"

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
	params Params
	labels []uint16
	opt    model.Options

	waiting map[int]*grown
	trees   []*tree
	sums    []tally  // n: shares from the trees that did not see the example
	votes   []uint32 // n: how many those were
	curve   []Point
	best    float64 // error of the best round that counted as an improvement
	idle    int     // rounds since
	stopped bool

	bytes, room int64 // what trees and sums take, and may take; room 0: anything
	full        bool  // they take more
}

// newCollector returns a collector whose trees and sums may take room bytes, 0 for any number.
func newCollector(p Params, train model.Examples, opt model.Options, room int64) *collector {
	return &collector{
		params: p, labels: train.Labels, opt: opt, room: room,
		waiting: map[int]*grown{},
		sums:    make([]tally, train.Len()),
		votes:   make([]uint32, train.Len()),
	}
}

// tally is sums of shares by class, ascending: few of many classes ever get one of an example's.
type tally []entry

type entry struct {
	sum   float64
	class uint16
}

// entryBytes is what an entry takes, half of it free room as slices grow.
const entryBytes = 32

// add adds shares of classes, which ascend, and returns how many of them are new.
func (t *tally) add(class []uint16, share []float32) (added int) {
	i := 0
	for k, c := range class {
		for i < len(*t) && (*t)[i].class < c {
			i++
		}
		if i == len(*t) || (*t)[i].class != c {
			*t = slices.Insert(*t, i, entry{class: c})
			added++
		}
		(*t)[i].sum += float64(share[k])
	}
	return added
}

// winner returns the class with the largest sum, the lowest among equals.
func (t tally) winner() uint16 {
	best := entry{}
	for _, e := range t {
		if e.sum > best.sum {
			best = e
		}
	}
	return best.class
}

// put adds tree i and reports whether the forest is complete.
func (c *collector) put(i int, g *grown) (complete bool) {
	c.waiting[i] = g
	for !c.stopped && !c.full {
		next, ok := c.waiting[len(c.trees)]
		if !ok {
			break
		}
		delete(c.waiting, len(c.trees))
		c.accept(next)
	}
	return c.stopped || c.full || len(c.trees) == c.params.Trees
}

// accept adds the next tree of the forest.
func (c *collector) accept(g *grown) {
	c.trees = append(c.trees, g.tree)
	c.bytes += 2 * g.tree.bytes() // the collector lets as much again become garbage
	for k, example := range g.example {
		c.bytes += entryBytes * int64(c.sums[example].add(g.tree.shares(g.leaf[k])))
		c.votes[example]++
	}
	if c.full = c.room > 0 && c.bytes > c.room; c.full {
		return
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

// warnings are those of the examples, and of an early stopping that had nothing to go by.
func (c *collector) warnings(train model.Examples) []string {
	out := train.Warnings()
	if c.params.Patience > 0 && len(c.curve) == 0 {
		out = append(out, fmt.Sprintf("all %d trees were grown: every tree has seen every example, so there is no out-of-bag error to stop by", len(c.trees)))
	}
	return out
}

// error returns the out-of-bag error of the trees so far.
func (c *collector) error() (share float64, ok bool) {
	wrong, counted := 0, 0
	for i, label := range c.labels {
		if c.votes[i] == 0 {
			continue
		}
		counted++
		if c.sums[i].winner() != label {
			wrong++
		}
	}
	if counted == 0 {
		return 0, false
	}
	return float64(wrong) / float64(counted), true
}
