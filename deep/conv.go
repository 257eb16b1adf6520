package deep

import "shoal/kernel"

// conv is a convolution, or with a filter as large as the image a linear layer:
//
//	out[n, y, x, o] = bias[o] + Σ_{ky, kx, i} in[n, y·S + ky - P, x·S + kx - P, i] · w[o, ky, kx, i]
//
// With pool = 2 the input is first averaged over 2×2 pixels. DenseNet's transitions are 1×1
// convolutions followed by such an average; both are linear, so averaging first gives the same
// result for a quarter of the work.
//
// The work is cut into tiles of some images or, where images are large, some rows of one. A tile's
// input is read once, with what is pending applied and a border of zeros, to a scratch that stays
// in the second-level cache for all products that need it.
type conv struct {
	name         string
	in, out      view
	w, bias      *param
	filter       filter
	stride, pad  int
	pool         int
	h, wd        int // of the input, after the pool
	oh, ow       int
	inputGrad    bool      // false for the first layer
	copies       bool      // in bfloat16: products read tiles alone, for buffers aren't float32
	merged       bool      // a row of the filter is one tap of K·C channels
	sum          *residual // whose work this layer does, if any: residual.readBy
	makes        *residual // whose output this layer makes, if any: residual.madeBy
	sp, dp, zp   int       // pixel pitch of the tiles of input, output gradient, input gradient
	offLo, offHi int       // rows (and columns) of output that reach an input row, relative to it
	cols         int       // columns of a tile of output gradient
	phases       []phase
	empty        bool // some phase has no tap: inputs that no output reads

	ahead, back         grid // tiles of forward and backward
	forwardTasks, parts int  // at most
	sums                []float64
	pieces              []*kernel.Taps
	pairs               *pairs // in bfloat16, where products are of pairs
	r                   *run
	fwd, bwd, red       func(worker, i int)
	accumulate          bool
}

// phase is the input pixels (py + S·j, px + S·i) of one remainder (py, px): the gradient of each is
// a small convolution of its own over the output.
type phase struct {
	py, px int
	rows   [][3]int // output row and column relative to (j, i), and the filter tap
	pieces []*kernel.Taps
}

// Rows of a panel of weights, taps times channels, that are summed at once, and how many where
// there are more.
const (
	wholeRows = 2560
	pieceRows = 1536
)

// cut splits a sum over taps of k channels each. The products of large filters go piece by piece,
// so that a piece's part of the input tile and of the weights stay in the second-level cache for
// all panels.
func cut(list []kernel.Tap, k int) []*kernel.Taps {
	n := 1
	if total := len(list) * k; total > wholeRows {
		n = (total + pieceRows - 1) / pieceRows
	}
	each := (len(list) + n - 1) / n
	var pieces []*kernel.Taps
	for ; len(list) > each; list = list[each:] {
		pieces = append(pieces, kernel.NewTaps(list[:each]...))
	}
	return append(pieces, kernel.NewTaps(list...))
}

// tile is where a tile's pixels are: a scratch, or the buffer itself.
type tile struct {
	data            []float32
	px, row, images int // pitches of pixels, rows and images
}

func (c *conv) label() string      { return c.name }
func (c *conv) finite(r *run) bool { return c.out.finite(r) }

func (c *conv) kind() string {
	switch k := c.filter.k; {
	case c.h == k && c.wd == k:
		return "linear"
	case k == 1:
		return "conv 1x1"
	case k == 3:
		return "conv 3x3"
	}
	return "conv"
}

// pitchFor is the pixel pitch of a scratch tile: dense for few channels, so that a row of taps is
// one run of memory, and never a multiple of a kilobyte.
func pitchFor(c int) int {
	if c <= 32 {
		return c
	}
	p := roundUp(c, 16)
	if p%256 == 0 {
		p += 16
	}
	return p
}

// prepare fills in the derived geometry once in, out, filter, stride, pad and pool are set.
func (c *conv) prepare(batch int) {
	f := c.filter
	c.sp, c.dp, c.zp = pitchFor(f.ci), pitchFor(f.co), pitchFor(f.ci)
	c.merged = c.sp == f.ci
	c.cols = c.ow
	if c.inputGrad {
		c.findPhases()
	}
	c.chooseGrids(batch)
	c.layTaps()
}

// findPhases lists, for every remainder of the stride, the taps that reach it: input row y = py +
// S·j is read by output row j + (py + P - ky)/S where that division is exact.
func (c *conv) findPhases() {
	s := c.stride
	first := true
	for py := range s {
		for px := range s {
			ph := phase{py: py, px: px}
			for ky := range c.filter.k {
				for kx := range c.filter.k {
					ty, tx := py+c.pad-ky, px+c.pad-kx
					if ty%s != 0 || tx%s != 0 {
						continue
					}
					ph.rows = append(ph.rows, [3]int{ty / s, tx / s, ky*c.filter.k + kx})
					if first {
						c.offLo, c.offHi, first = ty/s, ty/s, false
					}
					c.offLo = min(c.offLo, ty/s, tx/s)
					c.offHi = max(c.offHi, ty/s, tx/s)
				}
			}
			c.empty = c.empty || len(ph.rows) == 0
			c.phases = append(c.phases, ph)
		}
	}
	c.cols = max(c.ow, (c.wd-1)/s+1+c.offHi) - min(0, c.offLo)
}

// bandable says whether a tile may be some rows of an image.
func (c *conv) bandable() bool { return c.stride == 1 && c.oh == c.h }

// grid is how a batch is cut into tiles: some images, or some rows of one.
type grid struct{ images, rows int }

// Sizes of tiles. A tile should stay in the second-level cache (1 MB a core here) beside a panel of
// weights, but a weight gradient should sum over many pixels at once, because its sums are loaded
// and stored once a tile, and large weights are read once a tile. Tried from 64k to 192k floats,
// from 64 to 512 pixels: within 2 % from 128 pixels on, 10 % slower below (resnet101).
const (
	tileFloats = 128 << 10
	minPixels  = 128 // of a tile, even if that is more than the cache
	maxPixels  = 256
)

// chooseGrids settles the tiles; they depend on the layer and the batch alone.
func (c *conv) chooseGrids(batch int) {
	if c.copies {
		c.choosePairGrids(batch)
		return
	}
	c.ahead = c.chooseGrid(tileFloats/(c.sp*c.pool), minPixels, maxPixels)
	c.back = c.chooseGrid(tileFloats/(c.sp*c.pool+c.dp+c.zp), minPixels, maxPixels)
}

// chooseGrid cuts a batch into tiles of about fit pixels, but at least least and at most most.
func (c *conv) chooseGrid(fit, least, most int) grid {
	fit = min(max(fit, least), most)
	image := max(c.oh*c.ow, c.h*c.wd)
	if image <= fit || !c.bandable() {
		return grid{max(fit/image, (least-1)/(c.oh*c.ow)+1), c.oh}
	}
	bands := (image + fit - 1) / fit
	return grid{1, (c.oh + bands - 1) / bands}
}

// layTaps prepares the lists of taps, whose offsets are fixed by the pitches of the tiles.
func (c *conv) layTaps() {
	k, ci := c.filter.k, c.filter.ci
	row := c.inRow()
	var list []kernel.Tap
	for ky := range k {
		if c.merged {
			list = append(list, kernel.Tap{A: ky * row, B: ky * k * ci * c.filter.width})
			continue
		}
		for kx := range k {
			list = append(list, kernel.Tap{A: ky*row + kx*c.sp, B: (ky*k + kx) * ci * c.filter.width})
		}
	}
	length := ci
	if c.merged {
		length *= k
	}
	c.pieces = cut(list, length)
	lo := min(0, c.offLo)
	for i := range c.phases {
		ph := &c.phases[i]
		list := make([]kernel.Tap, 0, len(ph.rows))
		for _, t := range ph.rows {
			list = append(list, kernel.Tap{
				A: (t[0]-lo)*c.gradRow() + (t[1]-lo)*c.gradPixel(),
				B: t[2] * c.filter.co * c.filter.width,
			})
		}
		if len(list) > 0 {
			ph.pieces = cut(list, c.filter.co)
		}
	}
}

// directIn says whether products read the input buffer itself.
func (c *conv) directIn() bool {
	return c.filter.k == 1 && c.pad == 0 && c.pool == 1 && !c.in.pending() && !c.in.buf.input && !c.copies
}

func (c *conv) inPixel() int {
	if c.directIn() {
		return c.in.buf.pitch
	}
	return c.sp
}

// inRow is the row pitch of the input tile, border included.
func (c *conv) inRow() int { return (c.wd + 2*c.pad) * c.inPixel() }

// halo says whether a tile of output gradient needs more than its own pixels.
func (c *conv) halo() bool { return c.offLo != 0 || c.offHi != 0 || c.cols != c.ow }

// gradPixel is the pixel pitch of the output gradient as products read it.
func (c *conv) gradPixel() int {
	if c.directGrad() {
		return c.out.buf.pitch
	}
	return c.dp
}

// directGrad says whether products read the gradient buffer itself.
func (c *conv) directGrad() bool { return !c.halo() && !c.out.buf.moments && !c.copies }

func (c *conv) gradRow() int { return c.cols * c.gradPixel() }

// scratchSizes returns the floats of the three tiles.
func (c *conv) scratchSizes(g grid) (in, grad, z int) {
	rows := (g.rows-1)*c.stride + c.filter.k
	if g.rows == c.oh {
		rows = max(rows, c.h+2*c.pad)
	}
	gradRows := g.rows - min(0, c.offLo) + max(0, c.offHi)
	if !c.bandable() {
		gradRows = max(c.oh, (c.h-1)/c.stride+1+c.offHi) - min(0, c.offLo)
	}
	zRows := c.h
	if g.rows < c.oh {
		zRows = g.rows
	}
	return g.images * rows * c.inRow(), g.images * gradRows * c.cols * c.dp, g.images * zRows * c.wd * c.zp
}
