package kernel

import "fmt"

// convPoolImages is how many images lie side by side.
const convPoolImages = PanelWidth

// ConvPool is a convolution without a border and the 2×2 max pool that follows it, of 32 images
// innermost, as a network is scored that has few channels:
//
//	conv[o][y][x][n] = bias[o] + Σ_{i, ky, kx} w[o][i][ky][kx] · in[i][y+ky][x+kx][n]
//	dst[o][y][x][n] = max(0, the largest of conv[o][2y:2y+2][2x:2x+2][n])
//
// by fused multiply-adds in the order of the formula. A last row or column that fills no window is
// left out. All arrays are dense.
type ConvPool struct {
	In, Out, Size int // channels; side of the filter
	Height, Width int // of the input
	ReLU          bool

	taps *Taps
}

// NewConvPool returns the shape, without the ReLU. It panics if there is no window.
func NewConvPool(in, out, size, height, width int) *ConvPool {
	p := &ConvPool{In: in, Out: out, Size: size, Height: height, Width: width}
	if min(in, out, size) < 1 || min(p.Rows(), p.Columns()) < 1 {
		panic(fmt.Sprintf("kernel: no output of %+v", *p))
	}
	var taps []Tap
	for i := range in {
		for ky := range size {
			taps = append(taps, Tap{A: (i*size + ky) * size, B: (i*height + ky) * width * convPoolImages})
		}
	}
	p.taps = NewTaps(taps...)
	return p
}

// Rows and Columns of the output.
func (p *ConvPool) Rows() int    { return (p.Height - p.Size + 1) / 2 }
func (p *ConvPool) Columns() int { return (p.Width - p.Size + 1) / 2 }

// ScratchLen is the length of the scratch space that ConvPool needs: two rows of the convolution.
func (p *ConvPool) ScratchLen() int { return p.Out * 4 * p.Columns() * convPoolImages }

// ConvPool computes p. It panics if a slice is too short.
func (k Kernels) ConvPool(p *ConvPool, dst, in, w, bias, scratch []float32) {
	dst = take(dst, p.Out*p.Rows()*p.Columns()*convPoolImages)
	in, w = take(in, p.In*p.Height*p.Width*convPoolImages), take(w, p.Out*p.In*p.Size*p.Size)
	bias, scratch = take(bias, p.Out), take(scratch, p.ScratchLen())
	if vectorConvPool(k.level, p, dst, in, w, bias) {
		return
	}
	for y := range p.Rows() {
		k.convPoolRow(p, y, dst, in, w, bias, scratch)
	}
}

// convPoolRow computes row y of the output by a product for each of the two rows that it is made of.
func (k Kernels) convPoolRow(p *ConvPool, y int, dst, in, w, bias, scratch []float32) {
	row, plane := 2*p.Columns()*convPoolImages, 4*p.Columns()*convPoolImages
	for o, b := range bias {
		Fill(scratch[o*plane:][:plane], b)
	}
	q := Product{
		Rows: 1, Width: p.Out, K: p.Size, N: row, ACol: p.In * p.Size * p.Size, AK: 1,
		BK: convPoolImages, BPanel: convPoolImages, CCol: plane, Init: Accumulate,
	}
	for i := range 2 {
		k.Multiply(&q, p.taps, scratch[i*row:], w, in[(2*y+i)*p.Width*convPoolImages:], nil)
	}
	pool := Pool{Rows: 1, Width: p.Columns(), Channels: convPoolImages, InRow: row, ReLU: p.ReLU}
	for o := range p.Out {
		to := View{dst[(o*p.Rows()+y)*row/2:], convPoolImages}
		k.MaxPool(to, View{scratch[o*plane:], convPoolImages}, &pool)
	}
}
