// Package pngpool makes encoders of PNG that keep their compressors from image to image: one takes over a
// megabyte, and more time to make than a small image to compress.
package pngpool

import (
	"image/png"
	"sync"
)

// New returns an encoder, which any number of goroutines may use at once. Equal images give equal bytes,
// those of an encoder without a pool.
func New(level png.CompressionLevel) *png.Encoder {
	return &png.Encoder{CompressionLevel: level, BufferPool: &pool{}}
}

type pool struct{ kept sync.Pool }

func (p *pool) Get() *png.EncoderBuffer {
	b, _ := p.kept.Get().(*png.EncoderBuffer)
	return b // nil has the encoder make one
}

func (p *pool) Put(b *png.EncoderBuffer) { p.kept.Put(b) }
