//go:build !purego

package kernel

const (
	convPoolChannels = 3  // output channels of a call of the assembly
	convPoolSlice    = 16 // images of a call: what of 46 KB of input a call reads again stays in the cache
)

// vectorConvPool reports whether it has computed p: AVX2 alone has assembly for it.
func vectorConvPool(l Level, p *ConvPool, dst, in, w, bias []float32) bool {
	if l != AVX2 {
		return false
	}
	const pixel = convPoolImages * floatBytes
	filter, outPlane := p.In*p.Size*p.Size, p.Rows()*p.Columns()*convPoolImages
	row := p.Width * pixel
	flags := bit(p.ReLU, flagReLU)
	for y := range p.Rows() {
		for n := 0; n < convPoolImages; n += convPoolSlice {
			for o := 0; o < p.Out; {
				c := evenPart(p.Out-o, convPoolChannels)
				convPoolAVX2(&dst[o*outPlane+y*p.Columns()*convPoolImages+n], &in[2*y*p.Width*convPoolImages+n],
					&w[o*filter], &bias[o], c, p.Columns(), p.In, p.Size, row, row-p.Size*pixel,
					p.Height*row-p.Size*row, filter*floatBytes, outPlane*floatBytes, flags)
				o += c
			}
		}
	}
	return true
}

// evenPart is the first of the fewest parts of n, at most most each, that are as equal as can be.
func evenPart(n, most int) int {
	parts := (n + most - 1) / most
	return (n + parts - 1) / parts
}
