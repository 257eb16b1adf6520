package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// convPools are shapes with every remainder of channels, odd sizes and a single window among them.
var convPools = []*ConvPool{
	NewConvPool(1, 10, 5, 28, 28), NewConvPool(10, 20, 5, 12, 12), NewConvPool(3, 1, 1, 2, 2), NewConvPool(2, 2, 3, 5, 7),
	NewConvPool(1, 3, 2, 3, 3), NewConvPool(2, 4, 3, 8, 5), NewConvPool(4, 7, 2, 4, 6), NewConvPool(1, 5, 4, 9, 8),
}

func TestConvPool(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for i, p := range convPools {
		for _, p.ReLU = range []bool{false, true} {
			in, w, bias := make([]float32, p.In*p.Height*p.Width*32), make([]float32, p.Out*p.In*p.Size*p.Size), make([]float32, p.Out)
			for _, s := range [][]float32{in, w, bias} {
				normal(r, s)
			}
			if i > 0 { // not the largest
				for range 5 {
					in[r.IntN(len(in))] = nan
				}
			}
			for j := range w { // zeros of either sign, and ties
				if r.IntN(4) == 0 {
					w[j] *= 0
				}
			}
			bias[0] *= 0
			want := p.plain(in, w, bias)
			for _, l := range Levels() {
				dst := poison(len(want)+3, 0)
				Kernels{l}.ConvPool(p, dst, in, w, bias, make([]float32, p.ScratchLen()))
				expect(t, fmt.Sprintf("%s %+v", l, *p), dst, append(want[:len(want):len(want)], poison(3, 0)...))
			}
		}
	}
}

// plain is the definition.
func (p *ConvPool) plain(in, w, bias []float32) []float32 {
	var dst []float32
	for o := range p.Out {
		for y := range p.Rows() {
			for x := range p.Columns() {
				for n := range 32 {
					m := largest([4]float32{
						p.conv(in, w, bias, o, 2*y, 2*x, n), p.conv(in, w, bias, o, 2*y, 2*x+1, n),
						p.conv(in, w, bias, o, 2*y+1, 2*x, n), p.conv(in, w, bias, o, 2*y+1, 2*x+1, n),
					})
					if p.ReLU && m < 0 {
						m = 0
					}
					dst = append(dst, m)
				}
			}
		}
	}
	return dst
}

// conv is one value of the convolution.
func (p *ConvPool) conv(in, w, bias []float32, o, y, x, n int) float32 {
	sum := bias[o]
	for i := range p.In {
		for ky := range p.Size {
			for kx := range p.Size {
				sum = fma(w[((o*p.In+i)*p.Size+ky)*p.Size+kx], in[((i*p.Height+y+ky)*p.Width+x+kx)*32+n], sum)
			}
		}
	}
	return sum
}

func TestConvPoolPanics(t *testing.T) {
	p := NewConvPool(1, 2, 3, 4, 4)
	for short := range 5 {
		lengths := [5]int{64, 512, 18, 2, 256}
		lengths[short]--
		everyLevel(t, func(t *testing.T, k Kernels) {
			var s [5][]float32
			for i, n := range lengths {
				s[i] = make([]float32, n)
			}
			defer func() {
				if recover() == nil {
					t.Errorf("lengths %v: no panic", lengths)
				}
			}()
			k.ConvPool(p, s[0], s[1], s[2], s[3], s[4])
		})
	}
	defer func() {
		if recover() == nil {
			t.Error("no window: no panic")
		}
	}()
	NewConvPool(1, 1, 3, 3, 9)
}

func TestConvPoolDoesNotAllocate(t *testing.T) {
	p := NewConvPool(1, 2, 3, 6, 6)
	dst, in, w := make([]float32, 256), make([]float32, 36*32), make([]float32, 18)
	bias, scratch := make([]float32, 2), make([]float32, p.ScratchLen())
	everyLevel(t, func(t *testing.T, k Kernels) {
		if n := testing.AllocsPerRun(5, func() { k.ConvPool(p, dst, in, w, bias, scratch) }); n != 0 {
			t.Errorf("%v allocations, want none", n)
		}
	})
}
