package kernel

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestLevels(t *testing.T) {
	ls := Levels()
	if ls[0] != Portable || ls[len(ls)-1] != Best().Level() {
		t.Errorf("Levels() = %v, want portable first and %v last", ls, Best().Level())
	}
	for _, l := range ls {
		got, err := ParseLevel(l.String())
		if err != nil || got != l {
			t.Errorf("ParseLevel(%q) = %v, %v", l, got, err)
		}
		k, err := Select(l)
		if err != nil || k.Level() != l {
			t.Errorf("Select(%v) = %v, %v", l, k.Level(), err)
		}
	}
	if l, err := ParseLevel("best"); err != nil || l != Best().Level() {
		t.Errorf("ParseLevel(best) = %v, %v, want %v", l, err, Best().Level())
	}
}

func TestUnknownLevels(t *testing.T) {
	names := func(what string, err error, quoted string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), quoted) {
			t.Errorf("%s: error %v, want one that names %s", what, err, quoted)
			return
		}
		for _, l := range Levels() {
			if !strings.Contains(err.Error(), strconv.Quote(l.String())) {
				t.Errorf("%s: error %v, want one that lists %v", what, err, l)
			}
		}
	}
	for _, name := range []string{"sse9", "AVX2", "neon ", "Level(1)"} {
		_, err := ParseLevel(name)
		names("ParseLevel", err, strconv.Quote(name))
	}
	lacking := 0
	for l := Level(-1); l <= NEON+1; l++ {
		if !slices.Contains(Levels(), l) {
			_, err := Select(l)
			names("Select", err, strconv.Quote(l.String()))
			lacking++
		}
	}
	if lacking < 3 {
		t.Errorf("%d levels are refused, want those beyond both ends, and NEON or AVX2", lacking)
	}
}

func TestPeakCountsOperations(t *testing.T) {
	everyLevel(t, func(t *testing.T, k Kernels) {
		loop := func(n int) int { return peakLoop(k.level, n) }
		one, _ := peakRun(loop, 1, 10)
		three, _ := peakRun(loop, 3, 20)
		if !(one > 0) || three != 6*one {
			t.Errorf("10 rounds are %v operations, 3 times 20 rounds %v", one, three)
		}
	})
}

func TestPeak(t *testing.T) {
	if got := Best().Peak(0); !(got > 0) {
		t.Errorf("peak of a single goroutine: %v GFLOP/s", got)
	}
}
