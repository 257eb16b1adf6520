//go:build !purego

package kernel

// machineLevels returns what this machine has, the slowest first: every arm64 has NEON.
func machineLevels() []Level { return []Level{Portable, NEON} }
