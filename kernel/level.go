package kernel

import "fmt"

// Level names one implementation of every kernel in this package. A larger level is faster; all
// levels return the same bits.
type Level int

const (
	// Portable is plain Go. It is always compiled and is the reference that the other levels are
	// tested against.
	Portable Level = iota
	// AVX2 needs AVX2 and FMA3 (Intel since Haswell, AMD since Zen).
	AVX2
	// AVX512 needs AVX-512 F, BW, DQ and VL (Intel since Skylake-X, AMD since Zen 4).
	AVX512
)

var levelNames = [...]string{Portable: "portable", AVX2: "avx2", AVX512: "avx512"}

// String returns the name that ParseLevel reads.
func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return fmt.Sprintf("Level(%d)", int(l))
	}
	return levelNames[l]
}

// ParseLevel reads "portable", "avx2" or "avx512"; "" and "best" mean the best level of this
// machine.
func ParseLevel(name string) (Level, error) {
	if name == "" || name == "best" {
		return Best().level, nil
	}
	for l, s := range levelNames {
		if s == name {
			return Level(l), nil
		}
	}
	return Portable, fmt.Errorf("kernel: unknown SIMD level %q: want one of %q", name, levelNames)
}

// Kernels is one implementation of everything in this package. It is a small value without state:
// copy it freely and use it from any number of goroutines. The zero value is the portable
// implementation.
type Kernels struct{ level Level }

// Level says which implementation k is.
func (k Kernels) Level() Level { return k.level }

// Best returns the fastest implementation that this machine can run.
func Best() Kernels { return Kernels{bestLevel()} }

// Select returns the implementation of level l, or an error if this machine (or this build: other
// architectures and the tag purego) can't run it.
func Select(l Level) (Kernels, error) {
	if l < Portable || l > bestLevel() {
		return Kernels{}, fmt.Errorf("kernel: this machine can't run SIMD level %q: its best is %q", l, bestLevel())
	}
	return Kernels{l}, nil
}
