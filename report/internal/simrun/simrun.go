// Package simrun simulates training runs for the tests of report and figure: a network that learns
// easy examples first, references that share its idea of easiness as far as the caller says, and
// drawn digits as images.
//
// It imitates what a run looks like (R± near 1 at first, an early peak, a slow decay, examples
// forgotten and learned again) and nothing about how it comes about. Everything follows from the
// seed.
package simrun

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Options says what to simulate.
type Options struct {
	Examples, Classes int
	Steps             []int   // evaluated training steps, ascending
	StepsPerEpoch     int     // training steps in one epoch
	HalfLearned       float64 // training step at which half of the examples are learned
	Spread            float64 // standard deviation of ln(step learned)
	Ceiling           float64 // share of examples that can be learned at all
	References        []Reference
	Seed              uint64
}

// Reference is a simulated shallow model.
type Reference struct {
	Name     string
	Accuracy float64
	Shared   float64 // 0: its errors have nothing to do with the network's difficulty; 1: they are the hardest examples
}

// Run is a simulated prediction log with its references.
type Run struct {
	Labels      []uint16
	Steps       []int
	Epochs      []float64
	Predictions [][]uint16 // one row an evaluation
	References  [][]uint16
	Margins     [][]float32
}

// EveryStep lists 0..last.
func EveryStep(last int) []int {
	steps := make([]int, last+1)
	for i := range steps {
		steps[i] = i
	}
	return steps
}

// MNIST is one epoch of 938 steps, evaluated after each, with an SVM and a forest; n examples.
func MNIST(n int) Options {
	return Options{Examples: n, Classes: 10, Steps: EveryStep(938), StepsPerEpoch: 938, HalfLearned: 55, Spread: 1.15, Ceiling: .9985,
		References: []Reference{{"svm", .9792, .72}, {"forest", .9614, .66}}, Seed: 1}
}

// CIFAR is a long run with weak references; n examples.
func CIFAR(n int) Options {
	steps := EveryStep(400)
	for s := 410.0; s < 39100; s *= 1.02 {
		steps = append(steps, int(s))
	}
	return Options{Examples: n, Classes: 10, Steps: append(steps, 39100), StepsPerEpoch: 391, HalfLearned: 700, Spread: 1.9, Ceiling: .985,
		References: []Reference{{"svm", .4077, .62}, {"forest", .3586, .55}}, Seed: 2}
}

// Simulate runs the simulation.
func Simulate(o Options) *Run {
	rng := rand.New(rand.NewPCG(o.Seed, 7))
	r := &Run{Steps: o.Steps}
	hard := make([]float64, o.Examples) // standard normal difficulty
	luck := make([]float64, o.Examples)
	habit := make([]uint16, o.Examples) // the class it is mistaken for
	never := make([]bool, o.Examples)
	for i := range hard {
		r.Labels = append(r.Labels, uint16(i%o.Classes))
		hard[i], luck[i] = rng.NormFloat64(), rng.Float64()
		habit[i] = uint16((int(r.Labels[i]) + 1 + rng.IntN(o.Classes-1)) % o.Classes)
		never[i] = rng.Float64()+.25*math.Tanh(hard[i]-1.5)*(1-o.Ceiling) > o.Ceiling
	}
	for _, ref := range o.References {
		pred, margin := reference(rng, ref, r.Labels, hard, o.Classes)
		r.References, r.Margins = append(r.References, pred), append(r.Margins, margin)
	}
	for _, step := range o.Steps {
		r.Epochs = append(r.Epochs, float64(step)/float64(o.StepsPerEpoch))
		drift := rng.NormFloat64() * .12
		row := make([]uint16, o.Examples)
		common := uint16(rng.IntN(o.Classes))
		for i := range row {
			row[i] = predict(rng, o, float64(step), hard[i]+drift, luck[i], never[i], r.Labels[i], habit[i], common)
		}
		r.Predictions = append(r.Predictions, row)
	}
	return r
}

// predict is one example at one evaluation.
func predict(rng *rand.Rand, o Options, step, hard, luck float64, never bool, label, habit, common uint16) uint16 {
	when := math.Log(o.HalfLearned) + o.Spread*hard
	p := 1 / (1 + math.Exp(-2.6*(math.Log(step+1e-3)-when)))
	if never {
		p *= .02
	}
	if p > luck+.1*rng.NormFloat64()*p*(1-p)*4 {
		return label
	}
	if untrained := .45*math.Exp(-step/60) + .55*math.Exp(-step/3000); rng.Float64() < untrained {
		if rng.Float64() < .5 {
			return common
		}
		return uint16(rng.IntN(o.Classes))
	}
	return habit
}

// reference draws a model that is wrong on about 1-Accuracy of the examples, the hard ones as far
// as Shared says.
func reference(rng *rand.Rand, ref Reference, labels []uint16, hard []float64, classes int) ([]uint16, []float32) {
	pred, margin := make([]uint16, len(labels)), make([]float32, len(labels))
	own := math.Sqrt(1 - ref.Shared*ref.Shared)
	cut := math.Sqrt2 * math.Erfinv(2*ref.Accuracy-1)
	for i, l := range labels {
		score := ref.Shared*hard[i] + own*rng.NormFloat64()
		pred[i], margin[i] = l, float32(math.Abs(cut-score))
		if score > cut {
			pred[i] = uint16((int(l) + 1 + rng.IntN(classes-1)) % classes)
		}
	}
	return pred, margin
}

// Images draws one digit an example, side × side pixels, in colour or grey, a little noisy.
func Images(labels []uint16, side int, colour bool, seed uint64) []image.Image {
	rng := rand.New(rand.NewPCG(seed, 11))
	out := make([]image.Image, len(labels))
	for i, l := range labels {
		small := image.NewGray(image.Rect(0, 0, 14, 14))
		d := font.Drawer{Dst: small, Src: image.White, Face: basicfont.Face7x13,
			Dot: fixed.P(2+rng.IntN(4), 11+rng.IntN(2))}
		d.DrawString(string(rune('0' + l%10)))
		tint := color.RGBA{uint8(120 + rng.IntN(136)), uint8(120 + rng.IntN(136)), uint8(120 + rng.IntN(136)), 255}
		rgba, grey := image.NewRGBA(image.Rect(0, 0, side, side)), image.NewGray(image.Rect(0, 0, side, side))
		for y := 0; y < side; y++ {
			for x := 0; x < side; x++ {
				v := int(small.GrayAt(x*14/side, y*14/side).Y)
				v = min(max(v*7/8+rng.IntN(24), 0), 255)
				grey.SetGray(x, y, color.Gray{Y: uint8(v)})
				rgba.SetRGBA(x, y, color.RGBA{uint8(v * int(tint.R) / 255), uint8((v*int(tint.G)/255 + 3*y) / 2), uint8(v*int(tint.B)/255/2 + 2*x), 255})
			}
		}
		if out[i] = grey; colour {
			out[i] = rgba
		}
	}
	return out
}
