package kernel

import (
	"fmt"
	"math"
)

// BF16 is a number in the 16 bits of bfloat16: the upper half of a float32, with its range and
// eight bits of precision.
type BF16 uint16

// ToBF16 is the bfloat16 next to x, with ties to the even one, as the instruction VCVTNEPS2BF16
// defines it: what rounds beyond the largest number is infinite, denormal numbers become zeros of
// their sign, and NaN becomes a quiet NaN.
func ToBF16(x float32) BF16 {
	const quiet, bias = 0x00400000, 0x7fff
	b := math.Float32bits(x)
	switch abs := b &^ signBit; {
	case abs > infinity:
		return BF16((b | quiet) >> 16)
	case abs < leastNormal:
		return BF16(b & signBit >> 16)
	}
	return BF16((b + bias + b>>16&1) >> 16)
}

// Bits of float32.
const (
	signBit     = 0x80000000
	infinity    = 0x7f800000
	leastNormal = 0x00800000
)

// Float32 is the number itself: every bfloat16 is a float32.
func (b BF16) Float32() float32 { return math.Float32frombits(uint32(b) << 16) }

// Finite says whether b is neither infinite nor NaN.
func (b BF16) Finite() bool { return uint32(b)<<16&infinity != infinity }

// View16 is a View of numbers in bfloat16.
type View16 struct {
	Data  []BF16
	Pitch int
}

// check panics unless v holds the given pixels and channels.
func (v View16) check(name string, pixels, channels int) {
	checkView(name, len(v.Data), v.Pitch, pixels, channels)
}

// Widen sets dst[p,c] = src[p,c]. It panics if a slice is too short.
func (k Kernels) Widen(dst View, src View16, pixels, channels int) {
	dst.check("dst", pixels, channels)
	src.check("src", pixels, channels)
	if pixels == 0 || channels == 0 {
		return
	}
	whole := 0 // channels that are done
	if k.level != Portable {
		whole = vectorWiden(dst, src, pixels, channels)
	}
	if whole == channels {
		return
	}
	for p := range pixels {
		out := dst.Data[p*dst.Pitch:][:channels]
		for c, x := range src.Data[p*src.Pitch:][whole:channels] {
			out[whole+c] = x.Float32()
		}
	}
}

// Narrow sets dst[p,c] = ToBF16(src[p,c]). It panics if a slice is too short.
func (k Kernels) Narrow(dst View16, src View, pixels, channels int) {
	dst.check("dst", pixels, channels)
	src.check("src", pixels, channels)
	if pixels == 0 || channels == 0 {
		return
	}
	if k.rounds() {
		vectorNarrowAll(dst, src, pixels, channels)
		return
	}
	whole := 0
	if k.level != Portable {
		whole = vectorNarrow(dst, src, pixels, channels)
	}
	if whole == channels {
		return
	}
	for p := range pixels {
		out := dst.Data[p*dst.Pitch:][:channels]
		for c, x := range src.Data[p*src.Pitch:][whole:channels] {
			out[whole+c] = ToBF16(x)
		}
	}
}

// Round sets dst[i] = ToBF16(src[i]), as a float32, for i < len(src). dst may be src. It panics if
// dst is shorter.
func (k Kernels) Round(dst, src []float32) {
	dst = take(dst, len(src))
	whole := 0
	if k.level != Portable {
		whole = vectorRound(dst, src)
	}
	for i, x := range src[whole:] {
		dst[whole+i] = ToBF16(x).Float32()
	}
}

// checkView panics unless a view with so many elements holds the given pixels and channels.
func checkView(name string, elements, pitch, pixels, channels int) {
	if pixels < 0 || channels < 0 || pitch < 0 {
		panic(fmt.Sprintf("kernel: negative size: %d pixels, %d channels, pitch %d", pixels, channels, pitch))
	}
	if pixels == 0 || channels == 0 {
		return
	}
	if need := (pixels-1)*pitch + channels; need > elements {
		panic(fmt.Sprintf("kernel: %s has %d elements, want %d for %d pixels of %d channels, pitch %d",
			name, elements, need, pixels, channels, pitch))
	}
}
