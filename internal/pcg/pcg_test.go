package pcg

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDrawsWhatRandDraws(t *testing.T) {
	s, r := New(3, 1<<63+5), rand.New(rand.NewPCG(3, 1<<63+5))
	if got, want := s.Uint64(), r.Uint64(); got != want {
		t.Fatalf("got %x, want %x", got, want)
	}
	for _, n := range []int{0, 1, 7, 1000} {
		got := make([]uint64, n)
		s.Fill(got)
		for i, x := range got {
			if want := r.Uint64(); x != want {
				t.Fatalf("number %d of %d: got %x, want %x", i, n, x, want)
			}
		}
	}
}

func TestBelowIsFloat64Below(t *testing.T) {
	p := []float64{0, -1, math.NaN(), 1, 2, .5, math.Nextafter(.5, 0), math.Nextafter(.5, 1), 1. / 3, 1e-20, 5e-324, 1 - 1./(1<<53), 1. / (1 << 53)}
	for _, k := range []uint64{0, 1, 1<<52 - 1, 1 << 52, 1<<52 + 1, 1<<53 - 1} {
		u := k | 0x5ab<<53 // the highest bits are not used
		for _, p := range p {
			want := float64(u<<11>>11)/(1<<53) < p // rand.Float64
			if got := Below(u, Limit(p)) == 1; got != want {
				t.Errorf("%x below %v: got %v, want %v", k, p, got, want)
			}
		}
	}
	s, r := New(1, 2), rand.New(rand.NewPCG(1, 2))
	limits, q := make([]uint64, 64), make([]float64, 64)
	for range 100 {
		for i := range q {
			q[i] = float64(i) / 63
			limits[i] = Limit(q[i])
		}
		word := s.AllBelow(limits)
		for i, p := range q {
			if got, want := word>>i&1 == 1, r.Float64() < p; got != want {
				t.Fatalf("bit %d: got %v, want %v", i, got, want)
			}
		}
	}
}

func TestCountsAreThoseOfIntN(t *testing.T) {
	for _, n := range []int{1, 2, 3, 64, 255, 256, 257, 1000, 10000} {
		seeds := [][2]uint64{{uint64(n), 9}, beforeZero()}
		for _, seed := range seeds {
			s, r := New(seed[0], seed[1]), rand.New(rand.NewPCG(seed[0], seed[1]))
			for range 2 { // the second begins where the first has ended
				got, want := make([]uint8, n), make([]uint8, n)
				s.Counts(got)
				for range n {
					want[r.IntN(n)]++
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%d numbers from %x: counts differ", n, seed)
				}
			}
		}
	}
}

// beforeZero are the seeds of a generator whose first number is 0, which IntN rejects unless its
// argument is a power of two: the state before one with a high half of 0.
func beforeZero() (seed [2]uint64) {
	wide := func(hi, lo uint64) *big.Int {
		x := new(big.Int).SetUint64(hi)
		return x.Or(x.Lsh(x, 64), new(big.Int).SetUint64(lo))
	}
	modulus := new(big.Int).Lsh(big.NewInt(1), 128)
	x := wide(0, 12345)
	x.Sub(x, wide(incHi, incLo))
	x.Mul(x, new(big.Int).ModInverse(wide(mulHi, mulLo), modulus))
	x.Mod(x, modulus)
	seed[1] = new(big.Int).And(x, wide(0, math.MaxUint64)).Uint64()
	seed[0] = x.Rsh(x, 64).Uint64()
	return seed
}

func TestZeroIsDrawn(t *testing.T) {
	seed, first := beforeZero(), make([]uint64, 1)
	if New(seed[0], seed[1]).Fill(first); first[0] != 0 {
		t.Errorf("got %x, want 0, so that a number is rejected", first[0])
	}
}

func BenchmarkFill(b *testing.B) {
	s, out := New(1, 2), make([]uint64, 256)
	b.SetBytes(256 * 8)
	for b.Loop() {
		s.Fill(out)
	}
}

func BenchmarkCounts(b *testing.B) {
	s, out := New(1, 2), make([]uint8, 10000)
	for b.Loop() {
		s.Counts(out)
	}
}

func BenchmarkAllBelow(b *testing.B) {
	s, limits := New(1, 2), make([]uint64, 64)
	s.Fill(limits)
	for i := range limits {
		limits[i] &= fraction
	}
	word := uint64(0)
	for b.Loop() {
		word ^= s.AllBelow(limits)
	}
}
