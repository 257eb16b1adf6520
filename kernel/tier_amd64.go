//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

func hasAVX512BF16() bool { return bestLevel() == AVX512 && cpu.X86.HasAVX512BF16 }

// tileState are the bits of XCR0 that say that the operating system saves the tiles and their
// configuration.
const tileState = 1<<17 | 1<<18

// hasAMX asks the processor, and the operating system twice: whether it saves tiles at all, and for
// leave to use them in this process.
func hasAMX() bool {
	x := &cpu.X86
	return x.HasAMXTile && x.HasAMXBF16 && x.HasOSXSAVE && xcr0()&tileState == tileState && mayUseTiles()
}
