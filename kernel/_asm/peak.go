package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// peakChains is the number of independent sums in the peak loop: enough for any latency times any
// number of units there is.
const peakChains = 12

// emitPeak writes the loop that measures the limit of the machine: n rounds of multiply-adds that
// touch no memory and don't wait for each other.
func emitPeak(s isa) {
	TEXT("peak"+s.name, NOSPLIT, "func(n int) int")
	Doc(fmt.Sprintf("peak%s runs n > 0 rounds of multiply-adds and returns the operations of a round.", s.name))
	n := Load(Param("n"), GP64())
	for i := range peakChains {
		s.zero(s.register(i))
	}
	s.zero(s.register(peakChains))
	Label("round")
	for range 2 {
		for i := range peakChains {
			VFMADD231PS(s.register(peakChains), s.register(peakChains), s.register(i))
		}
	}
	DECQ(n)
	JNZ(LabelRef("round"))
	VZEROUPPER()
	ops := GP64()
	MOVQ(U64(uint64(2*peakChains*2*s.lanes)), ops)
	Store(ops, ReturnIndex(0))
	RET()
}
