package deep

import "shoal/kernel"

// laneConv is a convolution without stride or border, images in lanes; weights are OIHW:
//
//	out[o][y][x][n] = bias[o] + Σ_{i, ky, kx} w[o][i][ky][kx] · in[i][y+ky][x+kx][n]
type laneConv struct {
	name     string
	in, out  *laneBuffer
	w, bias  *param
	k        int
	first    bool // no gradient of the input is wanted
	taps     *kernel.Taps
	weights  *kernel.Taps
	pieces   []lanePiece
	sums     []float32 // 16 partial sums of each weight's gradient
	biasSums []float32
	ones     []float32
}

// lanePiece is a run of input pixels of one row that the same taps reach.
type lanePiece struct {
	y, x, width int
	taps        *kernel.Taps // A within the weights, B within the output's gradient
}

func newLaneConv(c *conv, in, out *laneBuffer) *laneConv {
	l := &laneConv{name: c.name, in: in, out: out, w: c.w, bias: c.bias, k: c.filter.k, first: c.in.buf.input}
	var taps []kernel.Tap
	for i := range in.c {
		for ky := range l.k {
			taps = append(taps, kernel.Tap{A: (i*l.k + ky) * l.k, B: (i*in.h + ky) * in.w * lanes})
		}
	}
	l.taps = kernel.NewTaps(taps...)
	if out.grad == nil {
		return l
	}
	taps = nil
	for y := range out.h {
		taps = append(taps, kernel.Tap{A: y * out.w * lanes, B: y * in.w * lanes})
	}
	l.weights = kernel.NewTaps(taps...)
	l.sums = kernel.Aligned(c.w.len() * kernel.Lanes)
	l.biasSums = kernel.Aligned(out.c * kernel.Lanes)
	l.ones = kernel.Aligned(kernel.Lanes)
	kernel.Fill(l.ones, 1)
	if !l.first {
		l.findPieces()
	}
	return l
}

// findPieces cuts each input row into the runs of pixels that the same columns of the filter reach;
// rows and columns that would read beyond the output are left out, so no multiplication is by a
// zero of a border.
func (l *laneConv) findPieces() {
	for y := range l.in.h {
		for x := 0; x < l.in.w; {
			lo, hi := l.reach(x, l.out.w)
			width := 1
			if hi-lo == l.k-1 {
				for x+width < l.in.w {
					if a, b := l.reach(x+width, l.out.w); b-a != l.k-1 {
						break
					}
					width++
				}
			}
			ylo, yhi := l.reach(y, l.out.h)
			var taps []kernel.Tap
			for ky := ylo; ky <= yhi; ky++ {
				for kx := lo; kx <= hi; kx++ {
					taps = append(taps, kernel.Tap{A: ky*l.k + kx, B: ((y-ky)*l.out.w + x - kx) * lanes})
				}
			}
			l.pieces = append(l.pieces, lanePiece{y, x, width, kernel.NewTaps(taps...)})
			x += width
		}
	}
}

// reach returns the taps by which outputs 0 to n-1 read input i.
func (l *laneConv) reach(i, n int) (lo, hi int) { return max(0, i-n+1), min(l.k-1, i) }

func (l *laneConv) label() string    { return l.name }
func (l *laneConv) finite(*run) bool { return l.out.finite() }
func (l *laneConv) kind() string     { return "conv" }

func (l *laneConv) forward(r *run) {
	for o, b := range l.bias.weights() {
		kernel.Fill(l.out.value[o*l.out.plane():][:l.out.plane()], b)
	}
	p := kernel.Product{
		Rows: 1, Width: l.out.c, K: l.k, N: l.out.w * lanes,
		ACol: l.in.c * l.k * l.k, AK: 1, BK: lanes, BPanel: lanes, CCol: l.out.plane(), Init: kernel.Accumulate,
	}
	w := l.w.weights()
	for y := range l.out.h {
		r.k.Multiply(&p, l.taps, l.out.value[y*l.out.w*lanes:], w, l.in.value[y*l.in.w*lanes:], nil)
	}
}

// lanePooledConv is a convolution and the pool that follows it, where nothing else reads what is
// pooled: that is never stored.
type lanePooledConv struct {
	name    string
	in, out *laneBuffer
	w, bias *param
	shape   *kernel.ConvPool
	scratch []float32
}

func newLanePooledConv(c *laneConv, out *laneBuffer) *lanePooledConv {
	l := &lanePooledConv{name: c.name, in: c.in, out: out, w: c.w, bias: c.bias}
	l.shape = kernel.NewConvPool(c.in.c, out.c, c.k, c.in.h, c.in.w)
	l.scratch = kernel.Aligned(l.shape.ScratchLen())
	return l
}

func (l *lanePooledConv) label() string    { return l.name }
func (l *lanePooledConv) finite(*run) bool { return l.out.finite() }
func (l *lanePooledConv) kind() string     { return "conv" }
func (l *lanePooledConv) backward(*run)    { panic("deep: " + l.name + " is of evaluation mode") }

func (l *lanePooledConv) forward(r *run) {
	r.k.ConvPool(l.shape, l.out.value, l.in.value, l.w.weights(), l.bias.weights(), l.scratch)
}

func (l *laneConv) backward(r *run) {
	l.weightGrad(r)
	if l.first {
		return
	}
	kk := l.k * l.k
	p := kernel.Product{
		Rows: 1, Width: l.in.c, K: l.out.c, ACol: kk, AK: l.in.c * kk,
		BK: l.out.plane(), BPanel: lanes, CCol: l.in.plane(),
	}
	w := l.w.weights()
	for i := range l.pieces {
		s := &l.pieces[i]
		p.N = s.width * lanes
		r.k.Multiply(&p, s.taps, l.in.grad[(s.y*l.in.w+s.x)*lanes:], w, l.out.grad, nil)
	}
}

// weightGrad sums over pixels in 16 lanes, then over the lanes.
func (l *laneConv) weightGrad(r *run) {
	kk := l.k * l.k
	clear(l.sums)
	p := kernel.LaneProduct{
		I: l.out.c, J: l.k, K: l.out.w * lanes / kernel.Lanes,
		AI: l.out.plane(), AK: kernel.Lanes, BJ: lanes, BK: kernel.Lanes,
		CI: l.in.c * kk * kernel.Lanes, CJ: kernel.Lanes,
	}
	for i := range l.in.c {
		for ky := range l.k {
			in := l.in.value[(i*l.in.h+ky)*l.in.w*lanes:]
			r.k.Lanes(&p, l.weights, l.sums[(i*l.k+ky)*l.k*kernel.Lanes:], l.out.grad, in)
		}
	}
	r.k.FoldLanes(r.grads[l.w.at:][:l.w.len()], l.sums)
	clear(l.biasSums)
	b := kernel.LaneProduct{
		I: l.out.c, J: 1, K: l.out.plane() / kernel.Lanes,
		AI: l.out.plane(), AK: kernel.Lanes, CI: kernel.Lanes,
	}
	r.k.Lanes(&b, kernel.OneTap, l.biasSums, l.out.grad, l.ones)
	r.k.FoldLanes(r.grads[l.bias.at:][:l.out.c], l.biasSums)
}

// laneLinear is a linear layer over whole images, in lanes; weights are [input][output]:
//
//	out[o][n] = bias[o] + Σ_j w[j][o] · in[j][n],  j over channels, rows, columns
type laneLinear struct {
	name    string
	in, out *laneBuffer
	w, bias *param
	rows    []float32 // the output's gradient as [n][o]
}

func (l *laneLinear) label() string    { return l.name }
func (l *laneLinear) finite(*run) bool { return l.out.finite() }
func (l *laneLinear) kind() string     { return "linear" }

func (l *laneLinear) forward(r *run) {
	for o, b := range l.bias.weights() {
		kernel.Fill(l.out.value[o*lanes:][:lanes], b)
	}
	inputs, outputs := len(l.in.value)/lanes, l.out.c
	p := kernel.Product{
		Rows: 1, Width: outputs, K: inputs, N: lanes,
		ACol: 1, AK: outputs, BK: lanes, CCol: lanes, Init: kernel.Accumulate,
	}
	r.k.Multiply(&p, kernel.OneTap, l.out.value, l.w.weights(), l.in.value, nil)
}

func (l *laneLinear) backward(r *run) {
	inputs, outputs := len(l.in.value)/lanes, l.out.c
	p := kernel.Product{
		Rows: 1, Width: inputs, K: outputs, N: lanes,
		ACol: outputs, AK: 1, BK: lanes, CCol: lanes,
	}
	r.k.Multiply(&p, kernel.OneTap, l.in.grad, l.w.weights(), l.out.grad, nil)

	if l.rows == nil {
		l.rows = kernel.Aligned(outputs * lanes)
	}
	db := r.grads[l.bias.at:][:outputs]
	for o := range outputs {
		var sum float32
		for i, g := range l.out.grad[o*lanes:][:lanes] {
			l.rows[i*outputs+o] = g
			sum += g
		}
		db[o] = sum
	}
	p = kernel.Product{
		Rows: 1, Width: inputs, K: lanes, N: outputs,
		ACol: lanes, AK: 1, BK: outputs, BPanel: kernel.PanelWidth, CCol: outputs,
	}
	r.k.Multiply(&p, kernel.OneTap, r.grads[l.w.at:], l.in.value, l.rows, nil)
}
