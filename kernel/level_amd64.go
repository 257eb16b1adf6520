//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// machineLevels returns what this machine has, the slowest first.
func machineLevels() []Level { return []Level{Portable, AVX2, AVX512}[:bestLevel()+1] }

// bestLevel asks the processor and the operating system (which must save the wide registers);
// x/sys/cpu has already done so.
func bestLevel() Level {
	x := &cpu.X86
	switch {
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX2 && x.HasFMA:
		return AVX512
	case x.HasAVX2 && x.HasFMA:
		return AVX2
	}
	return Portable
}
