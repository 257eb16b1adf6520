package report

import (
	"math"
	"testing"

	"shoal/contingency"
)

// Guesses hide an association: the numbers of docs/reading.md and of the page's notes.
func TestGuessesHideAssociation(t *testing.T) {
	const n, rho, reference = 1e6, .85, .4
	// both is the share of the examples that the reference gets right and the network has learned: those
	// above two thresholds of two normal scores with the correlation rho.
	both := func(learned float64) float64 {
		h, k, sum := contingency.NormalQuantile(1-reference), contingency.NormalQuantile(learned), 0.0
		const step = 1e-3
		for x := h + step/2; x < 8; x += step {
			sum += step * math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) * contingency.Normal((k+rho*x)/math.Sqrt(1-rho*rho))
		}
		return sum
	}
	for accuracy, want := range map[float64]float64{.12: .15, .9: .84} {
		b := both((accuracy - .1) / .9)
		b += (reference - b) / 10 // guesses among ten classes
		table := contingency.Table{Both: int(n * b), ShallowOnly: int(n * (reference - b)), DeepOnly: int(n * (accuracy - b)), Neither: int(n * (1 - reference - accuracy + b))}
		if r := table.Tetrachoric(); !(math.Abs(r.Value-want) < .006) {
			t.Errorf("at an accuracy of %g the tetrachoric correlation is %.3f, want %g", accuracy, r.Value, want)
		}
	}
}
