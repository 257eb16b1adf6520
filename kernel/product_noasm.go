//go:build (!amd64 && !arm64) || purego

package kernel

func (p *Product) vector(_ Level, taps *Taps, c, a, b, bias []float32) {
	p.portable(taps, c, a, b, bias)
}
