package kernel

import (
	"strings"
	"testing"
)

func TestLevels(t *testing.T) {
	ls := levels()
	if ls[0] != Portable || ls[len(ls)-1] != Best().Level() {
		t.Errorf("levels() = %v, want portable first and %v last", ls, Best().Level())
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
	if _, err := ParseLevel("sse9"); err == nil || !strings.Contains(err.Error(), `"sse9"`) {
		t.Errorf("ParseLevel(sse9): error %v, want one that quotes it", err)
	}
	for _, l := range []Level{-1, AVX512 + 1} {
		if _, err := Select(l); err == nil || !strings.Contains(err.Error(), "Level(") {
			t.Errorf("Select(%d): error %v, want one that names it", int(l), err)
		}
	}
	if Best().Level() == AVX512 {
		return // every level is available
	}
	if _, err := Select(AVX512); err == nil {
		t.Error("Select(AVX512) on a machine without: no error")
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
