package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// everyLength calls f with lengths of every remainder.
func everyLength(f func(r *rand.Rand, n int)) {
	r := rand.New(rand.NewPCG(8, 8))
	for n := range 150 {
		f(r, n)
	}
	f(r, 1000)
}

// guarded returns a copy of s at another alignment, with a canary behind it.
func guarded(r *rand.Rand, s []float32) []float32 {
	c := poison(len(s)+1, r.IntN(16))
	copy(c, s)
	c[len(s)] = 12345
	return c[: len(s) : len(s)+1]
}

// expectGuarded is expect and looks at the canary.
func expectGuarded(t *testing.T, what string, got, want []float32) {
	t.Helper()
	expect(t, what, got, want)
	if c := got[:len(got)+1][len(got)]; c != 12345 {
		t.Fatalf("%s: wrote %v behind the end", what, c)
	}
}

func TestFlatPasses(t *testing.T) {
	everyLength(func(r *rand.Rand, n int) {
		x, y := row(r, n), row(r, n)
		a := float32(r.NormFloat64())
		relu, back, axpy := make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range n {
			relu[i] = x[i]
			if x[i] < 0 {
				relu[i] = 0
			}
			if x[i] > 0 {
				back[i] = y[i]
			}
			axpy[i] = fmaEmulated(x[i], a, y[i])
		}
		for _, l := range Levels() {
			k, what := Kernels{l}, fmt.Sprintf("%s n=%d", l, n)
			out := guarded(r, make([]float32, n))
			k.ReLU(out, x)
			expectGuarded(t, what+" relu", out, relu)
			k.ReLUBackward(out, y, x)
			expectGuarded(t, what+" relu backward", out, back)
			out = guarded(r, y)
			k.AddScaled(out, x, a)
			expectGuarded(t, what+" add scaled", out, axpy)
		}
	})
}

func TestUpdate(t *testing.T) {
	everyLength(func(r *rand.Rand, n int) {
		w, v, g := row(r, n), row(r, n), row(r, n)
		s := SGD{LearningRate: 0.1, Momentum: 0.9, WeightDecay: 5e-4, Nesterov: n%2 == 0}
		wantW, wantV := make([]float32, n), make([]float32, n)
		for i := range n {
			d := fmaEmulated(w[i], s.WeightDecay, g[i])
			wantV[i] = fmaEmulated(v[i], s.Momentum, d)
			d2 := wantV[i]
			if s.Nesterov {
				d2 = fmaEmulated(wantV[i], s.Momentum, d)
			}
			wantW[i] = fmaEmulated(-s.LearningRate, d2, w[i])
		}
		for _, l := range Levels() {
			gotW, gotV := guarded(r, w), guarded(r, v)
			Kernels{l}.Update(gotW, gotV, g, s)
			what := fmt.Sprintf("%s n=%d", l, n)
			expectGuarded(t, what+" w", gotW, wantW)
			expectGuarded(t, what+" v", gotV, wantV)
		}
	})
}

// ulps is the distance of got from the exact value in units of the last place of float32 there.
func ulps(got float32, exact float64) float64 {
	_, e := math.Frexp(exact)
	return math.Abs(float64(got)-exact) / math.Ldexp(1, max(e, -125)-24)
}

func TestExp(t *testing.T) {
	worst := 0.0
	for x := float32(-105); x < 88.72; x += 0.00171 {
		worst = max(worst, ulps(exp32(x), math.Exp(float64(x)))) // NaN stays
	}
	if !(worst < 2) {
		t.Errorf("exp is off by %v units in the last place, want less than 2", worst)
	}
	inf := float32(math.Inf(1))
	for _, c := range [][2]float32{{0, 1}, {inf, inf}, {-inf, 0}, {nan, nan}, {89, inf}, {1e30, inf}, {-1e30, 0}, {-104, 0}} {
		if got := exp32(c[0]); !same(got, c[1]) {
			t.Errorf("exp(%v) = %v, want %v", c[0], got, c[1])
		}
	}
	everyLength(func(r *rand.Rand, n int) {
		x := row(r, n)
		want := make([]float32, n)
		for i := range x {
			x[i] *= float32(r.IntN(30))
			want[i] = exp32(x[i])
		}
		for _, l := range Levels() {
			out := guarded(r, x)
			Kernels{l}.Exp(out, out)
			expectGuarded(t, fmt.Sprintf("%s n=%d", l, n), out, want)
		}
	})
}

func TestRBF(t *testing.T) {
	everyLength(func(r *rand.Rand, n int) {
		dot, nb := row(r, n), row(r, n)
		na, gamma := float32(r.ExpFloat64()), float32(r.ExpFloat64())
		want := make([]float32, n)
		for j := range want {
			d := fmaEmulated(-2, dot[j], na+nb[j])
			if d < 0 {
				d = 0
			}
			want[j] = exp32(-gamma * d)
		}
		for _, l := range Levels() {
			out := guarded(r, dot)
			Kernels{l}.RBF(out, out, nb, na, gamma)
			expectGuarded(t, fmt.Sprintf("%s n=%d", l, n), out, want)
		}
	})
	k := Kernels{}
	out := make([]float32, 1)
	if k.RBF(out, []float32{3}, []float32{3}, 3, 0.5); out[0] != 1 {
		t.Errorf("the kernel of a point with itself is %v, want 1", out[0])
	}
}

func TestFMA(t *testing.T) {
	// Rounding the float64 sum lands on a tie that the exact sum isn't.
	x, y, z := float32(1+0x1p-12), float32(1+0x1p-12), float32(0x1p-60)
	for name, f := range map[string]func(x, y, z float32) float32{"fma": fma, "fmaEmulated": fmaEmulated} {
		if got, want := f(x, y, z), float32(1+0x1p-11+0x1p-23); got != want {
			t.Errorf("above a tie: %s = %b, want %b", name, got, want)
		}
		if got, want := f(x, y, -z), float32(1+0x1p-11); got != want {
			t.Errorf("below a tie: %s = %b, want %b", name, got, want)
		}
		if got, want := f(x, y, 0), float32(1+0x1p-11); got != want {
			t.Errorf("on a tie: %s = %b, want %b (even)", name, got, want)
		}
	}
}

// Where fma is an instruction, the compiler must have fused it, and in any bits it must be what the
// emulation is.
func TestFMAIsFused(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	bits := func() float32 { return math.Float32frombits(r.Uint32()) }
	near := func() float32 { return float32(r.NormFloat64()) }
	for range 200_000 {
		x, y := bits(), bits()
		z := bits()
		if r.IntN(2) == 0 { // of one size, and often nearly cancelling
			x, y = near(), near()
			z = -x * y * (1 + float32(r.IntN(9)-4)*0x1p-23)
		}
		got, want := fma(x, y, z), fmaEmulated(x, y, z)
		if got != want && !(got != got && want != want) {
			t.Fatalf("fma(%b, %b, %b) = %b, want %b", x, y, z, got, want)
		}
	}
}

func TestSquaredNorm(t *testing.T) {
	everyLength(func(r *rand.Rand, n int) {
		x := poison(n, r.IntN(16))
		normal(r, x)
		var lanes [64]float32
		exact := 0.0
		for i, v := range x {
			lanes[i%64] = fmaEmulated(v, v, lanes[i%64])
			exact += float64(v) * float64(v)
		}
		want := tree(lanes[:])
		if d := math.Abs(float64(want) - exact); !(d <= 1e-5*exact) {
			t.Fatalf("n=%d: %v is far from %v", n, want, exact)
		}
		for _, l := range Levels() {
			if got := (Kernels{l}).SquaredNorm(x); !same(got, want) {
				t.Fatalf("%s n=%d: %v, want %v", l, n, got, want)
			}
		}
	})
}

// tree adds the upper half to the lower until one is left.
func tree(s []float32) float32 {
	if len(s) == 1 {
		return s[0]
	}
	h := len(s) / 2
	half := make([]float32, h)
	for i := range half {
		half[i] = s[i] + s[i+h]
	}
	return tree(half)
}

func TestFromBytes(t *testing.T) {
	everyLength(func(r *rand.Rand, n int) {
		for _, channels := range []int{1, 3, 4, 5, 16, 20, 64, 70, 96} {
			src := make([]byte, n)
			for i := range src {
				src[i] = byte(r.Uint32())
			}
			scale, shift, want := row(r, channels), row(r, channels), make([]float32, n)
			for i, v := range src {
				want[i] = fmaEmulated(float32(v), scale[i%channels], shift[i%channels])
			}
			for _, l := range Levels() {
				out := guarded(r, make([]float32, n))
				Kernels{l}.FromBytes(out, src, scale, shift)
				expectGuarded(t, fmt.Sprintf("%s n=%d channels=%d", l, n, channels), out, want)
			}
		}
	})
}

// TestShortSlices gives every pass one slice that is too short although the array behind it isn't.
func TestShortSlices(t *testing.T) {
	s := func() []float32 { return make([]float32, 10) }
	short := func() []float32 { return s()[:9] }
	d := func(n int) []float64 { return make([]float64, 10)[:n] }
	view := func(f []float32) View { return View{f, 5} }
	line := &Normalised{Scale: s(), Shift: s()[:4]}
	good := &Normalised{Linear: true}
	for i, f := range []func(k Kernels){
		func(k Kernels) { k.ReLU(short(), s()) },
		func(k Kernels) { k.ReLUBackward(short(), s(), s()) },
		func(k Kernels) { k.ReLUBackward(s(), short(), s()) },
		func(k Kernels) { k.AddScaled(short(), s(), 1) },
		func(k Kernels) { k.Update(s(), short(), s(), SGD{}) },
		func(k Kernels) { k.Update(s(), s(), short(), SGD{}) },
		func(k Kernels) { k.Exp(short(), s()) },
		func(k Kernels) { k.RBF(short(), s(), s(), 1, 1) },
		func(k Kernels) { k.RBF(s(), s(), short(), 1, 1) },
		func(k Kernels) { k.FromBytes(short(), make([]byte, 10), s()[:1], s()) },
		func(k Kernels) { k.FromBytes(s(), make([]byte, 10), s(), short()) },
		func(k Kernels) { k.FromBytes(s(), make([]byte, 10), nil, nil) },
		func(k Kernels) { k.ScaleShift(view(short()), view(s()), View{}, 2, 5, s(), s(), false) },
		func(k Kernels) { k.ScaleShift(view(s()), view(short()), View{}, 2, 5, s(), s(), false) },
		func(k Kernels) { k.ScaleShift(view(s()), view(s()), view(short()), 2, 5, s(), s(), false) },
		func(k Kernels) { k.ScaleShift(view(s()), view(s()), View{}, 2, 5, s()[:4], s(), false) },
		func(k Kernels) { k.ChannelSums(d(4), d(5), view(s()), 2, 5) },
		func(k Kernels) { k.ChannelSums(d(5), d(4), view(s()), 2, 5) },
		func(k Kernels) { k.BackwardSums(d(5), d(4), view(s()), view(s()), 2, 5, good) },
		func(k Kernels) { k.BackwardSums(d(5), d(5), view(short()), view(s()), 2, 5, good) },
		func(k Kernels) { k.BackwardSums(d(5), d(5), view(s()), view(s()), 2, 5, line) },
		func(k Kernels) { k.Backward(view(s()), view(s()), view(s()), 2, 5, good, s(), s(), s()[:4], false) },
		func(k Kernels) { k.Backward(view(short()), view(s()), view(s()), 2, 5, good, s(), s(), s(), false) },
		func(k Kernels) { k.ChannelSums(d(5), d(5), view(s()), -1, 5) },
		func(k Kernels) { k.FoldLanes(s(), make([]float32, 160)[:159]) },
	} {
		everyLevel(t, func(t *testing.T, k Kernels) {
			defer func() {
				if recover() == nil {
					t.Errorf("case %d: no panic", i)
				}
			}()
			f(k)
		})
	}
}
