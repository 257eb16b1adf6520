package svm

import (
	"slices"
	"sync"
)

// The kernel rows of a pair of classes have two segments: the row's own class and the other one. An
// own segment serves every pair that the class takes part in, so it is kept where all lanes see it
// (ownRows); a cross segment serves one pair alone, so it is kept by the lane that solves the pair
// (laneRows) and dropped with it. Which segments are cached changes no value: a kernel value has
// the same bits whenever it is computed.

// ownRows keeps segments of kernel rows against the rows' own class.
type ownRows struct {
	mu      sync.Mutex
	rows    [][][]float32 // class, row: the segment or nil
	pending []int         // class: pairs that still need it
	free    [][]float32   // segments of classes that are done
	left    int           // segments that may still be allocated
	slot    int           // floats of a segment
}

func newOwnRows(sizes []int, slot, segments int) *ownRows {
	o := &ownRows{slot: slot, left: segments}
	for _, n := range sizes {
		o.rows = append(o.rows, make([][]float32, n))
		o.pending = append(o.pending, len(sizes)-1)
	}
	return o
}

// look returns the segment of a row, or nil.
func (o *ownRows) look(class, row int) []float32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.rows[class][row]
}

// space returns an empty segment, or nil when the store is full.
func (o *ownRows) space() []float32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(o.free); n > 0 {
		s := o.free[n-1]
		o.free = o.free[:n-1]
		return s
	}
	if o.left == 0 {
		return nil
	}
	o.left--
	return make([]float32, o.slot)
}

// publish makes a filled segment visible and returns the one that stays: when another lane was
// first that is the other's, with the same values, and s goes back to be filled by anyone.
func (o *ownRows) publish(class, row int, s []float32) []float32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if first := o.rows[class][row]; first != nil {
		o.free = append(o.free, s)
		return first
	}
	o.rows[class][row] = s
	return s
}

// leave says that a pair with this class is solved. After the last one its segments go to other
// classes.
func (o *ownRows) leave(class int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pending[class]--; o.pending[class] > 0 {
		return
	}
	for _, s := range o.rows[class] {
		if s != nil {
			o.free = append(o.free, s)
		}
	}
	o.rows[class] = nil
}

// laneRows is a bounded cache of the segments of one pair, the least recently used one being
// evicted first.
type laneRows struct {
	slots [][]float32 // allocated when first needed
	// key[s] is the segment in slot s, or -1; slotOf the inverse.
	key    []int
	slotOf []int32
	// next and prev close a ring through the slots and a head at index len(slots), in order of use,
	// the most recent one first.
	next, prev []int32
	width      int // floats of a segment
}

func newLaneRows(slots, width int) *laneRows {
	return &laneRows{
		slots: make([][]float32, slots), width: width,
		next: make([]int32, slots+1), prev: make([]int32, slots+1),
	}
}

// reset forgets all segments and prepares for keys below n.
func (c *laneRows) reset(n int) {
	c.key, c.slotOf = slices.Repeat([]int{-1}, len(c.slots)), slices.Repeat([]int32{-1}, n)
	ring := len(c.slots) + 1
	for s := range ring {
		c.next[s], c.prev[s] = int32((s+1)%ring), int32((s+ring-1)%ring)
	}
}

// look returns a segment and marks it used, or nil.
func (c *laneRows) look(key int) []float32 {
	s := c.slotOf[key]
	if s < 0 {
		return nil
	}
	c.touch(s)
	return c.slots[s]
}

// put returns the space for a segment, taken from the least recently used one.
func (c *laneRows) put(key int) []float32 {
	s := c.prev[len(c.slots)]
	if old := c.key[s]; old >= 0 {
		c.slotOf[old] = -1
	}
	c.key[s], c.slotOf[key] = key, s
	if c.slots[s] == nil {
		c.slots[s] = make([]float32, c.width)
	}
	c.touch(s)
	return c.slots[s]
}

func (c *laneRows) touch(s int32) {
	head := int32(len(c.slots))
	c.next[c.prev[s]], c.prev[c.next[s]] = c.next[s], c.prev[s]
	first := c.next[head]
	c.next[head], c.prev[s], c.next[s], c.prev[first] = s, head, first, s
}

// side is one class of the pair being solved.
type side struct {
	class  int // index among the classes present
	panels panels
	first  int // position of its first variable
}
