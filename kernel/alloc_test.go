package kernel

import "testing"

// TestPassesDoNotAllocate holds for callers' slices on the stack, too: none escapes.
func TestPassesDoNotAllocate(t *testing.T) {
	everyLevel(t, func(t *testing.T, k Kernels) {
		n := testing.AllocsPerRun(20, func() {
			var a, b, c [100]float32
			var s, d [10]float64
			x, y, z := View{a[:], 10}, View{b[:], 10}, View{c[:], 10}
			n := Normalised{Scale: a[:], Shift: b[:]}
			p := Pool{Rows: 2, Width: 2, Channels: 5, InRow: 20, OutRow: 20}
			var half [100]BF16
			k.Narrow(View16{half[:], 10}, x, 10, 10)
			k.Widen(x, View16{half[:], 10}, 10, 10)
			k.Round(a[:], b[:])
			k.ScaleShift(x, y, z, 10, 10, a[:], b[:], true)
			k.ChannelSums(s[:], d[:], x, 10, 10)
			k.BackwardSums(s[:], d[:], x, y, 10, 10, &n)
			k.Backward(x, y, z, 10, 10, &n, a[:], b[:], c[:], true)
			k.MaxPool(x, y, &p)
			k.MaxPoolBackward(x, z, y, &p)
			k.ReLU(a[:], b[:])
			k.ReLUBackward(a[:], b[:], c[:])
			k.AddScaled(a[:], b[:], 2)
			k.Update(a[:], b[:], c[:], SGD{})
			k.Exp(a[:], b[:])
			k.RBF(a[:], b[:], c[:], 1, 1)
			k.FromBytes(a[:], []byte{1, 2, 3}, b[:3], c[:3])
			k.FoldLanes(a[:2], b[:])
			a[0] = k.SquaredNorm(b[:])
		})
		if n != 0 {
			t.Errorf("%v allocations, want none", n)
		}
	})
}
