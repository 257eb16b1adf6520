package logistic

import (
	"context"

	"shoal/internal/parallel"
	"shoal/kernel"
	"shoal/shallow/model"
)

const (
	tileRows = 128 // rows that become float32 at once
	flush    = 8   // tiles whose gradient is summed in float32
	maxParts = 32  // pieces of the examples; fixed, so that sums are
)

// loss computes f and its gradient, the features being converted. The variables are the weights,
// [d][c], then the intercepts, [c].
type loss struct {
	ctx     context.Context
	data    model.Examples
	label   []uint16 // of each example, among the classes that occur
	classes int      // that occur: c
	penalty float64  // of |W|²/2
	workers int
	conversion

	packed  []float32 // the weights, packed for the kernel
	bias    []float32
	single  []float32 // the weights in float32
	scratch []*tile   // of each worker
	parts   []part
}

// conversion is how the bytes of each feature become float32. Numbers are shifted alone.
type conversion struct{ scale, shift []float32 }

// plain makes bytes byte/255.
var plain = conversion{[]float32{1. / 255}, []float32{0}}

// centred makes the mean of every feature 0. The intercepts compensate for it, so the minimum is
// the same; but f is better conditioned, and L-BFGS takes several times fewer steps.
func centred(data model.Examples) (c conversion, mean []float64) {
	n, d := data.Len(), data.Features
	if data.Floats() {
		return centredFloats(data)
	}
	sums := make([]int64, d)
	for i := range n {
		for f, v := range data.Row(i) {
			sums[f] += int64(v)
		}
	}
	mean = make([]float64, d)
	c.scale, c.shift = make([]float32, d), make([]float32, d)
	for f, sum := range sums {
		c.scale[f] = plain.scale[0]
		c.shift[f] = -float32(float64(sum) / float64(n) / 255)
		mean[f] = -float64(c.shift[f])
	}
	return c, mean
}

// centredFloats is centred for numbers.
func centredFloats(data model.Examples) (c conversion, mean []float64) {
	d := data.Features
	mean, c.shift = make([]float64, d), make([]float32, d)
	for i := range data.Len() {
		for f, v := range data.Point(i) {
			mean[f] += float64(v)
		}
	}
	for f := range mean {
		c.shift[f] = -float32(mean[f] / float64(data.Len()))
		mean[f] = -float64(c.shift[f])
	}
	return c, mean
}

// part is what one piece of the examples adds.
type part struct {
	value    float64
	gradient []float64 // [d][c], then [c]
}

// tile is the scratch of one worker.
type tile struct {
	x        []float32 // rows × d
	scores   []float32 // rows × c
	residual []float32 // panels of [rows][32]
	gradient []float32 // [d][c]
}

func newTile(features, classes int) *tile {
	panels := (classes + kernel.PanelWidth - 1) / kernel.PanelWidth
	return &tile{
		x:        kernel.Aligned(tileRows * features),
		scores:   kernel.Aligned(tileRows * classes),
		residual: kernel.Aligned(panels * tileRows * kernel.PanelWidth),
		gradient: kernel.Aligned(features * classes),
	}
}

// shifted writes whole rows of numbers, shifted, to x.
func (c conversion) shifted(x, values []float32) {
	if len(c.shift) == 1 && c.shift[0] == 0 {
		copy(x, values)
		return
	}
	d := len(c.shift)
	for at := 0; at < len(values); at += d {
		row := x[at : at+d]
		for f, v := range values[at : at+d] {
			row[f] = v + c.shift[f]
		}
	}
}

// load converts rows [from, to) to float32, byte/255 + shift or number + shift, and computes their
// scores.
func (t *tile) load(k kernel.Kernels, data model.Examples, from, to, classes int, packed, bias []float32, c conversion) {
	d, rows := data.Features, to-from
	if data.Floats() {
		c.shifted(t.x, data.Values[from*d:to*d])
	} else {
		k.FromBytes(t.x, data.Pixels[from*d:to*d], c.scale, c.shift)
	}
	k.Multiply(&kernel.Product{
		Rows: 1, Width: rows, K: d, N: classes, ACol: d, AK: 1,
		BK: kernel.PanelWidth, BPanel: kernel.PanelWidth * d, CCol: classes, Init: kernel.Bias,
	}, kernel.OneTap, t.scores, t.x, packed, bias)
}

func newLoss(ctx context.Context, data model.Examples, label []uint16, classes int, c float64, workers int) *loss {
	n, d := data.Len(), data.Features
	penalty := 1 / (c * float64(n))
	if classes == 2 {
		penalty *= 2 // |w|² of their difference is twice |W|², w₀ being -w₁
	}
	l := &loss{
		ctx: ctx, data: data, label: label, classes: classes, penalty: penalty, workers: workers,
		conversion: plain,
		packed:     kernel.Aligned(kernel.PackedLen(d, classes)), bias: make([]float32, classes),
		single: make([]float32, d*classes), scratch: make([]*tile, workers),
		parts: make([]part, min(maxParts, (n+tileRows-1)/tileRows)),
	}
	for i := range l.parts {
		l.parts[i].gradient = make([]float64, (d+1)*classes)
	}
	return l
}

// value returns f and writes its gradient.
func (l *loss) value(x, gradient []float64) float64 {
	d, c := l.data.Features, l.classes
	packWeights(l.packed, l.bias, l.single, x, d, c)
	tiles := (l.data.Len() + tileRows - 1) / tileRows
	parallel.For(l.workers, len(l.parts), func(worker, i int) {
		if l.ctx.Err() != nil {
			return
		}
		if l.scratch[worker] == nil {
			l.scratch[worker] = newTile(d, c)
		}
		l.parts[i].sum(l, l.scratch[worker], tiles*i/len(l.parts), tiles*(i+1)/len(l.parts))
	})
	clear(gradient)
	f := 0.0
	for i := range l.parts {
		f += l.parts[i].value
		add(gradient, l.parts[i].gradient, 1)
	}
	n := float64(l.data.Len())
	scale(gradient, 1/n)
	weights := x[:d*c]
	add(gradient[:d*c], weights, l.penalty)
	return f/n + float64(l.penalty/2*dot(weights, weights))
}

// packWeights brings the variables into the form that the kernel reads.
func packWeights(packed, bias, single []float32, x []float64, d, c int) {
	for i, w := range x[:d*c] {
		single[i] = float32(w)
	}
	for k, b := range x[d*c:] {
		bias[k] = float32(b)
	}
	kernel.Pack(packed, single, d, c, c, 1)
}

// sum adds up the tiles [from, to).
func (p *part) sum(l *loss, t *tile, from, to int) {
	d, c, n := l.data.Features, l.classes, l.data.Len()
	p.value = 0
	clear(p.gradient)
	k := kernel.Best()
	for first := from; first < to; first += flush {
		clear(t.gradient)
		for i := first; i < min(first+flush, to); i++ {
			rows := min(n, (i+1)*tileRows) - i*tileRows
			t.load(k, l.data, i*tileRows, i*tileRows+rows, c, l.packed, l.bias, l.conversion)
			p.value += t.residuals(l.label[i*tileRows:][:rows], c, p.gradient[d*c:])
			k.Multiply(&kernel.Product{
				Rows: 1, Width: d, K: rows, N: c, ACol: 1, AK: d,
				BK: kernel.PanelWidth, BPanel: kernel.PanelWidth * tileRows, CCol: c, Init: kernel.Accumulate,
			}, kernel.OneTap, t.gradient, t.x, t.residual, nil)
		}
		for i, g := range t.gradient {
			p.gradient[i] += float64(g)
		}
	}
}

// residuals turns the scores of a tile into residuals, probability minus 1 for the label, adds them
// to the gradient of the intercepts and returns the sum of -log p(label).
func (t *tile) residuals(label []uint16, c int, intercepts []float64) float64 {
	sum := 0.0
	p := make([]float64, c)
	for r, y := range label {
		scores := t.scores[r*c : (r+1)*c]
		sum += model.Softmax(p, scores) - float64(scores[y])
		p[y]--
		for k, v := range p {
			t.residual[k/kernel.PanelWidth*tileRows*kernel.PanelWidth+r*kernel.PanelWidth+k%kernel.PanelWidth] = float32(v)
			intercepts[k] += v
		}
	}
	return sum
}
