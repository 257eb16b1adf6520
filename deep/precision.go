package deep

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"shoal/kernel"
)

// Precision is the format in which a training keeps activations and their gradients, and of which
// its products are.
type Precision string

// The precisions. In BFloat16 every activation and every gradient of one is rounded to bfloat16
// where a layer stores it, and so are the operands of products: half the memory. Products are summed
// in float32. Weights, biases, BatchNorm, pooling, dropout, logits, losses and the optimiser are
// float32, as with PyTorch's autocast; a product reads weights rounded to bfloat16.
const (
	Float32  Precision = "float32"
	BFloat16 Precision = "bfloat16"
)

// Precisions are all names that ParsePrecision reads.
func Precisions() []string { return []string{string(Float32), string(BFloat16)} }

// ParsePrecision reads the name of a precision; "" is Float32.
func ParsePrecision(name string) (Precision, error) {
	switch p := Precision(name); p {
	case "":
		return Float32, nil
	case Float32, BFloat16:
		return p, nil
	}
	return "", fmt.Errorf("unknown precision %q: want one of %q", name, Precisions())
}

// Tier is how this machine sums the products of p: the name of a kernel.Tier, or "" in float32, whose
// bits are the same everywhere. Within a tier, and a version of the program (sumsRevision), bits depend on
// nothing else.
//
// It is the fastest tier whose instructions the processor has, the operating system allows and a check
// at the first use finds right; see package kernel.
func (p Precision) Tier() string {
	if p == BFloat16 {
		return bestTier().String()
	}
	return ""
}

// Refused says why tiers faster than Tier are not used although the processor has their instructions:
// "" where there are none such.
func (p Precision) Refused() string {
	if p != BFloat16 {
		return ""
	}
	_, refused := firstTier(selectable)
	return refused
}

// bestTier is the fastest tier of this build and machine.
func bestTier() kernel.Tier {
	tier, _ := firstTier(selectable)
	return tier
}

// selectable says why this machine can't use a tier.
func selectable(t kernel.Tier) error {
	_, err := kernel.Best().SelectTier(t)
	return err
}

// firstTier is the fastest tier that try finds nothing against, with what it found against faster
// ones whose instructions the processor has.
func firstTier(try func(kernel.Tier) error) (t kernel.Tier, refused string) {
	var reasons []string
	for _, t := range []kernel.Tier{kernel.AMX, kernel.AVX512BF16} {
		err := try(t)
		if err == nil {
			return t, strings.Join(reasons, "; ")
		}
		var refusal *kernel.RefusedError
		if errors.As(err, &refusal) {
			reasons = append(reasons, fmt.Sprintf("%s: %s", refusal.Tier, refusal.Why))
		}
	}
	return kernel.Widened, strings.Join(reasons, "; ")
}

// products are those of the tier; nil for the float32 kernels, which have the bits of Widened and
// need no pairs.
func (p Precision) products(k kernel.Kernels) *kernel.Products {
	if p != BFloat16 || bestTier() == kernel.Widened {
		return nil
	}
	products, err := k.SelectTier(bestTier())
	if err != nil {
		panic(err) // it was selected a moment ago
	}
	return &products
}

// Faster reports whether p is faster than float32 on this machine.
func (p Precision) Faster() bool { return p == BFloat16 && p.Tier() != kernel.Widened.String() }

// Keys of a state's metadata; one in float32 has none of them.
const (
	precisionKey = "precision"
	tierKey      = "tier"
	sumsKey      = "sums"
)

// sumsRevision is the revision of the order of bfloat16's sums within a tier. It has to be raised with
// every change that gives other bits, if only of some networks: TestSumsRevision says so. States without
// one are of revision 1.
const sumsRevision = "2"

// mark records p in the metadata of a state.
func (p Precision) mark(metadata map[string]string) {
	if p == BFloat16 {
		metadata[precisionKey], metadata[tierKey], metadata[sumsKey] = string(p), p.Tier(), sumsRevision
	}
}

// TierError says that a training can't continue with the same bits: this machine, or this version of the
// program, sums products of bfloat16 in another order than the one that wrote the state.
type TierError struct{ Saved, Here string }

func (e *TierError) Error() string {
	return fmt.Sprintf("it was trained in bfloat16 by tier %q, here it would be by %q: sums are rounded otherwise, so the same seed gives other numbers from here on", e.Saved, e.Here)
}

// orderOf names the order of sums of a tier.
func orderOf(tier, sums string) string { return tier + ", sums " + cmp.Or(sums, "1") }

// Sound says that the state is: it is a person who decides whether to continue.
func (e *TierError) Sound() bool { return true }

// sameArithmetic refuses the state of a training that computed otherwise.
func (t *Trainer) sameArithmetic(metadata map[string]string, anyTier bool) error {
	saved, here := metadata[precisionKey], t.options.Precision
	if saved == "" {
		saved = string(Float32)
	}
	if saved != string(here) {
		return fmt.Errorf("it was trained in %s, the trainer's precision is %s", saved, here)
	}
	if here != BFloat16 || anyTier {
		return nil
	}
	theirs, mine := orderOf(metadata[tierKey], metadata[sumsKey]), orderOf(here.Tier(), sumsRevision)
	if theirs != mine {
		return &TierError{theirs, mine}
	}
	return nil
}

// cells are pixels × channels of a buffer, in its format.
type cells struct {
	floats kernel.View
	halves kernel.View16 // if the buffer is in bfloat16
}

// from is the pixels from number p on.
func (x cells) from(p int) cells {
	if x.halves.Data != nil {
		x.halves.Data = x.halves.Data[p*x.halves.Pitch:]
		return x
	}
	x.floats.Data = x.floats.Data[p*x.floats.Pitch:]
	return x
}

// everySecond is every second pixel, the first included.
func (x cells) everySecond() cells {
	x.floats.Pitch *= 2
	x.halves.Pitch *= 2
	return x
}

// spanFloats is how many values of a buffer in bfloat16 are widened at once: three pieces of scratch
// of that size stay in the first-level cache or near it.
const spanFloats = 4096

// span is how many pixels of c channels are widened at once.
func span(c int) int { return max(1, spanFloats/c) }

// spanLen is the length of the pieces of scratch for that.
func (r *run) spanLen() int {
	if !r.half {
		return 0
	}
	return max(spanFloats, len(r.ones))
}

// widen returns pixels of c channels as float32: where they are, or a copy in tmp.
func (r *run) widen(tmp []float32, x cells, pixels, c int) kernel.View {
	if x.halves.Data == nil {
		return x.floats
	}
	out := kernel.View{Data: tmp, Pitch: c}
	r.k.Widen(out, x.halves, pixels, c)
	return out
}

// operand rounds a tile that products are about to read.
func (r *run) operand(tile []float32) {
	if r.half {
		r.k.Round(tile, tile)
	}
}

// weights are the values of p, a filter's, as products read them.
func (r *run) weights(p *param) []float32 {
	if r.half {
		return p.net.rounded[p.at:][:p.size()]
	}
	return p.weights()
}
