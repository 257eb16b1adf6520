package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// nearestBF16 is the definition of ToBF16, by search: of the two bfloat16 around a number the
// nearer one, of two as near the one whose last bit is 0.
func nearestBF16(x float32) BF16 {
	d := float64(x)
	switch {
	case d != d:
		return BF16(math.Float32bits(x)>>16 | 0x40)
	case math.Abs(d) < 0x1p-126:
		return BF16(math.Float32bits(x) >> 31 << 15)
	case math.IsInf(d, 0):
		return BF16(math.Float32bits(x) >> 16)
	}
	below := BF16(math.Float32bits(x) >> 16) // towards zero
	above := below + 1
	far := float64(above.Float32())
	if math.IsInf(far, 0) {
		far = math.Copysign(0x1p128, d)
	}
	toBelow, toAbove := math.Abs(d-float64(below.Float32())), math.Abs(far-d)
	if toBelow < toAbove || toBelow == toAbove && below&1 == 0 {
		return below
	}
	return above
}

// bitPatterns are float32 with every upper half and lower halves around those that matter.
func bitPatterns() []float32 {
	var list []float32
	for upper := range uint32(1 << 16) {
		for _, lower := range []uint32{0, 1, 0x7fff, 0x8000, 0x8001, 0xffff} {
			list = append(list, math.Float32frombits(upper<<16|lower))
		}
	}
	return list
}

func TestToBF16(t *testing.T) {
	for _, x := range bitPatterns() {
		if got, want := ToBF16(x), nearestBF16(x); got != want {
			t.Fatalf("ToBF16(%v = %#x) = %#x, want %#x", x, math.Float32bits(x), got, want)
		}
	}
}

// TestConversions compares every level with the definition, in rows of every length, from every
// address, with gaps that must stay as they are.
func TestConversions(t *testing.T) {
	all := bitPatterns()
	everyLevel(t, func(t *testing.T, k Kernels) {
		rounded := make([]float32, len(all))
		k.Round(rounded, all)
		narrow, wide := make([]BF16, len(all)), make([]float32, len(all))
		k.Narrow(View16{narrow, 0}, View{all, 0}, 1, len(all))
		k.Widen(View{wide, 0}, View16{narrow, 0}, 1, len(all))
		for i, x := range all {
			want := nearestBF16(x)
			bits := uint32(want) << 16
			if narrow[i] != want || math.Float32bits(wide[i]) != bits || math.Float32bits(rounded[i]) != bits {
				t.Fatalf("%#x: narrow %#x, wide %#x, rounded %#x, want %#x",
					math.Float32bits(x), narrow[i], math.Float32bits(wide[i]), math.Float32bits(rounded[i]), want)
			}
		}
		r := rand.New(rand.NewPCG(20, 20))
		for channels := 0; channels <= 35; channels++ {
			conversionsOf(t, k, r, 1+r.IntN(4), channels)
		}
	})
}

// conversionsOf converts a picture with gaps there and back.
func conversionsOf(t *testing.T, k Kernels, r *rand.Rand, pixels, channels int) {
	t.Helper()
	const canary = 0x1234
	pitch, pitch16 := channels+r.IntN(9), channels+r.IntN(9)
	src := View{poison(pixels*pitch+20, r.IntN(8)), pitch}
	half := View16{make([]BF16, pixels*pitch16+20)[r.IntN(8):], pitch16}
	back := View{poison(pixels*pitch+20, r.IntN(8)), pitch}
	for i := range half.Data {
		half.Data[i] = canary
	}
	for p := range pixels {
		normal(r, src.Data[p*pitch:][:channels])
	}
	wantHalf, wantBack := append([]BF16(nil), half.Data...), append([]float32(nil), back.Data...)
	for p := range pixels {
		for c := range channels {
			v := nearestBF16(src.Data[p*pitch+c])
			wantHalf[p*pitch16+c], wantBack[p*pitch+c] = v, v.Float32()
		}
	}
	k.Narrow(half, src, pixels, channels)
	k.Widen(back, half, pixels, channels)
	what := fmt.Sprintf("%d pixels of %d channels", pixels, channels)
	for i, v := range wantHalf {
		if half.Data[i] != v {
			t.Fatalf("%s: element %d is %#x, want %#x", what, i, half.Data[i], v)
		}
	}
	expect(t, what, back.Data, wantBack)
	flat, want := append([]float32(nil), src.Data[:channels]...), make([]float32, channels)
	k.Round(flat, flat)
	for c := range want {
		want[c] = nearestBF16(src.Data[c]).Float32()
	}
	expect(t, what+", rounded in place", flat, want)
}
