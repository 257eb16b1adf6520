package kernel

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// fenced returns n floats that end where memory ends: the next byte belongs to a page that must not
// be touched, so that reading too far crashes the test.
func fenced(t *testing.T, n int) []float32 {
	t.Helper()
	page := os.Getpagesize()
	size := (4*n + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(mem); err != nil {
			t.Error(err)
		}
	})
	if err := syscall.Mprotect(mem[size:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	floats := unsafe.Slice((*float32)(unsafe.Pointer(&mem[0])), size/4)
	return floats[size/4-n:]
}

// tail returns the last n elements.
func tail(s []float32, n int) []float32 { return s[len(s)-n:] }

func TestNothingBehindTheEnd(t *testing.T) {
	const size = 13 * 33 * Lanes
	var f [6][]float32
	for i := range f {
		f[i] = fenced(t, size)
	}
	r := rand.New(rand.NewPCG(10, 10))
	for n := 1; n <= 33; n++ {
		fencedProducts16(t, &f, 1+n%18, n, 1+n%20)
	}
	everyLevel(t, func(t *testing.T, k Kernels) {
		for n := 1; n <= 33; n++ {
			for m := 1; m <= 13; m++ {
				fencedProducts(k, &f, m, n, 1+r.IntN(2))
			}
			fencedPasses(k, &f, 1+r.IntN(5), n)
		}
		for _, p := range convPools[2:] {
			w, bias := tail(f[2], p.Out*p.In*p.Size*p.Size), tail(f[3], p.Out)
			k.ConvPool(p, tail(f[0], p.Out*p.Rows()*p.Columns()*32), tail(f[1], p.In*p.Height*p.Width*32), w, bias, tail(f[4], p.ScratchLen()))
		}
	})
}

// fencedProducts computes products whose operands all end at a fence.
func fencedProducts(k Kernels, f *[6][]float32, m, n, depth int) {
	a, c, bias := tail(f[0], m*depth), tail(f[1], m*n), tail(f[2], n)
	b := tail(f[3], depth*n) // not packed: the rows of B are as narrow as C
	for _, init := range []Init{Zero, Accumulate, Bias} {
		w := min(n, PanelWidth)
		p := Product{Rows: 1, Width: m, K: depth, N: w, ACol: depth, AK: 1, BK: n, CCol: n, Init: init}
		k.Multiply(&p, OneTap, c[n-w:], a, b[n-w:], bias[n-w:])
	}
	l := LaneProduct{I: m, J: n, K: 1, AI: Lanes, BJ: Lanes, CI: n * Lanes, CJ: Lanes}
	k.Lanes(&l, OneTap, tail(f[1], m*n*Lanes), tail(f[0], m*Lanes), tail(f[3], n*Lanes))
}

// fencedPasses runs every pass on slices that end at a fence.
func fencedPasses(k Kernels, f *[6][]float32, m, n int) {
	c, line := tail(f[0], m*n), tail(f[2], n)
	x, y := View{c, n}, View{tail(f[1], m*n), n}
	four := View{tail(f[3], 4*m*n), n}
	sum := unsafe.Slice((*float64)(unsafe.Pointer(&tail(f[4], 2*n)[0])), n)
	normalised := &Normalised{Scale: line, Shift: line}
	k.ScaleShift(x, y, y, m, n, line, line, true)
	k.ChannelSums(sum, sum, x, m, n)
	k.BackwardSums(sum, sum, x, y, m, n, normalised)
	k.Backward(x, y, y, m, n, normalised, line, line, line, true)
	pool := &Pool{Rows: 1, Width: m, Channels: n, InRow: 2 * m * n, Scale: line}
	k.MaxPool(x, four, pool)
	k.MaxPoolBackward(four, x, four, pool)
	k.ReLU(c, y.Data)
	k.ReLUBackward(c, c, y.Data)
	k.AddScaled(c, y.Data, 2)
	k.Update(c, y.Data, y.Data, SGD{})
	k.Exp(c, y.Data)
	k.RBF(c, y.Data, y.Data, 1, 1)
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&tail(f[5], n)[0])), 4*n)
	k.FromBytes(tail(f[3], 4*n), bytes, line[:1], line[:1])
	k.SquaredNorm(c)
	half := unsafe.Slice((*BF16)(unsafe.Pointer(&tail(f[5], (m*n+1)/2)[0])), (m*n+1)/2*2)
	half = half[len(half)-m*n:]
	k.Narrow(View16{half, n}, x, m, n)
	k.Widen(y, View16{half, n}, m, n)
	k.Round(line, line)
}

// fencedProducts16 computes products of bfloat16 whose operands all end at a fence.
func fencedProducts16(t *testing.T, f *[6][]float32, m, n, pairs int) {
	halves := func(s []float32) []BF16 { return unsafe.Slice((*BF16)(unsafe.Pointer(&s[0])), 2*len(s)) }
	a, b, c, bias := halves(tail(f[0], m*pairs)), halves(tail(f[3], pairs*n)), tail(f[1], m*n), tail(f[2], n)
	w := min(n, PanelWidth)
	for _, implementation := range implementations(t) {
		for _, init := range []Init{Zero, Accumulate, Bias} {
			p := Product16{Rows: 1, Width: m, Pairs: pairs, N: w, ACol: 2 * pairs, BK: 2 * n, CCol: n, Init: init}
			implementation.Multiply(&p, OneTap, c[n-w:], a, b[2*(n-w):], bias[n-w:])
		}
	}
}
