package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/reg"
)

// encoded returns every instruction that the encoder knows, with registers of every kind: below and
// above 8 and 16, and the bases and indices whose forms differ.
func encoded() []code {
	general := []reg.GPPhysical{
		reg.RAX, reg.RCX, reg.RDX, reg.RBX, reg.RSP, reg.RBP, reg.RSI, reg.RDI,
		reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R14, reg.R15,
	}
	var list []code
	some := []int{0, 9, 18, 31}
	for _, i := range some {
		for _, j := range some {
			list = append(list, vcvtneps2bf16(ymm32(i), zmm[j]))
			for _, k := range some {
				list = append(list, vdpbf16ps(zmm[i], zmm[j], zmm[k]), vcvtne2ps2bf16(zmm[i], zmm[j], zmm[k]))
			}
		}
	}
	for i, base := range general {
		stride := general[(5*i+3)%16]
		if stride == reg.RSP { // no index
			stride = reg.R9
		}
		list = append(list, ldtilecfg(base))
		for k, disp := range []int{0, 64, -16} {
			list = append(list, tileloadd((i+k)%8, base, stride, disp), tilestored(base, stride, disp, (i+k+3)%8))
		}
	}
	for i := range 8 {
		list = append(list, tilezero(i), tdpbf16ps(i, (i+3)%8, (i+5)%8), tdpbf16ps(i, (i+6)%8, (i+1)%8))
	}
	return append(list, tilerelease())
}

// ymm32 is a 256-bit register that only EVEX reaches.
func ymm32(i int) reg.VecPhysical { return zmm[i].AsY().(reg.VecPhysical) }

// TestEncoder compares the encoder with GNU as.
func TestEncoder(t *testing.T) {
	text, err := os.ReadFile("testdata/encode.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		bytes, instruction, _ := strings.Cut(line, " ")
		want[instruction] = bytes
	}
	seen := map[string]bool{}
	for _, c := range encoded() {
		seen[c.text] = true
		if got := fmt.Sprintf("%x", c.bytes); got != want[c.text] {
			t.Errorf("%s is %s, want %s", c.text, got, want[c.text])
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d instructions, the table has %d", len(seen), len(want))
	}
}
