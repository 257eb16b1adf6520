package kernel

import "fmt"

// Tier names one way of summing products of bfloat16 in float32. Tiers differ in the order of the
// sum and in what they make of denormal numbers, so in bits; each has a portable twin that returns
// exactly its bits.
type Tier int

const (
	// Widened makes float32 of the operands and then does what Multiply does: fused multiply-adds,
	// one after another. It needs nothing and is not faster than float32.
	Widened Tier = iota
	// AVX512BF16 sums pairs by VDPBF16PS (AMD since Zen 4, Intel since Cooper Lake).
	AVX512BF16
	// AMX sums 16 pairs by TDPBF16PS (Intel since Sapphire Rapids).
	AMX
)

var tierNames = [...]string{Widened: "widened", AVX512BF16: "avx512bf16", AMX: "amx"}

// String returns the name that ParseTier reads.
func (t Tier) String() string {
	if t < 0 || int(t) >= len(tierNames) {
		return fmt.Sprintf("Tier(%d)", int(t))
	}
	return tierNames[t]
}

// ParseTier reads the name of a tier.
func ParseTier(name string) (Tier, error) {
	for t, s := range tierNames {
		if s == name {
			return Tier(t), nil
		}
	}
	return Widened, fmt.Errorf("unknown tier %q: want one of %q", name, tierNames)
}

// Products computes products of bfloat16 in one tier. It is a small value without state; the zero
// value is the portable code of Widened.
type Products struct {
	tier  Tier
	level Level
	twin  bool
}

// Tier says how p sums.
func (p Products) Tier() Tier { return p.tier }

// SelectTier returns the implementation of t by its instructions (those of level k for Widened), or
// an error that says why this machine or this build can't have it: a *RefusedError where the processor
// has the instructions. Before the first use of a tier in a process a few products by its instructions
// are held against its twin's, which takes a few milliseconds.
func (k Kernels) SelectTier(t Tier) (Products, error) {
	if t < 0 || int(t) >= len(tierNames) {
		return Products{}, fmt.Errorf("unknown tier %v: want one of %q", t, tierNames)
	}
	if err := verdicts[t](); err != nil {
		return Products{}, err
	}
	return Products{tier: t, level: k.level}, nil
}

// Twin returns the portable implementation of t, which every machine has. It is slow.
func Twin(t Tier) Products { return Products{tier: t, twin: true} }
