package gram

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var levelNames = [...]string{"portable", "avx2", "avx512-vnni", "neon-sdot"}

func randomRows(seed uint64, n, features int) [][]byte {
	r := rand.New(rand.NewPCG(seed, 1))
	rows := make([][]byte, n)
	for i := range rows {
		rows[i] = make([]byte, features)
		for k := range rows[i] {
			// A third of the bytes at the ends of the range, where signs go wrong.
			switch r.IntN(6) {
			case 0:
				rows[i][k] = 0
			case 1:
				rows[i][k] = 255
			default:
				rows[i][k] = byte(r.IntN(256))
			}
		}
	}
	return rows
}

// kernelRows computes all values of a against b, with canaries beyond.
func kernelRows(t *testing.T, k Kernel, a, b [][]byte, features int) [][]float32 {
	t.Helper()
	p := Pack(func(i int) []byte { return b[i] }, len(b), features, 2)
	batch := NewBatch(features)
	dst := make([][]float32, len(a))
	for i := range a {
		batch.Add(a[i])
		dst[i] = make([]float32, p.Width()+1)
		dst[i][p.Width()] = -7
	}
	p.Rows(k, batch, dst, 0, p.Panels())
	for i := range dst {
		if dst[i][p.Width()] != -7 {
			t.Fatalf("row %d: wrote beyond its end", i)
		}
		dst[i] = dst[i][:len(b)]
	}
	return dst
}

// define is the definition of the kernel, in float64.
func define(gamma float64, x, y []byte) float64 {
	var d2, dot float64
	for k := range x {
		d := float64(x[k]) - float64(y[k])
		d2 += d * d
		dot += float64(x[k]) * float64(y[k])
	}
	if gamma == 0 {
		return dot / (255 * 255)
	}
	return math.Max(math.Exp(-gamma*d2/(255*255)), math.Ldexp(1, -126))
}

// force makes one implementation the current one until the returned function is called.
func force(l level) func() {
	was := current
	current = l
	return func() { current = was }
}

// everyWay runs f with every implementation that this machine has.
func everyWay(t *testing.T, f func(t *testing.T)) {
	for _, level := range available() {
		t.Run(levelNames[level], func(t *testing.T) {
			defer force(level)()
			f(t)
		})
	}
}

func TestRowsAreTheDefinition(t *testing.T) {
	for _, features := range []int{1, 3, 4, 5, 64, 783, 784, 3072} {
		for _, shape := range [][2]int{{1, 1}, {3, 33}, {14, 32}, {18, 70}, {31, 5}, {20, 40}, {22, 9}, {25, 31}} {
			for _, gamma := range []float64{0, .01, 1, 50} {
				t.Run(fmt.Sprint(features, shape, gamma), func(t *testing.T) {
					everyWay(t, func(t *testing.T) { checkRows(t, features, shape, gamma) })
				})
			}
		}
	}
}

func checkRows(t *testing.T, features int, shape [2]int, gamma float64) {
	a, b := randomRows(1, shape[0], features), randomRows(2, shape[1], features)
	b[0] = a[0] // distance 0
	k := Linear()
	if gamma > 0 {
		k = RBF(gamma)
	}
	for i, row := range kernelRows(t, k, a, b, features) {
		for j, got := range row {
			want := define(gamma, a[i], b[j])
			if !(math.Abs(float64(got)-want) <= 2e-7*want) {
				t.Fatalf("K(%d, %d) = %g, want %g", i, j, got, want)
			}
		}
	}
}

func TestDistancesAreExact(t *testing.T) {
	for _, shape := range [][3]int{{1, 1, 1}, {17, 45, 33}, {14, 64, 784}} {
		a, b := randomRows(8, shape[0], shape[2]), randomRows(9, shape[1], shape[2])
		p := Pack(func(i int) []byte { return b[i] }, len(b), shape[2], 1)
		batch := NewBatch(shape[2])
		dst := make([][]int32, len(a))
		for i := range a {
			batch.Add(a[i])
			dst[i] = make([]int32, p.Width())
		}
		everyWay(t, func(t *testing.T) {
			for i := range dst {
				clear(dst[i]) // of what another implementation wrote
			}
			p.Distances(batch, dst, 0, p.Panels())
			for i := range a {
				for j := range b {
					var want int32
					for k := range a[i] {
						d := int32(a[i][k]) - int32(b[j][k])
						want += d * d
					}
					if dst[i][j] != want {
						t.Fatalf("shape %v: distance (%d, %d) = %d, want %d", shape, i, j, dst[i][j], want)
					}
				}
			}
		})
	}
}

// The extremes of the range at the greatest length: nothing overflows.
func TestLongestRows(t *testing.T) {
	white, black := make([]byte, MaxFeatures), make([]byte, MaxFeatures)
	for k := range white {
		white[k] = 255
	}
	rows := [][]byte{white, black}
	everyWay(t, func(t *testing.T) {
		got := kernelRows(t, RBF(1e-4), rows, rows, MaxFeatures)
		dots := kernelRows(t, Linear(), rows, rows, MaxFeatures)
		want := math.Exp(-1e-4 * MaxFeatures)
		for i := range rows {
			for j := range rows {
				if i == j && got[i][j] != 1 || i != j && !(math.Abs(float64(got[i][j])/want-1) < 1e-6) {
					t.Errorf("K(%d, %d) = %g, want 1 or %g", i, j, got[i][j], want)
				}
			}
		}
		if dots[0][0] != MaxFeatures || dots[0][1] != 0 || dots[1][1] != 0 {
			t.Errorf("inner products %v, want %d and zeros", dots, MaxFeatures)
		}
	})
}

func TestImplementationsGiveTheSameBits(t *testing.T) {
	const features = 301
	a, b := randomRows(3, 40, features), randomRows(4, 131, features)
	weights := make([]float64, 39)
	r := rand.New(rand.NewPCG(5, 5))
	for i := range weights {
		weights[i] = r.NormFloat64()
	}
	var want [][]float32
	var wantSum []float64
	for _, level := range available() {
		back := force(level)
		got := kernelRows(t, RBF(.05), a, b, features)
		sum := make([]float64, 100)
		for i := range sum {
			sum[i] = float64(i) / 3
		}
		Accumulate(sum[:67], got, 3, weights)
		back()
		if want == nil {
			want, wantSum = got, sum
			continue
		}
		for i := range got {
			for j := range got[i] {
				if math.Float32bits(got[i][j]) != math.Float32bits(want[i][j]) {
					t.Fatalf("%v: K(%d, %d) = %g, want %g", level, i, j, got[i][j], want[i][j])
				}
			}
		}
		for i := range sum {
			if math.Float64bits(sum[i]) != math.Float64bits(wantSum[i]) {
				t.Fatalf("%v: sum %d = %g, want %g", level, i, sum[i], wantSum[i])
			}
		}
	}
}

// Splitting the rows over calls and the columns over calls changes nothing.
func TestAccumulateMayBeSplit(t *testing.T) {
	rows := kernelRows(t, RBF(.1), randomRows(6, 11, 20), randomRows(7, 90, 20), 20)
	weights := []float64{1, -2, 3, .5, 7, 1e-3, -.1, 2, 5, -8, .3}
	everyWay(t, func(t *testing.T) {
		whole, split := make([]float64, 80), make([]float64, 80)
		Accumulate(whole, rows, 2, weights)
		for _, cut := range [][2]int{{0, 3}, {3, 10}, {10, 11}} {
			for _, part := range [][2]int{{0, 1}, {1, 50}, {50, 80}} {
				Accumulate(split[part[0]:part[1]], rows[cut[0]:cut[1]], 2+part[0], weights[cut[0]:cut[1]])
			}
		}
		for i := range whole {
			if whole[i] != split[i] {
				t.Fatalf("sum %d: whole %v, split %v", i, whole[i], split[i])
			}
		}
	})
}

func BenchmarkRows(b *testing.B) {
	for _, level := range available() {
		for _, features := range []int{784, 3072} {
			b.Run(fmt.Sprint(levelNames[level], "/", features), func(b *testing.B) {
				defer force(level)()
				x := randomRows(1, 6016, features)
				p := Pack(func(i int) []byte { return x[i] }, len(x), features, 0)
				batch := NewBatch(features)
				dst := make([][]float32, 252)
				for i := range dst {
					batch.Add(x[i])
					dst[i] = make([]float32, p.Width())
				}
				for b.Loop() {
					p.Rows(RBF(.02), batch, dst, 0, p.Panels())
				}
				b.ReportMetric(float64(len(dst)*len(x)*features)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
			})
		}
	}
}

func BenchmarkAccumulate(b *testing.B) {
	const rows, columns = 256, 12000
	x := make([][]float32, rows)
	for i := range x {
		x[i] = make([]float32, columns)
	}
	sum, weights := make([]float64, columns), make([]float64, rows)
	for b.Loop() {
		Accumulate(sum, x, 0, weights)
	}
	b.ReportMetric(rows*columns*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
}
