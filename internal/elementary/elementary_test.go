package elementary

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"golang.org/x/sys/cpu"
)

// functions are ours and those of package math, with arguments of the sizes that occur and beyond.
var functions = []struct {
	name       string
	ours, math func(float64) float64
	argument   func(r *rand.Rand) float64
	bits       uint64 // of 20,000 results, by bitsOf
}{
	{"exp", Exp, math.Exp, func(r *rand.Rand) float64 { return 30 * (r.Float64() - 1) }, 0x552490b94fecaea7},
	{"exp, far", Exp, math.Exp, func(r *rand.Rand) float64 { return 1500 * (r.Float64() - .5) }, 0xb39cb39d3b016a17},
	{"log", Log, math.Log, func(r *rand.Rand) float64 { return 1 + float64(999*r.Float64()) }, 0x2d477c39324a409d},
	{"log, far", Log, math.Log, func(r *rand.Rand) float64 { return math.Float64frombits(1<<52 + r.Uint64N(0x7fe<<52)) }, 0x3810c6e39f1d109f},
	{"cos", Cos, math.Cos, func(r *rand.Rand) float64 { return math.Pi * r.Float64() }, 0x494be7586cacd29b},
	{"cos, far", Cos, math.Cos, func(r *rand.Rand) float64 { return 1000 * (r.Float64() - .5) }, 0xfe117827f80a77a3},
	{"sin", sin, math.Sin, func(r *rand.Rand) float64 { return 100 * (r.Float64() - .5) }, 0xbf3659ae67de3725},
}

func sin(x float64) float64 { s, _ := Sincos(x); return s }

// special are arguments at the borders of the functions' cases.
var special = []float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), math.NaN(), 709.782712893384, 709.7827128933841,
	-708.4, -744.5, -745.1332191019411, -745.1332191019412, -745.5, -746, -1e300, 2.3e-308, math.MaxFloat64, math.Sqrt2 / 2, .5}

// TestSameBits holds everything to the bits that amd64 gives, on every machine.
func TestSameBits(t *testing.T) {
	for _, f := range functions {
		r, hash := rand.New(rand.NewPCG(1, 2)), fnv.New64a()
		for range 20000 {
			var b [8]byte
			binary.LittleEndian.PutUint64(b[:], math.Float64bits(f.ours(f.argument(r))))
			hash.Write(b[:])
		}
		if got := hash.Sum64(); got != f.bits {
			t.Errorf("%s: the results' bits are %#x, want %#x", f.name, got, f.bits)
		}
	}
}

// TestAsPackageMath compares with package math: exactly where it is the one that the bits are from.
func TestAsPackageMath(t *testing.T) {
	exact := runtime.GOARCH == "amd64" && cpu.X86.HasFMA
	for _, f := range functions {
		r := rand.New(rand.NewPCG(3, 4))
		for i := range 20000 + len(special) {
			x := f.argument(r)
			if i < len(special) {
				if x = special[i]; math.Abs(x) > 1<<29 && f.name[0] != 'e' && f.name[0] != 'l' {
					continue
				}
			}
			got, want := f.ours(x), f.math(x)
			if math.Float64bits(got) == math.Float64bits(want) || got != got && want != want {
				continue
			}
			if !exact && math.IsInf(got, 1) && want > 0x1.6p1023 {
				continue // amd64 gives infinity from 2^1023.5 on
			}
			if exact || !(math.Abs(got-want) <= 0x1p-51*math.Max(math.Abs(want), math.SmallestNonzeroFloat64)) && !(math.Abs(got-want) < 0x1p-50) {
				t.Fatalf("%s(%v) = %v, want %v", f.name, x, got, want)
			}
		}
	}
}
