//go:build !amd64 || purego

package kernel

// Without assembly every level is Portable and none of these is called.

func vectorWiden(View, View16, int, int) int  { return 0 }
func vectorNarrow(View16, View, int, int) int { return 0 }
func vectorRound(_, _ []float32) int          { return 0 }
