package contingency

import (
	"math"
	"testing"
)

// binomial has the probabilities of 0..n hits.
func binomial(n int, p float64) []float64 {
	out := make([]float64, n+1)
	all, _ := math.Lgamma(float64(n + 1))
	for k := range out {
		hit, _ := math.Lgamma(float64(k + 1))
		miss, _ := math.Lgamma(float64(n - k + 1))
		out[k] = math.Exp(all - hit - miss + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
	}
	return out
}

// coverage is how often the interval of R± holds p1/p0 when each group's answers are right with p1 and
// p0, of the draws that have an R±: exactly, over all tables.
func coverage(n1 int, p1 float64, n0 int, p0 float64) float64 {
	right, wrong := binomial(n1, p1), binomial(n0, p0)
	held, all := 0.0, 0.0
	for a, x := range right {
		for c, y := range wrong {
			if x*y < 1e-12 || a == 0 && c == 0 {
				continue
			}
			all += x * y
			if RiskRatio(a, n1, c, n0).Contains(p1 / p0) {
				held += x * y
			}
		}
	}
	return held / all
}

// Katz's interval alone covers 39 % where a group of 50 examples has half an error on average, because it
// has no width where both groups are all right.
func TestRatioCoversNearPerfectNetworks(t *testing.T) {
	for _, c := range []struct {
		n1    int
		p1    float64
		n0    int
		p0    float64
		least float64
	}{
		{450, .5, 50, .3, .94},
		{450, .9, 50, .6, .94},
		{950, .97, 50, .9, .88},
		{950, .999, 50, .99, .95},
		{950, .9999, 50, .97, .95},
		{50, .999, 50, .99, .95},
		{50, .96, 50, .96, .95},
		{900, .9995, 100, .9995, .95},
		{50, .99, 450, .999, .95},
		{50, .98, 900, .9999, .91},
	} {
		got := coverage(c.n1, c.p1, c.n0, c.p0)
		if !(got >= c.least) {
			t.Errorf("%d at %g, %d at %g: the interval covers %.3f, want at least %.2f", c.n1, c.p1, c.n0, c.p0, got, c.least)
		}
	}
}

// A group that is all right can only be worse than it looks: its part of the interval is Wilson's lower
// bound, n/(n + z²), below and nothing above.
func TestRatioOfPerfectGroupsByHand(t *testing.T) {
	const n1, n0 = 400, 100
	down := func(n float64) float64 { return math.Log(1 + 1.96*1.96/n) }
	r := RiskRatio(n1, n1, n0, n0)
	near(t, "both perfect, low", r.Lo, math.Exp(-down(n1)), 1e-12)
	near(t, "both perfect, high", r.Hi, math.Exp(down(n0)), 1e-12)
	r = RiskRatio(n1, n1, 80, n0)
	katz := 1.96 * math.Sqrt(20./(80*100))
	near(t, "right perfect, low", r.Lo, 1.25*math.Exp(-math.Hypot(down(n1), katz)), 1e-12)
	near(t, "right perfect, high", r.Hi, 1.25*math.Exp(katz), 1e-12)
	r = RiskRatio(300, n1, n0, n0)
	katz = 1.96 * math.Sqrt(100./(300*400))
	near(t, "wrong perfect, low", r.Lo, .75*math.Exp(-katz), 1e-12)
	near(t, "wrong perfect, high", r.Hi, .75*math.Exp(math.Hypot(katz, down(n0))), 1e-12)
}
