package main

import "shoal/kernel/asm/arm64"

// emitNEONFold writes the function that folds the lanes of n > 0 accumulators.
func emitNEONFold(file *arm64.File) {
	f := file.Func("foldLanesNEON", "func(dst, src *float32, n int)",
		"foldLanesNEON sets dst[i] to the sum of the 16 lanes at src[16·i]; see FoldLanes.")
	dst, src, n, v := f.Load("dst"), f.Load("src"), f.Load("n"), f.Vec(4)
	f.Label("next")
	f.Emit(arm64.LoadPair(v[0], v[1], src, 0), arm64.LoadPair(v[2], v[3], src, 32))
	f.Emit(arm64.FADD4S(v[0], v[0], v[2]), arm64.FADD4S(v[1], v[1], v[3]), arm64.FADD4S(v[0], v[0], v[1]))
	f.Emit(arm64.High(v[1], v[0]), arm64.FADD2S(v[0], v[0], v[1]), arm64.FADDP(v[0], v[0]))
	f.Emit(arm64.S.Store(v[0], dst, 0))
	f.Ins("ADD", arm64.Imm(64), src)
	f.Ins("ADD", arm64.Imm(4), dst)
	f.Ins("SUB", arm64.Imm(1), n)
	f.Branch("CBNZ", "next", n)
	f.Return(-1)
}

// emitNEONNorm writes the partial sums of SquaredNorm over whole blocks.
func emitNEONNorm(file *arm64.File) {
	f := file.Func("squaredNormNEON", "func(lanes, x *float32, blocks int)",
		"squaredNormNEON sets the 64 lanes to the sums of squares over blocks > 0 times 64 elements.")
	lanes, x, left := f.Load("lanes"), f.Load("x"), f.Load("blocks")
	sums, v := f.Vec(normLanes/neonLanes), f.Vec(4)
	for _, s := range sums {
		f.Emit(arm64.Zero(s))
	}
	f.Label("block")
	for i, s := range sums {
		f.Emit(arm64.Q.Load(v[i%4], x, 16*i), arm64.FMLA4S(s, v[i%4], v[i%4]))
	}
	f.Ins("ADD", arm64.Imm(4*normLanes), x)
	f.Ins("SUB", arm64.Imm(1), left)
	f.Branch("CBNZ", "block", left)
	for i, s := range sums {
		f.Emit(arm64.Q.Store(s, lanes, 16*i))
	}
	f.Return(-1)
}

// emitNEONFromBytes writes a run of whole periods of FromBytes: rows of columns that are a multiple
// of 16, with a scale and a shift for each column.
func emitNEONFromBytes(file *arm64.File) {
	f := file.Func("fromBytesNEON", "func(dst *float32, src *byte, scale, shift *float32, rows, columns int)",
		"fromBytesNEON is FromBytes for whole rows; see assembly.go.")
	columns, at, rows := f.Load("columns"), f.Reg(), f.Reg()
	scale, shift, value, half := f.Vec(4), f.Vec(4), f.Vec(4), f.Vec(2)
	f.Ins("MOVD", arm64.Imm(0), at)
	dst, src, line := f.Reg(), f.Reg(), f.Reg()
	f.Label("columns")
	for _, l := range []struct {
		name string
		v    []arm64.V
	}{{"scale", scale}, {"shift", shift}} {
		f.LoadTo(l.name, line)
		f.Ins("ADD", arm64.Shifted(at, 2), line)
		for i, v := range l.v {
			f.Emit(arm64.Q.Load(v, line, 16*i))
		}
	}
	f.LoadTo("dst", dst)
	f.Ins("ADD", arm64.Shifted(at, 2), dst)
	f.LoadTo("src", src)
	f.Ins("ADD", at, src)
	f.LoadTo("rows", rows)
	f.Label("rows")
	f.Emit(arm64.Q.Load(value[0], src, 0))
	f.Emit(arm64.UXTLto8H(half[0], value[0]), arm64.UXTLto8HHigh(half[1], value[0]))
	for i, v := range value {
		widen := []func(d, n arm64.V) arm64.Word{arm64.UXTLto4S, arm64.UXTLto4SHigh}[i%2]
		f.Emit(widen(v, half[i/2]), arm64.UCVTF4S(v, v))
	}
	for i, v := range value {
		sum := half[i%2]
		f.Emit(arm64.Mov(sum, shift[i]), arm64.FMLA4S(sum, v, scale[i]), arm64.Q.Store(sum, dst, 16*i))
	}
	f.Ins("ADD", columns, src)
	f.Ins("ADD", arm64.Shifted(columns, 2), dst)
	f.Ins("SUB", arm64.Imm(1), rows)
	f.Branch("CBNZ", "rows", rows)
	f.Ins("ADD", arm64.Imm(16), at)
	f.Ins("CMP", columns, at)
	f.Branch("BLT", "columns")
	f.Return(-1)
}

// emitNEONPeak writes the loop that measures the limit of the machine; see emitPeak.
func emitNEONPeak(file *arm64.File) {
	f := file.Func("peakNEON", "func(n int) int",
		"peakNEON runs n > 0 rounds of multiply-adds and returns the operations of a round.")
	n, one := f.Load("n"), f.Vec(1)[0]
	sums := f.Vec(24)
	for _, v := range append(sums, one) {
		f.Emit(arm64.Zero(v))
	}
	f.Label("round")
	for _, s := range sums {
		f.Emit(arm64.FMLA4S(s, one, one))
	}
	f.Ins("SUB", arm64.Imm(1), n)
	f.Branch("CBNZ", "round", n)
	f.Ins("MOVD", arm64.Imm(len(sums)*2*neonLanes), n)
	f.Return(n)
}
