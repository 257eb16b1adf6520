//go:build (!amd64 && !arm64) || purego

package kernel

func machineLevels() []Level { return []Level{Portable} }
