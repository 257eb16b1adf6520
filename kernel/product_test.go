package kernel

import "testing"

func TestMatMulSmall(t *testing.T) {
	a := []float32{1, 2, 3, 4, 5, 6}
	b := []float32{1, 0, 1, 0, 1, 0} // 2×3, transposed by packing
	packed := make([]float32, PackedLen(3, 2))
	Pack(packed, b, 3, 2, 1, 3)
	c := make([]float32, 4)
	Best().MatMul(c, a, packed, 2, 3, 2, 3, 2)
	want := []float32{4, 2, 10, 5}
	for i := range want {
		if c[i] != want[i] {
			t.Fatalf("C[%d] = %v, want %v", i, c[i], want[i])
		}
	}
}
