//go:build amd64 && !linux && !purego

package kernel

// mayUseTiles is known for Linux alone.
func mayUseTiles() bool { return false }
