//go:build !amd64 || purego

package kernel

func vectorConvPool(Level, *ConvPool, []float32, []float32, []float32, []float32) bool { return false }
