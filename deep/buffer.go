package deep

import "shoal/kernel"

// buffer is the memory of one or several layers' outputs for a whole batch: N images of H×W pixels
// with room for C channels, pixel p at value[p·pitch:].
type buffer struct {
	name    string
	h, w, c int
	pitch   int // C, and a line more where a power of two would share cache sets

	unused      bool // it has no memory: see residual.madeBy
	input       bool // the images: bytes, without a value or gradient of its own
	half        bool // in bfloat16: value16 and grad16 are used, else value and grad
	value, grad []float32

	value16, grad16 []kernel.BF16

	first, last int // the first and the last layer that touch it
	lastBut     int // the one before the last
	touches     int // how often layers touch it

	sum       *residual // whose out this is, if any
	gradOf    *buffer   // whose memory grad is, if not its own: see residual.share
	gradScale []float32 // C: the gradient is grad·gradScale; nil: grad

	moments  bool      // some BatchNorm reads it
	mean     []float64 // C: of the batch, known once all layers that write a channel ran
	variance []float64 // C: biased, as for normalising

	// What the BatchNorms that read the buffer still owe to its gradient: the true gradient is grad
	// + value·owedX + owed1. See norm.backward.
	owes         bool
	owedX, owed1 []float32

	// Channels from gradFrom on have received a gradient in this backward pass.
	gradFrom int
}

func (b *buffer) pixels() int { return b.h * b.w }

// image returns where image i starts.
func (b *buffer) image(i int) int { return i * b.h * b.w * b.pitch }

// owner is the buffer whose memory b's gradient has.
func (b *buffer) owner() *buffer {
	if b.gradOf != nil {
		return b.gradOf
	}
	return b
}

// view is channels off to off+c of a buffer, with a BatchNorm and a ReLU that its readers have yet
// to apply.
type view struct {
	buf    *buffer
	off, c int
	norm   *norm // nil: the plain values
	relu   bool
}

// rectified is v with a ReLU to be applied.
func (v view) rectified() view {
	v.relu = true
	return v
}

// whole says whether v is all channels of its buffer.
func (v view) whole() bool { return v.off == 0 && v.c == v.buf.c }

// pending says whether reading v takes arithmetic.
func (v view) pending() bool { return v.norm != nil || v.relu }

func (v view) at(image, row int) int {
	return v.buf.image(image) + row*v.buf.w*v.buf.pitch + v.off
}

func (v view) values(image, row int) cells {
	return v.buf.cells(v.buf.value, v.buf.value16, v.at(image, row))
}

func (v view) grads(image, row int) cells {
	return v.buf.cells(v.buf.grad, v.buf.grad16, v.at(image, row))
}

// cells are the pixels from element at on of one of the buffer's arrays.
func (b *buffer) cells(floats []float32, halves []kernel.BF16, at int) cells {
	if b.half {
		return cells{halves: kernel.View16{Data: halves[at:], Pitch: b.pitch}}
	}
	return cells{floats: kernel.View{Data: floats[at:], Pitch: b.pitch}}
}

// line returns the pending scale and shift; identity without a BatchNorm.
func (v view) line(r *run) (scale, shift []float32) {
	if v.norm != nil {
		return v.norm.scale, v.norm.shift
	}
	return r.ones[:v.c], r.zeros[:v.c]
}

// read copies pixels of v, with what is pending applied, to dst.
func (v view) read(r *run, dst kernel.View, src cells, pixels int) {
	from := src.floats
	if src.halves.Data != nil {
		r.k.Widen(dst, src.halves, pixels, v.c)
		if !v.pending() {
			return
		}
		from = dst
	}
	scale, shift := v.line(r)
	r.k.ScaleShift(dst, from, kernel.View{}, pixels, v.c, scale, shift, v.relu)
}

// accumulates says whether a gradient for v must be added to the one that is there. Layers read the
// last channels of a buffer and the widest reader comes last, so in the backward pass either all of
// v's channels have one or none has.
func (v view) accumulates() bool {
	b := v.buf
	if b.gradFrom == b.c {
		return false
	}
	if v.off < b.gradFrom {
		panic("deep: " + b.name + " is read by a wider layer before a narrower one")
	}
	return true
}

func (v view) received() { v.buf.gradFrom = min(v.buf.gradFrom, v.off) }

// send takes dy, the gradient of what v reads as, back through the pending ReLU and BatchNorm to
// the buffer, for the pixels of x and dx. The sums that BatchNorm needs are added to sums (first C
// sums of dz, then C of dz·x).
func (v view) send(r *run, s *scratch, dx cells, dy kernel.View, x cells, pixels int, sums []float64, accumulate bool) {
	if !v.buf.half {
		v.sendFloats(r, dx.floats, dy, x.floats, pixels, sums, accumulate)
		return
	}
	n := span(v.c)
	for at := 0; at < pixels; at += n {
		m := min(n, pixels-at)
		to := dx.from(at).halves
		d := kernel.View{Data: s.spanGrad, Pitch: v.c}
		if accumulate {
			r.k.Widen(d, to, m, v.c)
		}
		wide := r.widen(s.spanValue, x.from(at), m, v.c)
		v.sendFloats(r, d, kernel.View{Data: dy.Data[at*dy.Pitch:], Pitch: dy.Pitch}, wide, m, sums, accumulate)
		r.k.Narrow(to, d, m, v.c)
	}
}

// sendFloats is send where all is float32.
func (v view) sendFloats(r *run, dx, dy, x kernel.View, pixels int, sums []float64, accumulate bool) {
	v.addSums(r, dy, x, pixels, sums)
	scale, shift := v.line(r)
	n := kernel.Normalised{Scale: scale, Shift: shift, Linear: !v.relu}
	zeros := r.zeros[:v.c]
	r.k.Backward(dx, dy, x, pixels, v.c, &n, scale, zeros, zeros, accumulate)
}

// addSums adds the sums that v's BatchNorm needs of dy, if it has one.
func (v view) addSums(r *run, dy, x kernel.View, pixels int, sums []float64) {
	if v.norm == nil {
		return
	}
	n := kernel.Normalised{Scale: v.norm.scale, Shift: v.norm.shift, Linear: !v.relu}
	r.k.BackwardSums(sums[:v.c], sums[v.c:], dy, x, pixels, v.c, &n)
}

// finite says whether the plain values of the step's images are.
func (v view) finite(r *run) bool {
	if v.buf.unused {
		return true
	}
	for i := range r.n {
		for p := range v.buf.pixels() {
			if !v.values(i, 0).from(p).finite(v.c) {
				return false
			}
		}
	}
	return true
}

// finite says whether c channels of the first pixel are.
func (x cells) finite(c int) bool {
	if x.halves.Data == nil {
		return allFinite(x.floats.Data[:c])
	}
	for _, v := range x.halves.Data[:c] {
		if !v.Finite() {
			return false
		}
	}
	return true
}

// takeGrad copies the true gradient of pixels of v to dst, which may be g.
func (v view) takeGrad(r *run, s *scratch, dst kernel.View, g, x cells, pixels int) {
	if !v.buf.half {
		v.takeFloats(r, dst, g.floats, x.floats, pixels)
		return
	}
	r.k.Widen(dst, g.halves, pixels, v.c)
	n := span(v.c)
	for at := 0; at < pixels; at += n {
		m := min(n, pixels-at)
		var wide kernel.View
		if v.buf.owes {
			wide = r.widen(s.spanValue, x.from(at), m, v.c)
		}
		part := kernel.View{Data: dst.Data[at*dst.Pitch:], Pitch: dst.Pitch}
		v.takeFloats(r, part, part, wide, m)
	}
}

// takeFloats is takeGrad where all is float32.
func (v view) takeFloats(r *run, dst, g, x kernel.View, pixels int) {
	b := v.buf
	scale := r.ones[:v.c]
	if b.gradScale != nil {
		scale = b.gradScale[v.off:][:v.c]
	}
	if !b.owes {
		r.k.ScaleShift(dst, g, kernel.View{}, pixels, v.c, scale, r.zeros[:v.c], false)
		return
	}
	n := kernel.Normalised{Linear: true}
	r.k.Backward(dst, g, x, pixels, v.c, &n, scale, b.owedX[v.off:][:v.c], b.owed1[v.off:][:v.c], false)
}
