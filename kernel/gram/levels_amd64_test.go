//go:build amd64 && !purego

package gram

// levels returns the implementations that this machine has, the portable one
// first; force makes one the current one until the returned function is called.
func levels() []string {
	if useVNNI {
		return []string{"portable", "avx512-vnni"}
	}
	return []string{"portable"}
}

func force(level string) func() {
	was := useVNNI
	useVNNI = level == "avx512-vnni"
	return func() { useVNNI = was }
}
