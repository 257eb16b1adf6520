//go:build (!amd64 && !arm64) || purego

package kernel

// Without assembly every level is Portable and none of these is called.

func vectorExp(_ Level, _, _ []float32)                                  {}
func vectorRBF(_ Level, _, _, _ []float32, _, _ float32)                 {}
func vectorReLU(_ Level, _, _ []float32)                                 {}
func vectorReLUBackward(_ Level, _, _, _ []float32)                      {}
func vectorAddScaled(_ Level, _, _ []float32, _ float32)                 {}
func vectorUpdate(_ Level, _, _, _ []float32, _ SGD)                     {}
func vectorSquaredNorm(_ Level, _ []float32) float32                     { return 0 }
func vectorFromBytes(_ Level, _ []float32, _ []byte, _, _ []float32) int { return 0 }

func vectorFromBytesRow(_ Level, _ []float32, _ []byte, _, _ []float32) {}
