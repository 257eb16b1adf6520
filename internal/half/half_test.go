package half

import (
	"math"
	"testing"
)

// Every half-precision number survives; what lies between two goes to the nearer one, ties to even.
func TestAll(t *testing.T) {
	for h := range 0x7c00 {
		f := Float32(uint16(h))
		for _, sign := range []uint16{0, 0x8000} {
			if got := From(float32(math.Copysign(float64(f), 1-float64(sign>>14)))); got != uint16(h)|sign {
				t.Fatalf("%#x became %g and %#x", uint16(h)|sign, f, got)
			}
		}
		if h == 0x7bff {
			break
		}
		next := Float32(uint16(h + 1))
		middle := (f + next) / 2 // exact
		for x, want := range map[float32]int{middle: h + h%2, math.Nextafter32(middle, 0): h, math.Nextafter32(middle, next): h + 1} {
			if got := From(x); got != uint16(want) {
				t.Fatalf("%g became %#x, want %#x", x, got, want)
			}
		}
	}
}

func TestEnds(t *testing.T) {
	for x, want := range map[float32]float32{
		65519: Largest, 65520: Largest, 1e30: Largest, float32(math.Inf(1)): Largest, float32(math.Inf(-1)): -Largest, -70000: -Largest, 1e-30: 0,
	} {
		if got := Float32(From(x)); got != want {
			t.Errorf("%g became %g, want %g", x, got, want)
		}
	}
	if got := Float32(From(float32(math.NaN()))); got == got {
		t.Errorf("NaN became %g", got)
	}
	if got := Float32(0x7c00); !math.IsInf(float64(got), 1) {
		t.Errorf("infinity became %g", got)
	}
}
