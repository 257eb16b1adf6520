//go:build (!amd64 && !arm64) || purego

package kernel

// Without assembly every level is Portable and neither is called.

func vectorMaxPool(_ Level, _, _ View, _ int, _ *Pool)            {}
func vectorMaxPoolBackward(_ Level, _, _, _ View, _ int, _ *Pool) {}
