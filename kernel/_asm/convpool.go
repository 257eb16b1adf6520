package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	poolChannels  = 3   // output channels at once: with four corners each, 12 accumulators
	imagePixel    = 128 // bytes from pixel to pixel: 32 images
	convPoolSlice = 2   // vectors of images that a call computes, one after another: a cache line
)

// convPool is the state of the generator while it writes emitConvPool's function.
type convPool struct {
	isa
	x, w, dst     reg.Register
	row           reg.Register // distance of rows of the input
	filter        reg.Register // of weights of output channels
	at, weight    reg.Register // the current corner 0 and weight
	ci, ky, kx    reg.Register // that are left
	acc           [poolChannels][4]reg.VecPhysical
	factor        [poolChannels]reg.VecPhysical
	b             reg.VecPhysical
	channels, set int
}

// emitConvPool writes the function that computes a row of ConvPool for up to three output channels
// and two vectors of images: the four corners of each pooled pixel stay in registers.
func emitConvPool(s isa) {
	TEXT("convPool"+s.name, NOSPLIT, "func(dst, x, w, bias *float32, channels, width, in, size, row, nextRow, nextPlane, "+
		"filter, dstPlane, flags int)")
	Doc("convPool" + s.name + " computes a row of the output for some channels and 16 images; see convpool_amd64.go.")
	Pragma("noescape")
	g := &convPool{isa: s}
	next := 0
	vector := func() reg.VecPhysical { next++; return s.register(next - 1) }
	for c := range g.acc {
		for p := range g.acc[c] {
			g.acc[c][p] = vector()
		}
		g.factor[c] = vector()
	}
	g.b = vector()
	g.dst, g.x = Load(Param("dst"), GP64()), Load(Param("x"), GP64())
	g.row, g.filter = Load(Param("row"), GP64()), Load(Param("filter"), GP64())
	g.w = Load(Param("w"), GP64())
	channels := Load(Param("channels"), GP64())
	left := Load(Param("width"), GP64())
	g.at, g.weight, g.ci, g.ky, g.kx = GP64(), GP64(), GP64(), GP64(), GP64()
	for n := poolChannels; n > 0; n-- {
		CMPQ(channels, Imm(uint64(n)))
		JEQ(LabelRef(fmt.Sprintf("channels%d", n)))
	}
	Label("done")
	VZEROUPPER()
	RET()
	for n := poolChannels; n > 0; n-- {
		g.channels = n
		Label(fmt.Sprintf("channels%d", n))
		for i := range convPoolSlice {
			g.pixel(i)
		}
		ADDQ(U32(2*imagePixel), g.x)
		ADDQ(U32(imagePixel), g.dst)
		DECQ(left)
		JNZ(LabelRef(fmt.Sprintf("channels%d", n)))
		JMP(LabelRef("done"))
	}
}

// pixel writes the code for one pooled pixel and vector i of images.
func (g *convPool) pixel(i int) {
	bias := Load(Param("bias"), GP64())
	for c := range g.channels {
		VBROADCASTSS(Mem{Base: bias, Disp: 4 * c}, g.acc[c][0])
		for p := 1; p < 4; p++ {
			VMOVAPS(g.acc[c][0], g.acc[c][p])
		}
	}
	label := fmt.Sprintf("channels%dvector%d", g.channels, i)
	LEAQ(Mem{Base: g.x, Disp: i * g.bytes()}, g.at)
	MOVQ(g.w, g.weight)
	Load(Param("in"), g.ci)
	Label(label + "ci")
	Load(Param("size"), g.ky)
	Label(label + "ky")
	Load(Param("size"), g.kx)
	Label(label + "kx")
	g.step()
	ADDQ(Imm(4), g.weight)
	ADDQ(U32(imagePixel), g.at)
	DECQ(g.kx)
	JNZ(LabelRef(label + "kx"))
	ADDQ(param("nextRow"), g.at)
	DECQ(g.ky)
	JNZ(LabelRef(label + "ky"))
	ADDQ(param("nextPlane"), g.at)
	DECQ(g.ci)
	JNZ(LabelRef(label + "ci"))
	g.finish(i)
}

// param is the place of a parameter.
func param(name string) Mem {
	at, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return at.Addr
}

// step writes one weight of each channel times the four corners.
func (g *convPool) step() {
	for c := range g.channels {
		VBROADCASTSS(rowAt(g.weight, g.filter, nil, c), g.factor[c])
	}
	for p := range 4 {
		VMOVUPS(rowAt(g.at, g.row, nil, p/2).Offset(p%2*imagePixel), g.b)
		for c := range g.channels {
			VFMADD231PS(g.b, g.factor[c], g.acc[c][p])
		}
	}
}

// finish pools and stores vector i.
func (g *convPool) finish(i int) {
	m, spare := g.factor[0], g.b
	flags, plane := Load(Param("flags"), GP64()), Load(Param("dstPlane"), GP64())
	b := &block{isa: g.isa, flags: flags, labels: g.set}
	for c := range g.channels {
		b.largest(g.acc[c][:], m, spare)
		b.ifFlag(flagReLU, true, func() {
			b.zero(spare)
			VMAXPS(m, spare, m)
		})
		b.store(nil, m, rowAt(g.dst, plane, nil, c).Offset(i*g.bytes()), spare)
	}
	g.set = b.labels
}
