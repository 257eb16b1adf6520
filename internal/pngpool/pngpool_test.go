package pngpool

import (
	"bytes"
	"image"
	"image/png"
	"sync"
	"testing"
)

func drawn(k int) image.Image {
	img := image.NewGray(image.Rect(0, 0, 28, 28))
	for i := range img.Pix {
		img.Pix[i] = byte(i * k * k)
	}
	return img
}

// An encoder gives the bytes of one without a pool, whatever it has encoded before and beside.
func TestSameBytes(t *testing.T) {
	for _, level := range []png.CompressionLevel{png.DefaultCompression, png.BestSpeed} {
		pooled, plain := New(level), png.Encoder{CompressionLevel: level}
		var all sync.WaitGroup
		for k := range 20 {
			all.Go(func() {
				var got, want bytes.Buffer
				if err := pooled.Encode(&got, drawn(k)); err != nil {
					t.Error(err)
				}
				if err := plain.Encode(&want, drawn(k)); err != nil {
					t.Error(err)
				}
				if !bytes.Equal(got.Bytes(), want.Bytes()) {
					t.Errorf("level %v, image %d: other bytes than without a pool", level, k)
				}
			})
		}
		all.Wait()
	}
}
