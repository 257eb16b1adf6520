package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Roles of the tiles: 16 rows by one or two times 16 columns of C, and for each chunk of k a tile
// of A and one or two of B. The last chunk of a tap may be shorter, and a tile has one size, so it
// has tiles of its own.
const (
	tileC     = 0 // and 1
	tileA     = 2
	tileB     = 3 // and 4
	tailA     = 5
	tailB     = 6 // and 7
	tileBytes = 64
	tileRows  = 16
)

// tiles is the state of the generator while it writes one function.
type tiles struct{ vectors int }

// The registers of a tile product. avo doesn't see the reads of instructions that are bytes, so all
// registers are chosen here.
var (
	atA, atB       = reg.RAX, reg.RBX // of the current chunk
	aRow, bRow     = reg.RCX, reg.RDX // distances of rows in bytes
	taps, tapsLeft = reg.RSI, reg.RDI
	scratch        = reg.R8
	blockC, cRow   = reg.R9, reg.R10
	blockA         = reg.R11
	bChunk         = reg.R12 // distance of chunks of B
	blocksLeft     = reg.R13
)

// emitTiles writes the function that computes blocks of up to 16 rows of one panel with AMX, with
// the given number of tiles a row of C. Tiles belong to a thread, and a goroutine may change its
// thread between two calls: they are configured and released here.
func emitTiles(vectors int) {
	name := fmt.Sprintf("productTiles%d", vectors)
	TEXT(name, NOSPLIT, "func(c *float32, a, b *uint16, bias *float32, config *byte, taps *int, ntaps int, "+
		"full, tail, as, bk, cs, blocks, init int)")
	Doc(fmt.Sprintf("%s computes blocks of up to 16 rows and %d columns; see amx_amd64.go.", name, 16*vectors))
	Pragma("noescape")
	t := &tiles{vectors}
	Load(Param("config"), scratch)
	emitBytes(ldtilecfg(scratch))
	Load(Param("a"), blockA)
	Load(Param("c"), blockC)
	Load(Param("as"), aRow)
	Load(Param("bk"), bRow)
	Load(Param("cs"), cRow)
	Load(Param("blocks"), blocksLeft)
	MOVQ(bRow, bChunk)
	SHLQ(Imm(4), bChunk)
	Label("block")
	t.start()
	t.sum()
	Label("store")
	for i := range vectors {
		emitBytes(tilestored(blockC, cRow, tileBytes*i, tileC+i))
	}
	for _, move := range [][2]reg.GPPhysical{{aRow, blockA}, {cRow, blockC}} {
		MOVQ(move[0], scratch)
		SHLQ(Imm(4), scratch)
		ADDQ(scratch, move[1])
	}
	DECQ(blocksLeft)
	JNZ(LabelRef("block"))
	emitBytes(tilerelease())
	RET()
}

// start sets the tiles of C: to zero, to C or to the bias, whose row it reads for each row.
func (t *tiles) start() {
	Load(Param("init"), scratch)
	CMPQ(scratch, Imm(1))
	JEQ(LabelRef("c"))
	JA(LabelRef("bias"))
	for i := range t.vectors {
		emitBytes(tilezero(tileC + i))
	}
	JMP(LabelRef("sum"))
	Label("bias")
	Load(Param("bias"), scratch)
	XORQ(atA, atA)
	for i := range t.vectors {
		emitBytes(tileloadd(tileC+i, scratch, atA, tileBytes*i))
	}
	JMP(LabelRef("sum"))
	Label("c")
	for i := range t.vectors {
		emitBytes(tileloadd(tileC+i, blockC, cRow, tileBytes*i))
	}
	Label("sum")
}

// sum writes the loops over taps and over chunks.
func (t *tiles) sum() {
	Load(Param("taps"), taps)
	Load(Param("ntaps"), tapsLeft)
	TESTQ(tapsLeft, tapsLeft)
	JZ(LabelRef("store"))
	Label("tap")
	MOVQ(Mem{Base: taps}, atA)
	LEAQ(Mem{Base: blockA, Index: atA, Scale: 2}, atA)
	MOVQ(Mem{Base: taps, Disp: 8}, scratch)
	Load(Param("b"), atB)
	LEAQ(Mem{Base: atB, Index: scratch, Scale: 2}, atB)
	Load(Param("full"), scratch)
	TESTQ(scratch, scratch)
	JZ(LabelRef("tail"))
	Label("chunk")
	t.chunk(tileA, tileB)
	ADDQ(Imm(tileBytes), atA)
	ADDQ(bChunk, atB)
	DECQ(scratch)
	JNZ(LabelRef("chunk"))
	Label("tail")
	Load(Param("tail"), scratch)
	TESTQ(scratch, scratch)
	JZ(LabelRef("next"))
	t.chunk(tailA, tailB)
	Label("next")
	ADDQ(Imm(16), taps)
	DECQ(tapsLeft)
	JNZ(LabelRef("tap"))
}

// chunk adds the products of up to 16 pairs.
func (t *tiles) chunk(a, b int) {
	emitBytes(tileloadd(a, atA, aRow, 0))
	for i := range t.vectors {
		emitBytes(tileloadd(b+i, atB, bRow, tileBytes*i))
		emitBytes(tdpbf16ps(tileC+i, a, b+i))
	}
}

// Roles of the tiles where a block has 32 rows: four of C, row by row, and two each of A and of B.
// There is none left for the last chunk of a tap, so all chunks are whole.
const (
	squareC = 0
	squareA = 4
	squareB = 6
)

// emitSquares writes the function that computes blocks of twice 16 rows of one panel, more than 16 columns:
// for four products it loads four tiles, where two times two products of 16 rows load six. Of such a
// block the second 16 rows are lowA and lowC bytes from the first; a block is nextA and nextC from the one
// before, and after so many blocks a line of them is skipA and skipC further.
//
// The hint that tiles aren't needed again soon (TILELOADDT1) makes a product alone up to 16 % faster on a
// Xeon of 2023, but a training step, whose operands are needed again, up to a fifth slower.
func emitSquares() {
	TEXT("productSquares", NOSPLIT, "func(c *float32, a, b *uint16, bias *float32, config *byte, taps *int, ntaps int, "+
		"full, as, bk, cs, init int, walk *int)")
	Doc("productSquares computes blocks of 32 rows and up to 32 columns; see amx_amd64.go.")
	Pragma("noescape")
	lines := AllocLocal(8)
	Load(Param("config"), scratch)
	emitBytes(ldtilecfg(scratch))
	Load(Param("a"), blockA)
	Load(Param("c"), blockC)
	Load(Param("as"), aRow)
	Load(Param("bk"), bRow)
	Load(Param("cs"), cRow)
	MOVQ(bRow, bChunk)
	SHLQ(Imm(4), bChunk)
	squareWalk(walkLines, scratch)
	MOVQ(scratch, lines)
	Label("line")
	squareWalk(walkBlocks, blocksLeft)
	Label("block")
	squareStart()
	squareSum()
	Label("store")
	squareWalk(walkLowC, scratch)
	ADDQ(blockC, scratch)
	for i := range 4 {
		emitBytes(tilestored(lower(i, blockC, scratch), cRow, tileBytes*(i%2), squareC+i))
	}
	squareWalk(walkNextA, scratch)
	ADDQ(scratch, blockA)
	squareWalk(walkNextC, scratch)
	ADDQ(scratch, blockC)
	DECQ(blocksLeft)
	JNZ(LabelRef("block"))
	squareWalk(walkSkipA, scratch)
	ADDQ(scratch, blockA)
	squareWalk(walkSkipC, scratch)
	ADDQ(scratch, blockC)
	DECQ(lines)
	JNZ(LabelRef("line"))
	emitBytes(tilerelease())
	RET()
}

// What productSquares' walk holds, in this order: type squareWalk of amx_amd64.go.
const (
	walkLines = iota
	walkBlocks
	walkLowA
	walkLowC
	walkNextA
	walkNextC
	walkSkipA
	walkSkipC
)

// squareWalk reads one number of the walk.
func squareWalk(number int, to reg.GPPhysical) {
	Load(Param("walk"), to)
	MOVQ(Mem{Base: to, Disp: 8 * number}, to)
}

// lower is where the row of tile i of four is.
func lower(i int, first, second reg.GPPhysical) reg.GPPhysical {
	if i < 2 {
		return first
	}
	return second
}

// squareStart is tiles.start for 32 rows.
func squareStart() {
	Load(Param("init"), scratch)
	CMPQ(scratch, Imm(1))
	JEQ(LabelRef("c"))
	JA(LabelRef("bias"))
	for i := range 4 {
		emitBytes(tilezero(squareC + i))
	}
	JMP(LabelRef("sum"))
	Label("bias")
	Load(Param("bias"), scratch)
	XORQ(atA, atA)
	for i := range 4 {
		emitBytes(tileloadd(squareC+i, scratch, atA, tileBytes*(i%2)))
	}
	JMP(LabelRef("sum"))
	Label("c")
	squareWalk(walkLowC, scratch)
	ADDQ(blockC, scratch)
	for i := range 4 {
		emitBytes(tileloadd(squareC+i, lower(i, blockC, scratch), cRow, tileBytes*(i%2)))
	}
	Label("sum")
}

// lowerA is where the second 16 rows of A are.
var lowerA = reg.R15

// squareSum is tiles.sum for 32 rows.
func squareSum() {
	Load(Param("taps"), taps)
	Load(Param("ntaps"), tapsLeft)
	TESTQ(tapsLeft, tapsLeft)
	JZ(LabelRef("store"))
	Label("tap")
	MOVQ(Mem{Base: taps}, atA)
	LEAQ(Mem{Base: blockA, Index: atA, Scale: 2}, atA)
	squareWalk(walkLowA, lowerA)
	ADDQ(atA, lowerA)
	MOVQ(Mem{Base: taps, Disp: 8}, scratch)
	Load(Param("b"), atB)
	LEAQ(Mem{Base: atB, Index: scratch, Scale: 2}, atB)
	Load(Param("full"), scratch)
	Label("chunk")
	emitBytes(tileloadd(squareB, atB, bRow, 0))
	emitBytes(tileloadd(squareA, atA, aRow, 0))
	emitBytes(tdpbf16ps(squareC, squareA, squareB))
	emitBytes(tileloadd(squareB+1, atB, bRow, tileBytes))
	emitBytes(tdpbf16ps(squareC+1, squareA, squareB+1))
	emitBytes(tileloadd(squareA+1, lowerA, aRow, 0))
	emitBytes(tdpbf16ps(squareC+2, squareA+1, squareB))
	emitBytes(tdpbf16ps(squareC+3, squareA+1, squareB+1))
	ADDQ(Imm(tileBytes), atA)
	ADDQ(Imm(tileBytes), lowerA)
	ADDQ(bChunk, atB)
	DECQ(scratch)
	JNZ(LabelRef("chunk"))
	ADDQ(Imm(16), taps)
	DECQ(tapsLeft)
	JNZ(LabelRef("tap"))
}

// emitTilePeak writes the loop that measures the limit of AMX: products of tiles that stay in
// registers, four sums at once.
func emitTilePeak() {
	TEXT("peakTiles", NOSPLIT, "func(n int, config *byte) int")
	Doc("peakTiles runs n > 0 rounds of products of tiles and returns the operations of a round.")
	Pragma("noescape")
	Load(Param("n"), blocksLeft)
	Load(Param("config"), scratch)
	emitBytes(ldtilecfg(scratch))
	for i := range 8 {
		emitBytes(tilezero(i))
	}
	Label("round")
	const sums = 4
	for i := range sums {
		emitBytes(tdpbf16ps(i, 4+i/2, 6+i%2))
	}
	DECQ(blocksLeft)
	JNZ(LabelRef("round"))
	emitBytes(tilerelease())
	MOVQ(U64(sums*2*16*16*32), scratch)
	Store(scratch, ReturnIndex(0))
	RET()
}

// emitPairPeak writes the loop that measures the limit of VDPBF16PS; see emitPeak.
func emitPairPeak() {
	TEXT("peakPairs", NOSPLIT, "func(n int) int")
	Doc("peakPairs runs n > 0 rounds of VDPBF16PS and returns the operations of a round.")
	s := avx512
	n := Load(Param("n"), GP64())
	for i := range peakChains + 1 {
		s.zero(s.register(i))
	}
	Label("round")
	for i := range peakChains {
		emitBytes(vdpbf16ps(s.register(i), s.register(peakChains), s.register(peakChains)))
	}
	DECQ(n)
	JNZ(LabelRef("round"))
	VZEROUPPER()
	ops := GP64()
	MOVQ(U64(uint64(peakChains*4*s.lanes)), ops)
	Store(ops, ReturnIndex(0))
	RET()
}

// emitXCR0 writes the function that asks which registers the operating system saves.
func emitXCR0() {
	TEXT("xcr0", NOSPLIT, "func() uint64")
	Doc("xcr0 returns which registers the operating system saves. The processor must have XGETBV.")
	XORL(reg.ECX, reg.ECX)
	XGETBV()
	SHLQ(Imm(32), reg.RDX)
	ORQ(reg.RDX, reg.RAX)
	Store(reg.RAX, ReturnIndex(0))
	RET()
}
