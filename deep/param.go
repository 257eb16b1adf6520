package deep

// param is one trainable tensor. Its values live in the engine's layout; export and absorb
// translate to and from PyTorch's.
type param struct {
	name  string // PyTorch's
	shape []int  // PyTorch's: OIHW for convolutions, [out, in] for linear layers

	net                *Network
	at, flipAt         int
	pairAt, pairFlipAt int     // see pairs.go
	filter             *filter // nil for a vector
}

// filter is the geometry of a convolution's weights: co filters of k×k×ci, in panels of so many
// filters as the kernels like best: [panel][ky][kx][ci][width].
//
// In lanes (see lanes.go) they are plain OIHW, and [ci·k·k][co] for a linear layer.
type filter struct {
	co, ci, k int
	width     int // columns of a panel
	layout    layout
}

// layout is the order of a filter's weights in memory.
type layout int

const (
	inPanels layout = iota
	plain
	transposed
)

func (f *filter) panels() int { return (f.co + f.width - 1) / f.width }

// panel returns the length of one panel.
func (f *filter) panel() int { return f.k * f.k * f.ci * f.width }

// len returns the number of values.
func (p *param) len() int {
	n := 1
	for _, d := range p.shape {
		n *= d
	}
	return n
}

// size is the length in the engine's layout, padding of the last panel included.
func (p *param) size() int {
	if p.filter == nil || p.filter.layout != inPanels {
		return p.len()
	}
	return p.filter.panels() * p.filter.panel()
}

// flippedSize is the length of the copy for the gradient of the input.
func (p *param) flippedSize() int {
	f := p.filter
	if f == nil || f.layout != inPanels {
		return 0
	}
	return roundUp(f.ci, f.width) * f.k * f.k * f.co
}

func (p *param) weights() []float32 { return p.net.weights[p.at:][:p.size()] }

// values returns a copy in PyTorch's layout, row-major.
func (p *param) values() []float32 { return p.export(p.net.weights) }

// export reads the parameter's part of an array laid out as the weights are: weights, momentum or
// gradients.
func (p *param) export(all []float32) []float32 {
	src, dst := all[p.at:][:p.size()], make([]float32, p.len())
	if p.filter == nil {
		copy(dst, src)
		return dst
	}
	p.filter.each(func(oihw, packed int) { dst[oihw] = src[packed] })
	return dst
}

// absorb is the inverse of export.
func (p *param) absorb(all, values []float32) {
	dst := all[p.at:][:p.size()]
	if p.filter == nil {
		copy(dst, values)
		return
	}
	p.filter.each(func(oihw, packed int) { dst[packed] = values[oihw] })
}

// each calls visit with the two indices of every weight.
func (f *filter) each(visit func(oihw, packed int)) {
	taps := f.k * f.k
	if f.layout != inPanels {
		rest := f.ci * taps
		for o := range f.co {
			for j := range rest {
				if f.layout == plain {
					visit(o*rest+j, o*rest+j)
				} else {
					visit(o*rest+j, j*f.co+o)
				}
			}
		}
		return
	}
	for o := range f.co {
		panel := o/f.width*f.panel() + o%f.width
		for i := range f.ci {
			for t := range taps {
				visit((o*f.ci+i)*taps+t, panel+(t*f.ci+i)*f.width)
			}
		}
	}
}

// flip refreshes the copy for the gradient of the input, [panel of input channels][tap][co][width],
// from the weights as products read them.
func (p *param) flip(src []float32) {
	f := p.filter
	w := f.width
	dst := p.net.flipped[p.flipAt:][:p.flippedSize()]
	taps := f.k * f.k
	for i0 := 0; i0 < f.ci; i0 += w {
		block := dst[i0*taps*f.co:]
		m := min(w, f.ci-i0)
		for t := range taps {
			for o0 := 0; o0 < f.co; o0 += w {
				from := src[o0/w*f.panel()+(t*f.ci+i0)*w:]
				to := block[(t*f.co+o0)*w:]
				transpose(to, from, w, m, min(w, f.co-o0))
			}
		}
	}
}

// transpose sets to[o][i] = from[i][o] for i < m, o < n, both of row pitch w.
func transpose(to, from []float32, w, m, n int) {
	for i := range m {
		row := from[i*w:][:n]
		at := i
		for _, v := range row {
			to[at] = v
			at += w
		}
	}
}
