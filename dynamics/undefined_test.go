package dynamics

import (
	"slices"
	"testing"
)

// What is undefined has no number: R± against a reference that is right on all or on nothing, and a
// verdict on R± where the network learns nothing, or all at once.
func TestUndefinedHasNoNumber(t *testing.T) {
	const n, T = 200, 45
	log := func(right func(i, t int) bool) *Log {
		l := &Log{Labels: make([]uint16, n)}
		for i := range l.Labels {
			l.Labels[i] = uint16(i % 2)
		}
		for k := range T {
			p := slices.Clone(l.Labels)
			for i := range p {
				if !right(i, k) {
					p[i] = 1 - p[i]
				}
			}
			l.Append(k, float64(k), p, nil)
		}
		return l
	}
	learns := func(i, t int) bool { return i < 5*t }
	always, never := func(int, int) bool { return true }, func(int, int) bool { return false }
	half := func(i, _ int) bool { return i%4 < 2 }
	for name, c := range map[string]struct {
		network, reference func(i, t int) bool
		peak, says         bool
	}{
		"all right":         {learns, always, false, false},
		"all wrong":         {learns, never, false, false},
		"learns nothing":    {never, half, false, false},
		"learns at once":    {always, half, true, false},
		"learns one by one": {learns, half, true, true},
		// R± is infinite at every evaluation: the network is right on none that the reference gets wrong.
		"learns what the reference knows": {func(i, t int) bool { return i%4 < 2 && i < 5*t }, half, false, false},
	} {
		l, ref := log(c.network), log(c.reference).At("m", 0)
		j := judge(t, l, ref, JudgeOptions{Resampling: Resampling{Replicates: 40}})
		if j.Peak.Found != c.peak || (j.BeyondAccuracy.Says != nil) != c.says {
			t.Errorf("%s: a peak is found: %t (%v), want %t; %q, to be judged: %t", name, j.Peak.Found, j.Peak.Ratio, c.peak, j.BeyondAccuracy.Reason, c.says)
		}
		headlines, err := Headlines(t.Context(), []*Log{l}, ref, Resampling{Replicates: 40})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range headlines[:3] { // first, peak and last R±
			infinite := h.Name != HeadlinePeak && j.Final.Ratio().Infinite // not undefined
			if !c.peak && !infinite && h.Seeds[0].Defined {
				t.Errorf("%s: %s is %v, want undefined", name, h.Name, h.Seeds[0])
			}
		}
	}
}
