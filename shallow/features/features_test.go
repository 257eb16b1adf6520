package features

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"shoal/shallow/model"
)

func made(n, d int, draw func(i, f int) float32) model.Examples {
	e := model.Examples{Values: make([]float32, n*d), Features: d}
	for i := range e.Values {
		e.Values[i] = draw(i/d, i%d)
	}
	return e
}

// A feature with few values has a bin for each; one with many has bins of about the same number of
// examples, and a value that many share has its own.
func TestBins(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n = 5000
	e := made(n, 5, func(i, f int) float32 {
		switch f {
		case 0:
			return float32(i%256) * -1e-3 // as many values as bins
		case 1:
			return float32(math.Exp(8 * r.NormFloat64()))
		case 2: // a sparse one
			if r.IntN(10) > 0 {
				return float32(math.Copysign(0, float64(r.IntN(2)-1)))
			}
			return float32(r.Float64())
		case 3:
			return 7
		}
		return math.Nextafter32(1, float32(2*(i%2))) // neighbours
	})
	b := Quantiles(e, 2)
	p := b.Apply(e, 3)
	for f, want := range []struct{ least, most, largest int }{{256, 256, 20}, {250, 256, 30}, {200, 256, 4600}, {1, 1, n}, {2, 2, n / 2}} {
		var count [256]int
		for i := range n {
			v := e.Values[i*5+f]
			bin := p.Row(i)[f]
			count[bin]++
			if linear := sort.Search(len(b.Edges[f]), func(k int) bool { return v <= b.Edges[f][k] }); linear != int(bin) || b.Of(f, v) != bin {
				t.Fatalf("feature %d: %v is in bin %d, want %d", f, v, bin, linear)
			}
		}
		used := 0
		for _, c := range count {
			if c > 0 {
				used++
			}
		}
		if used < want.least || used > want.most || len(b.Edges[f]) != used-1 || slices.Max(count[:]) > want.largest {
			t.Errorf("feature %d: %d bins, %d edges, the largest of %d, want %+v", f, used, len(b.Edges[f]), slices.Max(count[:]), want)
		}
	}
	if edges := b.Edges[4]; !(edges[0] >= math.Nextafter32(1, 0) && edges[0] < math.Nextafter32(1, 2)) {
		t.Errorf("between neighbours: %v", edges)
	}
}

func TestSort(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := newSorter(3000)
	for i := range s.values {
		s.values[i] = float32(math.Exp(20*r.NormFloat64())) * float32(r.IntN(3)-1)
	}
	want := slices.Clone(s.values)
	slices.Sort(want)
	if got := s.sort(); !slices.Equal(got, want) {
		t.Error("not in order")
	}
}

func TestScaling(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	e := made(400, 20, func(_, f int) float32 {
		if f == 3 {
			return .1
		}
		return float32(1e3*float64(f) + math.Pow(10, float64(f-10))*r.NormFloat64())
	})
	s := Standard(e, 2)
	scaled := s.Apply(e, 3)
	for f := range 20 {
		var mean, square float64
		for i := range 400 {
			v := float64(scaled.Point(i)[f])
			mean += v / 400
			square += v * v / 400
		}
		want := 1.
		if f == 3 || s.Deviation[f] == 0 {
			want = 0
		}
		if !(math.Abs(mean) < 1e-6) || !(math.Abs(square-want) < 1e-5) {
			t.Errorf("feature %d: mean %v, mean square %v, want 0 and %v", f, mean, square, want)
		}
	}
	far := made(1, 20, func(int, int) float32 { return model.MaxValue })
	if v := s.Apply(far, 1).Values; slices.Max(v) > model.MaxValue || v[3] != 0 {
		t.Errorf("far beyond the training: %v", v)
	}
}
