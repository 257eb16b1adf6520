package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
)

// RefusedError says why the instructions of a tier are not used although the processor has them.
type RefusedError struct {
	Tier Tier
	Why  string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the instructions of bfloat16 tier %q are not used: %s", e.Tier, e.Why)
}

// verdicts are the errors of SelectTier, by tier: each is found at the first use, once a process.
var verdicts = func() (list [len(tierNames)]func() error) {
	for i := range list {
		t := Tier(i)
		list[i] = sync.OnceValue(func() error {
			return t.judge(tiersBuilt, t.inProcessor(), t.allowed, Products{tier: t, level: Best().level}.Multiply)
		})
	}
	return list
}()

// judge says why t can't be used: nil if it can. What the instructions compute is looked at only
// where they may be run.
func (t Tier) judge(built, inProcessor bool, allowed func() bool, multiply multiply16) error {
	switch {
	case t == Widened:
		return nil
	case !built:
		return fmt.Errorf("this build has no assembly for bfloat16 tier %q: builds for amd64 without the tag purego have it", t)
	case !inProcessor:
		return fmt.Errorf("this machine can't run bfloat16 tier %q: its processor lacks the instructions", t)
	case !allowed():
		return &RefusedError{t, "the operating system doesn't allow them"}
	}
	if why := t.check(multiply); why != "" {
		return &RefusedError{t, why}
	}
	return nil
}

// multiply16 is the signature of Products.Multiply.
type multiply16 func(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32)

// checks are the products that a tier has to compute as its twin does before it is used: full tiles,
// remainders in rows, columns and pairs, one vector and two, several panels, blocks and taps, all
// three beginnings. With their twins they take a few milliseconds.
var checks = []struct {
	shape Product16
	taps  int
	small bool // numbers of A, and C, beside the smallest normal one
}{
	{Product16{Rows: 1, Width: 16, Pairs: 16, N: 32, Init: Zero}, 1, false},
	{Product16{Rows: 1, Width: 19, Pairs: 17, N: 35, Init: Accumulate}, 1, false},
	{Product16{Rows: 2, Width: 5, Pairs: 3, N: 7, Init: Bias}, 2, false},
	{Product16{Rows: 1, Width: 83, Pairs: 32, N: 32, Init: Bias}, 2, false},
	{Product16{Rows: 2, Width: 37, Pairs: 16, N: 27, Init: Accumulate}, 1, false},
	{Product16{Rows: 1, Width: 7, Pairs: 2, N: 20, Init: Accumulate}, 1, true},
}

// Exponents of float32: of numbers below 1, and the least of normal numbers.
const belowOne, smallest = 123, 1

// check says which number is wrong among those that multiply returns for the products above: "" if
// none is.
func (t Tier) check(multiply multiply16) string {
	r := rand.New(rand.NewPCG(16, uint64(t)))
	for _, c := range checks {
		p := c.shape
		p.ACol, p.BK, p.BPanel = 2*p.Pairs, 2*PanelWidth, 2*PanelWidth*p.Pairs
		p.ARow, p.CCol = p.Width*p.ACol+1, p.N
		p.CRow = p.Width * p.CCol
		panels := (p.N + PanelWidth - 1) / PanelWidth * p.BPanel
		taps := make([]Tap, c.taps)
		for i := range taps {
			taps[i] = Tap{A: 3 * i, B: panels * i}
		}
		exponent := belowOne
		if c.small {
			exponent = smallest
		}
		a, b := checkOperand(r, p.Rows*p.ARow+3*c.taps, exponent), checkOperand(r, panels*c.taps, belowOne)
		start, bias := make([]float32, p.Rows*p.CRow), make([]float32, p.N)
		Kernels{}.Widen(View{start, 0}, View16{checkOperand(r, len(start), exponent), 0}, 1, len(start))
		Kernels{}.Widen(View{bias, 0}, View16{checkOperand(r, p.N, belowOne), 0}, 1, p.N)
		got, want := append([]float32(nil), start...), append([]float32(nil), start...)
		multiply(&p, NewTaps(taps...), got, a, b, bias)
		Twin(t).Multiply(&p, NewTaps(taps...), want, a, b, bias)
		for i, w := range want {
			if g := got[i]; math.Float32bits(g) != math.Float32bits(w) && (g == g || w == w) {
				return fmt.Sprintf("a product of %d×%d×%d gave %v (%#x), by definition it is %v (%#x)",
					p.Rows*p.Width, 2*p.Pairs, p.N, g, math.Float32bits(g), w, math.Float32bits(w))
			}
		}
	}
	return ""
}

// checkOperand draws n numbers of four exponents, so that orders of a sum differ in the
// last bits, and among many of them one each that is denormal, infinite, NaN and zero.
func checkOperand(r *rand.Rand, n, exponent int) []BF16 {
	const denormal, infinite, notANumber = 0x0041, 0x7f80, 0x7fc1
	s := make([]BF16, n)
	for i := range s {
		s[i] = BF16(r.IntN(2)<<15 | (exponent+r.IntN(4))<<7 | r.IntN(1<<7))
	}
	for i, special := range []BF16{denormal, infinite, notANumber, 0} {
		if n > 64 {
			s[r.IntN(n/4)+i*n/4] = special
		}
	}
	return s
}
