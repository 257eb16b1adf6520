package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// awkward fills s with values among which NaN, infinities and zeros of both signs occur.
func awkward(r *rand.Rand, s []float32) {
	normal(r, s)
	for i := range s {
		switch r.IntN(40) {
		case 0:
			s[i] = nan
		case 1:
			s[i] = float32(math.Inf(1 - 2*r.IntN(2)))
		case 2:
			s[i] = 0
		case 3:
			s[i] = float32(math.Copysign(0, -1))
		case 4:
			s[i] *= 0x1p-140
		}
	}
}

// picture returns a view of pixels × channels in a sea of NaN.
func picture(r *rand.Rand, pixels, channels int) View {
	v := View{Pitch: channels + r.IntN(20)}
	v.Data = poison((pixels-1)*v.Pitch+channels+r.IntN(2), r.IntN(16))
	for p := range pixels {
		awkward(r, v.Data[p*v.Pitch:][:channels])
	}
	return v
}

// clone copies a view to a place of other alignment.
func (v View) clone(r *rand.Rand) View {
	if v.Data == nil {
		return v
	}
	data := poison(len(v.Data), r.IntN(16))
	copy(data, v.Data)
	return View{data, v.Pitch}
}

// row returns n awkward values followed by the end of the slice.
func row(r *rand.Rand, n int) []float32 {
	s := poison(n, r.IntN(16))
	awkward(r, s)
	return s
}

func sums(r *rand.Rand, n int) []float64 {
	s := make([]float64, n+1)
	for i := range s {
		s[i] = r.NormFloat64()
	}
	return s
}

// expectSums compares float64 sums, NaN being equal.
func expectSums(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("%s: sum %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// everyShape calls f with pixels and channels of every remainder.
func everyShape(f func(r *rand.Rand, pixels, channels int)) {
	r := rand.New(rand.NewPCG(7, 7))
	for channels := 1; channels <= 140; channels++ {
		f(r, 1+r.IntN(7), channels)
	}
}

func TestScaleShift(t *testing.T) {
	everyShape(func(r *rand.Rand, pixels, channels int) {
		src, dst := picture(r, pixels, channels), picture(r, pixels, channels)
		var add View
		if r.IntN(2) == 0 {
			add = picture(r, pixels, channels)
		}
		scale, shift, relu := row(r, channels), row(r, channels), r.IntN(2) == 0
		want := append([]float32(nil), dst.Data...)
		for p := range pixels {
			for c := range channels {
				z := fmaEmulated(src.Data[p*src.Pitch+c], scale[c], shift[c])
				if add.Data != nil {
					z += add.Data[p*add.Pitch+c]
				}
				if relu && z < 0 {
					z = 0
				}
				want[p*dst.Pitch+c] = z
			}
		}
		for _, l := range Levels() {
			out := dst.clone(r)
			Kernels{l}.ScaleShift(out, src.clone(r), add.clone(r), pixels, channels, scale, shift, relu)
			expect(t, fmt.Sprintf("%s %d×%d relu %v add %v", l, pixels, channels, relu, add.Data != nil), out.Data, want)
			if add.Data == nil {
				continue
			}
			same := View{append([]float32(nil), add.Data...), add.Pitch} // dst is add
			Kernels{l}.ScaleShift(same, src, same, pixels, channels, scale, shift, relu)
			for p := range pixels {
				expect(t, l.String()+" in place of add", same.Data[p*add.Pitch:][:channels], want[p*dst.Pitch:][:channels])
			}
		}
	})
}

func TestChannelSums(t *testing.T) {
	everyShape(func(r *rand.Rand, pixels, channels int) {
		src := picture(r, pixels, channels)
		a, b := sums(r, channels), sums(r, channels)
		wantA, wantB := append([]float64(nil), a...), append([]float64(nil), b...)
		for c := range channels {
			for p := range pixels {
				x := float64(src.Data[p*src.Pitch+c])
				wantA[c] += x
				wantB[c] += x * x
			}
		}
		for _, l := range Levels() {
			gotA, gotB := append([]float64(nil), a...), append([]float64(nil), b...)
			Kernels{l}.ChannelSums(gotA[:channels], gotB[:channels], src.clone(r), pixels, channels)
			what := fmt.Sprintf("%s %d×%d", l, pixels, channels)
			expectSums(t, what, gotA, wantA)
			expectSums(t, what+" squares", gotB, wantB)
		}
	})
}

func TestBackward(t *testing.T) {
	everyShape(func(r *rand.Rand, pixels, channels int) {
		x, dy, dx := picture(r, pixels, channels), picture(r, pixels, channels), picture(r, pixels, channels)
		n := &Normalised{Scale: row(r, channels), Shift: row(r, channels)}
		if r.IntN(2) == 0 {
			n = &Normalised{Linear: true}
		}
		p, q, s, accumulate := row(r, channels), row(r, channels), row(r, channels), r.IntN(2) == 0
		a, b := sums(r, channels), sums(r, channels)
		wantA, wantB := append([]float64(nil), a...), append([]float64(nil), b...)
		want := append([]float32(nil), dx.Data...)
		for i := range pixels {
			for c := range channels {
				v, dz, at := x.Data[i*x.Pitch+c], dy.Data[i*dy.Pitch+c], i*dx.Pitch+c
				if !n.Linear && !(fmaEmulated(v, n.Scale[c], n.Shift[c]) > 0) {
					dz = 0
				}
				wantA[c] += float64(dz)
				wantB[c] += float64(dz) * float64(v)
				g := fmaEmulated(dz, p[c], fmaEmulated(v, q[c], s[c]))
				if accumulate {
					g += want[at]
				}
				want[at] = g
			}
		}
		for _, l := range Levels() {
			what := fmt.Sprintf("%s %d×%d linear %v accumulate %v", l, pixels, channels, n.Linear, accumulate)
			gotA, gotB := append([]float64(nil), a...), append([]float64(nil), b...)
			Kernels{l}.BackwardSums(gotA[:channels], gotB[:channels], dy.clone(r), x.clone(r), pixels, channels, n)
			expectSums(t, what, gotA, wantA)
			expectSums(t, what+" dots", gotB, wantB)
			out := dx.clone(r)
			Kernels{l}.Backward(out, dy.clone(r), x.clone(r), pixels, channels, n, p, q, s, accumulate)
			expect(t, what, out.Data, want)
		}
	})
}
