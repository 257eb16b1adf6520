package kernel

import "fmt"

// View is a picture of pixels × channels inside a larger buffer: channel c of pixel p is
// Data[p·Pitch + c].
type View struct {
	Data  []float32
	Pitch int
}

// check panics unless v holds the given pixels and channels.
func (v View) check(name string, pixels, channels int) {
	checkView(name, len(v.Data), v.Pitch, pixels, channels)
}

// ScaleShift applies a per-channel line, an optional addend and an optional ReLU:
//
//	z = src[p,c]·scale[c] + shift[c]      (one rounding)
//	z = z + add[p,c]                      (if add.Data is not nil)
//	dst[p,c] = max(0, z) if relu, else z  (NaN stays NaN)
//
// dst may be src or add with the same pitch. It panics if a slice is too short.
func (k Kernels) ScaleShift(dst, src, add View, pixels, channels int, scale, shift []float32, relu bool) {
	dst.check("dst", pixels, channels)
	src.check("src", pixels, channels)
	if add.Data != nil {
		add.check("add", pixels, channels)
	}
	scale, shift = take(scale, channels), take(shift, channels)
	if pixels == 0 || channels == 0 {
		return
	}
	if k.level != Portable {
		vectorScaleShift(k.level, dst, src, add, pixels, channels, scale, shift, relu)
		return
	}
	for p := range pixels {
		d := dst.Data[p*dst.Pitch:][:channels]
		s := src.Data[p*src.Pitch:][:channels]
		var a []float32
		if add.Data != nil {
			a = add.Data[p*add.Pitch:][:channels]
		}
		for c, x := range s {
			z := fma(x, scale[c], shift[c])
			if a != nil {
				z += a[c]
			}
			d[c] = z
		}
		if relu {
			relu32(d, d)
		}
	}
}

// relu32 is the scalar rectifier: NaN and -0 pass.
func relu32(dst, src []float32) {
	for i, z := range src {
		if 0 > z {
			z = 0
		}
		dst[i] = z
	}
}

// ChannelSums adds to sum[c] and square[c] the sum of src[p,c] and of its square, in float64, p
// ascending. It panics if a slice is too short.
func (k Kernels) ChannelSums(sum, square []float64, src View, pixels, channels int) {
	src.check("src", pixels, channels)
	sum, square = take(sum, channels), take(square, channels)
	if pixels == 0 || channels == 0 {
		return
	}
	if k.level != Portable {
		vectorChannelSums(k.level, sum, square, src, pixels, channels)
		return
	}
	for p := range pixels {
		for c, x := range src.Data[p*src.Pitch:][:channels] {
			sum[c] += float64(x)
			square[c] += float64(x) * float64(x) // the product is exact, so fusing can't change it
		}
	}
}

// Normalised describes a per-channel line that was followed by a ReLU, for the backward pass: z =
// x·Scale[c] + Shift[c], y = max(0, z). With Linear the ReLU was left out, and Scale and Shift
// aren't read. dz below is the gradient that has come through the ReLU: dy where z > 0, else 0.
type Normalised struct {
	Scale, Shift []float32
	Linear       bool
}

// check panics if the line is too short.
func (n *Normalised) check(channels int) {
	if !n.Linear && min(len(n.Scale), len(n.Shift)) < channels {
		panic(fmt.Sprintf("kernel: a line of %d and %d channels, want %d", len(n.Scale), len(n.Shift), channels))
	}
}

// pass returns dz.
func (n *Normalised) pass(dy, x float32, c int) float32 {
	if n.Linear || fma(x, n.Scale[c], n.Shift[c]) > 0 {
		return dy
	}
	return 0
}

// BackwardSums adds to sum[c] the sum of dz[p,c] and to dot[c] the sum of dz[p,c]·x[p,c], in
// float64, p ascending. These two are what BatchNorm's backward pass needs to know of the whole
// batch. It panics if a slice is too short.
func (k Kernels) BackwardSums(sum, dot []float64, dy, x View, pixels, channels int, n *Normalised) {
	dy.check("dy", pixels, channels)
	x.check("x", pixels, channels)
	sum, dot = take(sum, channels), take(dot, channels)
	if pixels == 0 || channels == 0 {
		return
	}
	n.check(channels)
	if k.level != Portable {
		vectorBackwardSums(k.level, sum, dot, dy, x, pixels, channels, n)
		return
	}
	for p := range pixels {
		d := dy.Data[p*dy.Pitch:][:channels]
		for c, v := range x.Data[p*x.Pitch:][:channels] {
			dz := n.pass(d[c], v, c)
			sum[c] += float64(dz)
			dot[c] += float64(dz) * float64(v)
		}
	}
}

// Backward computes the gradient of x,
//
//	g = dz[p,c]·P[c] + (x[p,c]·Q[c] + R[c])      (two fused multiply-adds)
//	dx[p,c] = g, or dx[p,c] + g if accumulate
//
// For BatchNorm over m values with mean µ, 1/σ = s, and the sums S of dz and T of dz·x: P = γs, Q =
// -γs³·(T-µS)/m, R = -γs·S/m - µQ. dx may be dy. It panics if a slice is too short.
func (k Kernels) Backward(dx, dy, x View, pixels, channels int, n *Normalised, p, q, r []float32, accumulate bool) {
	dx.check("dx", pixels, channels)
	dy.check("dy", pixels, channels)
	x.check("x", pixels, channels)
	p, q, r = take(p, channels), take(q, channels), take(r, channels)
	if pixels == 0 || channels == 0 {
		return
	}
	n.check(channels)
	if k.level != Portable {
		vectorBackward(k.level, dx, dy, x, pixels, channels, n, p, q, r, accumulate)
		return
	}
	for i := range pixels {
		out := dx.Data[i*dx.Pitch:][:channels]
		d := dy.Data[i*dy.Pitch:][:channels]
		for c, v := range x.Data[i*x.Pitch:][:channels] {
			g := fma(n.pass(d[c], v, c), p[c], fma(v, q[c], r[c]))
			if accumulate {
				g += out[c]
			}
			out[c] = g
		}
	}
}
