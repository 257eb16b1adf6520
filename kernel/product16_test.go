package kernel

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
)

// emulatedVariable is set in the environment of a process whose instructions are emulated.
const emulatedVariable = "SHOAL_TEST_EMULATED"

func emulated() bool { return os.Getenv(emulatedVariable) != "" }

// implementations are all of this machine and build, by tier: the twin and every level, or the
// instructions.
func implementations(t *testing.T) map[string]Products {
	t.Helper()
	list := map[string]Products{}
	for tier := range tierNames {
		list[Tier(tier).String()+" twin"] = Twin(Tier(tier))
		for _, l := range Levels() {
			m, err := Kernels{l}.SelectTier(Tier(tier))
			if err == nil {
				list[Tier(tier).String()+" "+l.String()] = m
			}
		}
		if tiersBuilt && emulated() {
			list[Tier(tier).String()+", emulated"] = Products{tier: Tier(tier), level: Best().Level()}
		}
	}
	return list
}

// problem16 is a Product16 with its operands: what must not be read is NaN, and C is surrounded by
// canaries.
type problem16 struct {
	p       Product16
	taps    []Tap
	c, bias []float32
	a, b    []BF16
}

const nan16 BF16 = 0x7fc1

func poison16(n, off int) []BF16 {
	s := make([]BF16, n+off)[off:]
	for i := range s {
		s[i] = nan16
	}
	return s
}

// newProblem16 lays p out with random gaps and fills what may be read.
func newProblem16(r *rand.Rand, p Product16, taps int) *problem16 {
	p.ACol = 2*p.Pairs + r.IntN(7)
	p.ARow = p.Width*p.ACol + r.IntN(2)*r.IntN(9)
	p.BK = 2*min(p.N, PanelWidth) + r.IntN(40)
	p.BPanel = 2*PanelWidth + r.IntN(2)*p.Pairs*p.BK
	p.CCol = p.N + r.IntN(5)
	p.CRow = p.Width*p.CCol + r.IntN(2)*r.IntN(9)
	q := &problem16{p: p}
	sizeA := (p.Rows-1)*p.ARow + (p.Width-1)*p.ACol + 2*p.Pairs
	sizeB := max(0, p.Pairs-1)*p.BK + (p.N-1)/PanelWidth*p.BPanel + 2*PanelWidth
	for range taps {
		q.taps = append(q.taps, Tap{A: r.IntN(50), B: r.IntN(3) * sizeB})
	}
	q.a, q.b = poison16(sizeA+50, r.IntN(16)), poison16(3*sizeB, r.IntN(16))
	q.c = poison((p.Rows-1)*p.CRow+(p.Width-1)*p.CCol+p.N+r.IntN(3), r.IntN(16))
	q.bias = poison(p.N, r.IntN(16))
	normal(r, q.bias)
	q.each(func(c, _, y, x, j int) {
		normal(r, q.c[c:c+1])
		for _, t := range q.taps {
			for k := range 2 * p.Pairs {
				q.a[q.atA(t, y, x, k)], q.b[q.atB(t, j, k)] = halfNumber(r), halfNumber(r)
			}
		}
	})
	return q
}

func (q *problem16) atA(t Tap, y, x, k int) int { return t.A + y*q.p.ARow + x*q.p.ACol + k }

func (q *problem16) atB(t Tap, j, k int) int {
	return t.B + j/PanelWidth*q.p.BPanel + k/2*q.p.BK + 2*(j%PanelWidth) + k%2
}

// each visits the elements of C.
func (q *problem16) each(visit func(c, i, y, x, j int)) {
	for i := range q.p.Rows * q.p.Width {
		y, x := i/q.p.Width, i%q.p.Width
		for j := range q.p.N {
			visit(y*q.p.CRow+x*q.p.CCol+j, i, y, x, j)
		}
	}
}

// definition is the formula of Product16 in the tier's order, written without looking at the code,
// over multiply-adds that have a test of their own.
func (q *problem16) definition(tier Tier) []float32 {
	out := append([]float32(nil), q.c...)
	q.each(func(c, _, y, x, j int) {
		sum := float32(0)
		switch q.p.Init {
		case Accumulate:
			sum = out[c]
		case Bias:
			sum = q.bias[j]
		}
		for _, t := range q.taps {
			var u, v []float32
			for k := range 2 * q.p.Pairs {
				u = append(u, q.a[q.atA(t, y, x, k)].Float32())
				v = append(v, q.b[q.atB(t, j, k)].Float32())
			}
			sum = orders[tier](sum, u, v)
		}
		out[c] = sum
	})
	return out
}

// orders are the sums of one tap.
var orders = map[Tier]func(sum float32, u, v []float32) float32{
	Widened: func(sum float32, u, v []float32) float32 {
		for k := range u {
			sum = fma(u[k], v[k], sum)
		}
		return sum
	},
	AVX512BF16: func(sum float32, u, v []float32) float32 {
		for k := range u {
			sum = fmaFlush(u[k^1], v[k^1], sum) // 1, 0, 3, 2, …
		}
		return sum
	},
	AMX: func(sum float32, u, v []float32) float32 {
		for len(u) > 0 {
			n := min(len(u), 32)
			var half [2]float32
			for k := range n {
				half[k%2] = fmaFlush(u[k], v[k], half[k%2])
			}
			sum = fmaFlush(1, sum, flushedFMA(1, half[0], half[1]))
			u, v = u[n:], v[n:]
		}
		return sum
	},
}

// check compares all implementations with the definition.
func (q *problem16) check(t *testing.T) {
	t.Helper()
	var want [len(tierNames)][]float32
	for tier := range want {
		want[tier] = q.definition(Tier(tier))
	}
	for name, m := range implementations(t) {
		c := append(poison(0, 5), q.c...)
		m.Multiply(&q.p, NewTaps(q.taps...), c, q.a, q.b, q.bias)
		expect(t, fmt.Sprintf("%s %+v taps %v", name, q.p, q.taps), c, want[m.tier])
	}
}

func TestProduct16EverySize(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 22))
	for n := 1; n <= 34; n++ {
		m := 1 + n*7%26
		newProblem16(r, Product16{Rows: 1, Width: m, N: n, Pairs: 1 + r.IntN(3), Init: Init(r.IntN(3))}, 1+r.IntN(3)).check(t)
	}
	for m := 1; m <= 34; m++ {
		newProblem16(r, Product16{Rows: 1, Width: m, N: 1 + m*11%34, Pairs: 1 + r.IntN(2), Init: Init(r.IntN(3))}, 1).check(t)
	}
	for pairs := 0; pairs <= 2*chunkPairs+1; pairs++ {
		newProblem16(r, Product16{Rows: 1, Width: 3, N: 19, Pairs: pairs, Init: Init(pairs % 3)}, pairs%4).check(t)
	}
}

func TestProduct16RandomShapes(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 23))
	for range 40 {
		p := Product16{
			Rows: 1 + r.IntN(4), Width: 1 + r.IntN(18), N: 1 + r.IntN(70), Pairs: 1 + r.IntN(5), Init: Init(r.IntN(3)),
		}
		newProblem16(r, p, 1+r.IntN(3)).check(t)
	}
	// More tiles than fit one call of the assembly, more blocks than one, a flat picture.
	newProblem16(r, Product16{Rows: 21, Width: 4, N: 5, Pairs: 1, Init: Accumulate}, 1).check(t)
	newProblem16(r, Product16{Rows: 1, Width: 85, N: 3, Pairs: 2, Init: Bias}, 1).check(t)
}

// TestProduct16Squares has the shapes that AMX computes in blocks of 32 rows, of which the last may begin
// before the end of the one before it.
func TestProduct16Squares(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 25))
	for i, width := range []int{32, 33, 48, 49, 63, 64, 81, 100} {
		p := Product16{Rows: 1 + i%2, Width: width, N: 17 + r.IntN(50), Pairs: chunkPairs * (1 + i%2), Init: Init(i % 3)}
		newProblem16(r, p, 1+i%3).check(t)
	}
	// Rows that such blocks fill, alone or two at a time, are computed together.
	for _, shape := range [][2]int{{3, 32}, {2, 64}, {2, 16}, {5, 16}} {
		for init := range Init(3) {
			p := Product16{Rows: shape[0], Width: shape[1], N: 17 + r.IntN(50), Pairs: chunkPairs, Init: init}
			q := newProblem16(r, p, 2)
			for q.p.ARow == q.p.Width*q.p.ACol && q.p.CRow == q.p.Width*q.p.CCol { // that would be one row
				q = newProblem16(r, p, 2)
			}
			q.check(t)
		}
	}
}

// TestWidenedIsMultiply is the promise that lets a network change between the two: the same bits.
func TestWidenedIsMultiply(t *testing.T) {
	r := rand.New(rand.NewPCG(24, 24))
	for range 20 {
		n, depth, m := 1+r.IntN(70), 1+r.IntN(40), 1+r.IntN(20)
		a, w := make([]float32, m*depth), make([]float32, depth*n)
		normal(r, a)
		normal(r, w)
		Best().Round(a, a)
		Best().Round(w, w)
		even := depth + depth&1
		a16 := View16{make([]BF16, m*even), even}
		Best().Narrow(a16, View{a, depth}, m, depth)
		packed, packed16 := make([]float32, PackedLen(depth, n)), make([]BF16, PackedLen(depth+depth%2, n))
		Pack(packed, w, depth, n, n, 1)
		Kernels{}.PackPairs(packed16, packed, (n+PanelWidth-1)/PanelWidth, depth)
		want, got := make([]float32, m*n), make([]float32, m*n)
		Best().Multiply(&Product{Rows: 1, Width: m, K: depth, N: n, ACol: depth, AK: 1, BK: PanelWidth,
			BPanel: depth * PanelWidth, CCol: n}, OneTap, want, a, packed, nil)
		everyLevel(t, func(t *testing.T, k Kernels) {
			p, err := k.SelectTier(Widened)
			if err != nil {
				t.Fatal(err)
			}
			p.Multiply(&Product16{Rows: 1, Width: m, Pairs: even / 2, N: n, ACol: even, BK: 2 * PanelWidth,
				BPanel: even * PanelWidth, CCol: n}, OneTap, got, a16.Data, packed16, nil)
			expect(t, fmt.Sprintf("%d×%d×%d", m, depth, n), got, want)
		})
	}
}

func TestProduct16Panics(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 25))
	bad := map[string]func(q *problem16){
		"short C":       func(q *problem16) { q.c = q.c[:q.p.CRow+2*q.p.CCol+q.p.N-1] },
		"short A":       func(q *problem16) { q.a = q.a[:len(q.a)-50+max(q.taps[0].A, q.taps[1].A)-1] },
		"short B":       func(q *problem16) { q.b = q.b[:len(q.b)/8] },
		"short bias":    func(q *problem16) { q.bias = q.bias[:39] },
		"negative tap":  func(q *problem16) { q.taps[1].A = -1 },
		"negative B":    func(q *problem16) { q.taps[1].B = -1 },
		"negative size": func(q *problem16) { q.p.Pairs = -1 },
	}
	for what, m := range implementations(t) {
		for name, spoil := range bad {
			q := newProblem16(r, Product16{Rows: 2, Width: 3, N: 40, Pairs: 2, Init: Bias}, 2)
			spoil(q)
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s, %s: no panic", what, name)
					}
				}()
				m.Multiply(&q.p, NewTaps(q.taps...), q.c, q.a, q.b, q.bias)
			}()
		}
	}
}

func TestProduct16DoesNotAllocate(t *testing.T) {
	r := rand.New(rand.NewPCG(26, 26))
	q := newProblem16(r, Product16{Rows: 1, Width: 5, N: 33, Pairs: 17}, 2)
	taps := NewTaps(q.taps...)
	for name, m := range implementations(t) {
		if n := testing.AllocsPerRun(20, func() { m.Multiply(&q.p, taps, q.c, q.a, q.b, nil) }); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

func TestTiers(t *testing.T) {
	for i, name := range tierNames {
		tier := Tier(i)
		if got, err := ParseTier(name); err != nil || got != tier {
			t.Errorf("ParseTier(%q) = %v, %v", name, got, err)
		}
		m, err := Best().SelectTier(tier)
		if can := tier == Widened || tiersBuilt && tier.inProcessor() && tier.allowed(); can != (err == nil) {
			t.Errorf("SelectTier(%v): %v; the build has tiers: %v, the processor %v", tier, err, tiersBuilt, tier.inProcessor())
		}
		if err == nil && m.Tier() != tier {
			t.Errorf("SelectTier(%v) is %v", tier, m.Tier())
		}
		if err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("SelectTier(%v): %v doesn't name it", tier, err)
		}
	}
	if _, err := ParseTier("fp8"); err == nil || !strings.Contains(err.Error(), `"fp8"`) {
		t.Errorf("ParseTier(fp8): %v, want an error that quotes it", err)
	}
	if _, err := Best().SelectTier(AMX + 1); err == nil {
		t.Error("an unknown tier was selected")
	}
}

// TestInstructions compares what the processor says with what Linux says.
func TestInstructions(t *testing.T) {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil || runtime.GOARCH != "amd64" || Best().Level() == Portable {
		t.Skip("needs Linux on amd64, and assembly")
	}
	flags := " " + string(text) + " "
	has := func(name string) bool { return strings.Contains(strings.ReplaceAll(flags, "\n", " "), " "+name+" ") }
	if got, want := AVX512BF16.inProcessor(), has("avx512_bf16") && Best().Level() == AVX512; got != want {
		t.Errorf("AVX512BF16: %v, cpuinfo says %v", got, want)
	}
	if got := AMX.inProcessor(); got && !has("amx_bf16") {
		t.Errorf("AMX: %v, cpuinfo doesn't list amx_bf16", got)
	}
}

// TestProduct16Bounds gives the product slices that end exactly where it may read last.
func TestProduct16Bounds(t *testing.T) {
	for _, n := range []int{5, 32, 37} {
		p := Product16{Rows: 1, Width: 3, Pairs: 2, N: n, ACol: 4, BK: 64, BPanel: 128, CCol: n}
		panels := (n - 1) / PanelWidth
		sizes := [3]int{3 * n, 12, 64 + max(2*min(n, PanelWidth), panels*128+2*(n-panels*PanelWidth))}
		for name, m := range implementations(t) {
			try := func(c, a, b int) (failed bool) {
				defer func() { failed = recover() != nil }()
				m.Multiply(&p, OneTap, make([]float32, c), make([]BF16, a), make([]BF16, b), nil)
				return false
			}
			if try(sizes[0], sizes[1], sizes[2]) {
				t.Errorf("%s, n=%d: slices of the least length panic", name, n)
			}
			for short := range 3 {
				s := sizes
				s[short]--
				if !try(s[0], s[1], s[2]) {
					t.Errorf("%s, n=%d: operand %d one element short went unnoticed", name, n, short)
				}
			}
		}
	}
}
