package main

import (
	"fmt"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Instructions that neither Go's assembler nor avo knows, as bytes: those on bfloat16 of AVX-512
// (Intel's manual, volume 2, AVX512_BF16) and those of AMX. The operands are in Go's order turned
// around, as Intel writes them: the destination first.
//
// avo doesn't see what such an instruction reads and writes, so all its registers have to be
// physical ones that nothing else in the function is given.

// code is an instruction as bytes, with what it says.
type code struct {
	text  string
	bytes []byte
}

// emitBytes appends the instruction to the function.
func emitBytes(c code) {
	Comment(c.text)
	for _, b := range c.bytes {
		Instruction(&ir.Instruction{Opcode: "BYTE", Operands: []operand.Op{operand.U8(b)}})
	}
}

// Prefixes that the vector encodings compress to two bits.
const (
	noPrefix = iota
	prefix66
	prefixF3
	prefixF2
)

// Opcodes of the map 0F38.
const (
	opTileConfig = 0x49 // LDTILECFG, TILERELEASE, TILEZERO
	opTileMemory = 0x4b // TILELOADD, TILESTORED
	opDot        = 0x52 // VDPBF16PS
	opTileDot    = 0x5c // TDPBF16PS
	opConvert    = 0x72 // VCVTNE2PS2BF16, VCVTNEPS2BF16
)

// map0F38 is the number of the opcode map of all of these.
const map0F38 = 2

// bit is 1<<at if on.
func bit(on bool, at int) byte {
	if on {
		return 1 << at
	}
	return 0
}

// nr is the number of a register.
func nr(v reg.Physical) int { return int(v.PhysicalIndex()) }

// evex encodes an instruction of the map 0F38 with W0 on three 512-bit registers, without a mask:
// first is ModRM's reg, second the one of the prefix (0 where the instruction has none), third
// ModRM's rm.
func evex(prefix, opcode byte, first, second, third int) []byte {
	return []byte{
		0x62,
		bit(first&8 == 0, 7) | bit(third&16 == 0, 6) | bit(third&8 == 0, 5) | bit(first&16 == 0, 4) | map0F38,
		byte(^second&15)<<3 | 1<<2 | prefix,
		2<<5 | bit(second&16 == 0, 3), // 512 bits
		opcode,
		0xc0 | byte(first&7)<<3 | byte(third&7),
	}
}

// vdpbf16ps adds the dot products of the pairs of a and b to acc.
func vdpbf16ps(acc, a, b reg.VecPhysical) code {
	return code{
		fmt.Sprintf("VDPBF16PS zmm%d, zmm%d, zmm%d", nr(acc), nr(a), nr(b)),
		evex(prefixF3, opDot, nr(acc), nr(a), nr(b)),
	}
}

// vcvtne2ps2bf16 rounds low to the lower half of to, and high to the upper one.
func vcvtne2ps2bf16(to, high, low reg.VecPhysical) code {
	return code{
		fmt.Sprintf("VCVTNE2PS2BF16 zmm%d, zmm%d, zmm%d", nr(to), nr(high), nr(low)),
		evex(prefixF2, opConvert, nr(to), nr(high), nr(low)),
	}
}

// vcvtneps2bf16 rounds a 512-bit register to the 256 bits of to.
func vcvtneps2bf16(to, from reg.VecPhysical) code {
	return code{
		fmt.Sprintf("VCVTNEPS2BF16 ymm%d, zmm%d", nr(to), nr(from)),
		evex(prefixF3, opConvert, nr(to), 0, nr(from)),
	}
}

// vex encodes the prefixes and opcode of an instruction of the map 0F38 with L0 and W0. r, x and b
// are the fourth bits of ModRM's reg, the index and ModRM's rm or the base; second is the register
// of the prefix (0 where the instruction has none).
func vex(prefix, opcode byte, r, x, b bool, second int) []byte {
	return []byte{
		0xc4,
		bit(!r, 7) | bit(!x, 6) | bit(!b, 5) | map0F38,
		byte(^second&15)<<3 | prefix,
		opcode,
	}
}

// address is what follows an opcode for an operand at base + index + disp, with -128 <= disp < 128;
// field is ModRM's reg. index nil leaves it out.
func address(field int, base, index reg.GPPhysical, disp int) []byte {
	b := nr(base)
	mod, tail := byte(0), []byte{}
	if disp != 0 || b&7 == 5 { // without one, bp and r13 mean another form
		mod, tail = 1, []byte{byte(int8(disp))}
	}
	const sib = 4
	x := sib // none
	if index != nil {
		x = nr(index)
	} else if b&7 != sib {
		return append([]byte{mod<<6 | byte(field)<<3 | byte(b&7)}, tail...)
	}
	return append([]byte{mod<<6 | byte(field)<<3 | sib, byte(x&7)<<3 | byte(b&7)}, tail...)
}

// where is an address as text.
func where(base, index reg.GPPhysical, disp int) string {
	s := "[" + strings.ToLower(name64(base))
	if index != nil {
		s += "+" + strings.ToLower(name64(index)) + "*1"
	}
	if disp != 0 {
		s += fmt.Sprintf("%+#x", disp)
	}
	return s + "]"
}

// name64 is Intel's name of a general register.
func name64(r reg.GPPhysical) string {
	if n := nr(r); n < 8 {
		return "r" + [...]string{"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"}[n]
	}
	return fmt.Sprintf("r%d", nr(r))
}

// ldtilecfg configures the tiles by the 64 bytes at base.
func ldtilecfg(base reg.GPPhysical) code {
	return code{
		"LDTILECFG " + where(base, nil, 0),
		append(vex(noPrefix, opTileConfig, false, false, nr(base) > 7, 0), address(0, base, nil, 0)...),
	}
}

// tilerelease forgets the tiles and their configuration.
func tilerelease() code {
	return code{"TILERELEASE", append(vex(noPrefix, opTileConfig, false, false, false, 0), 0xc0)}
}

// tilezero clears tile t < 8.
func tilezero(t int) code {
	return code{
		fmt.Sprintf("TILEZERO tmm%d", t),
		append(vex(prefixF2, opTileConfig, false, false, false, 0), 0xc0|byte(t)<<3),
	}
}

// tileloadd loads tile t, whose rows are stride bytes apart.
func tileloadd(t int, base, stride reg.GPPhysical, disp int) code {
	return code{
		fmt.Sprintf("TILELOADD tmm%d, %s", t, where(base, stride, disp)),
		tileMemory(prefixF2, t, base, stride, disp),
	}
}

// tilestored stores tile t.
func tilestored(base, stride reg.GPPhysical, disp, t int) code {
	return code{
		fmt.Sprintf("TILESTORED %s, tmm%d", where(base, stride, disp), t),
		tileMemory(prefixF3, t, base, stride, disp),
	}
}

func tileMemory(prefix byte, t int, base, stride reg.GPPhysical, disp int) []byte {
	return append(vex(prefix, opTileMemory, false, nr(stride) > 7, nr(base) > 7, 0), address(t, base, stride, disp)...)
}

// tdpbf16ps adds the products of tiles a and b to tile acc.
func tdpbf16ps(acc, a, b int) code {
	return code{
		fmt.Sprintf("TDPBF16PS tmm%d, tmm%d, tmm%d", acc, a, b),
		append(vex(prefixF3, opTileDot, false, false, false, b), 0xc0|byte(acc)<<3|byte(a)),
	}
}
