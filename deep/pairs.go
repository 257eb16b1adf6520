package deep

import (
	"math"

	"shoal/kernel"
)

// Products of bfloat16 by kernel.Products, for the tiers whose instructions multiply pairs. A tile
// that was loaded, as float32 that are bfloat16, is brought into the layout that its product wants:
//
//   - forward and the gradient of the input: the same tile with an even number of channels a pixel,
//     so that the pairs are of channels;
//   - the gradient of the weights: sums go over pixels, so the pairs are of pixels that follow each
//     other in a row. The input is turned to [channel][image][row][column mod S][column div S], the
//     output's gradient to [panel of 32 channels][image][row][pair of columns][32][2].

// pairs is what a convolution needs for that.
type pairs struct {
	ahead  []*kernel.Taps   // in the input tile
	phases [][]*kernel.Taps // of each phase, in the tile of output gradient
	slots  int              // room for a row of the turned input, for one remainder of the columns
	couple int              // pairs of a row of outputs
	ones   []kernel.BF16
}

// pairScratch is a worker's for products of bfloat16.
type pairScratch struct {
	in, grad, turned, coupled []kernel.BF16
}

func (s *pairScratch) grow(in, grad, turned, coupled int) {
	for _, c := range []struct {
		to *[]kernel.BF16
		n  int
	}{{&s.in, in}, {&s.grad, grad}, {&s.turned, turned}, {&s.coupled, coupled}} {
		if c.n > len(*c.to) {
			*c.to = kernel.Aligned16(c.n)
		}
	}
}

// even is n, or n+1 if that is even.
func even(n int) int { return n + n&1 }

// planPairs lays the taps and makes room in every worker's scratch.
func (c *conv) planPairs(r *run) {
	f := c.filter
	c.pairs = &pairs{
		slots:  even((c.wd+2*c.pad+c.stride-1)/c.stride) + 2, // a pair may begin at the last column
		couple: (c.ow + 1) / 2,
	}
	c.pairs.ones = make([]kernel.BF16, 2*c.pairs.couple)
	for i := range c.pairs.ones {
		c.pairs.ones[i] = kernel.ToBF16(1)
	}
	var list []kernel.Tap
	for t := range f.k * f.k {
		pixel := t/f.k*(c.wd+2*c.pad) + t%f.k
		list = append(list, kernel.Tap{A: pixel * even(f.ci), B: t * even(f.ci) * kernel.PanelWidth})
	}
	c.pairs.ahead = cut(list, even(f.ci))
	lo := min(0, c.offLo)
	for _, ph := range c.phases {
		var list []kernel.Tap
		for _, t := range ph.rows {
			pixel := (t[0]-lo)*c.cols + t[1] - lo
			list = append(list, kernel.Tap{A: pixel * even(f.co), B: t[2] * even(f.co) * kernel.PanelWidth})
		}
		var pieces []*kernel.Taps
		if len(list) > 0 {
			pieces = cut(list, even(f.co))
		}
		c.pairs.phases = append(c.pairs.phases, pieces)
	}
	in, _, _ := c.scratchSizes(c.ahead)
	r.pairSizes[0] = max(r.pairSizes[0], in/c.sp*even(f.ci))
	if r.training {
		_, grad, _ := c.scratchSizes(c.back)
		rows := (c.back.rows-1)*c.stride + f.k
		r.pairSizes[1] = max(r.pairSizes[1], grad/c.dp*even(f.co))
		r.pairSizes[2] = max(r.pairSizes[2], f.ci*c.back.images*rows*c.stride*c.pairs.slots)
		r.pairSizes[3] = max(r.pairSizes[3], f.panels()*c.back.images*c.back.rows*c.pairs.couple*2*kernel.PanelWidth)
	}
}

// narrow copies the pixels of a tile, images of them, to dst with an even number of channels.
func (r *run) narrow(dst []kernel.BF16, t tile, images, channels int) []kernel.BF16 {
	pixels := images * t.images / t.px
	dst = dst[:pixels*even(channels)]
	if channels%2 == 1 {
		clear(dst)
	}
	r.k.Narrow(kernel.View16{Data: dst, Pitch: even(channels)}, kernel.View{Data: t.data, Pitch: t.px}, pixels, channels)
	return dst
}

// multiplyPairs computes the product p of a tile, whose pixels half has as pairs of so many channels,
// with weights in pairs. See multiply.
func (r *run) multiplyPairs(p *kernel.Product, channels int, pieces []*kernel.Taps, images int, out, in tile, half, w []kernel.BF16, bias []float32) {
	scaled := func(n int) int { return n / in.px * even(channels) } // from the tile's pitch of pixels
	q := kernel.Product16{
		Rows: p.Rows, Width: p.Width, Pairs: even(channels) / 2, N: p.N,
		ARow: scaled(p.ARow), ACol: scaled(p.ACol),
		BK: 2 * kernel.PanelWidth, BPanel: p.BPanel / channels * even(channels), CRow: p.CRow, CCol: p.CCol, Init: p.Init,
	}
	for _, piece := range pieces {
		for j := 0; j < p.N; j += kernel.PanelWidth {
			q.N = min(kernel.PanelWidth, p.N-j)
			var b []float32
			if q.Init == kernel.Bias {
				b = bias[j:]
			}
			panel := w[j/kernel.PanelWidth*q.BPanel:]
			for i := range images {
				r.products.Multiply(&q, piece, out.data[i*out.images+j:], half[i*scaled(in.images):], panel, b)
			}
		}
		q.Init = kernel.Accumulate
	}
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

// pair refreshes the weights in pairs from those in panels, [panel][tap][channels][32].
func (p *param) pair() {
	f, taps := p.filter, p.filter.k*p.filter.k
	packPairs(p.pairWeights(false), p.weights(), f.panels()*taps, f.ci)
	packPairs(p.pairWeights(true), p.net.flipped[p.flipAt:][:p.flippedSize()], p.flippedSize()/(f.co*kernel.PanelWidth), f.co)
}

// packPairs couples the rows of blocks of rows × 32 values.
func packPairs(dst []kernel.BF16, src []float32, blocks, rows int) {
	const w = kernel.PanelWidth
	for b := range blocks {
		to, from := dst[b*even(rows)*w:], src[b*rows*w:]
		for l := range rows {
			line := to[l/2*2*w:]
			for j, v := range from[l*w:][:w] {
				line[2*j+l%2] = kernel.ToBF16(v)
			}
		}
		if rows%2 == 1 {
			line := to[rows/2*2*w:]
			for j := range w {
				line[2*j+1] = 0
			}
		}
	}
}

// exact is the bfloat16 that x is.
func exact(x float32) kernel.BF16 { return kernel.BF16(math.Float32bits(x) >> 16) }

// turn lays the input tile out for sums over pixels and returns the distance of channels.
func (c *conv) turn(dst []kernel.BF16, in tile, images int) int {
	rows, width, st := in.images/in.row, c.wd+2*c.pad, c.stride
	pitch := images * rows * st * c.pairs.slots
	clear(dst[:c.filter.ci*pitch])
	for r := range images * rows {
		for x := range width {
			at := (r*st+x%st)*c.pairs.slots + x/st
			for _, v := range in.data[r*in.row+x*in.px:][:c.filter.ci] {
				dst[at] = exact(v)
				at += pitch
			}
		}
	}
	return pitch
}

// couple lays the output's gradient out for sums over pixels and returns the distance of panels.
func (c *conv) couple(dst []kernel.BF16, grad tile, images, rows int) int {
	const w = kernel.PanelWidth
	row := c.pairs.couple * 2 * w
	pitch := images * rows * row
	clear(dst[:c.filter.panels()*pitch])
	for i := range images {
		for y := range rows {
			for x := range c.ow {
				at := (i*rows+y)*row + x/2*2*w + x%2
				for o, v := range grad.data[i*grad.images+y*grad.row+x*grad.px:][:c.filter.co] {
					dst[o/w*pitch+at+2*(o%w)] = exact(v)
				}
			}
		}
	}
	return pitch
}

// weightPairs is weightGrad by products of bfloat16. grad begins at the gradient of the tile's first
// output.
func (c *conv) weightPairs(r *run, s *scratch, dw []float32, in, grad tile, images, rows int) {
	const w = kernel.PanelWidth
	f, st, q := &c.filter, c.stride, c.pairs
	channel := c.turn(s.pairs.turned, in, images)
	panel := c.couple(s.pairs.coupled, grad, images, rows)
	s.list = s.list[:0]
	for i := range images {
		for y := range rows {
			s.list = append(s.list, kernel.Tap{
				A: (i*in.images/in.row + y*st) * st * q.slots, B: (i*rows + y) * q.couple * 2 * w,
			})
		}
	}
	s.taps.Set(s.list)
	p := kernel.Product16{Rows: 1, Pairs: q.couple, ACol: channel, BK: 2 * w, CCol: w, Init: kernel.Accumulate}
	if s.fresh {
		p.Init = kernel.Zero
	}
	for t := range f.k * f.k {
		ky, kx := t/f.k, t%f.k
		for at := 0; at < f.ci; at += weightRows {
			p.Width = min(weightRows, f.ci-at)
			a := s.pairs.turned[at*channel+(ky*st+kx%st)*q.slots+kx/st:]
			for j := 0; j < f.co; j += w {
				p.N = min(w, f.co-j)
				r.products.Multiply(&p, &s.taps, dw[j/w*f.panel()+(t*f.ci+at)*w:], a, s.pairs.coupled[j/w*panel:], nil)
			}
		}
	}
	if c.bias != nil {
		for i := range s.list {
			s.list[i].A = 0
		}
		s.taps.Set(s.list)
		ones := kernel.Product16{Rows: 1, Width: 1, Pairs: q.couple, N: f.co, BK: 2 * w, BPanel: panel, Init: kernel.Accumulate}
		r.products.Multiply(&ones, &s.taps, dw[roundUp(c.w.size(), 16):], q.ones, s.pairs.coupled, nil)
	}
}
