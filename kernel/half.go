package kernel

import "fmt"

// Passes over pictures in bfloat16. Their arithmetic is in float32 (that of sums in float64), and what
// they store is rounded by ToBF16. Assembly for them needs the instructions that round, so the levels of
// machines without them run the portable code.

// ScaleShift16 is ScaleShift between pictures in bfloat16, without an addend:
//
//	dst[p,c] = ToBF16(max(0, src[p,c]·scale[c] + shift[c])), without the max unless relu
//
// dst may be src with the same pitch. It panics if a slice is too short.
func (k Kernels) ScaleShift16(dst, src View16, pixels, channels int, scale, shift []float32, relu bool) {
	dst.check("dst", pixels, channels)
	src.check("src", pixels, channels)
	scale, shift = take(scale, channels), take(shift, channels)
	if pixels == 0 || channels == 0 {
		return
	}
	if k.rounds() {
		vectorScaleShift16(dst, src, pixels, channels, scale, shift, relu)
		return
	}
	for p := range pixels {
		d := dst.Data[p*dst.Pitch:][:channels]
		for c, x := range src.Data[p*src.Pitch:][:channels] {
			d[c] = ToBF16(rectified(fma(x.Float32(), scale[c], shift[c]), relu))
		}
	}
}

// rectified is max(0, z) if relu, else z. NaN stays NaN.
func rectified(z float32, relu bool) float32 {
	if relu && 0 > z {
		return 0
	}
	return z
}

// AddLines16 adds two pictures, each after a line of its own:
//
//	dst[p,c] = ToBF16(max(0, (a[p,c]·scaleA[c] + shiftA[c]) + (b[p,c]·scaleB[c] + shiftB[c])))
//
// without the max unless relu. dst may be a or b with the same pitch. It panics if a slice is too short.
func (k Kernels) AddLines16(dst, a, b View16, pixels, channels int, scaleA, shiftA, scaleB, shiftB []float32, relu bool) {
	a.check("a", pixels, channels)
	scaleA, shiftA = take(scaleA, channels), take(shiftA, channels)
	scaleB, shiftB = checkSum(dst, b, pixels, channels, scaleB, shiftB)
	if pixels == 0 || channels == 0 {
		return
	}
	if k.rounds() {
		vectorAddLines16(dst, a, b, pixels, channels, scaleA, shiftA, scaleB, shiftB, relu)
		return
	}
	for p := range pixels {
		d, u, v := dst.Data[p*dst.Pitch:][:channels], a.Data[p*a.Pitch:][:channels], b.Data[p*b.Pitch:][:channels]
		for c := range channels {
			d[c] = sumOfLines(u[c], v[c], scaleA[c], shiftA[c], scaleB[c], shiftB[c], relu)
		}
	}
}

// checkSum checks what sums of lines share, and cuts the second line.
func checkSum(dst, b View16, pixels, channels int, scale, shift []float32) ([]float32, []float32) {
	dst.check("dst", pixels, channels)
	b.check("b", pixels, channels)
	return take(scale, channels), take(shift, channels)
}

// sumOfLines is one value of a sum of lines.
func sumOfLines(a, b BF16, scaleA, shiftA, scaleB, shiftB float32, relu bool) BF16 {
	return ToBF16(rectified(fma(a.Float32(), scaleA, shiftA)+fma(b.Float32(), scaleB, shiftB), relu))
}

// NarrowAddLines16 is AddLines16 of a picture that is yet to be rounded to bfloat16:
//
//	dst[p,c] = ToBF16(max(0, (ToBF16(a[p,c])·scaleA[c] + shiftA[c]) + (b[p,c]·scaleB[c] + shiftB[c])))
//
// without the max unless relu. It panics if a slice is too short.
func (k Kernels) NarrowAddLines16(dst View16, a View, b View16, pixels, channels int, scaleA, shiftA, scaleB, shiftB []float32, relu bool) {
	a.check("a", pixels, channels)
	scaleA, shiftA = take(scaleA, channels), take(shiftA, channels)
	scaleB, shiftB = checkSum(dst, b, pixels, channels, scaleB, shiftB)
	if pixels == 0 || channels == 0 {
		return
	}
	if k.rounds() {
		vectorNarrowAddLines16(dst, a, b, pixels, channels, scaleA, shiftA, scaleB, shiftB, relu)
		return
	}
	for p := range pixels {
		d, u, v := dst.Data[p*dst.Pitch:][:channels], a.Data[p*a.Pitch:][:channels], b.Data[p*b.Pitch:][:channels]
		for c := range channels {
			d[c] = sumOfLines(ToBF16(u[c]), v[c], scaleA[c], shiftA[c], scaleB[c], shiftB[c], relu)
		}
	}
}

// AverageLines16 is the mean of four pictures after one line:
//
//	dst[p,c] = ToBF16(Σ_k max(0, src[k][p,c]·scale[c] + shift[c])/4), without the max unless relu
//
// The sum is of fused multiply-adds, k ascending. It panics if a slice is too short.
func (k Kernels) AverageLines16(dst View16, src *[4]View16, pixels, channels int, scale, shift []float32, relu bool) {
	dst.check("dst", pixels, channels)
	for _, v := range src {
		v.check("src", pixels, channels)
	}
	scale, shift = take(scale, channels), take(shift, channels)
	if pixels == 0 || channels == 0 {
		return
	}
	if k.rounds() {
		vectorAverageLines16(dst, src, pixels, channels, scale, shift, relu)
		return
	}
	for p := range pixels {
		d := dst.Data[p*dst.Pitch:][:channels]
		for c := range d {
			var sum float32
			for _, v := range src {
				sum = fma(rectified(fma(v.Data[p*v.Pitch+c].Float32(), scale[c], shift[c]), relu), 0.25, sum)
			}
			d[c] = ToBF16(sum)
		}
	}
}

// NarrowSums is Narrow, and then ChannelSums of what was stored. It panics if a slice is too short.
func (k Kernels) NarrowSums(sum, square []float64, dst View16, src View, pixels, channels int) {
	dst.check("dst", pixels, channels)
	src.check("src", pixels, channels)
	sum, square = take(sum, channels), take(square, channels)
	if pixels == 0 || channels == 0 {
		return
	}
	if k.rounds() {
		vectorNarrowSums(sum, square, dst, src, pixels, channels)
		return
	}
	for p := range pixels {
		d := dst.Data[p*dst.Pitch:][:channels]
		for c, x := range src.Data[p*src.Pitch:][:channels] {
			d[c] = ToBF16(x)
			v := float64(d[c].Float32())
			sum[c] += v
			square[c] += float64(v * v)
		}
	}
}

// Sums16 is BackwardSums of pictures in bfloat16, without a ReLU: it adds to sum[c] the sum of dy[p,c]
// and to dot[c] that of dy[p,c]·x[p,c], in float64, p ascending. It panics if a slice is too short.
func (k Kernels) Sums16(sum, dot []float64, dy, x View16, pixels, channels int) {
	dy.check("dy", pixels, channels)
	x.check("x", pixels, channels)
	sum, dot = take(sum, channels), take(dot, channels)
	if pixels == 0 || channels == 0 {
		return
	}
	if k.rounds() {
		vectorSums16(sum, dot, dy, x, pixels, channels)
		return
	}
	for p := range pixels {
		d := dy.Data[p*dy.Pitch:][:channels]
		for c, v := range x.Data[p*x.Pitch:][:channels] {
			dz := float64(d[c].Float32())
			sum[c] += dz
			dot[c] += float64(dz * float64(v.Float32()))
		}
	}
}

// Backward16 computes the gradient of x through a ReLU and a line with the slopes P, of pictures in
// bfloat16 but for dy, and with sums of it, unless sum is nil, what BackwardSums does:
//
//	dx[p,c] = ToBF16(dz[p,c]·P[c] + 0), or ToBF16(dz[p,c]·P[c] + dx[p,c]) if accumulate
//
// It panics if a slice is too short.
func (k Kernels) Backward16(sum, dot []float64, dx View16, dy View, x View16, pixels, channels int, n *Normalised, p []float32, accumulate bool) {
	dx.check("dx", pixels, channels)
	dy.check("dy", pixels, channels)
	x.check("x", pixels, channels)
	p = take(p, channels)
	if sum != nil {
		sum, dot = take(sum, channels), take(dot, channels)
	}
	if pixels == 0 || channels == 0 {
		return
	}
	n.check(channels)
	if k.rounds() {
		vectorBackward16(sum, dot, dx, dy, x, pixels, channels, n, p, accumulate)
		return
	}
	for i := range pixels {
		out, d := dx.Data[i*dx.Pitch:][:channels], dy.Data[i*dy.Pitch:][:channels]
		for c, v := range x.Data[i*x.Pitch:][:channels] {
			dz := n.pass(d[c], v.Float32(), c)
			if sum != nil {
				sum[c] += float64(dz)
				dot[c] += float64(float64(dz) * float64(v.Float32()))
			}
			g := fma(dz, p[c], 0)
			if accumulate {
				g += out[c].Float32()
			}
			out[c] = ToBF16(g)
		}
	}
}

// Owed16 completes a gradient by a line in x, and stops it where a ReLU made x zero:
//
//	dst[p,c] = ToBF16(dy[p,c]·P[c] + (x[p,c]·Q[c] + R[c]))  (two fused multiply-adds)
//	dst[p,c] = 0 if relu, unless x[p,c] > 0
//
// dst may be dy with the same pitch. It panics if a slice is too short.
func (k Kernels) Owed16(dst, dy, x View16, pixels, channels int, p, q, r []float32, relu bool) {
	dst.check("dst", pixels, channels)
	dy.check("dy", pixels, channels)
	x.check("x", pixels, channels)
	p, q, r = take(p, channels), take(q, channels), take(r, channels)
	if pixels == 0 || channels == 0 {
		return
	}
	if k.rounds() {
		vectorOwed16(dst, dy, x, pixels, channels, p, q, r, relu)
		return
	}
	for i := range pixels {
		out, d := dst.Data[i*dst.Pitch:][:channels], dy.Data[i*dy.Pitch:][:channels]
		for c, v := range x.Data[i*x.Pitch:][:channels] {
			g := fma(d[c].Float32(), p[c], fma(v.Float32(), q[c], r[c]))
			if relu && !(v.Float32() > 0) {
				g = 0
			}
			out[c] = ToBF16(g)
		}
	}
}

// CoupledLen is the length of a panel of so many pixels as Couple writes it.
func CoupledLen(pixels int) int { return (pixels + 1) / 2 * 2 * PanelWidth }

// Couple lays pixels out as the B of a Product16 that sums over them, in panels of 32 channels:
// dst[(c/32)·panel + (p/2)·64 + 2·(c%32) + p%2] = src[p,c]; zeros fill the last panel, and the last pair
// of an odd number of pixels. It panics if a slice is too short.
func (k Kernels) Couple(dst []BF16, panel int, src View16, pixels, channels int) {
	src.check("src", pixels, channels)
	if pixels <= 0 || channels <= 0 {
		return
	}
	dst = take(dst, (channels-1)/PanelWidth*panel+CoupledLen(pixels))
	done := 0
	if k.rounds() && pixels > 1 {
		vectorCouple(dst, panel, src, pixels/2, channels)
		done = pixels &^ 1
	}
	for p := done; p < pixels; p += 2 {
		for c := range (channels + PanelWidth - 1) / PanelWidth * PanelWidth {
			to := dst[c/PanelWidth*panel+p*PanelWidth+2*(c%PanelWidth):][:2]
			to[0], to[1] = 0, 0
			if c >= channels {
				continue
			}
			to[0] = src.Data[p*src.Pitch+c]
			if p+1 < pixels {
				to[1] = src.Data[(p+1)*src.Pitch+c]
			}
		}
	}
}

// turnBlock is how many pixels Turn takes at once.
const turnBlock = 32

// TurnedLen is what Turn writes for each channel of so many pixels: the next multiple of 32.
func TurnedLen(pixels int) int { return (pixels + turnBlock - 1) &^ (turnBlock - 1) }

// Turn transposes pixels × channels to dst[c·pitch + p] = src[p,c], with zeros behind the last pixel up
// to TurnedLen. It panics if a slice is too short, or the pitch smaller than TurnedLen.
func (k Kernels) Turn(dst []BF16, pitch int, src View16, pixels, channels int) {
	src.check("src", pixels, channels)
	if pixels <= 0 || channels <= 0 {
		return
	}
	length := TurnedLen(pixels)
	if pitch < length {
		panic(fmt.Sprintf("kernel: a pitch of %d for %d pixels, want %d or more", pitch, pixels, length))
	}
	dst = take(dst, (channels-1)*pitch+length)
	if k.rounds() {
		vectorTurn(dst, pitch, src, pixels, channels)
		return
	}
	for c := range channels {
		clear(dst[c*pitch+pixels : c*pitch+length])
		for p := range pixels {
			dst[c*pitch+p] = src.Data[p*src.Pitch+c]
		}
	}
}

// PackPairs rounds blocks of rows × 32 floats and couples their rows: row l of a block goes to
// dst[block + (l/2)·64 + 2j + l%2] for its column j, and a block with an odd number of rows has a row of
// zeros more. It panics if a slice is too short.
func (k Kernels) PackPairs(dst []BF16, src []float32, blocks, rows int) {
	const w = PanelWidth
	even := rows + rows&1
	src, dst = take(src, blocks*rows*w), take(dst, blocks*even*w)
	if blocks == 0 || rows == 0 {
		return
	}
	if k.rounds() && rows%2 == 0 {
		vectorPackPairs(dst, src, blocks*rows/2)
		return
	}
	for b := range blocks {
		to, from := dst[b*even*w:][:even*w], src[b*rows*w:][:rows*w]
		if rows%2 == 1 {
			clear(to[(rows-1)*w:])
		}
		for l := range rows {
			line := to[l/2*2*w:]
			for j, v := range from[l*w:][:w] {
				line[2*j+l%2] = ToBF16(v)
			}
		}
	}
}

// TransposePairs rounds a block of rows × columns floats, at most 32 each, whose rows are 32 apart, and
// couples its columns: element (i, j) goes to dst[(j/2)·64 + 2i + j%2]. Zeros fill the pairs up to 32 rows,
// and the last one of an odd number of columns. It panics if a slice is too short.
func (k Kernels) TransposePairs(dst []BF16, src []float32, rows, columns int) {
	const w = PanelWidth
	src, dst = take(src, (rows-1)*w+columns), take(dst, (columns+1)/2*2*w)
	if k.rounds() && rows == w && columns == w {
		vectorTransposePairs(dst, src)
		return
	}
	clear(dst)
	for i := range rows {
		for j, v := range src[i*w:][:columns] {
			dst[j/2*2*w+2*i+j%2] = ToBF16(v)
		}
	}
}
