package kernel

import "testing"

// The passes are bound by loads and stores: these tiles lie in the first or second cache, as they
// do between two products.
const (
	benchPixels   = 64
	benchChannels = 128
	benchFlat     = benchPixels * benchChannels
)

// bandwidth reports the bytes that the pass must read and write.
func bandwidth(b *testing.B, floats int) {
	b.ReportMetric(4*float64(floats)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GB/s")
}

// BenchmarkPasses times every pass on tiles of 64 pixels × 128 channels.
func BenchmarkPasses(b *testing.B) {
	x, y, z := View{noise(benchFlat), benchChannels}, View{noise(benchFlat), benchChannels}, View{noise(benchFlat), benchChannels}
	c := noise(benchChannels)
	sum, dot := make([]float64, benchChannels), make([]float64, benchChannels)
	n := &Normalised{Scale: c, Shift: c}
	pool := &Pool{Rows: 4, Width: 4, Channels: benchChannels, InRow: 8 * benchChannels, OutRow: 4 * benchChannels, ReLU: true}
	bytes := make([]byte, benchFlat)
	three := c[:3]
	run := func(name string, floats int, f func(k Kernels)) {
		b.Run(name, func(b *testing.B) {
			vectorLevels(b, func(b *testing.B, k Kernels) {
				for b.Loop() {
					f(k)
				}
				bandwidth(b, floats)
			})
		})
	}
	run("ScaleShift", 2*benchFlat, func(k Kernels) { k.ScaleShift(y, x, View{}, benchPixels, benchChannels, c, c, true) })
	run("ScaleShiftAdd", 3*benchFlat, func(k Kernels) { k.ScaleShift(y, x, z, benchPixels, benchChannels, c, c, true) })
	run("ChannelSums", benchFlat, func(k Kernels) { k.ChannelSums(sum, dot, x, benchPixels, benchChannels) })
	run("BackwardSums", 2*benchFlat, func(k Kernels) { k.BackwardSums(sum, dot, y, x, benchPixels, benchChannels, n) })
	run("Backward", 3*benchFlat, func(k Kernels) { k.Backward(z, y, x, benchPixels, benchChannels, n, c, c, c, false) })
	run("BackwardAdd", 4*benchFlat, func(k Kernels) { k.Backward(z, y, x, benchPixels, benchChannels, n, c, c, c, true) })
	run("MaxPool", benchFlat*5/4, func(k Kernels) { k.MaxPool(y, x, pool) })
	run("MaxPoolBackward", benchFlat*9/4, func(k Kernels) { k.MaxPoolBackward(z, y, x, pool) })
	run("ReLU", 2*benchFlat, func(k Kernels) { k.ReLU(y.Data, x.Data) })
	run("ReLUBackward", 3*benchFlat, func(k Kernels) { k.ReLUBackward(z.Data, y.Data, x.Data) })
	run("AddScaled", 3*benchFlat, func(k Kernels) { k.AddScaled(y.Data, x.Data, 0) })
	run("Update", 5*benchFlat, func(k Kernels) { k.Update(x.Data, y.Data, z.Data, SGD{Momentum: 0.9}) })
	run("Exp", 2*benchFlat, func(k Kernels) { k.Exp(y.Data, x.Data) })
	run("RBF", 3*benchFlat, func(k Kernels) { k.RBF(y.Data, x.Data, z.Data, 1, 1) })
	run("SquaredNorm", benchFlat, func(k Kernels) { sum[0] += float64(k.SquaredNorm(x.Data)) })
	run("FromBytes", benchFlat*5/4, func(k Kernels) { k.FromBytes(y.Data, bytes, three, three) })
	each := make([]float32, 784)
	run("FromBytesEach", benchFlat*5/4, func(k Kernels) { k.FromBytes(y.Data, bytes, each, each) })
}
