package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// conv is a convolution of one image tile, the shapes that the networks have. Several images, with
// their borders, lie below each other.
type conv struct{ rows, width, cin, cout, size int }

func (c conv) String() string {
	return fmt.Sprintf("%dx%d_%d-%d_%dx%d", c.size, c.size, c.cin, c.cout, c.rows, c.width)
}

var convs = []conv{
	{8, 32, 64, 128, 1}, {8, 16, 256, 128, 1}, {8, 8, 512, 128, 1}, {4, 4, 1024, 128, 1}, {4, 4, 2048, 512, 1},
	{8, 32, 128, 32, 3}, {8, 16, 128, 32, 3}, {8, 8, 128, 32, 3}, {4, 4, 128, 32, 3},
	{8, 32, 64, 64, 3}, {8, 16, 128, 128, 3}, {8, 8, 256, 256, 3}, {4, 4, 512, 512, 3},
	{24, 24, 1, 10, 5}, {8, 8, 10, 20, 5},
	{28, 28, 1, 32, 5}, {14, 14, 32, 64, 5},
}

func (c conv) macs() int { return c.rows * c.width * c.cin * c.cout * c.size * c.size }

// pitch keeps neighbouring pixels out of the same cache set.
func (c conv) pitch() int { return c.cin + 16 }

// forward is the product of the forward pass.
func (c conv) forward() (*Product, *Taps) {
	row := (c.width + c.size - 1) * c.pitch()
	p := &Product{
		Rows: c.rows, Width: c.width, K: c.cin, N: c.cout, ARow: row, ACol: c.pitch(), AK: 1,
		BK: PanelWidth, BPanel: PanelWidth * c.cin * c.size * c.size, CRow: c.width * c.cout, CCol: c.cout,
	}
	var taps []Tap
	for y := range c.size {
		for x := range c.size {
			taps = append(taps, Tap{A: y*row + x*c.pitch(), B: (y*c.size + x) * c.cin * PanelWidth})
		}
	}
	return p, NewTaps(taps...)
}

// weights is the product of the gradient of the weights for one tap.
func (c conv) weights() (*Product, *Taps) {
	row := (c.width + c.size - 1) * c.pitch()
	p := &Product{
		Rows: 1, Width: c.cin, K: c.width, N: c.cout, ACol: 1, AK: c.pitch(),
		BK: c.cout, BPanel: PanelWidth, CCol: c.cout, Init: Accumulate,
	}
	var taps []Tap
	for y := range c.rows {
		taps = append(taps, Tap{A: y * row, B: y * c.width * c.cout})
	}
	return p, NewTaps(taps...)
}

// report turns the benchmark's time into GFLOP/s.
func report(b *testing.B, flop int) {
	b.ReportMetric(float64(flop)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
}

func noise(n int) []float32 {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	s := Aligned(n)
	for i := range s {
		s[i] = float32(r.NormFloat64())
	}
	return s
}

func vectorLevels(b *testing.B, f func(b *testing.B, k Kernels)) {
	for _, l := range Levels()[1:] {
		b.Run(l.String(), func(b *testing.B) { f(b, Kernels{l}) })
	}
}

func BenchmarkForward(b *testing.B) {
	for _, c := range convs {
		p, taps := c.forward()
		x := noise((c.rows + c.size) * (c.width + c.size) * c.pitch())
		w := noise(PackedLen(c.cin*c.size*c.size, c.cout))
		y := Aligned(c.rows * c.width * c.cout)
		b.Run(c.String(), func(b *testing.B) {
			vectorLevels(b, func(b *testing.B, k Kernels) {
				for b.Loop() {
					k.Multiply(p, taps, y, x, w, nil)
				}
				report(b, 2*c.macs())
			})
		})
	}
}

func BenchmarkWeightGradient(b *testing.B) {
	for _, c := range convs {
		p, taps := c.weights()
		x := noise((c.rows + c.size) * (c.width + c.size) * c.pitch())
		dy := noise(c.rows * c.width * c.cout)
		w := Aligned(c.cin * c.cout)
		b.Run(c.String(), func(b *testing.B) {
			vectorLevels(b, func(b *testing.B, k Kernels) {
				for b.Loop() {
					k.Multiply(p, taps, w, x, dy, nil)
				}
				report(b, 2*c.macs()/(c.size*c.size))
			})
		})
	}
}

// BenchmarkLanes is the gradient of the weights of the 2-layer network's second convolution, images
// innermost: 20 filters over 10 channels, one row of 5 taps a call.
func BenchmarkLanes(b *testing.B) {
	const images, out, in = 32, 8, 12
	p := &LaneProduct{I: 20, J: 5, K: out * images / Lanes, AI: out * out * images, AK: Lanes,
		BJ: images, BK: Lanes, CI: 5 * Lanes, CJ: Lanes}
	var list []Tap
	for y := range out {
		list = append(list, Tap{y * out * images, y * in * images})
	}
	taps := NewTaps(list...)
	dy, x, c := noise(20*out*out*images), noise(in*in*images), Aligned(100*Lanes)
	vectorLevels(b, func(b *testing.B, k Kernels) {
		for b.Loop() {
			k.Lanes(p, taps, c, dy, x)
		}
		report(b, 2*20*5*out*out*images)
	})
}

// BenchmarkImagesInLanes is the forward pass of the two convolutions of the 2-layer network for 32
// images side by side: a row of the output a call.
func BenchmarkImagesInLanes(b *testing.B) {
	for _, c := range []struct{ ci, co, in, out int }{{1, 10, 28, 24}, {10, 20, 12, 8}} {
		p := &Product{Rows: 1, Width: c.co, K: 5, N: 32 * c.out, ACol: 25 * c.ci, AK: 1, BK: 32, BPanel: 32,
			CCol: c.out * c.out * 32}
		var list []Tap
		for i := range c.ci {
			for y := range 5 {
				list = append(list, Tap{(i*5 + y) * 5, (i*c.in + y) * c.in * 32})
			}
		}
		taps := NewTaps(list...)
		w, x, y := noise(25*c.ci*c.co), noise(c.ci*c.in*c.in*32), Aligned(c.co*c.out*c.out*32)
		b.Run(fmt.Sprintf("%d-%d", c.ci, c.co), func(b *testing.B) {
			vectorLevels(b, func(b *testing.B, k Kernels) {
				for b.Loop() {
					for row := range c.out {
						k.Multiply(p, taps, y[row*c.out*32:], w, x[row*c.in*32:], nil)
					}
				}
				report(b, 2*25*c.ci*c.co*c.out*c.out*32)
			})
		})
	}
}

func BenchmarkPeak(b *testing.B) {
	vectorLevels(b, func(b *testing.B, k Kernels) {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprint(workers), func(b *testing.B) {
				var gflops float64
				for b.Loop() {
					gflops = k.Peak(workers)
				}
				b.ReportMetric(gflops, "GFLOP/s")
			})
		}
	})
}

// BenchmarkSmall shows what a call costs beside its arithmetic.
func BenchmarkSmall(b *testing.B) {
	shapes := []struct{ m, k, n int }{
		{4, 1, 32}, {12, 16, 32}, {32, 32, 32}, {128, 16, 32}, {10, 64, 10}, {64, 320, 50}, {64, 50, 10},
	}
	for _, s := range shapes {
		b.Run(fmt.Sprintf("%dx%dx%d", s.m, s.k, s.n), func(b *testing.B) {
			p := &Product{Rows: 1, Width: s.m, K: s.k, N: s.n, ACol: s.k, AK: 1, BK: 32, BPanel: 32 * s.k, CCol: s.n}
			x, w, y := noise(s.m*s.k), noise(PackedLen(s.k, s.n)), Aligned(s.m*s.n)
			vectorLevels(b, func(b *testing.B, k Kernels) {
				for b.Loop() {
					k.Multiply(p, OneTap, y, x, w, nil)
				}
				report(b, 2*s.m*s.k*s.n)
			})
		})
	}
}
