package worlds

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// What is drawn one by one and what is looked at ahead are the numbers of one generator, in their order.
func TestStreamIsOneGenerator(t *testing.T) {
	s, r := newStream(4, 7), rand.New(rand.NewPCG(4, 7))
	for k := range 3000 {
		switch k % 3 {
		case 0:
			if got, want := s.NormFloat64(), r.NormFloat64(); got != want {
				t.Fatalf("number %d: got %v, want %v", k, got, want)
			}
		case 1:
			for i, got := range s.peek(k % 200)[:k%200] {
				if want := r.Uint64(); got != want {
					t.Fatalf("number %d, %d ahead: got %x, want %x", k, i, got, want)
				}
			}
			s.drawn += k % 200
		default: // looked at, and not drawn
			s.peek(k % 200)
		}
	}
}

func TestOrdersOfNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{1, 2, 3, 100, 5000} {
		x := make([]float64, n)
		for i := range x {
			x[i] = math.Round(r.NormFloat64()*1000) / 1000 // with equals, and both zeros
		}
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[b], x[a]) })
		got := ranks(x)
		for k, i := range order {
			if got[i] != float64(k)/float64(n) {
				t.Fatalf("of %d numbers the rank of %v is %v, want %v", n, x[i], got[i], float64(k)/float64(n))
			}
		}
		sorted := slices.Sorted(slices.Values(x))
		for _, k := range []int{0, n / 3, n - 1} {
			if got := kth(slices.Clone(x), k); got != sorted[k] {
				t.Fatalf("number %d of %d is %v, want %v", k, n, got, sorted[k])
			}
		}
	}
}
