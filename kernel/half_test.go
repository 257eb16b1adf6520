package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// picture16 is picture in bfloat16: what isn't a pixel is NaN.
func picture16(r *rand.Rand, pixels, channels int) View16 {
	return halved(picture(r, pixels, channels))
}

// halved rounds a view, gaps and all.
func halved(v View) View16 {
	h := View16{make([]BF16, len(v.Data)), v.Pitch}
	for i, x := range v.Data {
		h.Data[i] = ToBF16(x)
	}
	return h
}

// clone copies a view to a place of other alignment.
func (v View16) clone(r *rand.Rand) View16 {
	data := make([]BF16, len(v.Data)+32)[r.IntN(32):][:len(v.Data)]
	copy(data, v.Data)
	return View16{data, v.Pitch}
}

// floats are the numbers of a view, gaps and all.
func (v View16) floats() []float32 {
	f := make([]float32, len(v.Data))
	for i, x := range v.Data {
		f[i] = x.Float32()
	}
	return f
}

// halfCase is one set of arguments for the passes of bfloat16.
type halfCase struct {
	pixels, channels int
	a, b, dst        View16
	dy               View
	lines            [4][]float32
	sum, square      []float64
	relu, accumulate bool
	norm             *Normalised
	withSums         bool
}

func newHalfCase(r *rand.Rand, pixels, channels int) *halfCase {
	c := &halfCase{
		pixels: pixels, channels: channels,
		a: picture16(r, pixels, channels), b: picture16(r, pixels, channels), dst: picture16(r, pixels, channels),
		dy: picture(r, pixels, channels), sum: sums(r, channels), square: sums(r, channels),
		relu: r.IntN(2) == 0, accumulate: r.IntN(2) == 0, withSums: r.IntN(2) == 0,
	}
	for i := range c.lines {
		c.lines[i] = row(r, channels)
	}
	c.norm = &Normalised{Scale: c.lines[2], Shift: c.lines[3]}
	if r.IntN(2) == 0 {
		c.norm = &Normalised{Linear: true}
	}
	return c
}

// halfPasses are the passes of bfloat16, by name. Each writes to dst and may add to the sums.
var halfPasses = map[string]func(k Kernels, c *halfCase, dst View16, sum, square []float64){
	"ScaleShift16": func(k Kernels, c *halfCase, dst View16, _, _ []float64) {
		k.ScaleShift16(dst, c.a, c.pixels, c.channels, c.lines[0], c.lines[1], c.relu)
	},
	"AddLines16": func(k Kernels, c *halfCase, dst View16, _, _ []float64) {
		k.AddLines16(dst, c.a, c.b, c.pixels, c.channels, c.lines[0], c.lines[1], c.lines[2], c.lines[3], c.relu)
	},
	"NarrowAddLines16": func(k Kernels, c *halfCase, dst View16, _, _ []float64) {
		k.NarrowAddLines16(dst, c.dy, c.b, c.pixels, c.channels, c.lines[0], c.lines[1], c.lines[2], c.lines[3], c.relu)
	},
	"AverageLines16": func(k Kernels, c *halfCase, dst View16, _, _ []float64) {
		k.AverageLines16(dst, &[4]View16{c.a, c.b, c.b, c.a}, c.pixels, c.channels, c.lines[0], c.lines[1], c.relu)
	},
	"NarrowSums": func(k Kernels, c *halfCase, dst View16, sum, square []float64) {
		k.NarrowSums(sum, square, dst, c.dy, c.pixels, c.channels)
	},
	"Sums16": func(k Kernels, c *halfCase, _ View16, sum, square []float64) {
		k.Sums16(sum, square, c.a, c.b, c.pixels, c.channels)
	},
	"Backward16": func(k Kernels, c *halfCase, dst View16, sum, square []float64) {
		if !c.withSums {
			sum, square = nil, nil
		}
		k.Backward16(sum, square, dst, c.dy, c.b, c.pixels, c.channels, c.norm, c.lines[0], c.accumulate)
	},
	"Owed16": func(k Kernels, c *halfCase, dst View16, _, _ []float64) {
		k.Owed16(dst, c.a, c.b, c.pixels, c.channels, c.lines[0], c.lines[1], c.lines[2], c.relu)
	},
}

// TestHalfPasses compares every level with the portable code, and that with the passes on float32 from
// which each is composed.
func TestHalfPasses(t *testing.T) {
	everyShape(func(r *rand.Rand, pixels, channels int) {
		for name, pass := range halfPasses {
			c := newHalfCase(r, pixels, channels)
			want, wantSum, wantSquare := c.dst.clone(r), slices.Clone(c.sum), slices.Clone(c.square)
			pass(Kernels{}, c, want, wantSum[:channels], wantSquare[:channels])
			for _, l := range Levels() {
				what := fmt.Sprintf("%s %s %d×%d", l, name, pixels, channels)
				got, gotSum, gotSquare := c.dst.clone(r), slices.Clone(c.sum), slices.Clone(c.square)
				pass(Kernels{l}, c, got, gotSum[:channels], gotSquare[:channels])
				expect(t, what, got.floats(), want.floats())
				expectSums(t, what+" sums", gotSum, wantSum)
				expectSums(t, what+" second sums", gotSquare, wantSquare)
			}
			composed(t, r, name, c, want, wantSum, wantSquare)
		}
	})
}

// composed holds the portable result of a pass against what the passes on float32 make of the same.
func composed(t *testing.T, r *rand.Rand, name string, c *halfCase, got View16, sum, square []float64) {
	t.Helper()
	var k Kernels
	a, b, dst := View{c.a.floats(), c.a.Pitch}, View{c.b.floats(), c.b.Pitch}, View{c.dst.floats(), c.dst.Pitch}
	wantSum, wantSquare := slices.Clone(c.sum), slices.Clone(c.square)
	switch name {
	case "ScaleShift16":
		k.ScaleShift(dst, a, View{}, c.pixels, c.channels, c.lines[0], c.lines[1], c.relu)
	case "AddLines16":
		k.ScaleShift(b, b, View{}, c.pixels, c.channels, c.lines[2], c.lines[3], false)
		k.ScaleShift(dst, a, b, c.pixels, c.channels, c.lines[0], c.lines[1], c.relu)
	case "NarrowAddLines16":
		k.ScaleShift(b, b, View{}, c.pixels, c.channels, c.lines[2], c.lines[3], false)
		k.ScaleShift(dst, View{halved(c.dy).floats(), c.dy.Pitch}, b, c.pixels, c.channels, c.lines[0], c.lines[1], c.relu)
	case "AverageLines16":
		k.ScaleShift(a, a, View{}, c.pixels, c.channels, c.lines[0], c.lines[1], c.relu)
		k.ScaleShift(b, b, View{}, c.pixels, c.channels, c.lines[0], c.lines[1], c.relu)
		for p := range c.pixels {
			out := dst.Data[p*dst.Pitch:][:c.channels]
			clear(out)
			for _, v := range []View{a, b, b, a} {
				k.AddScaled(out, v.Data[p*v.Pitch:][:c.channels], 0.25)
			}
		}
	case "NarrowSums":
		k.Widen(dst, halved(c.dy), c.pixels, c.channels)
		k.ChannelSums(wantSum[:c.channels], wantSquare[:c.channels], dst, c.pixels, c.channels)
	case "Sums16":
		k.BackwardSums(wantSum[:c.channels], wantSquare[:c.channels], a, b, c.pixels, c.channels, &Normalised{Linear: true})
	case "Backward16":
		if c.withSums {
			k.BackwardSums(wantSum[:c.channels], wantSquare[:c.channels], c.dy, b, c.pixels, c.channels, c.norm)
		}
		zeros := make([]float32, c.channels)
		for p := range c.pixels {
			for ch := range c.channels {
				dz, at := c.norm.pass(c.dy.Data[p*c.dy.Pitch+ch], c.b.Data[p*c.b.Pitch+ch].Float32(), ch), p*dst.Pitch+ch
				one := []float32{dst.Data[at]}
				v := View{one, 0}
				k.Backward(v, View{[]float32{dz}, 0}, View{zeros, 0}, 1, 1, &Normalised{Linear: true}, c.lines[0][ch:], zeros, zeros, c.accumulate)
				dst.Data[at] = one[0]
			}
		}
	case "Owed16":
		k.Backward(dst, a, b, c.pixels, c.channels, &Normalised{Linear: true}, c.lines[0], c.lines[1], c.lines[2], false)
		if c.relu {
			for p := range c.pixels {
				out := dst.Data[p*dst.Pitch:][:c.channels]
				k.ReLUBackward(out, out, b.Data[p*b.Pitch:][:c.channels])
			}
		}
	}
	expect(t, name+" composed", got.floats(), halved(dst).floats())
	expectSums(t, name+" composed, sums", sum, wantSum)
	expectSums(t, name+" composed, second sums", square, wantSquare)
}

// TestLayouts compares Couple, Turn and PackPairs with their definitions: remainders of pixels and of
// channels, what is behind, and what must be left alone.
func TestLayouts(t *testing.T) {
	const canary = 0x1234
	r := rand.New(rand.NewPCG(23, 23))
	for _, l := range Levels() {
		k := Kernels{l}
		for channels := 1; channels <= 70; channels++ {
			pixels := 1 + r.IntN(70)
			src := picture16(r, pixels, channels)
			panel, panels := CoupledLen(pixels)+r.IntN(3), (channels+PanelWidth-1)/PanelWidth
			got := filled(panels*panel+9, canary)
			want := slices.Clone(got)
			for j := range panels * PanelWidth {
				for p := range (pixels + 1) / 2 * 2 {
					var v BF16
					if j < channels && p < pixels {
						v = src.Data[p*src.Pitch+j]
					}
					want[j/PanelWidth*panel+p/2*2*PanelWidth+2*(j%PanelWidth)+p%2] = v
				}
			}
			k.Couple(got, panel, src.clone(r), pixels, channels)
			same16(t, fmt.Sprintf("%s Couple %d×%d", l, pixels, channels), got, want)

			pitch := TurnedLen(pixels) + r.IntN(5)
			got = filled(channels*pitch+9, canary)
			want = slices.Clone(got)
			for c := range channels {
				clear(want[c*pitch:][:TurnedLen(pixels)])
				for p := range pixels {
					want[c*pitch+p] = src.Data[p*src.Pitch+c]
				}
			}
			k.Turn(got, pitch, src.clone(r), pixels, channels)
			same16(t, fmt.Sprintf("%s Turn %d×%d", l, pixels, channels), got, want)
		}
		for rows := 1; rows <= 9; rows++ {
			blocks := 1 + r.IntN(3)
			src := row(r, blocks*rows*PanelWidth)
			got := filled(blocks*(rows+rows%2)*PanelWidth+9, canary)
			want := slices.Clone(got)
			for b := range blocks {
				clear(want[b*(rows+rows%2)*PanelWidth:][:(rows+rows%2)*PanelWidth])
				for i := range rows * PanelWidth {
					at := b*(rows+rows%2)*PanelWidth + i/PanelWidth/2*2*PanelWidth + 2*(i%PanelWidth) + i/PanelWidth%2
					want[at] = nearestBF16(src[b*rows*PanelWidth+i])
				}
			}
			k.PackPairs(got, src, blocks, rows)
			same16(t, fmt.Sprintf("%s PackPairs %d×%d", l, blocks, rows), got, want)
		}
	}
}

// TestTransposePairs compares it with its definition.
func TestTransposePairs(t *testing.T) {
	r := rand.New(rand.NewPCG(24, 24))
	for _, l := range Levels() {
		for range 40 {
			rows, columns := 1+r.IntN(PanelWidth), 1+r.IntN(PanelWidth)
			if r.IntN(4) == 0 {
				rows, columns = PanelWidth, PanelWidth
			}
			src := row(r, rows*PanelWidth)
			got := filled((columns+1)/2*2*PanelWidth+9, 0x1234)
			want := slices.Clone(got)
			clear(want[:(columns+1)/2*2*PanelWidth])
			for i := range rows {
				for j := range columns {
					want[j/2*2*PanelWidth+2*i+j%2] = nearestBF16(src[i*PanelWidth+j])
				}
			}
			Kernels{l}.TransposePairs(got, src[:(rows-1)*PanelWidth+columns], rows, columns)
			same16(t, fmt.Sprintf("%s TransposePairs %d×%d", l, rows, columns), got, want)
		}
	}
}

func filled(n int, v BF16) []BF16 {
	s := make([]BF16, n)
	for i := range s {
		s[i] = v
	}
	return s
}

func same16(t *testing.T, what string, got, want []BF16) {
	t.Helper()
	for i, w := range want {
		if got[i] != w && (finiteOrInf(got[i]) || finiteOrInf(w)) {
			t.Fatalf("%s: element %d is %#x, want %#x", what, i, got[i], w)
		}
	}
}

// finiteOrInf says whether v is a number.
func finiteOrInf(v BF16) bool { f := v.Float32(); return f == f }

func TestTurnPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a pitch that is too small was taken")
		}
	}()
	Kernels{}.Turn(make([]BF16, 999), 31, View16{make([]BF16, 99), 1}, 32, 3)
}
