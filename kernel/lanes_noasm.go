//go:build (!amd64 && !arm64) || purego

package kernel

func vectorFoldLanes(_, _ []float32) {} // never called

func (p *LaneProduct) vector(_ Level, taps *Taps, c, a, b []float32) { p.portable(taps, c, a, b) }
