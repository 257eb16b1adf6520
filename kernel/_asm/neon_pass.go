package main

import "shoal/kernel/asm/arm64"

// neonBlock is block for NEON. There are no masks: columns are taken four registers at a time, then
// one register, then one column, whose register has zeros in its other lanes.
type neonBlock struct {
	*arm64.Func
	pass     *pass
	vectors  int
	size     arm64.Size // of a register's load
	at       map[string]arm64.R
	line     map[string][]arm64.V
	scalar   map[string]arm64.V
	constant map[uint32]arm64.V
	sum      map[string][]arm64.V // two for each register of columns
	flags    arm64.R
}

// emitNEON writes the function for NEON.
func (p *pass) emitNEON(file *arm64.File) {
	f := file.Func(p.name+"NEON", p.signature(), p.name+"NEON "+p.doc)
	columns, flags, offset := f.Load("columns"), f.Load("flags"), f.Reg()
	f.Ins("MOVD", arm64.Imm(0), offset)
	b := &neonBlock{Func: f, pass: p, flags: flags, scalar: map[string]arm64.V{}, constant: map[uint32]arm64.V{}}
	for _, name := range p.scalars {
		v := f.Vec(1)[0]
		f.Spread(name, v, false)
		b.scalar[name] = v
	}
	for _, c := range p.constants {
		v := f.Vec(1)[0]
		f.Constant(c, v)
		b.constant[c] = v
	}
	for _, part := range []struct {
		label   string
		vectors int
		size    arm64.Size
		next    string
	}{{"wide", 4, arm64.Q, "narrow"}, {"narrow", 1, arm64.Q, "single"}, {"single", 1, arm64.S, "done"}} {
		n := part.vectors * int(part.size) / 4
		f.Label(part.label)
		f.Ins("CMP", arm64.Imm(n), columns)
		f.Branch("BLT", part.next)
		b.vectors, b.size = part.vectors, part.size
		f.Scope(func() { b.emit(part.label, offset) })
		f.Ins("ADD", arm64.Imm(4*n), offset)
		f.Ins("SUB", arm64.Imm(n), columns)
		f.Branch("B", part.label)
	}
	f.Label("done")
	f.Return(-1)
}

// emit writes the code for all rows of one block.
func (b *neonBlock) emit(label string, offset arm64.R) {
	b.at, b.line, b.sum = map[string]arm64.R{}, map[string][]arm64.V{}, map[string][]arm64.V{}
	for _, v := range b.pass.views {
		b.at[v] = b.Load(v)
		b.Ins("ADD", offset, b.at[v])
	}
	for _, l := range b.pass.lines {
		b.line[l] = b.Vec(b.vectors)
		b.Scope(func() {
			from := b.Load(l)
			b.Ins("ADD", offset, from)
			for j, r := range b.line[l] {
				b.Emit(b.size.Load(r, from, 16*j))
			}
		})
	}
	for _, l := range b.pass.sums {
		b.sum[l] = b.Vec(2 * b.vectors)
		b.eachSum(l, offset, arm64.Size.Load)
	}
	if b.pass.flat {
		b.Scope(func() { b.pass.neon(b) })
		return
	}
	rows := b.Load("rows")
	b.Label("row" + label)
	b.Scope(func() { b.pass.neon(b) })
	b.Scope(func() {
		pitch := b.Reg()
		for _, v := range b.pass.views {
			b.LoadTo(v+"Pitch", pitch)
			b.Ins("ADD", pitch, b.at[v])
		}
	})
	b.Ins("SUB", arm64.Imm(1), rows)
	b.Branch("CBNZ", "row"+label, rows)
	for _, l := range b.pass.sums {
		b.eachSum(l, offset, arm64.Size.Store)
	}
}

// eachSum loads or stores the sums of a block; a single column has one of them.
func (b *neonBlock) eachSum(name string, offset arm64.R, move func(s arm64.Size, v arm64.V, base arm64.R, at int) arm64.Word) {
	b.Scope(func() {
		base := b.Load(name)
		b.Ins("ADD", arm64.Shifted(offset, 1), base)
		if b.size == arm64.S {
			b.Emit(move(arm64.D, b.sum[name][0], base, 0))
			return
		}
		for i, v := range b.sum[name] {
			b.Emit(move(arm64.Q, v, base, 16*i))
		}
	})
}

// in loads register j of the current row of a view into r.
func (b *neonBlock) in(view string, j int, r arm64.V) { b.Emit(b.size.Load(r, b.at[view], 16*j)) }

// out stores r as register j of the current row of a view.
func (b *neonBlock) out(view string, j int, r arm64.V) { b.Emit(b.size.Store(r, b.at[view], 16*j)) }

// ifFlag runs f only if bit i of the flags is set.
func (b *neonBlock) ifFlag(i int, f func()) {
	skip := b.NewLabel("skip")
	b.Branch("TBZ", skip, arm64.Imm(i), b.flags)
	f()
	b.Label(skip)
}

// rectify sets r to zero where it is negative: NaN and -0 stay. It spoils mask.
func (b *neonBlock) rectify(r, mask arm64.V) {
	b.Emit(arm64.Negative4S(mask, r), arm64.BIC(r, r, mask))
}

// keepPositive sets r to zero where z > 0 doesn't hold; it spoils z.
func (b *neonBlock) keepPositive(z, r arm64.V) { b.Emit(arm64.Positive4S(z, z), arm64.AND(r, r, z)) }
