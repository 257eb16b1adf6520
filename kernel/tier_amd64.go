//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// inProcessor says whether the processor has the instructions of t.
func (t Tier) inProcessor() bool {
	switch t {
	case Widened:
		return true
	case AVX512BF16:
		return bestLevel() == AVX512 && cpu.X86.HasAVX512BF16
	case AMX:
		return cpu.X86.HasAMXTile && cpu.X86.HasAMXBF16
	}
	return false
}

// tileState are the bits of XCR0 that say that the operating system saves the tiles and their
// configuration.
const tileState = 1<<17 | 1<<18

// allowed says whether the operating system lets this process use the instructions of t, which the
// processor has. AMX asks it twice: whether it saves tiles at all, and for leave to use them.
func (t Tier) allowed() bool {
	return t != AMX || cpu.X86.HasOSXSAVE && xcr0()&tileState == tileState && mayUseTiles()
}
