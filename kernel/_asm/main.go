// Command asm writes kernel's assembly and its Go stubs:
//
//	go generate ./kernel
//
// It needs three runs: the second writes the functions of the tiers of bfloat16, the third those for
// arm64.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"

	. "github.com/mmcloughlin/avo/build"
)

// tiersOnly has the products by instructions for bfloat16 written, which are in a file of their own.
var tiersOnly = flag.Bool("tiers", false, "write the functions of the tiers of bfloat16")

// neon has the functions for arm64 written instead of those for amd64.
var neon = flag.Bool("neon", false, "write the functions for arm64")

func main() {
	flag.Parse()
	if *neon {
		if err := writeNEON(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if *tiersOnly {
		ConstraintExpr("amd64,!purego")
		for vectors := 1; vectors <= 2; vectors++ {
			emitProduct(avx512, pairs, vectors, true)
			emitTiles(vectors)
		}
		emitSquares()
		emitPairPeak()
		emitTilePeak()
		for _, p := range halfPasses {
			p.emit(bf16)
		}
		emitCouple()
		emitTurn()
		emitPackPairs()
		emitTransposePairs()
		Generate()
		return
	}
	ConstraintExpr("amd64,!purego")
	hidden()
	for _, isa := range []isa{avx512, avx2} {
		for vectors := 1; vectors <= 2; vectors++ {
			emitProduct(isa, floats, vectors, true)
		}
		emitPeak(isa)
		emitLanes(isa)
		emitNorm(isa)
		emitFromBytes(isa)
		for _, p := range slices.Concat(channelPasses, flatPasses, poolPasses) {
			p.emit(isa)
		}
	}
	emitConvPool(avx2)
	emitFold()
	emitConversions()
	for vectors := 1; vectors <= 2; vectors++ {
		// AVX2's masked loads and stores are slow, and most columns are full.
		emitProduct(avx2, floats, vectors, false)
		emitProduct(avx2, widened, vectors, true)
	}
	emitXCR0()
	if err := writeConstants(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	Generate()
}
