package svm

import "shoal/internal/parallel"

// pairRows hands out kernel rows of the pair of classes that a lane solves.
//
// Variables are numbered through both classes, each padded to whole panels: variable v of the
// second class is at sides[1].first + its row.
type pairRows struct {
	t     *training
	sides [2]side
	n     int // variables, padding included
	lane  *laneRows
	batch *batch
	inner int // workers inside one product
	// Scratch of load: the rows asked for, their segments against either side.
	seg     [2][][]float32
	missing []int // positions in the chunk
	shared  []bool
	target  [][]float32
}

func newPairRows(t *training, slots, inner int) *pairRows {
	return &pairRows{
		t: t, inner: inner,
		lane:  newLaneRows(slots, t.own.slot),
		batch: newBatch(t.features, t.examples.Floats()),
	}
}

// begin turns to the pair of classes a and b.
func (p *pairRows) begin(a, b int) {
	p.sides[0] = side{a, p.t.panels[a], 0}
	p.sides[1] = side{b, p.t.panels[b], p.t.panels[a].Width()}
	p.n = p.sides[1].first + p.t.panels[b].Width()
	p.lane.reset(2 * p.n)
}

// sideOf returns which class variable v belongs to and its row there.
func (p *pairRows) sideOf(v int32) (s, row int) {
	if int(v) < p.sides[1].first {
		return 0, int(v)
	}
	return 1, int(v) - p.sides[1].first
}

// visit calls use for consecutive parts of the variables, as many at a time as the cache holds.
// seg[s][r] is the kernel row of variable list[from+r] against side s, valid until use returns.
func (p *pairRows) visit(list []int32, use func(from, to int, seg [2][][]float32)) {
	step := len(p.lane.slots) / 2
	for from := 0; from < len(list); from += step {
		to := min(from+step, len(list))
		p.load(list[from:to])
		use(from, to, p.seg)
	}
}

// load fills p.seg for the variables, computing what no cache has. Segments in use are touched
// before space is taken, and there is space for all, so none of them is evicted.
func (p *pairRows) load(list []int32) {
	for s := range p.seg {
		p.seg[s] = p.seg[s][:0]
	}
	for _, v := range list {
		mine, row := p.sideOf(v)
		var seg [2][]float32
		if seg[mine] = p.t.own.look(p.sides[mine].class, row); seg[mine] == nil {
			seg[mine] = p.lane.look(int(v))
		}
		seg[1-mine] = p.lane.look(p.n + int(v))
		p.seg[0], p.seg[1] = append(p.seg[0], seg[0]), append(p.seg[1], seg[1])
	}
	for of := range 2 {
		for against := range 2 {
			p.compute(list, of, against)
		}
	}
}

// compute fills the missing segments of the variables of one side against another.
func (p *pairRows) compute(list []int32, of, against int) {
	p.missing, p.shared, p.target = p.missing[:0], p.shared[:0], p.target[:0]
	p.batch.reset()
	for r, v := range list {
		mine, row := p.sideOf(v)
		if mine != of || p.seg[against][r] != nil {
			continue
		}
		var space []float32
		if of == against {
			space = p.t.own.space()
		}
		p.shared = append(p.shared, len(space) > 0)
		if len(space) == 0 {
			key := int(v)
			if of != against {
				key += p.n
			}
			space = p.lane.put(key)
		}
		p.seg[against][r] = space
		p.missing, p.target = append(p.missing, r), append(p.target, space)
		p.batch.add(p.t.examples, p.t.example(p.sides[of].class, row))
	}
	if len(p.missing) == 0 {
		return
	}
	p.product(p.sides[against].panels)
	for k, r := range p.missing {
		if p.shared[k] {
			_, row := p.sideOf(list[r])
			p.seg[against][r] = p.t.own.publish(p.sides[of].class, row, p.seg[against][r])
		}
	}
}

// product multiplies the batch with the panels, split over the panels.
func (p *pairRows) product(panels panels) {
	const part = 8
	p.batch.pack()
	parts := (panels.Panels() + part - 1) / part
	parallel.For(p.inner, parts, func(_, k int) {
		panels.rows(p.t.kernel, p.batch, p.target, k*part, min((k+1)*part, panels.Panels()))
	})
}
