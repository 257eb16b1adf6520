package kernel

import (
	"errors"
	"strings"
	"testing"
)

// wrongKernels are mistakes that instructions, or the code around them, could make.
var wrongKernels = map[string]func(right multiply16) multiply16{
	"the order of another tier": func(multiply16) multiply16 { return Twin(Widened).Multiply },
	"the last bit of the last number": func(right multiply16) multiply16 {
		return func(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32) {
			right(p, taps, c, a, b, bias)
			for last := len(c) - 1; ; last-- {
				if half := ToBF16(c[last]); half.Finite() {
					c[last] += c[last] * 0x1p-22
					return
				}
			}
		}
	},
	"pairs that are left over": func(right multiply16) multiply16 {
		return func(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32) {
			q := *p
			if q.Pairs%chunkPairs != 0 {
				q.Pairs--
			}
			right(&q, taps, c, a, b, bias)
		}
	},
	"rows that are left over": func(right multiply16) multiply16 {
		return func(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32) {
			q := *p
			q.Width -= q.Width % amxTileRows
			right(&q, taps, c, a, b, bias)
		}
	},
	"the second panel": func(right multiply16) multiply16 {
		return func(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32) {
			q := *p
			q.N = min(q.N, PanelWidth)
			right(&q, taps, c, a, b, bias)
		}
	},
	"what C begins with": func(right multiply16) multiply16 {
		return func(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32) {
			q := *p
			q.Init = Zero
			right(&q, taps, c, a, b, bias)
		}
	},
	"the second tap": func(right multiply16) multiply16 {
		return func(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32) {
			right(p, NewTaps(taps.list[0]), c, a, b, bias)
		}
	},
	"nothing at all": func(multiply16) multiply16 {
		return func(*Product16, *Taps, []float32, []BF16, []BF16, []float32) {}
	},
}

const amxTileRows = 16

// keptDenormals sums in the tier's order with denormal numbers.
func keptDenormals(tier Tier) multiply16 {
	return func(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32) {
		Twin(tier).Multiply(p, taps, c, a, b, bias)
		exact := make([]float32, len(c))
		copy(exact, c)
		Twin(Widened).Multiply(p, taps, exact, a, b, bias)
		for i, x := range exact {
			if flush(x) != x {
				c[i] = x
			}
		}
	}
}

// TestCheckFindsWrongKernels lets the check of a tier's first use look at the twin, which it has to
// accept, and at kernels that are wrong in one way each.
func TestCheckFindsWrongKernels(t *testing.T) {
	for _, tier := range []Tier{AVX512BF16, AMX} {
		right := Twin(tier).Multiply
		if why := tier.check(right); why != "" {
			t.Errorf("%v: its twin is refused: %s", tier, why)
		}
		for name, spoil := range wrongKernels {
			if why := tier.check(spoil(right)); !strings.Contains(why, "by definition it is") {
				t.Errorf("%v, wrong in %s: the check says %q", tier, name, why)
			}
		}
		if why := tier.check(keptDenormals(tier)); why == "" {
			t.Errorf("%v: nothing is said of denormal numbers that are kept", tier)
		}
		other := AVX512BF16 + AMX - tier
		if why := tier.check(Twin(other).Multiply); why == "" {
			t.Errorf("%v: the order of %v passes", tier, other)
		}
	}
}

// TestJudge goes through what can stand against a tier. No instruction may be run before the build,
// the processor and the operating system have agreed.
func TestJudge(t *testing.T) {
	yes, no := func() bool { return true }, func() bool { return false }
	forbidden := func(*Product16, *Taps, []float32, []BF16, []BF16, []float32) { t.Error("the instructions were run") }
	wrong := wrongKernels["nothing at all"](nil)
	for _, tier := range []Tier{AVX512BF16, AMX} {
		for _, c := range []struct {
			built, processor bool
			allowed          func() bool
			multiply         multiply16
			want             string
			refused          bool
		}{
			{false, true, yes, forbidden, "build", false},
			{true, false, nil, forbidden, "processor lacks", false},
			{true, true, no, forbidden, "operating system", true},
			{true, true, yes, wrong, "by definition", true},
			{true, true, yes, Twin(tier).Multiply, "", false},
		} {
			err := tier.judge(c.built, c.processor, c.allowed, c.multiply)
			var refusal *RefusedError
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || errors.As(err, &refusal) != c.refused {
				t.Errorf("%v: %v, want %q, refused: %v", tier, err, c.want, c.refused)
			}
		}
	}
	if err := Widened.judge(false, false, no, forbidden); err != nil {
		t.Errorf("Widened: %v", err)
	}
}
