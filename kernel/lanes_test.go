package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestLanes(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for i := 1; i <= 12; i++ {
		for j := 1; j <= 12; j++ {
			testLanes(t, r, LaneProduct{I: i, J: j, K: 1 + r.IntN(4)}, 1+r.IntN(3))
		}
	}
	testLanes(t, r, LaneProduct{I: 3, J: 7, K: 0}, 2)
	testLanes(t, r, LaneProduct{I: 3, J: 7, K: 2}, 0)
}

// testLanes compares all levels with the definition, with strides that overlap as those of a
// convolution's taps do, and canaries around C.
func testLanes(t *testing.T, r *rand.Rand, p LaneProduct, ntaps int) {
	t.Helper()
	p.AI, p.AK, p.BJ, p.BK = r.IntN(50), r.IntN(40), r.IntN(50), r.IntN(40)
	p.CJ = Lanes + r.IntN(4)
	p.CI = p.J*p.CJ + r.IntN(4)
	a, b := make([]float32, 100+p.I*p.AI+p.K*p.AK+Lanes), make([]float32, 100+p.J*p.BJ+p.K*p.BK+Lanes)
	awkward(r, a)
	awkward(r, b)
	taps := NewTaps()
	for range ntaps {
		taps.Set(append(taps.list, Tap{r.IntN(100), r.IntN(100)}))
	}
	c := make([]float32, p.I*p.CI+Lanes)
	awkward(r, c)
	want := append([]float32(nil), c...)
	for i := range p.I * p.J * Lanes {
		x, y, l := i/Lanes/p.J, i/Lanes%p.J, i%Lanes
		for _, tap := range taps.list {
			for k := range p.K {
				sum := &want[x*p.CI+y*p.CJ+l]
				*sum = fmaEmulated(a[tap.A+x*p.AI+k*p.AK+l], b[tap.B+y*p.BJ+k*p.BK+l], *sum)
			}
		}
	}
	for _, level := range Levels() {
		got := append(poison(0, 3), c...)
		Kernels{level}.Lanes(&p, taps, got, a, b)
		expect(t, fmt.Sprintf("%s %+v", level, p), got, want)
	}
}

func TestLanesPanics(t *testing.T) {
	p := &LaneProduct{I: 2, J: 2, K: 2, AI: 16, AK: 16, BJ: 16, BK: 16, CI: 32, CJ: 16}
	for _, n := range [][3]int{{63, 48, 48}, {64, 47, 48}, {64, 48, 47}} {
		everyLevel(t, func(t *testing.T, k Kernels) {
			defer func() {
				if recover() == nil {
					t.Errorf("%v elements: no panic", n)
				}
			}()
			k.Lanes(p, OneTap, make([]float32, n[0]), make([]float32, n[1]), make([]float32, n[2]))
		})
	}
}

func TestFoldLanes(t *testing.T) {
	src := make([]float32, 3*Lanes)
	for i := range src {
		src[i] = float32(i)
	}
	rounded := []float32{1 << 24, 1, 1, 1, 1, 1, 1, 1, -1 << 24, 1, 1, 1, 1, 1, 1, 1} // 2^24 + 1 is no float32
	everyLevel(t, func(t *testing.T, k Kernels) {
		for n := range 4 {
			dst := []float32{-1, -1, -1, -1}
			k.FoldLanes(dst[:n], src)
			expect(t, "sums", dst, append([]float32{120, 376, 632}[:n:n], []float32{-1, -1, -1, -1}[n:]...))
		}
		dst := make([]float32, 1)
		k.FoldLanes(dst, rounded)
		expect(t, "sum", dst, []float32{14}) // added from the left it would be 7
	})
}

func TestLanesDoesNotAllocate(t *testing.T) {
	p := &LaneProduct{I: 7, J: 7, K: 2, AI: 16, AK: 16, BJ: 16, BK: 16, CI: 7 * 16, CJ: 16}
	a, b, c := make([]float32, 200), make([]float32, 200), make([]float32, 7*7*16)
	everyLevel(t, func(t *testing.T, k Kernels) {
		if n := testing.AllocsPerRun(20, func() { k.Lanes(p, OneTap, c, a, b) }); n != 0 {
			t.Errorf("%v allocations, want none", n)
		}
	})
}
