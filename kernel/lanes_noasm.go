//go:build !amd64 || purego

package kernel

func (p *LaneProduct) vector(_ Level, taps *Taps, c, a, b []float32) { p.portable(taps, c, a, b) }
