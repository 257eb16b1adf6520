// Command asm writes gram's assembly and its Go stubs:
//
//	go generate ./kernel/gram
package main

import (
	"flag"
	"fmt"
	"os"

	. "github.com/mmcloughlin/avo/build"
)

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
	ConstraintExpr("amd64,!purego")
	for rows := 2; rows <= 14; rows += 2 {
		emitDotVNNI(rows)
	}
	emitDotAVX2(4)
	emitDotAVX2(2)
	emitDistances(avx512)
	emitDistances(avx2)
	emitExpAVX512()
	emitExpAVX2()
	emitAccumulate(avx512)
	emitAccumulate(avx2)
	Generate()
}
