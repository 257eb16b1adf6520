package report

import (
	"strings"
	"testing"

	"shoal/dynamics"
)

// Per cent are of thirty examples or more: the last slot of the learned may hold a single one. Where no
// two slots have so many, the sentence has the numbers.
func TestRegimeSentenceIsOfEnoughExamples(t *testing.T) {
	never := dynamics.RegimeSlot{From: 1, To: 1, N: 500, Right: 100}
	for name, c := range map[string]struct {
		slots []dynamics.RegimeSlot
		want  string
	}{
		"a last slot of one": {[]dynamics.RegimeSlot{{From: 0, To: .25, N: 100, Right: 81}, {From: .25, To: .5, N: 30, Right: 12}, {From: .5, To: .75, N: 1, Right: 0}, never},
			"Of what the network learns first m gets 81% right, of what it learns last 40%; because."},
		"a first slot of two": {[]dynamics.RegimeSlot{{From: 0, To: .25, N: 2, Right: 0}, {From: .25, To: .5, N: 50, Right: 40}, {From: .5, To: .75, N: 40, Right: 10}, never},
			"Of what the network learns first m gets 80% right, of what it learns last 25%; because."},
		"few": {[]dynamics.RegimeSlot{{From: 0, To: .25, N: 40, Right: 30}, {From: .25, To: .5, N: 29, Right: 3}, never},
			"Of what the network learns first m gets 75% right, of what it learns last 3 of 29; because."},
		"one slot":  {[]dynamics.RegimeSlot{{From: 0, To: .25, N: 40, Right: 30}, never}, "Because."},
		"never any": {[]dynamics.RegimeSlot{never}, "Because."},
	} {
		got := regimeSentence("m", dynamics.Regime{Slots: c.slots, Reason: "because"})
		if plain := strings.NewReplacer("\u00a0", "", "\u202f", "", " %", "%").Replace(got); plain != c.want {
			t.Errorf("%s: %q, want %q", name, plain, c.want)
		}
	}
}
