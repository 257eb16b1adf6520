// Command asm writes gram's assembly and its Go stubs:
//
//	go generate ./shallow/svm/gram
package main

import . "github.com/mmcloughlin/avo/build"

// tiles are the numbers of rows that one call of a dot kernel multiplies with
// one panel. They must be those of batch.go: a mismatch fails its tests.
var tiles = []int{14, 4, 1}

func main() {
	ConstraintExpr("amd64,!purego")
	for _, rows := range tiles {
		emitDot(rows)
	}
	emitExp()
	emitAccumulate()
	Generate()
}
