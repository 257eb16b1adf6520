package deep

import (
	"slices"

	"shoal/internal/parallel"
	"shoal/kernel"
)

// allocate gives every buffer its memory. Training keeps all values to the end of the step; what is
// needed only from the first layer that touches a buffer to the last, or back, shares memory:
// gradients, and values in evaluation.
func (r *run) allocate() {
	values := make([]placed, len(r.buffers))
	for i, b := range r.buffers {
		if r.training && b.moments {
			b.mean, b.variance = make([]float64, b.c), make([]float64, b.c)
			b.owedX, b.owed1 = make([]float32, b.c), make([]float32, b.c)
		}
		values[i] = placed{buf: b, n: r.length(b), first: b.first, last: b.last}
	}
	if !r.training {
		r.valueBytes = give(values, place, (*buffer).takeValues)
		return
	}
	r.valueBytes = give(values, line, (*buffer).takeValues)
	r.grads = kernel.Aligned(len(r.net.weights))
	r.partial = kernel.Aligned(r.partialLen)
	give(r.gradients(), place, (*buffer).takeGrads)
	for _, b := range r.buffers {
		b.grad, b.grad16 = b.owner().grad, b.owner().grad16
	}
}

// length is how many elements a buffer has.
func (r *run) length(b *buffer) int {
	if b.unused {
		return 0
	}
	return roundUp(r.batch*b.pixels()*b.pitch, 16)
}

// gradients lists the gradients that have memory of their own, with the life of all that share it.
func (r *run) gradients() []placed {
	for i, l := range slices.Backward(r.layers) {
		if p, ok := l.(*residual); ok {
			p.share(i)
		}
	}
	list, at := []placed{}, map[*buffer]int{}
	for _, b := range r.buffers {
		if b.gradOf == nil {
			at[b] = len(list)
			list = append(list, placed{buf: b, n: r.length(b), first: b.first, last: b.last})
		}
	}
	for _, b := range r.buffers {
		own := &list[at[b.owner()]]
		own.first, own.last = min(own.first, b.first), max(own.last, b.last)
	}
	return list
}

func (b *buffer) takeValues(floats []float32, halves []kernel.BF16) {
	b.value, b.value16 = floats, halves
}

func (b *buffer) takeGrads(floats []float32, halves []kernel.BF16) {
	b.grad, b.grad16 = floats, halves
}

// placed is an array of n elements of a buffer that is needed from one layer to another.
type placed struct {
	buf            *buffer
	n, first, last int
	from, to       int // its place in the shared memory
}

// give makes the memory of the arrays, one piece for each format, and hands each its part of what
// layout makes of it. It returns the bytes of both.
func give(list []placed, layout func([]placed) int, take func(*buffer, []float32, []kernel.BF16)) int {
	floats, halves := byFormat(list)
	n, n16 := layout(floats), layout(halves)
	memory, memory16 := kernel.Aligned(n), kernel.Aligned16(n16)
	for _, p := range floats {
		take(p.buf, memory[p.from:p.to:p.to], nil)
	}
	for _, p := range halves {
		take(p.buf, nil, memory16[p.from:p.to:p.to])
	}
	return 4*n + 2*n16
}

// byFormat parts a list by what its buffers hold.
func byFormat(list []placed) (floats, halves []placed) {
	for _, p := range list {
		if p.buf.half {
			halves = append(halves, p)
		} else {
			floats = append(floats, p)
		}
	}
	return floats, halves
}

// Bytes is about how much memory, in bytes, a Trainer with options o takes for the network called name
// on images of shape in, what Score adds included. Nothing is allocated.
func Bytes(name string, in Shape, classes int, o Options) (int64, error) {
	m, err := find(name)
	if err == nil {
		err = m.check(in)
	}
	if err != nil {
		return 0, err
	}
	half := o.Precision == BFloat16
	net := outline(name, m.define, in, classes, false)
	// The weights, their twin for the gradient of inputs, their gradient and the momentum.
	total := 16 * int64(net.ParameterCount())
	values, gradients := planned(net, o.Batch, true, half)
	score, _ := planned(net, 1, false, half)
	perWorker := min(64, max(1, 4*scoreFloats/max(1, score))) * score
	return total + int64(values) + int64(gradients) + int64(parallel.Workers(o.Workers))*int64(perWorker), nil
}

// MultiplyAdds is how many multiply-adds the network called name takes to score one image of shape in,
// as papers count them: those of convolutions and dense layers. Nothing is allocated.
func MultiplyAdds(name string, in Shape, classes int) (int64, error) {
	m, err := find(name)
	if err == nil {
		err = m.check(in)
	}
	if err != nil {
		return 0, err
	}
	return outline(name, m.define, in, classes, false).macs, nil
}

// planned is about the bytes of values and of gradients that a run for so many images will allocate; in
// evaluation by products of pairs less is needed.
func planned(net *Network, batch int, training, half bool) (values, gradients int) {
	b := newBuilder(net, batch, false)
	b.training, b.half = training, half
	net.define(b, b.inputView(), net.Classes).buf.half = false // the logits
	r := &run{net: net, batch: batch, training: training, half: half, layers: b.layers, buffers: b.buffers}
	var list []placed
	for _, buf := range b.buffers {
		list = append(list, placed{buf: buf, n: r.length(buf), first: buf.first, last: buf.last})
	}
	if !training {
		return size(list, place), 0
	}
	return size(list, line), size(r.gradients(), place)
}

// size is the bytes that give would allocate.
func size(list []placed, layout func([]placed) int) int {
	floats, halves := byFormat(list)
	return 4*layout(floats) + 2*layout(halves)
}

// line puts arrays one after another. It returns the elements needed.
func line(list []placed) int {
	total := 0
	for i := range list {
		p := &list[i]
		p.from, p.to = total, total+p.n
		total = p.to
	}
	return total
}

// place lets arrays share memory when they aren't needed at the same time: the largest first, each
// at the lowest place that is free for its life. It returns the elements needed.
func place(list []placed) int {
	order := make([]*placed, len(list))
	for i := range list {
		order[i] = &list[i]
	}
	slices.SortStableFunc(order, func(a, b *placed) int { return b.n - a.n })
	var done []*placed // by from
	total := 0
	for _, p := range order {
		p.from = 0
		for _, q := range done {
			apart := q.last < p.first || p.last < q.first
			if !apart && p.from+p.n > q.from && p.from < q.to {
				p.from = q.to
			}
		}
		p.to = p.from + p.n
		i, _ := slices.BinarySearchFunc(done, p.from, func(q *placed, at int) int { return q.from - at })
		done = slices.Insert(done, i, p)
		total = max(total, p.to)
	}
	return total
}
