package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// everyLevel runs f once for each level of this machine.
func everyLevel(t *testing.T, f func(t *testing.T, k Kernels)) {
	t.Helper()
	for _, l := range Levels() {
		k, err := Select(l)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(l.String(), func(t *testing.T) { f(t, k) })
	}
}

// same compares bits; all NaN are equal.
func same(got, want float32) bool {
	return math.Float32bits(got) == math.Float32bits(want) || got != got && want != want
}

// expect fails the test at the first difference.
func expect(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i := range want {
		if !same(got[i], want[i]) {
			t.Fatalf("%s: element %d is %v (%#x), want %v (%#x)", what, i,
				got[i], math.Float32bits(got[i]), want[i], math.Float32bits(want[i]))
		}
	}
}

var nan = float32(math.NaN())

// poison returns n NaN that start off bytes after an aligned address.
func poison(n, off int) []float32 {
	s := Aligned(n + off)[off:]
	for i := range s {
		s[i] = nan
	}
	return s
}

// normal fills s with values of very different size, so that every wrong rounding or order shows.
func normal(r *rand.Rand, s []float32) {
	for i := range s {
		s[i] = float32(math.Ldexp(r.NormFloat64(), r.IntN(6)-3))
	}
}

// problem is a product with its operands. Everything that the product must not read is NaN, and C
// is surrounded by canaries.
type problem struct {
	p             Product
	taps          []Tap
	c, a, b, bias []float32
}

// newProblem lays p out with random gaps and fills what may be read.
func newProblem(r *rand.Rand, p Product, taps int) *problem {
	q := &problem{p: p}
	q.p.Panel = []int{0, PanelWidth, PanelWidth / 2, 1 + r.IntN(PanelWidth)}[r.IntN(4)]
	q.p.layout(r)
	sizeA := (p.Rows-1)*q.p.ARow + (p.Width-1)*q.p.ACol + max(0, p.K-1)*q.p.AK + 1
	w := q.panel()
	sizeB := max(0, p.K-1)*q.p.BK + (p.N-1)/w*q.p.BPanel + w
	for range taps {
		q.taps = append(q.taps, Tap{A: r.IntN(50), B: r.IntN(3) * sizeB})
	}
	q.a, q.b = poison(sizeA+50, r.IntN(16)), poison(3*sizeB, r.IntN(16))
	q.c = poison((p.Rows-1)*q.p.CRow+(p.Width-1)*q.p.CCol+p.N+r.IntN(3), r.IntN(16))
	q.bias = poison(p.N, r.IntN(16))
	normal(r, q.bias)
	q.each(func(a, b int) {
		normal(r, q.a[a:a+1])
		normal(r, q.b[b:b+1])
	}, func(c int) { normal(r, q.c[c:c+1]) })
	return q
}

// panel is what p.Panel says, in the test's own words.
func (q *problem) panel() int {
	if q.p.Panel > 0 {
		return q.p.Panel
	}
	return 32
}

// layout picks strides with gaps, but those of A that are given.
func (p *Product) layout(r *rand.Rand) {
	if p.AK == 0 {
		p.AK = 1 + r.IntN(3)
	}
	if p.ACol == 0 {
		p.ACol = 1 + r.IntN(2*p.K*p.AK+2)
	}
	p.ARow = p.Width*p.ACol + r.IntN(9)
	p.BK = min(p.N, PanelWidth) + r.IntN(40)
	p.BPanel = PanelWidth + r.IntN(2)*p.K*p.BK
	p.CCol = p.N + r.IntN(5)
	p.CRow = p.Width*p.CCol + r.IntN(2)*r.IntN(9)
}

// each visits what p may touch.
func (q *problem) each(read func(a, b int), write func(c int)) {
	p := &q.p
	for i := range p.Rows * p.Width {
		y, x := i/p.Width, i%p.Width
		for j := range p.N {
			write(y*p.CRow + x*p.CCol + j)
			for _, t := range q.taps {
				for k := range p.K {
					read(t.A+y*p.ARow+x*p.ACol+k*p.AK, t.B+j/q.panel()*p.BPanel+k*p.BK+j%q.panel())
				}
			}
		}
	}
}

// run computes q on a copy of C.
func (q *problem) run(k Kernels) []float32 {
	c := append(poison(0, 5), q.c...)
	k.Multiply(&q.p, NewTaps(q.taps...), c, q.a, q.b, q.bias)
	return c
}

// definition is the formula of Product, written without looking at the code.
func (q *problem) definition() []float32 {
	c := append([]float32(nil), q.c...)
	p := &q.p
	for i := range p.Rows * p.Width {
		y, x := i/p.Width, i%p.Width
		for j := range p.N {
			at := y*p.CRow + x*p.CCol + j
			sum := float32(0)
			switch p.Init {
			case Accumulate:
				sum = c[at]
			case Bias:
				sum = q.bias[j]
			}
			for _, t := range q.taps {
				for k := range p.K {
					u := q.a[t.A+y*p.ARow+x*p.ACol+k*p.AK]
					v := q.b[t.B+j/q.panel()*p.BPanel+k*p.BK+j%q.panel()]
					sum = fmaEmulated(u, v, sum)
				}
			}
			c[at] = sum
		}
	}
	return c
}

// check compares all levels with the definition.
func (q *problem) check(t *testing.T) {
	t.Helper()
	want := q.definition()
	for _, l := range Levels() {
		expect(t, fmt.Sprintf("%s %+v taps %v", l, q.p, q.taps), q.run(Kernels{l}), want)
	}
}

func TestProductEverySize(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for n := 1; n <= 34; n++ {
		for m := 1; m <= 26; m++ {
			p := Product{Rows: 1, Width: m, N: n, K: 1 + r.IntN(5), Init: Init(r.IntN(3))}
			newProblem(r, p, 1+r.IntN(3)).check(t)
		}
	}
	for k := 0; k <= 33; k++ {
		for taps := range 5 {
			newProblem(r, Product{Rows: 1, Width: 5, N: 19, K: k, Init: Init(taps % 3)}, taps).check(t)
		}
	}
}

// TestProductAdjacent has every size of a tile and of its last columns where the k of A, or its rows,
// lie side by side in memory, or neither: NEON reads several at once.
func TestProductAdjacent(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for n := 1; n <= PanelWidth; n++ {
		for m := 1; m <= 7; m++ {
			for _, stride := range []struct{ k, column int }{{1, 11}, {11, 1}, {11, 5}} {
				p := Product{Rows: 1, Width: m, N: n, K: 1 + (n+3*m)%9, AK: stride.k, ACol: stride.column, Init: Init((n + m) % 3)}
				newProblem(r, p, 1+(n+m)%2).check(t)
			}
		}
	}
}

func TestProductRandomShapes(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 150 {
		p := Product{
			Rows: 1 + r.IntN(9), Width: 1 + r.IntN(20), N: 1 + r.IntN(80), K: 1 + r.IntN(8), Init: Init(r.IntN(3)),
		}
		newProblem(r, p, 1+r.IntN(9)).check(t)
	}
	// More tiles than fit one call of the assembly.
	newProblem(r, Product{Rows: 77, Width: 8, N: 40, K: 3, Init: Accumulate}, 2).check(t)
	newProblem(r, Product{Rows: 60, Width: 7, N: 33, K: 2, Init: Bias}, 2).check(t)
}

func TestProductSpecialValues(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	special := []float32{
		float32(math.Inf(1)), float32(math.Inf(-1)), nan, 0, float32(math.Copysign(0, -1)),
		math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 0x1p-126, 0x1.fffffep-127, 0x1p-80, 1 + 0x1p-23,
	}
	for range 100 {
		q := newProblem(r, Product{Rows: 2, Width: 9, N: 21, K: 4, Init: Init(r.IntN(3))}, 2)
		for range 40 {
			q.a[r.IntN(len(q.a))] = special[r.IntN(len(special))]
			q.b[r.IntN(len(q.b))] = special[r.IntN(len(special))]
		}
		q.check(t)
	}
}

func TestProductPanics(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	good := func() *problem { return newProblem(r, Product{Rows: 2, Width: 3, N: 40, K: 4, Init: Bias}, 2) }
	bad := map[string]func(q *problem){
		"short C":       func(q *problem) { q.c = q.c[:q.p.CRow+2*q.p.CCol+q.p.N-1] },
		"short A":       func(q *problem) { q.a = q.a[:len(q.a)-50+max(q.taps[0].A, q.taps[1].A)-1] },
		"short B":       func(q *problem) { q.b = q.b[:len(q.b)/8] },
		"short bias":    func(q *problem) { q.bias = q.bias[:39] },
		"negative tap":  func(q *problem) { q.taps[1].A = -1 },
		"negative B":    func(q *problem) { q.taps[1].B = -1 },
		"negative size": func(q *problem) { q.p.K = -1 },
	}
	everyLevel(t, func(t *testing.T, k Kernels) {
		good().run(k)
		for name, spoil := range bad {
			q := good()
			spoil(q)
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic", name)
					}
				}()
				k.Multiply(&q.p, NewTaps(q.taps...), q.c, q.a, q.b, q.bias)
			}()
		}
	})
}

// TestProductBounds gives the product slices that end exactly where it may read last.
func TestProductBounds(t *testing.T) {
	for _, n := range []int{5, 32, 37} {
		p := Product{Rows: 1, Width: 3, N: n, K: 2, ACol: 2, AK: 1, BK: 32, BPanel: 64, CCol: n}
		full := max(0, (n-1)/32)
		b := make([]float32, full*64+32+n-full*32)
		k := Best()
		k.Multiply(&p, OneTap, make([]float32, 3*n), make([]float32, 6), b, nil)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("n=%d: B one element short went unnoticed", n)
				}
			}()
			k.Multiply(&p, OneTap, make([]float32, 3*n), make([]float32, 6), b[:len(b)-1], nil)
		}()
	}
}

// TestPack packs a matrix of any strides into panels whose rest is zero.
func TestPack(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 30 {
		n, depth := 1+r.IntN(70), 1+r.IntN(40)
		rowStride, colStride := 1, depth
		if r.IntN(2) == 0 {
			rowStride, colStride = n+3, 1
		}
		src := make([]float32, (depth-1)*rowStride+(n-1)*colStride+1)
		normal(r, src)
		want := make([]float32, PackedLen(depth, n))
		for i := range depth * n {
			l, j := i/n, i%n
			want[j/PanelWidth*PanelWidth*depth+l*PanelWidth+j%PanelWidth] = src[l*rowStride+j*colStride]
		}
		got := poison(len(want), 0)
		Pack(got, src, depth, n, rowStride, colStride)
		expect(t, fmt.Sprintf("%d×%d", depth, n), got, want)
	}
}

func TestMultiplyDoesNotAllocate(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	q := newProblem(r, Product{Rows: 2, Width: 9, N: 40, K: 4}, 2)
	taps := NewTaps(q.taps...)
	everyLevel(t, func(t *testing.T, k Kernels) {
		if n := testing.AllocsPerRun(20, func() { k.Multiply(&q.p, taps, q.c, q.a, q.b, nil) }); n != 0 {
			t.Errorf("%v allocations, want none", n)
		}
	})
}
