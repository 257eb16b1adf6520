package deep

import (
	"shoal/kernel"
)

// Convolutions in bfloat16 by kernel.Products, for the tiers whose instructions multiply pairs. Tiles
// are in bfloat16 as well. What products read is laid out in pairs:
//
//   - forward and the gradient of the input: pixels with an even number of channels, so that the pairs
//     are of channels;
//   - the gradient of the weights: sums go over pixels, so the pairs are of pixels that follow each
//     other. The input is turned to [channel][pixel], the output's gradient coupled to [panel of 32
//     channels][pair of pixels][32][2].
//
// Products are computed for 32 channels at a time, and what some of them give, in float32, is rounded to
// its buffer while it is in the cache.
//
// A convolution with stride 1 whose output is as large as its input ("same") takes a whole tile as one
// run of pixels: rows of the image follow each other with only P zeros between them, which are the right
// border of one and the left border of the next, and images with P rows of zeros. Then every tap of every
// output is at the same distance from it, and the few outputs that belong to borders are left out when
// results are stored. Instructions on 16 pixels at once so have full rows even where images are small.

// lattice is where a tile's pixels are, in pixels.
type lattice struct{ row, image int }

// tile16 is a tile in bfloat16 with the given pitch of pixels.
type tile16 struct {
	lattice
	data []kernel.BF16
	px   int
}

// from is the data from a pixel on.
func (t tile16) from(pixel int) kernel.View16 {
	return kernel.View16{Data: t.data[pixel*t.px:], Pitch: t.px}
}

// pairs is what a convolution by products of pairs needs.
type pairs struct {
	whole  bool           // a tile is one run of pixels
	sp, dp int            // pixel pitches of the tiles of input and of output gradient
	merge  int            // taps of a row that are one
	ahead  *kernel.Taps   // in the input tile
	phases []*kernel.Taps // of each phase, in the tile of output gradient; nil without taps
	slots  int            // room for a row of the turned input, for one remainder of the columns
	ones   []kernel.BF16
	one    *kernel.Taps
}

// pairScratch is a worker's for products of pairs.
type pairScratch struct {
	in, grad, turned, coupled []kernel.BF16
	panel                     []float32 // results of products: pixels × groupPitch
}

// pairSizes are the lengths of pairScratch.
type pairSizes struct{ in, grad, turned, coupled, panel int }

func (s *pairSizes) grow(t pairSizes) {
	s.in, s.grad, s.panel = max(s.in, t.in), max(s.grad, t.grad), max(s.panel, t.panel)
	s.turned, s.coupled = max(s.turned, t.turned), max(s.coupled, t.coupled)
}

func (s pairSizes) newScratch() pairScratch {
	return pairScratch{
		in: kernel.Aligned16(s.in), grad: kernel.Aligned16(s.grad),
		turned: kernel.Aligned16(s.turned), coupled: kernel.Aligned16(s.coupled), panel: kernel.Aligned(s.panel),
	}
}

// even is n, or n+1 if that is even.
func even(n int) int { return n + n&1 }

// pairPitch is the pixel pitch of a tile of c channels: even, and of many channels an odd number of
// lines: 16 pixels are read together, a line of each (of 256 channels products are a seventh faster than
// at a pitch of 256, and a fifth faster than at 272, where lines are cut).
func pairPitch(c int) int {
	const line = 32
	if c < line {
		return even(c)
	}
	lines := (c + line - 1) / line
	return (lines + 1 - lines%2) * line
}

// Sizes of tiles of pairs: see tileFloats. Tiles in bfloat16 are half as large, and a longer run of
// pixels means fewer loads and stores of the sums of weight gradients.
const (
	pairTile      = 384 << 10 // bytes of all that a tile takes
	pairMinPixels = 128
	pairMaxPixels = 256
)

// choosePairGrids settles the tiles of bfloat16. They are the same where float32 kernels compute it, for
// sums are added up by tiles.
func (c *conv) choosePairGrids() {
	in, grad := pairPitch(c.filter.ci), pairPitch(c.filter.co)
	c.ahead = c.chooseGrid(pairTile/2/in/(c.pool*c.pool), pairMinPixels, pairMaxPixels)
	c.back = c.chooseGrid(pairTile/2/(2*in+2*grad), pairMinPixels, pairMaxPixels)
}

// planPairs lays the taps and makes room in every worker's scratch.
func (c *conv) planPairs(r *run) {
	f, k := &c.filter, c.filter.k
	q := &pairs{
		whole: c.stride == 1 && 2*c.pad == k-1, sp: pairPitch(f.ci), dp: pairPitch(f.co), merge: 1,
		slots: even((c.wd+2*c.pad+c.stride-1)/c.stride) + 2, // a pair may begin at the last column
	}
	c.pairs = q
	if q.direct(c) {
		q.sp = c.in.buf.pitch
	}
	if q.sp == even(f.ci) {
		q.merge = k
	}
	c.layPairs()
	sizes := q.sizes(c, c.ahead, false)
	if r.training {
		sizes.grow(q.sizes(c, c.back, true))
	}
	r.pairSizes.grow(sizes)
	if c.bias != nil && r.training {
		q.ones = make([]kernel.BF16, sizes.coupled/f.panels()/kernel.PanelWidth)
		for i := range q.ones {
			q.ones[i] = kernel.ToBF16(1)
		}
	}
	q.one = kernel.NewTaps(kernel.Tap{})
}

// layPairs makes the lists of taps.
func (c *conv) layPairs() {
	f, k, q := &c.filter, c.filter.k, c.pairs
	in, grad := q.inLattice(c, 1), q.gradLattice(c, 1)
	var list []kernel.Tap
	for t := 0; t < k*k; t += q.merge {
		list = append(list, kernel.Tap{A: (t/k*in.row + t%k) * q.sp, B: t * even(f.ci) * kernel.PanelWidth})
	}
	q.ahead = kernel.NewTaps(list...)
	lo := min(0, c.offLo)
	for _, ph := range c.phases {
		var list []kernel.Tap
		for _, t := range ph.rows {
			list = append(list, kernel.Tap{
				A: ((t[0]-lo)*grad.row + t[1] - lo) * q.dp, B: t[2] * even(f.co) * kernel.PanelWidth,
			})
		}
		var taps *kernel.Taps
		if len(list) > 0 {
			taps = kernel.NewTaps(list...)
		}
		q.phases = append(q.phases, taps)
	}
}

// direct says whether products read the input buffer itself.
func (q *pairs) direct(c *conv) bool {
	b := c.in.buf
	return c.filter.k == 1 && c.pad == 0 && c.pool == 1 && !c.in.pending() && b.half && b.pitch%2 == 0 && c.filter.ci%2 == 0
}

// inLattice is that of the input tile for so many rows of output.
func (q *pairs) inLattice(c *conv, rows int) lattice {
	if q.whole {
		w := c.wd + c.pad
		return lattice{w, (rows + c.pad) * w}
	}
	w := c.wd + 2*c.pad
	return lattice{w, ((rows-1)*c.stride + c.filter.k) * w}
}

// gradLattice is that of the tile of output gradient.
func (q *pairs) gradLattice(c *conv, rows int) lattice {
	if q.whole {
		return q.inLattice(c, rows)
	}
	lo, hi := c.gradRows(0, rows)
	return lattice{c.cols, (hi - lo) * c.cols}
}

// outLattice is that of the outputs that products compute.
func (q *pairs) outLattice(c *conv, rows int) lattice {
	if q.whole {
		return q.inLattice(c, rows)
	}
	return lattice{c.ow, rows * c.ow}
}

// positions is how many pixels a product computes for images of so many rows and columns: the length of
// a run, or those of all images.
func (l lattice) positions(images, rows, columns int) int {
	return (images-1)*l.image + (rows-1)*l.row + columns
}

// pixels is how many pixels a tile of input or of output gradient has if it is a run, with its border.
func (q *pairs) pixels(c *conv, l lattice, images int) int {
	return images*l.image + c.pad*l.row + c.pad
}

// sizes is what tiles of g need.
func (q *pairs) sizes(c *conv, g grid, training bool) pairSizes {
	f := &c.filter
	in, grad := q.inLattice(c, g.rows), q.gradLattice(c, g.rows)
	out := q.outLattice(c, g.rows).positions(g.images, g.rows, c.ow)
	tiles := func(l lattice) int { return (g.images+1)*l.image + (2*c.pad+1)*l.row + 2*c.pad + 2 }
	s := pairSizes{in: tiles(in) * q.sp, panel: out * groupPitch(f.co)}
	if !training {
		return s
	}
	s.grad = tiles(grad) * q.dp
	rows := c.h
	if g.rows < c.oh {
		rows = g.rows
	}
	back := lattice{c.wd, rows * c.wd}
	if q.whole {
		back = in
	}
	s.panel = max(s.panel, back.positions(g.images, rows, c.wd)*groupPitch(f.ci))
	if q.whole {
		s.turned = f.ci * q.turnedPitch(q.pixels(c, in, g.images)+1)
		s.coupled = f.panels() * kernel.CoupledLen(kernel.TurnedLen(out))
		return s
	}
	s.turned = f.ci * q.turnedPitch(g.images*in.image/in.row*c.stride*q.slots)
	s.coupled = f.panels() * g.images * g.rows * kernel.CoupledLen(c.ow)
	return s
}

// turnedPitch is the distance of channels of the turned input: an odd number of lines, for the kernel
// reads 16 channels together, and room for what is read behind the last pixel, to be multiplied by
// zeros.
func (q *pairs) turnedPitch(pixels int) int {
	lines := kernel.TurnedLen(pixels)/32 + 1
	return (lines + 1 - lines%2) * 32
}

// loadPairs returns the input of output rows y0 to y1 of images i0 to i1.
func (c *conv) loadPairs(r *run, s *scratch, i0, i1, y0, y1 int) tile16 {
	q, b := c.pairs, c.in.buf
	if q.direct(c) {
		return tile16{lattice{b.w, b.h * b.w}, b.value16[c.in.at(i0, y0*c.stride):], q.sp}
	}
	t := tile16{q.inLattice(c, y1-y0), s.pairs.in, q.sp}
	top, rows := y0*c.stride-c.pad, (y1-y0-1)*c.stride+c.filter.k
	for i := i0; i < i1; i++ {
		at := (i - i0) * t.image
		if c.pad == 0 && c.pool == 1 && !b.input {
			c.in.read16(r, t.from(at), c.in.values(i, top).halves, rows*c.wd)
			continue
		}
		for y := range rows {
			c.loadPairRow(r, s, t, at+y*t.row, i, top+y)
		}
	}
	if c.pad > 0 { // the right border of the last row
		end := (i1-i0-1)*t.image + rows*t.row
		clear(t.data[end*t.px:][:(c.pad+1)*t.px])
	}
	return t
}

// loadPairRow fills one row of a tile from row y of image i, with the border before it, and behind it if
// the next row doesn't begin with one.
func (c *conv) loadPairRow(r *run, s *scratch, t tile16, at, i, y int) {
	row := t.data[at*t.px:][:t.row*t.px]
	if y < 0 || y >= c.h {
		clear(row)
		return
	}
	clear(row[:c.pad*t.px])
	clear(row[(c.pad+c.wd)*t.px:])
	dst := t.from(at + c.pad)
	switch {
	case c.in.buf.input:
		n := c.wd * c.filter.ci
		if c.filter.ci%2 == 1 {
			clear(row[c.pad*t.px:][:c.wd*t.px])
		}
		r.k.FromBytes(s.tmp[:n], r.pixels[(i*c.h+y)*n:][:n], r.inScale, r.inShift)
		r.k.Narrow(dst, kernel.View{Data: s.tmp, Pitch: c.filter.ci}, c.wd, c.filter.ci)
	case c.pool > 1:
		var corners [4]kernel.View16
		for j := range corners {
			corners[j] = c.in.values(i, 2*y+j/2).from(j % 2).everySecond().halves
		}
		scale, shift := c.in.line(r)
		r.k.AverageLines16(dst, &corners, c.wd, c.in.c, scale, shift, c.in.relu)
	default:
		c.in.read16(r, dst, c.in.values(i, y).halves, c.wd)
	}
}

// read16 copies pixels of v, with what is pending applied, to a tile; a channel more than v has is zero.
func (v view) read16(r *run, dst, src kernel.View16, pixels int) {
	if v.c%2 == 1 {
		for p := range pixels {
			dst.Data[p*dst.Pitch+v.c] = 0
		}
	}
	scale, shift := v.line(r)
	r.k.ScaleShift16(dst, src, pixels, v.c, scale, shift, v.relu)
}

// loadGradPairs returns the gradient of the tile's outputs with the border that the gradient of the input
// needs, and the number of the pixel of its first output.
func (c *conv) loadGradPairs(r *run, s *scratch, i0, i1, y0, y1 int) (t tile16, first int) {
	q := c.pairs
	t = tile16{q.gradLattice(c, y1-y0), s.pairs.grad, q.dp}
	lo, hi := c.gradRows(y0, y1)
	left := -min(0, c.offLo)
	if q.whole {
		lo, hi, left = y0-c.pad, y1+c.pad, c.pad
	}
	for i := i0; i < i1; i++ {
		if left == 0 && t.row == c.ow && lo == y0 && hi == y1 {
			c.out.takeGrad16(r, s, t.from((i-i0)*t.image), i, y0, (y1-y0)*c.ow)
			continue
		}
		for y := lo; y < hi; y++ {
			at := (i-i0)*t.image + (y-lo)*t.row
			row := t.data[at*t.px:][:t.row*t.px]
			if y < 0 || y >= c.oh {
				clear(row)
				continue
			}
			clear(row[:left*t.px])
			clear(row[(left+c.ow)*t.px:])
			c.out.takeGrad16(r, s, t.from(at+left), i, y, c.ow)
		}
	}
	if q.whole && c.pad > 0 {
		end := (i1-i0-1)*t.image + (hi-lo)*t.row
		clear(t.data[end*t.px:][:(c.pad+1)*t.px])
	}
	return t, (y0-lo)*t.row + left
}

// takeGrad16 copies the true gradient of pixels of v, from row y of image i on, to a tile; a channel more
// than v has is zero.
func (v view) takeGrad16(r *run, s *scratch, dst kernel.View16, i, y, pixels int) {
	if v.c%2 == 1 {
		for p := range pixels {
			dst.Data[p*dst.Pitch+v.c] = 0
		}
	}
	g, x, b := v.grads(i, y), v.values(i, y), v.buf
	scale := r.ones[:v.c]
	if b.gradScale != nil {
		scale = b.gradScale[v.off:][:v.c]
	}
	switch {
	case !b.half:
		tmp := kernel.View{Data: s.pairs.panel, Pitch: v.c}
		v.takeFloats(r, tmp, g.floats, x.floats, pixels)
		r.k.Narrow(dst, tmp, pixels, v.c)
	case b.owes:
		r.k.Owed16(dst, g.halves, x.halves, pixels, v.c, scale, b.owedX[v.off:][:v.c], b.owed1[v.off:][:v.c], false)
	default:
		r.k.ScaleShift16(dst, g.halves, pixels, v.c, scale, r.zeros[:v.c], false)
	}
}

// forwardPairs is forwardTile by products of pairs.
func (c *conv) forwardPairs(r *run, s *scratch, task, i0, i1, y0, y1 int) {
	in := c.loadPairs(r, s, i0, i1, y0, y1)
	f, q, rows, images := &c.filter, c.pairs, y1-y0, i1-i0
	l, pitch := q.outLattice(c, rows), groupPitch(f.co)
	p := kernel.Product16{
		Rows: rows, Width: c.ow, Pairs: q.merge * even(f.ci) / 2, ARow: c.stride * in.row * q.sp, ACol: c.stride * q.sp,
		BK: 2 * kernel.PanelWidth, CRow: l.row * pitch, CCol: pitch,
	}
	if q.whole {
		p.Rows, p.Width, images = 1, l.positions(images, rows, c.ow), 1
	}
	for j := 0; j < f.co; j += groupChannels {
		n := min(groupChannels, f.co-j)
		c.groupPairs(r, s, &p, in, l, images, j, n)
		for i := i0; i < i1; i++ {
			from := s.pairs.panel[(i-i0)*l.image*pitch:]
			if l.row == c.ow {
				c.storeGroup(r, task, kernel.View{Data: from, Pitch: pitch}, j, n, i, y0, rows*c.ow)
				continue
			}
			for y := range rows {
				c.storeGroup(r, task, kernel.View{Data: from[y*l.row*pitch:], Pitch: pitch}, j, n, i, y0+y, c.ow)
			}
		}
	}
}

// groupPairs computes the product p of a tile of so many images, or runs, for n output channels from j on.
func (c *conv) groupPairs(r *run, s *scratch, p *kernel.Product16, in tile16, l lattice, images, j, n int) {
	const w = kernel.PanelWidth
	f, q, weights := &c.filter, c.pairs, c.w.pairWeights(false)
	for k := 0; k < n; k += w {
		p.N = min(w, n-k)
		var bias []float32
		if c.bias != nil {
			p.Init, bias = kernel.Bias, c.bias.weights()[j+k:]
		}
		panel := weights[(j+k)*f.k*f.k*even(f.ci):]
		for i := range images {
			r.products.Multiply(p, q.ahead, s.pairs.panel[i*l.image*p.CCol+k:], in.data[i*in.image*q.sp:], panel, bias)
		}
	}
}

// storeGroup puts n channels from channel j on to the pixels from row y of image i on, and measures them
// where they are to be measured.
func (c *conv) storeGroup(r *run, task int, from kernel.View, j, n, i, y, pixels int) {
	to := c.out.values(i, y)
	if !c.out.buf.half {
		for p := range pixels {
			copy(to.floats.Data[p*to.floats.Pitch+j:][:n], from.Data[p*from.Pitch:])
		}
		if c.out.measured(r) {
			sums := c.sums[task*2*c.filter.co:]
			r.k.ChannelSums(sums[j:][:n], sums[c.filter.co+j:][:n], from, pixels, n)
		}
		return
	}
	dst := to.halves
	dst.Data = dst.Data[j:]
	if c.out.measured(r) {
		sums := c.sums[task*2*c.filter.co:]
		r.k.NarrowSums(sums[j:][:n], sums[c.filter.co+j:][:n], dst, from, pixels, n)
		return
	}
	r.k.Narrow(dst, from, pixels, n)
}

// backwardPairs is backwardTile by products of pairs.
func (c *conv) backwardPairs(r *run, s *scratch, task int, dw []float32, i0, i1, y0, y1 int) {
	in := c.loadPairs(r, s, i0, i1, y0, y1)
	grad, first := c.loadGradPairs(r, s, i0, i1, y0, y1)
	if c.pairs.whole {
		c.wholeWeightPairs(r, s, dw, in, grad, first, i1-i0, y1-y0)
	} else {
		c.weightPairs(r, s, dw, in, grad, first, i1-i0, y1-y0)
	}
	if c.inputGrad {
		var sums []float64
		if c.in.norm != nil {
			sums = c.sums[task*2*c.filter.ci:]
		}
		c.inPairs(r, s, grad, sums, i0, i1, y0, y1)
	}
}

// wholeWeightPairs adds a tile's part to dw[panel][tap][CI][32] and to the biases behind it, where a tile
// is a run: the border's gradients are zero, so the sum goes over all pixels of the run.
func (c *conv) wholeWeightPairs(r *run, s *scratch, dw []float32, in, grad tile16, first, images, rows int) {
	const w = kernel.PanelWidth
	f, q := &c.filter, c.pairs
	n := in.positions(images, rows, c.ow)
	total := n
	if c.pad > 0 {
		total = q.pixels(c, in.lattice, images) + 1
	}
	// A sum over whole blocks of 32 pixels is faster: the gradients behind the run are zeros as well.
	channel, panel, length := q.turnedPitch(total), kernel.CoupledLen(kernel.TurnedLen(n)), kernel.CoupledLen(n)
	r.k.Turn(s.pairs.turned, channel, in.from(0), total, f.ci)
	r.k.Couple(s.pairs.coupled, panel, grad.from(first), n, f.co)
	for j := range f.panels() {
		clear(s.pairs.coupled[j*panel+length : (j+1)*panel])
	}
	p := kernel.Product16{Rows: 1, Width: f.ci, Pairs: kernel.TurnedLen(n) / 2, ACol: channel, BK: 2 * w, CCol: w, Init: s.weightInit()}
	for j := 0; j < f.co; j += w {
		p.N = min(w, f.co-j)
		for t := range f.k * f.k {
			a := s.pairs.turned[t/f.k*in.row+t%f.k:]
			r.products.Multiply(&p, q.one, dw[j/w*f.panel()+t*f.ci*w:], a, s.pairs.coupled[j/w*panel:], nil)
		}
	}
	if c.bias != nil {
		ones := kernel.Product16{Rows: 1, Width: 1, Pairs: (n + 1) / 2, N: f.co, BK: 2 * w, BPanel: panel, Init: kernel.Accumulate}
		r.products.Multiply(&ones, q.one, dw[roundUp(c.w.size(), 16):], q.ones, s.pairs.coupled, nil)
	}
}

// weightInit is how the products of a weight gradient begin: from zero in the first tile of a part.
func (s *scratch) weightInit() kernel.Init {
	if s.fresh {
		return kernel.Zero
	}
	return kernel.Accumulate
}

// weightPairs does the same where a sum goes row by row: the input is turned to
// [channel][image][row][column mod S][column div S].
func (c *conv) weightPairs(r *run, s *scratch, dw []float32, in, grad tile16, first, images, rows int) {
	const w = kernel.PanelWidth
	f, st, q := &c.filter, c.stride, c.pairs
	inRows := (rows-1)*st + f.k
	channel := q.turnedPitch(images * inRows * st * q.slots)
	row := kernel.CoupledLen(c.ow)
	panel := images * rows * row
	s.list = s.list[:0]
	for i := range images {
		for y := range inRows {
			for x := range min(st, in.row) {
				from := in.from(i*in.image + y*in.row + x)
				from.Pitch *= st
				to := s.pairs.turned[((i*inRows+y)*st+x)*q.slots:]
				r.k.Turn(to, channel, from, (in.row-x+st-1)/st, f.ci)
			}
		}
		for y := range rows {
			r.k.Couple(s.pairs.coupled[(i*rows+y)*row:], panel, grad.from(first+i*grad.image+y*grad.row), c.ow, f.co)
			s.list = append(s.list, kernel.Tap{A: (i*inRows + y*st) * st * q.slots, B: (i*rows + y) * row})
		}
	}
	s.taps.Set(s.list)
	p := kernel.Product16{Rows: 1, Width: f.ci, Pairs: (c.ow + 1) / 2, ACol: channel, BK: 2 * w, CCol: w, Init: s.weightInit()}
	for j := 0; j < f.co; j += w {
		p.N = min(w, f.co-j)
		for t := range f.k * f.k {
			ky, kx := t/f.k, t%f.k
			a := s.pairs.turned[(ky*st+kx%st)*q.slots+kx/st:]
			r.products.Multiply(&p, &s.taps, dw[j/w*f.panel()+t*f.ci*w:], a, s.pairs.coupled[j/w*panel:], nil)
		}
	}
	if c.bias != nil {
		for i := range s.list {
			s.list[i].A = 0
		}
		s.taps.Set(s.list)
		ones := kernel.Product16{Rows: 1, Width: 1, Pairs: (c.ow + 1) / 2, N: f.co, BK: 2 * w, BPanel: panel, Init: kernel.Accumulate}
		r.products.Multiply(&ones, &s.taps, dw[roundUp(c.w.size(), 16):], q.ones, s.pairs.coupled, nil)
	}
}

// inPairs computes the gradient of the tile's inputs, 32 channels at a time, and sends it back.
func (c *conv) inPairs(r *run, s *scratch, grad tile16, sums []float64, i0, i1, y0, y1 int) {
	const w = kernel.PanelWidth
	if !c.bandable() {
		y0, y1 = 0, c.h
	}
	f, q, rows := &c.filter, c.pairs, y1-y0
	z := lattice{c.wd, rows * c.wd}
	if q.whole {
		z = grad.lattice
	}
	pitch := groupPitch(f.ci)
	for j := 0; j < f.ci; j += groupChannels {
		n := min(groupChannels, f.ci-j)
		if c.empty {
			clear(s.pairs.panel[:z.positions(i1-i0, rows, c.wd)*pitch])
		}
		for k := 0; k < n; k += w {
			for i := range c.phases {
				if q.phases[i] != nil {
					c.phasePairs(r, s.pairs.panel[k:], pitch, i, z, grad, j+k, min(w, n-k), i1-i0, rows)
				}
			}
		}
		for i := i0; i < i1; i++ {
			from := s.pairs.panel[(i-i0)*z.image*pitch:]
			if z.row == c.wd && c.pool == 1 {
				c.sendGroup(r, kernel.View{Data: from, Pitch: pitch}, sums, j, n, i, y0, rows*c.wd)
				continue
			}
			for y := range rows {
				c.sendGroup(r, kernel.View{Data: from[y*z.row*pitch:], Pitch: pitch}, sums, j, n, i, y0+y, c.wd)
			}
		}
	}
}

// groupChannels is how many channels of an output, or of an input's gradient, are computed before they are
// stored: those of few would be lines here and there in memory.
const groupChannels = 256

// groupPitch is the distance of pixels of such a group: a line more where pixels would share cache sets.
func groupPitch(channels int) int {
	p := min(groupChannels, roundUp(channels, kernel.PanelWidth))
	if p > 2*kernel.PanelWidth {
		p += 16
	}
	return p
}

// phasePairs multiplies the output's gradient by the taps of one phase, for n input channels from j on, to
// dst, whose pixels are pitch apart.
func (c *conv) phasePairs(r *run, dst []float32, pitch, number int, z lattice, grad tile16, j, n, images, rows int) {
	const w = kernel.PanelWidth
	f, st, q, ph := &c.filter, c.stride, c.pairs, &c.phases[number]
	if ph.py >= rows || ph.px >= c.wd {
		return
	}
	p := kernel.Product16{
		Rows: (rows - ph.py + st - 1) / st, Width: (c.wd - ph.px + st - 1) / st, Pairs: even(f.co) / 2, N: n,
		ARow: grad.row * q.dp, ACol: q.dp, BK: 2 * w, CRow: st * z.row * pitch, CCol: st * pitch,
	}
	if q.whole {
		p.Rows, p.Width, images = 1, z.positions(images, rows, c.wd), 1
	}
	panel := c.w.pairWeights(true)[j*f.k*f.k*even(f.co):]
	for i := range images {
		at := i*z.image + ph.py*z.row + ph.px
		r.products.Multiply(&p, q.phases[number], dst[at*pitch:], grad.data[i*grad.image*q.dp:], panel, nil)
	}
}

// sendGroup takes n channels from channel j on, dy, back to the pixels from row y of image i on.
func (c *conv) sendGroup(r *run, dy kernel.View, sums []float64, j, n, i, y, pixels int) {
	if c.pool == 1 {
		c.in.send16(r, c.in.grads(i, y), dy, c.in.values(i, y), sums, j, n, pixels, c.accumulate)
		return
	}
	r.k.ScaleShift(dy, dy, kernel.View{}, pixels, n, r.quarters[:n], r.zeros[:n], false)
	for corner := range 4 {
		x := c.in.values(i, 2*y+corner/2).from(corner % 2).everySecond()
		d := c.in.grads(i, 2*y+corner/2).from(corner % 2).everySecond()
		c.in.send16(r, d, dy, x, sums, j, n, pixels, c.accumulate)
	}
}

// send16 is send for n channels from channel j on of a buffer in bfloat16.
func (v view) send16(r *run, dx cells, dy kernel.View, x cells, sums []float64, j, n, pixels int, accumulate bool) {
	scale, shift := v.line(r)
	line := kernel.Normalised{Scale: scale[j:], Shift: shift[j:], Linear: !v.relu}
	to, from := dx.halves, x.halves
	to.Data, from.Data = to.Data[j:], from.Data[j:]
	var sum, dot []float64
	if v.norm != nil {
		sum, dot = sums[j:][:n], sums[v.c+j:][:n]
	}
	r.k.Backward16(sum, dot, to, dy, from, pixels, n, &line, scale[j:], accumulate)
}

// pairWeights are the values of p in pairs: for forward, or for the gradient of the input.
func (p *param) pairWeights(flipped bool) []kernel.BF16 {
	if flipped {
		return p.net.pairFlipped[p.pairFlipAt:]
	}
	return p.net.pairs[p.pairAt:]
}

// layOutPairs makes room for the weights in pairs.
func (n *Network) layOutPairs() {
	total, flips := 0, 0
	for _, p := range n.params {
		if f := p.filter; f != nil {
			p.pairAt, p.pairFlipAt = total, flips
			total += f.panels() * f.k * f.k * even(f.ci) * kernel.PanelWidth
			flips += kernel.PackedLen(f.k*f.k*even(f.co), f.ci)
		}
	}
	n.pairs, n.pairFlipped = kernel.Aligned16(total), kernel.Aligned16(flips)
}

// pair refreshes the weights in pairs from those in panels, [panel][tap][CI][32]; those for the gradient
// of the input are in [panel of 32 input channels][tap][CO/2][32][2].
func (p *param) pair(k kernel.Kernels) {
	const w = kernel.PanelWidth
	f, taps := p.filter, p.filter.k*p.filter.k
	src, flipped := p.weights(), p.pairWeights(true)
	k.PackPairs(p.pairWeights(false), src, f.panels()*taps, f.ci)
	for i := 0; i < f.ci; i += w {
		for t := range taps {
			for o := 0; o < f.co; o += w {
				to := flipped[(i*taps+t*w)*even(f.co)+o*w:]
				k.TransposePairs(to, src[o/w*f.panel()+(t*f.ci+i)*w:], min(w, f.ci-i), min(w, f.co-o))
			}
		}
	}
}
