package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// flushedFMA is fmaFlush by exact arithmetic: x·y + z of normal numbers or zeros, rounded to 24 bits
// with an unlimited exponent, and only then looked at.
func flushedFMA(x, y, z float32) float32 {
	x, y, z = zeroIfDenormal(x), zeroIfDenormal(y), zeroIfDenormal(z)
	for _, v := range []float32{x, y, z} {
		if d := float64(v); math.IsNaN(d) || math.IsInf(d, 0) {
			return float32(float64(x)*float64(y) + float64(z))
		}
	}
	exact := func(v float32) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(float64(v)) }
	sum := exact(x)
	sum.Mul(sum, exact(y))
	sum.Add(sum, exact(z))
	if sum.Sign() == 0 {
		return float32(float64(x)*float64(y)) + z // the rules of signs of zeros
	}
	rounded := new(big.Float).SetPrec(24).Set(sum)
	v, _ := rounded.Float64()
	if math.Abs(v) < 0x1p-126 {
		return float32(math.Copysign(0, v))
	}
	return float32(v)
}

func zeroIfDenormal(x float32) float32 {
	if math.Abs(float64(x)) < 0x1p-126 {
		return float32(math.Copysign(0, float64(x)))
	}
	return x
}

// halfNumber draws a bfloat16 of any kind: mostly of a narrow range of exponents, now and then
// denormal, huge, tiny or not finite.
func halfNumber(r *rand.Rand) BF16 {
	sign, fraction := BF16(r.IntN(2)<<15), BF16(r.IntN(1<<7))
	exponent := 120 + r.IntN(12)
	switch r.IntN(24) {
	case 0:
		return sign
	case 1:
		exponent = 0
	case 2:
		exponent = 1 + r.IntN(80)
	case 3:
		exponent = 200 + r.IntN(55)
	}
	return sign | BF16(exponent)<<7 | fraction
}

func TestFlushedMultiplyAdd(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 21))
	special := []float32{
		0, float32(math.Copysign(0, -1)), 0x1p-126, -0x1p-126, 0x1.fffffep-127, -0x1.fffffep-127, 0x1p-149,
		0x1.000002p-126, math.MaxFloat32, -math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)), nan,
	}
	check := func(x, y BF16, z float32) {
		t.Helper()
		if got, want := fmaFlush(x.Float32(), y.Float32(), z), flushedFMA(x.Float32(), y.Float32(), z); !same(got, want) {
			t.Fatalf("%v·%v + %v (%#x) = %v (%#x), want %v (%#x)", x.Float32(), y.Float32(), z,
				math.Float32bits(z), got, math.Float32bits(got), want, math.Float32bits(want))
		}
	}
	for i := range 60000 {
		x, y, z := halfNumber(r), halfNumber(r), math.Float32frombits(r.Uint32())
		switch i % 4 {
		case 1:
			z = special[r.IntN(len(special))]
		case 2: // a result beside the smallest normal number
			z = math.Float32frombits(leastNormal + uint32(r.IntN(3)))
			x, y = BF16(r.IntN(2)<<15|(20+r.IntN(30))<<7|r.IntN(1<<7)), BF16((60+r.IntN(40))<<7|r.IntN(1<<7))
		case 3: // nothing but rounding is left
			z = -x.Float32() * y.Float32() * (1 + float32(r.IntN(3)-1)*0x1p-23)
		}
		check(x, y, z)
	}
	for _, z := range special {
		if got, want := addFlush(z, 0x1p-126), flushedFMA(z, 1, 0x1p-126); !same(got, want) {
			t.Errorf("%v + 2^-126 = %v, want %v", z, got, want)
		}
	}
}

// TestTheTiersDiffer has sums that each order rounds in its own way, worked out by hand: ε is half a
// unit of 1's last place.
func TestTheTiersDiffer(t *testing.T) {
	one, eps := ToBF16(1), ToBF16(0x1p-24)
	a, b := []BF16{one, one}, []BF16{eps, ToBF16(0x1p-23)}
	// 1 + 2^-24 is a tie and stays 1; 1 + 2^-23 is exact.
	for tier, want := range map[Tier]float32{
		Widened:    1 + 0x1p-23, // 1 + ε → 1, + 2ε → 1 + 2ε
		AVX512BF16: 1 + 0x1p-22, // 1 + 2ε, + ε is a tie and rounds up to 1 + 4ε
		AMX:        1 + 0x1p-22, // 1 + 3ε is a tie, too
	} {
		c := []float32{1}
		Twin(tier).Multiply(&Product16{Rows: 1, Width: 1, Pairs: 1, N: 1, BK: 2, Init: Accumulate}, OneTap, c, a, b, nil)
		if c[0] != want {
			t.Errorf("%v: %v, want %v", tier, c[0], want)
		}
	}
	// 2·ε each, one after another, are lost beside 1, but not when they are summed first.
	const n = 2 * chunkPairs
	a, b = make([]BF16, n), make([]BF16, n)
	for k := range n {
		a[k], b[k] = one, eps
	}
	for tier, want := range map[Tier]float32{Widened: 1, AVX512BF16: 1, AMX: 1 + n*0x1p-24} {
		c := []float32{1}
		Twin(tier).Multiply(&Product16{Rows: 1, Width: 1, Pairs: n / 2, N: 1, BK: 2, Init: Accumulate}, OneTap, c, a, b, nil)
		if c[0] != want {
			t.Errorf("%v of %d pairs: %v, want %v", tier, n/2, c[0], want)
		}
	}
}
