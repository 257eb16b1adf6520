// Command asm writes kernel's assembly and its Go stubs:
//
//	go generate ./kernel
package main

import (
	"fmt"
	"os"
	"slices"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("amd64,!purego")
	hidden()
	for _, isa := range []isa{avx512, avx2} {
		for vectors := 1; vectors <= 2; vectors++ {
			emitProduct(isa, vectors)
		}
		emitPeak(isa)
		emitLanes(isa)
		emitNorm(isa)
		emitFromBytes(isa)
		for _, p := range slices.Concat(channelPasses, flatPasses, poolPasses) {
			p.emit(isa)
		}
	}
	emitFold()
	if err := writeConstants(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	Generate()
}
