package kernel

import "fmt"

// Pool is the shape of a pooling of 2×2 windows: pixel (r, x) of the input is at r·InRow + x·pitch
// of its View, pixel (r, x) of the output at r·OutRow + x·pitch, for r < Rows and x < Width.
type Pool struct {
	Rows, Width, Channels int // of the output
	InRow, OutRow         int
	// ReLU follows the maximum (they commute), then a factor for each channel, as dropout of whole
	// channels has; nil means none.
	ReLU  bool
	Scale []float32
}

// corner returns the view of corner i of the windows in row r of the output.
func (p *Pool) corner(v View, r, i int) View {
	return View{v.Data[(2*r+i/2)*p.InRow+i%2*v.Pitch:], 2 * v.Pitch}
}

// check panics unless the views hold the pictures.
func (p *Pool) check(in, out View) {
	if min(p.Rows, p.Width, p.Channels, p.InRow, p.OutRow, in.Pitch, out.Pitch) < 0 {
		panic(fmt.Sprintf("kernel: negative size in %+v, pitches %d and %d", *p, in.Pitch, out.Pitch))
	}
	if p.empty() {
		return
	}
	need := (2*p.Rows-1)*p.InRow + (2*p.Width-1)*in.Pitch + p.Channels
	needOut := (p.Rows-1)*p.OutRow + (p.Width-1)*out.Pitch + p.Channels
	if need > len(in.Data) || needOut > len(out.Data) {
		panic(fmt.Sprintf("kernel: pooling %d to %d elements, want %d to %d for %+v",
			len(in.Data), len(out.Data), need, needOut, *p))
	}
	if p.Scale != nil && len(p.Scale) < p.Channels {
		panic(fmt.Sprintf("kernel: %d factors for %d channels", len(p.Scale), p.Channels))
	}
}

func (p *Pool) empty() bool { return min(p.Rows, p.Width, p.Channels) == 0 }

// largest returns the largest of four, the first of equals, NaN if one is NaN.
func largest(x [4]float32) float32 {
	m := x[0]
	for _, v := range x {
		if v != v {
			return v
		}
		if v > m {
			m = v
		}
	}
	return m
}

// MaxPool computes dst[r,x,c] = scale[c]·max(0, the largest of x[2r:2r+2, 2x:2x+2, c]), without the
// factor or the ReLU if p doesn't ask for them. NaN stays NaN. It panics if a slice is too short
// for p.
func (k Kernels) MaxPool(dst, x View, p *Pool) {
	p.check(x, dst)
	if p.empty() {
		return
	}
	for r := range p.Rows {
		out := View{dst.Data[r*p.OutRow:], dst.Pitch}
		if k.level != Portable {
			vectorMaxPool(k.level, out, x, r, p)
			continue
		}
		for i := range p.Width {
			for c := range p.Channels {
				m := largest(p.window(x, r, i, c))
				if p.ReLU && 0 > m {
					m = 0
				}
				if p.Scale != nil {
					m *= p.Scale[c]
				}
				out.Data[i*out.Pitch+c] = m
			}
		}
	}
}

// window returns the four values that output (r, i, c) is made of.
func (p *Pool) window(v View, r, i, c int) [4]float32 {
	at := 2*r*p.InRow + 2*i*v.Pitch + c
	return [4]float32{v.Data[at], v.Data[at+v.Pitch], v.Data[at+p.InRow], v.Data[at+p.InRow+v.Pitch]}
}

// MaxPoolBackward computes the gradient of x from that of MaxPool's output: in each window the
// first corner that equals the maximum gets scale[c]·dy (with ReLU only where the maximum is
// positive), the others get 0. dx has the pitch of x and p.InRow; pixels that belong to no window
// aren't written. It panics if a slice is too short or the pitches differ.
func (k Kernels) MaxPoolBackward(dx, dy, x View, p *Pool) {
	p.check(x, dy)
	p.check(dx, dy)
	if dx.Pitch != x.Pitch {
		panic(fmt.Sprintf("kernel: pitch %d of dx isn't that of x, %d", dx.Pitch, x.Pitch))
	}
	if p.empty() {
		return
	}
	for r := range p.Rows {
		in := View{dy.Data[r*p.OutRow:], dy.Pitch}
		if k.level != Portable {
			vectorMaxPoolBackward(k.level, dx, in, x, r, p)
			continue
		}
		for i := range p.Width {
			for c := range p.Channels {
				p.portableBackward(dx, in.Data[i*in.Pitch+c], x, r, i, c)
			}
		}
	}
}

// portableBackward hands the gradient g back to one window.
func (p *Pool) portableBackward(dx View, g float32, x View, r, i, c int) {
	if p.Scale != nil {
		g *= p.Scale[c]
	}
	w := p.window(x, r, i, c)
	m := largest(w)
	if p.ReLU && !(m > 0) {
		g = 0
	}
	for j, v := range w {
		at := p.corner(dx, r, j).Data[i*2*dx.Pitch+c:]
		at[0] = 0
		if v == m {
			at[0], g = g, 0
		}
	}
}
