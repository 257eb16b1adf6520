//go:build !amd64 || purego

package kernel

func bestLevel() Level { return Portable }

func (p *Product) vector(_ Level, taps *Taps, c, a, b, bias []float32) {
	p.portable(taps, c, a, b, bias)
}
