package kernel

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shoal/internal/usage"
)

//go:generate go run -C _asm . -neon

// Level names one implementation of every kernel in this package. All levels return the same
// bits.
type Level int

const (
	// Portable is plain Go. It is always compiled and is the reference that the other levels are
	// tested against.
	Portable Level = iota
	// AVX2 needs AVX2 and FMA3 (Intel since Haswell, AMD since Zen).
	AVX2
	// AVX512 needs AVX-512 F, BW, DQ and VL (Intel since Skylake-X, AMD since Zen 4).
	AVX512
	// NEON is arm64's: every such processor has it.
	NEON
)

var levelNames = [...]string{Portable: "portable", AVX2: "avx2", AVX512: "avx512", NEON: "neon"}

// String returns the name that ParseLevel reads.
func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return fmt.Sprintf("Level(%d)", int(l))
	}
	return levelNames[l]
}

// ParseLevel reads the name of a level; "" and "best" mean the best level of this machine.
func ParseLevel(name string) (Level, error) {
	if name == "" || name == "best" {
		return Best().level, nil
	}
	if l := slices.Index(levelNames[:], name); l >= 0 {
		return Level(l), nil
	}
	return Portable, fmt.Errorf("unknown SIMD level %q: this machine has %s%s", name, listed(), usage.DidYouMean(name, levelNames[:]))
}

// Levels returns the levels that this machine (and this build: other architectures and the tag
// purego have no assembly) can run, the slowest first.
func Levels() []Level { return machineLevels() }

// Kernels is one implementation of everything in this package. It is a small value without state:
// copy it freely and use it from any number of goroutines. The zero value is the portable
// implementation.
type Kernels struct{ level Level }

// Level says which implementation k is.
func (k Kernels) Level() Level { return k.level }

// listed are the levels of this machine, as errors name them.
func listed() string {
	var names []string
	for _, l := range Levels() {
		names = append(names, strconv.Quote(l.String()))
	}
	return strings.Join(names, ", ")
}

// Best returns the fastest implementation that this machine can run.
func Best() Kernels {
	levels := machineLevels()
	return Kernels{levels[len(levels)-1]}
}

// Select returns the implementation of level l, or an error if it isn't one of Levels.
func Select(l Level) (Kernels, error) {
	if !slices.Contains(machineLevels(), l) {
		return Kernels{}, fmt.Errorf("this machine can't run SIMD level %q: it has %s", l, listed())
	}
	return Kernels{l}, nil
}
