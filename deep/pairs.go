package deep

import "shoal/kernel"

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
// border of one and the left border of the next. Then every tap of every
// output is at the same distance from it, and the few outputs that belong to borders are left out when
// results are stored. Instructions on 16 pixels at once so have full rows even where images are small.
// Several images lie side by side: a column of the tile is that column of every image, one after another,
// so that they share borders. With P rows of zeros between whole images instead, of images of 8×8 pixels every fifth product is of a border,
// of 4×4 every third.

// lattice is how far pixels of a tile are from each other, in pixels: rows, images, columns.
type lattice struct{ row, image, step int }

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

// along is a row of an image from a pixel on.
func (t tile16) along(pixel int) kernel.View16 {
	return kernel.View16{Data: t.data[pixel*t.px:], Pitch: t.step * t.px}
}

// border clears the row that begins at a pixel: all of it, or what is beside columns pixels of every
// image, of which pad are to their left.
func (t tile16) border(pixel, pad, columns int, all bool) {
	row := t.data[pixel*t.px:][:t.row*t.px]
	if all {
		clear(row)
		return
	}
	clear(row[:pad*t.step*t.px])
	clear(row[(pad+columns)*t.step*t.px:])
}

// end clears the right border of the last of so many rows, and the pixel after it, which is turned for the
// gradient of weights.
func (t tile16) end(images, rows, pad int) {
	if pad == 0 {
		return
	}
	at := rows * t.row
	if t.step == 1 {
		at += (images - 1) * t.image
	}
	clear(t.data[at*t.px:][:(pad*t.step+1)*t.px])
}

// pairs is what a convolution by products of pairs needs.
type pairs struct {
	whole  bool             // a tile is one run of pixels
	apart  bool             // images of a run follow each other, whatever that costs: for tests
	sp, dp int              // pixel pitches of the tiles of input and of output gradient
	merge  int              // taps of a row that are one
	ahead  []*kernel.Taps   // in the input tile, by the number of its images
	phases [][]*kernel.Taps // of each phase, in the tile of output gradient; nil without taps
	slots  int              // room for a row of the turned input, for one remainder of the columns
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
	// Where a weight gradient doesn't stay in the second-level cache, it is loaded and stored once a
	// tile: sums over four times as many pixels made training steps of 3×3 filters on 256 and 512
	// channels a third faster. Of 1×1 filters they didn't.
	pairManyWeights = 128 << 10
	pairManyPixels  = 1024
)

// choosePairGrids settles the tiles of bfloat16. The float32 kernels take the same ones, for sums are added
// up by tiles. Tiles with many images leave each part of the batch at least one.
func (c *conv) choosePairGrids(batch int) {
	f := &c.filter
	in, grad := pairPitch(f.ci), pairPitch(f.co)
	c.ahead = c.chooseGrid(pairTile/2/in/(c.pool*c.pool), pairMinPixels, pairMaxPixels)
	c.back = c.chooseGrid(pairTile/2/(2*in+2*grad), pairMinPixels, pairMaxPixels)
	if f.k > 1 && f.k*f.k*f.ci*f.co > pairManyWeights {
		many := c.chooseGrid(pairManyPixels, pairManyPixels, pairManyPixels)
		many.images = min(many.images, max(c.back.images, batch/c.maxParts()))
		c.back = many
	}
}

// planPairs lays the taps and makes room in every worker's scratch.
func (c *conv) planPairs(r *run) {
	f, k := &c.filter, c.filter.k
	q := &pairs{
		whole: c.stride == 1 && 2*c.pad == k-1, apart: r.apart, sp: pairPitch(f.ci), dp: pairPitch(f.co), merge: 1,
		slots: even((c.wd+2*c.pad+c.stride-1)/c.stride) + 2, // a pair may begin at the last column
	}
	c.pairs = q
	if q.direct(c) {
		q.sp = c.in.buf.pitch
	}
	if q.sp == even(f.ci) && q.inLattice(c, c.ahead.images, 1).step == 1 {
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

// layPairs makes the lists of taps for tiles of every number of images.
func (c *conv) layPairs() {
	f, k, q := &c.filter, c.filter.k, c.pairs
	lo := min(0, c.offLo)
	q.ahead, q.phases = make([]*kernel.Taps, c.ahead.images+1), make([][]*kernel.Taps, len(c.phases))
	for n := 1; n <= c.ahead.images; n++ {
		in := q.inLattice(c, n, 1)
		var list []kernel.Tap
		for t := 0; t < k*k; t += q.merge {
			list = append(list, kernel.Tap{A: (t/k*in.row + t%k*in.step) * q.sp, B: t * even(f.ci) * kernel.PanelWidth})
		}
		q.ahead[n] = kernel.NewTaps(list...)
	}
	for i, ph := range c.phases {
		if len(ph.rows) == 0 {
			continue
		}
		q.phases[i] = make([]*kernel.Taps, c.back.images+1)
		for n := 1; n <= c.back.images; n++ {
			grad := q.gradLattice(c, n, 1)
			var list []kernel.Tap
			for _, t := range ph.rows {
				list = append(list, kernel.Tap{
					A: ((t[0]-lo)*grad.row + (t[1]-lo)*grad.step) * q.dp, B: t[2] * even(f.co) * kernel.PanelWidth,
				})
			}
			q.phases[i][n] = kernel.NewTaps(list...)
		}
	}
}

// direct says whether products read the input buffer itself.
func (q *pairs) direct(c *conv) bool {
	b := c.in.buf
	return c.filter.k == 1 && c.pad == 0 && c.pool == 1 && !c.in.pending() && b.half && b.pitch%2 == 0 && c.filter.ci%2 == 0
}

// inLattice is that of the input tile of so many images, for so many rows of output.
func (q *pairs) inLattice(c *conv, images, rows int) lattice {
	w := c.wd + 2*c.pad
	if !q.whole {
		return lattice{w, ((rows-1)*c.stride + c.filter.k) * w, 1}
	}
	w -= c.pad
	if images > 1 && c.pad > 0 && !q.apart {
		return lattice{w * images, 1, images}
	}
	return lattice{w, (rows + c.pad) * w, 1}
}

// gradLattice is that of the tile of output gradient.
func (q *pairs) gradLattice(c *conv, images, rows int) lattice {
	if q.whole {
		return q.inLattice(c, images, rows)
	}
	lo, hi := c.gradRows(0, rows)
	return lattice{c.cols, (hi - lo) * c.cols, 1}
}

// outLattice is that of the outputs that products compute.
func (q *pairs) outLattice(c *conv, images, rows int) lattice {
	if q.whole {
		return q.inLattice(c, images, rows)
	}
	return lattice{c.ow, rows * c.ow, 1}
}

// positions is how many pixels a product computes for images of so many rows and columns: the length of
// a run, or those of all images.
func (l lattice) positions(images, rows, columns int) int {
	return (images-1)*l.image + (rows-1)*l.row + (columns-1)*l.step + 1
}

// pixels is how many pixels of a tile of input or of output gradient a run reads.
func (q *pairs) pixels(c *conv, l lattice, images, rows int) int {
	return l.positions(images, rows, c.ow) + 2*c.pad*(l.row+l.step)
}

// across sets the outputs of p, of a tile that is a run, whose pixels are a apart: all at once, or row by row
// where so fewer blocks are computed.
func (l lattice) across(p *kernel.Product16, images, rows, columns, a int) {
	p.Rows, p.Width = 1, l.positions(images, rows, columns)
	if images > 1 && l.step == 1 {
		return
	}
	row := columns * l.step
	if blocksOf(rows, row) < blocksOf(1, p.Width) {
		p.Rows, p.Width, p.ARow, p.CRow = rows, row, l.row*a, l.row*p.CCol
	}
}

// blocksOf is about how many blocks of 16 pixels the tiers' instructions compute for rows of so many: two
// at once where those fill a row, or two rows. It decides on speed alone.
func blocksOf(rows, width int) int {
	const block = 16
	if width == block {
		return even(rows)
	}
	return rows * roundUp(width, 2*block) / block
}

// sizes is what tiles of g need.
func (q *pairs) sizes(c *conv, g grid, training bool) pairSizes {
	f := &c.filter
	in, grad := q.inLattice(c, g.images, g.rows), q.gradLattice(c, g.images, g.rows)
	out := q.outLattice(c, g.images, g.rows).positions(g.images, g.rows, c.ow)
	tiles := func(l lattice) int {
		rows := 2*c.pad + 1
		if l.step > 1 {
			rows += g.rows
		}
		return (g.images+1)*l.image + rows*l.row + 2*c.pad*l.step + 2
	}
	s := pairSizes{in: tiles(in) * q.sp, panel: out * groupPitch(f.co)}
	if !training {
		return s
	}
	s.grad = tiles(grad) * q.dp
	rows := c.h
	if g.rows < c.oh {
		rows = g.rows
	}
	back := lattice{c.wd, rows * c.wd, 1}
	if q.whole {
		back = in
	}
	s.panel = max(s.panel, back.positions(g.images, rows, c.wd)*groupPitch(f.ci))
	if q.whole {
		s.turned = f.ci * q.turnedPitch(q.pixels(c, in, g.images, g.rows)+1)
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
