package dynamics

import (
	"strings"
	"testing"

	"shoal/dynamics/internal/worlds"
)

// One or two evaluations leave R± no room beside a line in the order that they give, and a dozen too much.
func TestFewEvaluationsSayNothingOfConstantAssociation(t *testing.T) {
	w := worlds.Setting{Noise: [2]float64{.5, .3}, Shape: "normal", Classes: 10, M: .41, Evaluations: 86}.Make(1)
	l, ref := logOfWorld(w)
	for _, c := range []struct {
		evaluations int
		judged      bool
	}{{1, false}, {2, false}, {12, false}, {19, false}, {leastEvaluations, true}} {
		few := l.pick(func(t int) bool { return t > 10 && (t-10)*c.evaluations/75 != (t-11)*c.evaluations/75 })
		learned, err := few.Learning()
		if err != nil || len(few.Steps) != c.evaluations {
			t.Fatalf("%d evaluations, want %d (%v)", len(few.Steps), c.evaluations, err)
		}
		b, err := ConstantAssociation(t.Context(), few, learned, ref, Resampling{Replicates: 50})
		if err != nil {
			t.Fatal(err)
		}
		if judged := b.Says != nil; judged != c.judged || !judged && (!strings.Contains(b.Reason, "evaluation") || b.Ratio[0].Defined) {
			t.Errorf("of %d evaluations it is judged: %t (%s), want %t", c.evaluations, judged, b.Reason, c.judged)
		}
	}
}
