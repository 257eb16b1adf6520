package svm

import (
	"shoal/kernel/gram"
	"shoal/shallow/model"
)

// panels are the rows of one class, packed for products, whatever they are of.
type panels interface {
	Len() int
	Panels() int
	Width() int
	norm(row int) float64 // K(x, x) of the linear kernel
	rows(k gram.Kernel, b *batch, dst [][]float32, first, last int)
}

type (
	packedBytes  = gram.Panels // names that are not those of their methods
	packedFloats = gram.FloatPanels
)

type bytePanels struct{ *packedBytes }

func (p bytePanels) norm(row int) float64 { return float64(p.SquaredNorm(row)) / (255 * 255) }

func (p bytePanels) rows(k gram.Kernel, b *batch, dst [][]float32, first, last int) {
	p.Rows(k, b.bytes, dst, first, last)
}

type floatPanels struct{ *packedFloats }

func (p floatPanels) norm(row int) float64 { return p.SquaredNorm(row) }

func (p floatPanels) rows(k gram.Kernel, b *batch, dst [][]float32, first, last int) {
	p.Rows(k, b.floats, dst, first, last)
}

// pack packs n of the examples, which index numbers.
func pack(e model.Examples, index func(i int) int, n, workers int) panels {
	if e.Floats() {
		return floatPanels{gram.PackFloats(func(i int) []float32 { return e.Point(index(i)) }, n, e.Features, workers)}
	}
	return bytePanels{gram.Pack(func(i int) []byte { return e.Row(index(i)) }, n, e.Features, workers)}
}

// batch gathers rows for a product: one of the two.
type batch struct {
	bytes  *gram.Batch
	floats *gram.FloatBatch
}

func newBatch(features int, floats bool) *batch {
	if floats {
		return &batch{floats: gram.NewFloatBatch(features)}
	}
	return &batch{bytes: gram.NewBatch(features)}
}

func (b *batch) reset() {
	if b.floats != nil {
		b.floats.Reset()
		return
	}
	b.bytes.Reset()
}

func (b *batch) len() int {
	if b.floats != nil {
		return b.floats.Len()
	}
	return b.bytes.Len()
}

// add appends example i.
func (b *batch) add(e model.Examples, i int) {
	if b.floats != nil {
		b.floats.Add(e.Point(i))
		return
	}
	b.bytes.Add(e.Row(i))
}

// pack prepares the batch for several workers.
func (b *batch) pack() {
	if b.bytes != nil {
		b.bytes.Pack()
	}
}
