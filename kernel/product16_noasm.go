//go:build !amd64 || purego

package kernel

func (m Products) assembled(*Product16, *Taps, []float32, []BF16, []BF16, []float32) bool {
	return false
}

func hasAVX512BF16() bool { return false }
func hasAMX() bool        { return false }
