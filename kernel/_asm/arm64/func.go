// Package arm64 writes assembly for arm64. avo knows the registers and instructions of amd64 alone:
// of it, this package takes the layout of parameters and the printers of assembly and stubs.
//
// Vector and floating-point instructions are encoded here, because Go's assembler lacks many of
// NEON's; the rest is in Go's syntax. Registers are handed out in order and given back in blocks,
// which is all that these kernels need.
package arm64

import (
	"fmt"
	"os"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/buildtags"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/printer"
)

// R is a general register.
type R int

// V is a vector register, V0 to V31.
type V int

// general lists the registers that a function may use: without the platform's (R18), the
// assembler's (R27), the goroutine (R28), frame pointer, link register and stack pointer.
var general = func() (list []R) {
	for i := R(0); i <= 26; i++ {
		if i != 18 {
			list = append(list, i)
		}
	}
	return list
}()

// File is a file of assembly with its stubs.
type File struct{ file *ir.File }

// NewFile returns an empty file for builds that satisfy the constraint, in the syntax of avo.
func NewFile(constraint string) *File {
	f := ir.NewFile()
	f.Includes = []string{"textflag.h"}
	c, err := buildtags.ParseConstraint(constraint)
	if err != nil {
		panic(err)
	}
	f.Constraints = buildtags.Constraints{c}
	return &File{f}
}

// Write writes the assembly and the stubs of package pkg.
func (f *File) Write(assembly, stubs, pkg string) error {
	config := printer.Config{Argv: append([]string{"go", "run", "."}, os.Args[1:]...), Pkg: pkg}
	for _, out := range []struct {
		name string
		printer.Printer
	}{{assembly, printer.NewGoAsm(config)}, {stubs, printer.NewStubs(config)}} {
		text, err := out.Print(f.file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(out.name, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Func is a function that is being written.
type Func struct {
	f      *ir.Function
	taken  int // general registers
	vector int // vector registers
	labels int
}

// Func begins a function. The signature is Go's, and has builtin types only.
func (f *File) Func(name, signature, doc string) *Func {
	s, err := gotypes.ParseSignature(signature)
	if err != nil {
		panic(err)
	}
	fn := ir.NewFunction(name)
	fn.SetSignature(s)
	fn.Attributes = attr.NOSPLIT
	fn.Doc = []string{doc}
	if strings.Contains(signature, "*") {
		fn.AddPragma("noescape")
	}
	f.file.AddSection(fn)
	return &Func{f: fn}
}

// text is an operand as it is printed.
type text string

func (t text) Asm() string { return string(t) }

// Asm is the register's name.
func (r R) Asm() string { return fmt.Sprintf("R%d", int(r)) }

// Imm is an immediate operand.
func Imm(i int) operand.Op { return text(fmt.Sprintf("$%d", i)) }

// At is the memory at base + offset bytes.
func At(base R, offset int) operand.Op {
	if offset == 0 {
		return text(fmt.Sprintf("(%s)", base.Asm()))
	}
	return text(fmt.Sprintf("%d(%s)", offset, base.Asm()))
}

// Shifted is register r, shifted left.
func Shifted(r R, by int) operand.Op { return text(fmt.Sprintf("%s<<%d", r.Asm(), by)) }

// Ins appends an instruction in Go's syntax: sources first.
func (f *Func) Ins(opcode string, operands ...operand.Op) {
	f.f.AddInstruction(&ir.Instruction{Opcode: opcode, Operands: operands, IsTerminal: opcode == "RET"})
}

// Emit appends encoded instructions.
func (f *Func) Emit(words ...Word) {
	for _, w := range words {
		f.f.AddInstruction(&ir.Instruction{Opcode: "WORD", Operands: []operand.Op{
			text(fmt.Sprintf("$%#08x // %s", w.Bits, w.Text)),
		}})
	}
}

// Label marks a place to branch to.
func (f *Func) Label(name string) { f.f.AddLabel(ir.Label(name)) }

// NewLabel returns a name that no other label has.
func (f *Func) NewLabel(prefix string) string {
	f.labels++
	return fmt.Sprintf("%s%d", prefix, f.labels)
}

// Branch appends a branch: B, BEQ, … with a label, or CBZ, CBNZ, TBZ with operands before it.
func (f *Func) Branch(opcode, label string, operands ...operand.Op) {
	f.f.AddInstruction(&ir.Instruction{
		Opcode: opcode, Operands: append(operands[:len(operands):len(operands)], text(label)),
		IsBranch: true, IsConditional: opcode != "B",
	})
}

// Reg takes a general register.
func (f *Func) Reg() R {
	if f.taken == len(general) {
		panic("arm64: no general register is left in " + f.f.Name)
	}
	f.taken++
	return general[f.taken-1]
}

// Vec takes n vector registers.
func (f *Func) Vec(n int) []V {
	list := make([]V, n)
	for i := range list {
		list[i] = V(f.vector)
		f.vector++
	}
	if f.vector > 32 {
		panic("arm64: no vector register is left in " + f.f.Name)
	}
	return list
}

// Scope runs body and takes back the registers that it took.
func (f *Func) Scope(body func()) {
	taken, vector := f.taken, f.vector
	body()
	f.taken, f.vector = taken, vector
}

// Left is the number of vector registers that are not taken.
func (f *Func) Left() int { return 32 - f.vector }

// param is where a parameter is, by the layout of amd64, which is that of arm64.
func (f *Func) param(name string) operand.Op {
	b, err := f.f.Signature.Params().Lookup(name).Resolve()
	if err != nil {
		panic(err)
	}
	return text(fmt.Sprintf("%s+%d(FP)", name, b.Addr.Disp))
}

// Load takes a register for a parameter of 8 bytes.
func (f *Func) Load(name string) R {
	r := f.Reg()
	f.LoadTo(name, r)
	return r
}

// LoadTo loads a parameter of 8 bytes.
func (f *Func) LoadTo(name string, r R) { f.Ins("MOVD", f.param(name), r) }

// Spread loads a parameter of type float32 or float64 to all lanes of v.
func (f *Func) Spread(name string, v V, double bool) {
	f.Scope(func() {
		r := f.Reg()
		if double {
			f.Ins("MOVD", f.param(name), r)
			f.Emit(Dup2D(v, r))
			return
		}
		f.Ins("MOVWU", f.param(name), r)
		f.Emit(Dup4S(v, r))
	})
}

// Prefetch brings the line at base into the cache, to be written.
func (f *Func) Prefetch(base R) { f.Ins("PRFM", At(base, 0), text("PSTL1KEEP")) }

// Constant fills the 32-bit lanes of v.
func (f *Func) Constant(bits uint32, v V) {
	f.Scope(func() {
		r := f.Reg()
		f.Ins("MOVD", Imm(int(bits)), r)
		f.Emit(Dup4S(v, r))
	})
}

// Return stores the result, if r is not negative, and returns.
func (f *Func) Return(r R) {
	if r >= 0 {
		f.Ins("MOVD", r, text(fmt.Sprintf("ret+%d(FP)", f.f.Signature.Params().Bytes())))
	}
	f.Ins("RET")
}
