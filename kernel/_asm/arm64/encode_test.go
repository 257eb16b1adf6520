package arm64

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// some are registers with every bit of a number set in one and clear in another.
var some = []int{0, 9, 18, 31}

// encoded returns every instruction that the encoder knows, with several registers.
func encoded() []Word {
	var list []Word
	for _, f := range []func(d, n, m V) Word{
		FMLA4S, FMLA2D, FMLS4S, FADD4S, FADD2S, FADD2D, FSUB2D, FMUL4S, FMUL2D, FMAX4S, FMAX2D, FMIN4S, FCMEQ4S, FCMGT4S,
		ADD4S, SUB4S, AND, BIC, ORR, ORN, EOR, BIT, SDOT,
	} {
		for i := range some {
			list = append(list, f(V(some[i]), V(some[(i+1)%4]), V(some[(i+3)%4])))
		}
	}
	for _, f := range []func(d, n V) Word{
		FADDP, Positive4S, Negative4S, FRINTN4S, FRINTN2D, FCVTZS4S, FCVTZS2D, SCVTF2D, UCVTF4S, FCVTL, FCVTLHigh, FCVTN,
		FCVTNHigh, XTN, XTNHigh, SXTLto2D, SXTLto2DHigh, UXTLto8H, UXTLto8HHigh, UXTLto4S, UXTLto4SHigh, Mov, High,
	} {
		for i := range some {
			list = append(list, f(V(some[i]), V(some[(i+1)%4])))
		}
	}
	for i := range some {
		d, n, m := V(some[i]), V(some[(i+1)%4]), V(some[(i+3)%4])
		list = append(list, Zero(d), Dup16B(d, general[5*i]), Dup4S(d, general[6*i]), Dup2D(d, general[7*i]))
		for lane := range 4 {
			list = append(list, FMLALane(d, n, m, lane), SDOTLane(d, n, m, lane), Lane(d, n, lane))
		}
		for _, by := range []int{1, 16, 23, 31} {
			list = append(list, SSHR4S(d, n, by), SHL4S(d, n, by))
		}
		base, index := general[8*i], general[7*i+2]
		for _, s := range []Size{S, D, Q} {
			list = append(list, s.LoadAt(d, base, index), s.StoreAt(d, base, index))
			for _, k := range []int{0, 1, 5, 4095} {
				list = append(list, s.Load(d, base, k*int(s)), s.Store(d, base, k*int(s)))
			}
		}
		for _, offset := range []int{0, 32, 63 * 16} {
			list = append(list, LoadPair(d, n, base, offset))
		}
	}
	return list
}

// TestEncoder compares the encoder with llvm-mc.
func TestEncoder(t *testing.T) {
	content, err := os.ReadFile("testdata/encode.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		word, instruction, _ := strings.Cut(line, " ")
		want[instruction] = word
	}
	seen := map[string]bool{}
	for _, w := range encoded() {
		seen[w.Text] = true
		if got := fmt.Sprintf("%08x", w.Bits); got != want[w.Text] {
			t.Errorf("%s is %s, want %s", w.Text, got, want[w.Text])
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d instructions, the table has %d", len(seen), len(want))
	}
}

// number is what distinguishes two instructions of one form.
var number = regexp.MustCompile(`\b([vqdswx])\d+|#\d+|\[\d\]`)

func form(text string) string { return number.ReplaceAllString(text, "$1") }

// TestEveryFormIsKnown finds the forms of all instructions in the kernels among those of the table.
func TestEveryFormIsKnown(t *testing.T) {
	known := map[string]bool{}
	for _, w := range encoded() {
		known[form(w.Text)] = true
	}
	for _, name := range []string{"../../kernel_arm64.s", "../../gram/gram_arm64.s"} {
		assembly, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		words := 0
		for line := range strings.Lines(string(assembly)) {
			_, text, encoded := strings.Cut(strings.TrimSpace(line), " // ")
			if encoded && strings.HasPrefix(strings.TrimSpace(line), "WORD") {
				if words++; !known[form(text)] {
					t.Errorf("%s: the table has no instruction like %q", name, text)
				}
			}
		}
		if words == 0 {
			t.Errorf("%s has no encoded instruction", name)
		}
	}
}
