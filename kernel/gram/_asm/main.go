// Command asm writes gram's assembly and its Go stubs:
//
//	go generate ./kernel/gram
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
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
