package arm64

import "fmt"

// Word is an encoded instruction, with what it says in the syntax of LLVM.
type Word struct {
	Bits uint32
	Text string
}

// Arrangements of the lanes of a register.
const (
	b16 = "16b"
	b8  = "8b"
	h8  = "8h"
	h4  = "4h"
	s4  = "4s"
	s2  = "2s"
	d2  = "2d"
)

// three encodes an instruction on three registers of one arrangement.
func three(bits uint32, name, lanes string, d, n, m V) Word {
	return Word{
		bits | uint32(m)<<16 | uint32(n)<<5 | uint32(d),
		fmt.Sprintf("%s v%d.%s, v%d.%s, v%d.%s", name, d, lanes, n, lanes, m, lanes),
	}
}

// two encodes an instruction on two registers; tail is what follows them.
func two(bits uint32, name string, d V, to string, n V, from, tail string) Word {
	return Word{
		bits | uint32(n)<<5 | uint32(d),
		fmt.Sprintf("%s v%d.%s, v%d.%s%s", name, d, to, n, from, tail),
	}
}

// Arithmetic of float32 and float64. The names follow Arm's, then the arrangement.

func FMLA4S(d, n, m V) Word  { return three(0x4e20cc00, "fmla", s4, d, n, m) }
func FMLA2D(d, n, m V) Word  { return three(0x4e60cc00, "fmla", d2, d, n, m) }
func FMLS4S(d, n, m V) Word  { return three(0x4ea0cc00, "fmls", s4, d, n, m) }
func FADD4S(d, n, m V) Word  { return three(0x4e20d400, "fadd", s4, d, n, m) }
func FADD2S(d, n, m V) Word  { return three(0x0e20d400, "fadd", s2, d, n, m) }
func FADD2D(d, n, m V) Word  { return three(0x4e60d400, "fadd", d2, d, n, m) }
func FSUB2D(d, n, m V) Word  { return three(0x4ee0d400, "fsub", d2, d, n, m) }
func FMUL4S(d, n, m V) Word  { return three(0x6e20dc00, "fmul", s4, d, n, m) }
func FMUL2D(d, n, m V) Word  { return three(0x6e60dc00, "fmul", d2, d, n, m) }
func FMAX4S(d, n, m V) Word  { return three(0x4e20f400, "fmax", s4, d, n, m) }
func FMAX2D(d, n, m V) Word  { return three(0x4e60f400, "fmax", d2, d, n, m) }
func FMIN4S(d, n, m V) Word  { return three(0x4ea0f400, "fmin", s4, d, n, m) }
func FCMEQ4S(d, n, m V) Word { return three(0x4e20e400, "fcmeq", s4, d, n, m) }
func FCMGT4S(d, n, m V) Word { return three(0x6ea0e400, "fcmgt", s4, d, n, m) }

// FMLALane adds n times lane i of m to d.
func FMLALane(d, n, m V, i int) Word {
	return Word{
		0x4f801000 | uint32(i&1)<<21 | uint32(m)<<16 | uint32(i>>1)<<11 | uint32(n)<<5 | uint32(d),
		fmt.Sprintf("fmla v%d.4s, v%d.4s, v%d.s[%d]", d, n, m, i),
	}
}

// FADDP adds the first two lanes of n.
func FADDP(d, n V) Word {
	return Word{0x7e30d800 | uint32(n)<<5 | uint32(d), fmt.Sprintf("faddp s%d, v%d.2s", d, n)}
}

func Positive4S(d, n V) Word { return two(0x4ea0c800, "fcmgt", d, s4, n, s4, ", #0.0") }
func Negative4S(d, n V) Word { return two(0x4ea0e800, "fcmlt", d, s4, n, s4, ", #0.0") }
func FRINTN4S(d, n V) Word   { return two(0x4e218800, "frintn", d, s4, n, s4, "") }
func FRINTN2D(d, n V) Word   { return two(0x4e618800, "frintn", d, d2, n, d2, "") }

// Conversions; those with High read or write the upper half of the narrower register.

func FCVTZS4S(d, n V) Word  { return two(0x4ea1b800, "fcvtzs", d, s4, n, s4, "") }
func FCVTZS2D(d, n V) Word  { return two(0x4ee1b800, "fcvtzs", d, d2, n, d2, "") }
func SCVTF2D(d, n V) Word   { return two(0x4e61d800, "scvtf", d, d2, n, d2, "") }
func UCVTF4S(d, n V) Word   { return two(0x6e21d800, "ucvtf", d, s4, n, s4, "") }
func FCVTL(d, n V) Word     { return two(0x0e617800, "fcvtl", d, d2, n, s2, "") }
func FCVTLHigh(d, n V) Word { return two(0x4e617800, "fcvtl2", d, d2, n, s4, "") }
func FCVTN(d, n V) Word     { return two(0x0e616800, "fcvtn", d, s2, n, d2, "") }
func FCVTNHigh(d, n V) Word { return two(0x4e616800, "fcvtn2", d, s4, n, d2, "") }
func XTN(d, n V) Word       { return two(0x0ea12800, "xtn", d, s2, n, d2, "") }
func XTNHigh(d, n V) Word   { return two(0x4ea12800, "xtn2", d, s4, n, d2, "") }

// Sign and zero extension: LLVM prints the shift by nothing that they are.

func SXTLto2D(d, n V) Word     { return two(0x0f20a400, "sshll", d, d2, n, s2, ", #0") }
func SXTLto2DHigh(d, n V) Word { return two(0x4f20a400, "sshll2", d, d2, n, s4, ", #0") }
func UXTLto8H(d, n V) Word     { return two(0x2f08a400, "ushll", d, h8, n, b8, ", #0") }
func UXTLto8HHigh(d, n V) Word { return two(0x6f08a400, "ushll2", d, h8, n, b16, ", #0") }
func UXTLto4S(d, n V) Word     { return two(0x2f10a400, "ushll", d, s4, n, h4, ", #0") }
func UXTLto4SHigh(d, n V) Word { return two(0x6f10a400, "ushll2", d, s4, n, h8, ", #0") }

// Integers and bits.

func ADD4S(d, n, m V) Word { return three(0x4ea08400, "add", s4, d, n, m) }
func SUB4S(d, n, m V) Word { return three(0x6ea08400, "sub", s4, d, n, m) }
func AND(d, n, m V) Word   { return three(0x4e201c00, "and", b16, d, n, m) }
func BIC(d, n, m V) Word   { return three(0x4e601c00, "bic", b16, d, n, m) }
func ORR(d, n, m V) Word   { return three(0x4ea01c00, "orr", b16, d, n, m) }
func ORN(d, n, m V) Word   { return three(0x4ee01c00, "orn", b16, d, n, m) }
func EOR(d, n, m V) Word   { return three(0x6e201c00, "eor", b16, d, n, m) }

// BIT sets the bits of d to those of n where m has ones.
func BIT(d, n, m V) Word { return three(0x6ea01c00, "bit", b16, d, n, m) }

// SSHR4S shifts right by 1 to 32 bits and keeps the sign, SHL4S shifts left by 0 to 31.
func SSHR4S(d, n V, by int) Word {
	return two(0x4f000400|uint32(64-by)<<16, "sshr", d, s4, n, s4, fmt.Sprintf(", #%d", by))
}

func SHL4S(d, n V, by int) Word {
	return two(0x4f005400|uint32(32+by)<<16, "shl", d, s4, n, s4, fmt.Sprintf(", #%d", by))
}

// SDOT adds to each lane the products of four signed bytes; SDOTLane takes those of m from one lane.
func SDOT(d, n, m V) Word {
	return Word{
		0x4e809400 | uint32(m)<<16 | uint32(n)<<5 | uint32(d),
		fmt.Sprintf("sdot v%d.4s, v%d.16b, v%d.16b", d, n, m),
	}
}

func SDOTLane(d, n, m V, i int) Word {
	return Word{
		0x4f80e000 | uint32(i&1)<<21 | uint32(m)<<16 | uint32(i>>1)<<11 | uint32(n)<<5 | uint32(d),
		fmt.Sprintf("sdot v%d.4s, v%d.16b, v%d.4b[%d]", d, n, m, i),
	}
}

// Moves between registers.

// Mov copies a register.
func Mov(d, n V) Word {
	return Word{ORR(d, n, n).Bits, fmt.Sprintf("mov v%d.16b, v%d.16b", d, n)}
}

// Zero clears a register.
func Zero(d V) Word {
	return Word{0x6f00e400 | uint32(d), fmt.Sprintf("movi v%d.2d, #0000000000000000", d)}
}

// High moves the upper half of n to the lower half of d.
func High(d, n V) Word {
	return Word{
		0x6e004000 | uint32(n)<<16 | uint32(n)<<5 | uint32(d),
		fmt.Sprintf("ext v%d.16b, v%d.16b, v%d.16b, #8", d, n, n),
	}
}

// Dup16B, Dup4S and Dup2D fill the lanes of d with a general register.
func Dup16B(d V, n R) Word {
	return Word{0x4e010c00 | uint32(n)<<5 | uint32(d), fmt.Sprintf("dup v%d.16b, w%d", d, n)}
}

func Dup4S(d V, n R) Word {
	return Word{0x4e040c00 | uint32(n)<<5 | uint32(d), fmt.Sprintf("dup v%d.4s, w%d", d, n)}
}

func Dup2D(d V, n R) Word {
	return Word{0x4e080c00 | uint32(n)<<5 | uint32(d), fmt.Sprintf("dup v%d.2d, x%d", d, n)}
}

// Lane fills the lanes of d with one of the four lanes of n.
func Lane(d, n V, i int) Word {
	return Word{
		0x4e040400 | uint32(i)<<19 | uint32(n)<<5 | uint32(d),
		fmt.Sprintf("dup v%d.4s, v%d.s[%d]", d, n, i),
	}
}

// Size is how much of a register an instruction loads or stores; a load clears the rest.
type Size int

const (
	S Size = 4  // one float32
	D Size = 8  // two, or one float64
	Q Size = 16 // the register
)

// letter is how a register is called by its size.
func (s Size) letter() string { return map[Size]string{S: "s", D: "d", Q: "q"}[s] }

// move is the encoding of a load with an offset in units of the size; a store lacks a bit of it.
func (s Size) move(load bool) uint32 {
	bits := map[Size]uint32{S: 0xbd000000, D: 0xfd000000, Q: 0x3d800000}[s]
	if load {
		bits |= 1 << 22
	}
	return bits
}

func verb(load bool) string {
	if load {
		return "ldr"
	}
	return "str"
}

func (s Size) at(load bool, v V, base R, offset int) Word {
	if offset < 0 || offset%int(s) != 0 || offset/int(s) > 4095 {
		panic(fmt.Sprintf("arm64: offset %d of %d bytes", offset, s))
	}
	where := fmt.Sprintf("[x%d]", base)
	if offset > 0 {
		where = fmt.Sprintf("[x%d, #%d]", base, offset)
	}
	return Word{
		s.move(load) | uint32(offset/int(s))<<10 | uint32(base)<<5 | uint32(v),
		fmt.Sprintf("%s %s%d, %s", verb(load), s.letter(), v, where),
	}
}

func (s Size) indexed(load bool, v V, base, index R) Word {
	return Word{
		s.move(load)&^(1<<24) | 1<<21 | 0x6800 | uint32(index)<<16 | uint32(base)<<5 | uint32(v),
		fmt.Sprintf("%s %s%d, [x%d, x%d]", verb(load), s.letter(), v, base, index),
	}
}

// Load and Store move what is at base + offset, LoadAt and StoreAt what is at base + index.
func (s Size) Load(v V, base R, offset int) Word  { return s.at(true, v, base, offset) }
func (s Size) Store(v V, base R, offset int) Word { return s.at(false, v, base, offset) }
func (s Size) LoadAt(v V, base, index R) Word     { return s.indexed(true, v, base, index) }
func (s Size) StoreAt(v V, base, index R) Word    { return s.indexed(false, v, base, index) }

// LoadPair loads two registers from base + offset.
func LoadPair(v, w V, base R, offset int) Word {
	if offset < 0 || offset%16 != 0 || offset/16 > 63 {
		panic(fmt.Sprintf("arm64: offset %d of a pair", offset))
	}
	where := fmt.Sprintf("[x%d]", base)
	if offset > 0 {
		where = fmt.Sprintf("[x%d, #%d]", base, offset)
	}
	return Word{
		0xad400000 | uint32(offset/16)<<15 | uint32(w)<<10 | uint32(base)<<5 | uint32(v),
		fmt.Sprintf("ldp q%d, q%d, %s", v, w, where),
	}
}
