package kernel

// take returns s[:n]. It panics if s is shorter, even if there is room behind it.
func take[T any](s []T, n int) []T { return s[:n:len(s)] }

// Fill sets all of x to v. Copying what is already set is many times faster than a loop.
func Fill(x []float32, v float32) {
	if len(x) == 0 {
		return
	}
	x[0] = v
	for done := 1; done < len(x); done *= 2 {
		copy(x[done:], x[:done])
	}
}

// ReLU sets dst[i] = max(0, src[i]) for i < len(src); NaN stays. dst may be src. It panics if dst
// is shorter.
func (k Kernels) ReLU(dst, src []float32) {
	dst = take(dst, len(src))
	if k.level != Portable && len(src) > 0 {
		vectorReLU(k.level, dst, src)
		return
	}
	relu32(dst, src)
}

// ReLUBackward sets dst[i] = dy[i] where y[i] > 0, else 0, for i < len(y). dst may be dy. It panics
// if dst or dy is shorter.
func (k Kernels) ReLUBackward(dst, dy, y []float32) {
	dst, dy = take(dst, len(y)), take(dy, len(y))
	if k.level != Portable && len(y) > 0 {
		vectorReLUBackward(k.level, dst, dy, y)
		return
	}
	for i, v := range y {
		if v > 0 {
			dst[i] = dy[i]
		} else {
			dst[i] = 0
		}
	}
}

// AddScaled sets y[i] = x[i]·a + y[i] with one rounding, for i < len(x). It panics if y is shorter.
func (k Kernels) AddScaled(y, x []float32, a float32) {
	y = take(y, len(x))
	if k.level != Portable && len(x) > 0 {
		vectorAddScaled(k.level, y, x, a)
		return
	}
	for i, v := range x {
		y[i] = fma(v, a, y[i])
	}
}

// SquaredNorm returns the sum of x[i]². Lane l of 64 sums the elements with i mod 64 = l by fused
// multiply-adds; then lane l takes lane l+32, l+16, … l+1.
func (k Kernels) SquaredNorm(x []float32) float32 {
	if k.level != Portable && len(x) > 0 {
		return vectorSquaredNorm(k.level, x)
	}
	var lane [normLanes]float32
	return finishNorm(&lane, x)
}

// finishNorm adds the squares of x, of which lane 0 is the first, and folds the lanes.
func finishNorm(lane *[normLanes]float32, x []float32) float32 {
	for i, v := range x {
		lane[i%normLanes] = fma(v, v, lane[i%normLanes])
	}
	for h := normLanes / 2; h > 0; h /= 2 {
		for l := range h {
			lane[l] += lane[l+h]
		}
	}
	return lane[0]
}

// SGD is a step of stochastic gradient descent as PyTorch defines it.
type SGD struct {
	LearningRate, Momentum, WeightDecay float32
	Nesterov                            bool
}

// Update moves the weights w against their gradient g, one pass, for i < len(w):
//
//	d    = w·WeightDecay + g             (one rounding)
//	v[i] = v·Momentum + d                (one rounding)
//	d    = v[i]·Momentum + d if Nesterov, else v[i]
//	w[i] = w - LearningRate·d            (one rounding)
//
// v starts as zeros, which makes the first step PyTorch's. g is only read. It panics if v or g is
// shorter than w.
func (k Kernels) Update(w, v, g []float32, s SGD) {
	v, g = take(v, len(w)), take(g, len(w))
	if k.level != Portable && len(w) > 0 {
		vectorUpdate(k.level, w, v, g, s)
		return
	}
	for i, x := range w {
		d := fma(x, s.WeightDecay, g[i])
		v[i] = fma(v[i], s.Momentum, d)
		if s.Nesterov {
			d = fma(v[i], s.Momentum, d)
		} else {
			d = v[i]
		}
		w[i] = fma(-s.LearningRate, d, x)
	}
}

// FromBytes sets dst[i] = src[i]·scale[c] + shift[c] with one rounding, where c = i mod len(scale):
// bytes of interleaved channels to normalised float32. For (p/255 - mean)/std, scale is 1/(255·std)
// and shift is -mean/std. It panics if dst is shorter than src or shift than scale, or if scale is
// empty.
func (k Kernels) FromBytes(dst []float32, src []byte, scale, shift []float32) {
	dst, shift = take(dst, len(src)), take(shift, len(scale))
	if len(scale) == 0 {
		panic("kernel: FromBytes without channels")
	}
	if k.level == Portable {
		fromBytes(dst, src, scale, shift)
		return
	}
	done := vectorFromBytes(k.level, dst, src, scale, shift)
	if done == 0 && len(scale) >= fromBytesColumns {
		for ; done+len(scale) <= len(src); done += len(scale) {
			row, end := done+len(scale)&^(fromBytesColumns-1), done+len(scale)
			vectorFromBytesRow(k.level, dst[done:row], src[done:row], scale, shift)
			fromBytes(dst[row:end], src[row:end], scale[row-done:], shift[row-done:])
		}
	}
	fromBytes(dst[done:], src[done:], scale, shift)
}

// fromBytesColumns is what the vector code of FromBytes converts at once: a row of a multiple of it.
const fromBytesColumns = 16

// fromBytes is FromBytes in portable code.
func fromBytes(dst []float32, src []byte, scale, shift []float32) {
	for i := 0; i < len(src); i += len(scale) {
		for c := range min(len(scale), len(src)-i) {
			dst[i+c] = fma(float32(src[i+c]), scale[c], shift[c])
		}
	}
}
