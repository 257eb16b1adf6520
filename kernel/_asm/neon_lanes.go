package main

import (
	"fmt"

	"shoal/kernel/asm/arm64"
)

// neonLaneRows × neonLaneColumns is the largest tile of accumulators, with a register for every
// column and two for a row beside them.
const neonLaneRows, neonLaneColumns = 5, 5

// emitNEONLanes writes the function that computes a quarter of the lanes of one tile of LaneProduct.
func emitNEONLanes(file *arm64.File) {
	f := file.Func("lanesNEON", "func(c, a, b *float32, ci, cj int, taps *int, ntaps int, k, ai, ak, bj, bk int, rows, columns int)",
		fmt.Sprintf("lanesNEON adds to a tile of up to %d×%d accumulators of four lanes; see lanes_arm64.go.", neonLaneRows, neonLaneColumns))
	f.Scope(func() {
		shape, low := f.Load("rows"), f.Load("columns")
		f.Ins("ADD", arm64.Shifted(shape, 8), low, shape)
		for i := neonLaneRows; i > 0; i-- {
			for j := neonLaneColumns; j > 0; j-- {
				f.Ins("CMP", arm64.Imm(i<<8+j), shape)
				f.Branch("BEQ", fmt.Sprintf("tile%dx%d", i, j))
			}
		}
	})
	f.Return(-1)
	for i := neonLaneRows; i > 0; i-- {
		for j := neonLaneColumns; j > 0; j-- {
			f.Scope(func() { neonLaneTile(f, i, j) })
		}
	}
}

// neonLaneTile writes the code for a tile.
func neonLaneTile(f *arm64.Func, rows, columns int) {
	name := fmt.Sprintf("tile%dx%d", rows, columns)
	acc, b, a := f.Vec(rows*columns), f.Vec(columns), f.Vec(2)
	f.Label(name)
	eachNEONLane(f, rows, columns, func(i, j int, at arm64.R) { f.Emit(arm64.Q.Load(acc[i*columns+j], at, 0)) })
	f.Scope(func() {
		taps, left := f.Load("taps"), f.Load("ntaps")
		ak, bk := f.Load("ak"), f.Load("bk")
		k, atA, atB := f.Reg(), f.Reg(), f.Reg()
		f.Label(name + "tap")
		f.Scope(func() {
			rowsOfA := neonList(f, taps, 0, "a", "ai", rows)
			rowsOfB := neonList(f, taps, 8, "b", "bj", columns)
			f.LoadTo("k", k)
			f.Ins("MOVD", arm64.Imm(0), atA)
			f.Ins("MOVD", arm64.Imm(0), atB)
			f.Label(name + "k")
			for j, at := range rowsOfB {
				f.Emit(arm64.Q.LoadAt(b[j], at, atB))
			}
			f.Ins("ADD", bk, atB)
			for i, at := range rowsOfA {
				f.Emit(arm64.Q.LoadAt(a[i%2], at, atA))
				for j := range columns {
					f.Emit(arm64.FMLA4S(acc[i*columns+j], b[j], a[i%2]))
				}
			}
			f.Ins("ADD", ak, atA)
			f.Ins("SUBS", arm64.Imm(1), k)
			f.Branch("BNE", name+"k")
		})
		f.Ins("ADD", arm64.Imm(16), taps)
		f.Ins("SUB", arm64.Imm(1), left)
		f.Branch("CBNZ", name+"tap", left)
	})
	eachNEONLane(f, rows, columns, func(i, j int, at arm64.R) { f.Emit(arm64.Q.Store(acc[i*columns+j], at, 0)) })
	f.Return(-1)
}

// neonList takes registers for the addresses of n rows of an operand, whose offset is in the tap.
func neonList(f *arm64.Func, tap arm64.R, word int, base, step string, n int) []arm64.R {
	list := []arm64.R{f.Load(base)}
	for range n - 1 {
		list = append(list, f.Reg())
	}
	f.Scope(func() {
		off := f.Reg()
		f.Ins("MOVD", arm64.At(tap, word), off)
		f.Ins("ADD", arm64.Shifted(off, 2), list[0])
		f.LoadTo(step, off)
		for i := range n - 1 {
			f.Ins("ADD", off, list[i], list[i+1])
		}
	})
	return list
}

// eachNEONLane calls do with the address of every accumulator of the tile.
func eachNEONLane(f *arm64.Func, rows, columns int, do func(i, j int, at arm64.R)) {
	f.Scope(func() {
		base, ci, cj, at := f.Load("c"), f.Load("ci"), f.Load("cj"), f.Reg()
		for i := range rows {
			f.Ins("MOVD", base, at)
			for j := range columns {
				do(i, j, at)
				f.Ins("ADD", cj, at)
			}
			f.Ins("ADD", ci, base)
		}
	})
}
