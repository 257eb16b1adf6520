package main

import (
	"fmt"
	"math"

	"shoal/kernel/asm/arm64"
)

// writeNEON writes the assembly for arm64 with its stubs.
func writeNEON() error {
	file := arm64.NewFile("!purego")
	for _, rows := range []int{6, 4, 2} {
		emitDotNEON(file, rows)
	}
	emitDistancesNEON(file)
	emitExpNEON(file)
	emitAccumulateNEON(file)
	return file.Write("../gram_arm64.s", "../gram_arm64.go", "gram")
}

// emitDotNEON writes the product of a few rows of a tile with half a panel, 16 lanes. SDOT takes
// signed bytes alone, so it multiplies the panel's bytes less 128, and 128 times the sum of a row's
// bytes is added in the end.
func emitDotNEON(file *arm64.File, rows int) {
	name := fmt.Sprintf("dot%dNEON", rows)
	f := file.Func(name, "func(acc *int32, tile, panel *byte, groups, stride int)",
		fmt.Sprintf("%s is dotGo for %d rows and 16 lanes; stride is the bytes of a group of the tile.", name, rows))
	to, tile, panel, left, stride := f.Load("acc"), f.Load("tile"), f.Load("panel"), f.Load("groups"), f.Load("stride")
	acc, row, total := f.Vec(4*rows), f.Vec((rows+3)/4), f.Vec((rows+3)/4)
	lanes, ones, signs := f.Vec(2), f.Vec(1)[0], f.Vec(1)[0]
	for _, v := range append(acc[:len(acc):len(acc)], total...) {
		f.Emit(arm64.Zero(v))
	}
	f.Scope(func() {
		r := f.Reg()
		f.Ins("MOVD", arm64.Imm(1), r)
		f.Emit(arm64.Dup16B(ones, r))
		f.Ins("MOVD", arm64.Imm(0x80), r)
		f.Emit(arm64.Dup16B(signs, r))
	})
	f.Label("loop")
	for i, v := range row {
		size := arm64.Q
		if rows-4*i == 2 {
			size = arm64.D
		}
		f.Emit(size.Load(v, tile, 16*i), arm64.SDOT(total[i], v, ones))
	}
	for j := range 4 {
		v := lanes[j%2]
		f.Emit(arm64.Q.Load(v, panel, 16*j), arm64.EOR(v, v, signs))
		for r := range rows {
			f.Emit(arm64.SDOTLane(acc[4*r+j], v, row[r/4], r%4))
		}
	}
	f.Ins("ADD", arm64.Imm(128), panel)
	f.Ins("ADD", stride, tile)
	f.Ins("SUBS", arm64.Imm(1), left)
	f.Branch("BNE", "loop")
	for r := range rows {
		if r%4 == 0 {
			f.Emit(arm64.SHL4S(total[r/4], total[r/4], 7))
		}
		f.Emit(arm64.Lane(ones, total[r/4], r%4))
		for j := range 4 {
			v := acc[4*r+j]
			f.Emit(arm64.ADD4S(v, v, ones), arm64.Q.Store(v, to, 128*r+16*j))
		}
	}
	f.Return(-1)
}

// eachRow writes the loop over the rows of a tile; body gets the address of the row's output, and
// norm has the row's squared norm in all lanes.
func eachRow(f *arm64.Func, norm arm64.V, body func(acc, bias, out arm64.R)) {
	dst, column, acc, rows := f.Load("dst"), f.Load("column"), f.Load("acc"), f.Load("rows")
	bias, norms, out := f.Load("bias"), f.Load("norms"), f.Reg()
	f.Label("row")
	f.Ins("MOVWU", arm64.At(norms, 0), out)
	f.Emit(arm64.Dup4S(norm, out))
	f.Ins("MOVD", arm64.At(dst, 0), out)
	f.Ins("ADD", column, out)
	body(acc, bias, out)
	for _, step := range []struct {
		by int
		r  arm64.R
	}{{8, dst}, {4, norms}, {128, acc}} {
		f.Ins("ADD", arm64.Imm(step.by), step.r)
	}
	f.Ins("SUB", arm64.Imm(1), rows)
	f.Branch("CBNZ", "row", rows)
	f.Return(-1)
}

// distance sets d to four squared distances; it spoils dot.
func distance(f *arm64.Func, d, dot, norm arm64.V, acc, bias arm64.R, at int) {
	f.Emit(arm64.Q.Load(dot, acc, at), arm64.Q.Load(d, bias, at))
	f.Emit(arm64.ADD4S(dot, dot, dot), arm64.ADD4S(d, d, norm), arm64.SUB4S(d, d, dot))
}

// emitDistancesNEON writes the step from inner products to squared distances.
func emitDistancesNEON(file *arm64.File) {
	f := file.Func("distancesNEON", "func(dst **int32, column int, acc *int32, rows int, bias, norms *int32)",
		"distancesNEON is distancesGo with column in bytes.")
	v := f.Vec(5)
	eachRow(f, v[4], func(acc, bias, out arm64.R) {
		for i := range 8 {
			d, dot := v[i%2], v[2+i%2]
			distance(f, d, dot, v[4], acc, bias, 16*i)
			f.Emit(arm64.Q.Store(d, out, 16*i))
		}
	})
}

// emitExpNEON writes the step from inner products to RBF kernel values of one tile.
func emitExpNEON(file *arm64.File) {
	f := file.Func("expNEON", "func(dst **float32, column int, acc *int32, rows int, bias, norms *int32, scale float64)",
		"expNEON is expGo with column in bytes.")
	scale, least, bias127, one, norm := f.Vec(1)[0], f.Vec(1)[0], f.Vec(1)[0], f.Vec(1)[0], f.Vec(1)[0]
	f.Spread("scale", scale, true)
	f.Scope(func() {
		r := f.Reg()
		f.Ins("MOVD", arm64.Imm(int(math.Float64bits(-126))), r)
		f.Emit(arm64.Dup2D(least, r))
	})
	f.Constant(127, bias127)
	f.Constant(math.Float32bits(1), one)
	c := f.Vec(len(exp2))
	for i, bits := range exp2 {
		f.Constant(bits, c[i])
	}
	eachRow(f, norm, func(acc, bias, out arm64.R) {
		for i := range 8 {
			f.Scope(func() {
				t := f.Vec(7)
				d, low, high, n, m, x, p := t[0], t[1], t[2], t[3], t[4], t[5], t[6]
				distance(f, d, low, norm, acc, bias, 16*i)
				f.Emit(arm64.SXTLto2D(low, d), arm64.SXTLto2DHigh(high, d))
				for _, h := range []struct{ t, n arm64.V }{{low, n}, {high, m}} {
					f.Emit(arm64.SCVTF2D(h.t, h.t), arm64.FMUL2D(h.t, h.t, scale), arm64.FMAX2D(h.t, h.t, least))
					f.Emit(arm64.FRINTN2D(h.n, h.t), arm64.FSUB2D(h.t, h.t, h.n), arm64.FCVTZS2D(h.n, h.n))
				}
				f.Emit(arm64.FCVTN(x, low), arm64.FCVTNHigh(x, high))
				f.Emit(arm64.XTN(d, n), arm64.XTNHigh(d, m))
				f.Emit(arm64.FMUL4S(p, c[5], x), arm64.FADD4S(p, p, c[4]))
				for k := 3; k >= 0; k-- {
					f.Emit(arm64.FMUL4S(p, p, x), arm64.FADD4S(p, p, c[k]))
				}
				f.Emit(arm64.FMUL4S(p, p, x), arm64.FADD4S(p, p, one))
				f.Emit(arm64.ADD4S(d, d, bias127), arm64.SHL4S(d, d, 23), arm64.FMUL4S(p, p, d))
				f.Emit(arm64.Q.Store(p, out, 16*i))
			})
		}
	})
}

// emitAccumulateNEON writes the update of float64 sums by four scaled float32 rows, multiplication
// and addition rounded apart.
func emitAccumulateNEON(file *arm64.File) {
	f := file.Func("accumulate4NEON", "func(sum *float64, n int, rows **float32, column int, weights *float64)",
		"accumulate4NEON is accumulateGo for 4 rows, n a multiple of 16 and column in bytes.")
	sum, left := f.Load("sum"), f.Load("n")
	var row [4]arm64.R
	weight := f.Vec(4)
	rows, column, weights := f.Load("rows"), f.Load("column"), f.Load("weights")
	for r := range row {
		row[r] = f.Reg()
		f.Ins("MOVD", arm64.At(weights, 8*r), row[r])
		f.Emit(arm64.Dup2D(weight[r], row[r]))
		f.Ins("MOVD", arm64.At(rows, 8*r), row[r])
		f.Ins("ADD", column, row[r])
	}
	sums, x, product := f.Vec(8), f.Vec(4), f.Vec(4)
	f.Label("loop")
	for i, s := range sums {
		f.Emit(arm64.Q.Load(s, sum, 16*i))
	}
	for r, at := range row {
		for i, v := range x {
			f.Emit(arm64.Q.Load(v, at, 16*i))
			for half, widen := range []func(d, n arm64.V) arm64.Word{arm64.FCVTL, arm64.FCVTLHigh} {
				p, s := product[(2*i+half)%4], sums[2*i+half]
				f.Emit(widen(p, v), arm64.FMUL2D(p, p, weight[r]), arm64.FADD2D(s, s, p))
			}
		}
		f.Ins("ADD", arm64.Imm(64), at)
	}
	for i, s := range sums {
		f.Emit(arm64.Q.Store(s, sum, 16*i))
	}
	f.Ins("ADD", arm64.Imm(128), sum)
	f.Ins("SUBS", arm64.Imm(16), left)
	f.Branch("BGT", "loop")
	f.Return(-1)
}
