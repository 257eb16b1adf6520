package regime

import (
	"math"
	"slices"
	"testing"
)

// The table agrees with the formulas of ln Φ and φ/Φ.
func TestTable(t *testing.T) {
	for x := -7.99; x < 8; x += .00317 {
		var logs, ratios [2]float64
		logsAndRatios([]float64{x, -x}, 1, logs[:], ratios[:])
		log, ratio := logs[0], ratios[0]
		if logsAndRatios([]float64{x}, -1, logs[:], ratios[:]); logs[0] != logs[1] || ratios[0] != ratios[1] {
			t.Fatalf("the negative of %v has others than the number itself", x)
		}
		if want := logCumulative(x); math.Abs(log-want) > 1e-13*math.Max(1, -want) {
			t.Fatalf("ln Φ(%v) is %v, want %v", x, log, want)
		}
		if want := density(x) / cumulative(x); math.Abs(ratio-want) > 1e-11*math.Max(1, want) {
			t.Fatalf("φ/Φ of %v is %v, want %v", x, ratio, want)
		}
	}
}

// A line that is fitted from its neighbour is the one that is fitted from nothing, its likelihood is that
// of the formula, and no coefficient can be moved for a better one.
func TestNeighboursLeadToTheBestLine(t *testing.T) {
	labels, deep, right := exact()
	o := Learned(labels, len(deep), func(t int) []bool { return deep[t] }).BySpeed
	g, level := o.cells(labels, right)
	y := make([]float64, len(level))
	for k, a := range level {
		y[k] = early(a)
	}
	breaks := g.breaks(level, y, leastEvents, g.probit([][]float64{y}), nil)
	for _, b := range breaks {
		at := quantile(b.share)
		x := [][]float64{make([]float64, len(y)), make([]float64, len(y)), make([]float64, len(y))}
		for k := range y {
			x[0][k], x[1][k] = math.Max(y[k]+at, 0), math.Min(y[k]+at, 0)
			if level[k] > b.share {
				x[2][k] = 1
			}
		}
		plain := func(coefficients []float64) (sum float64) {
			for k, c := range g.class {
				e := b.alpha[c]
				for j := range x {
					e += x[j][k] * coefficients[j]
				}
				sum += g.r[k]*logCumulative(e) + (g.n[k]-g.r[k])*logCumulative(-e)
			}
			return sum
		}
		best := plain(b.b)
		if math.Abs(best-b.likelihood) > 1e-7 {
			t.Errorf("break at %v: log likelihood %v, by the formula %v", b.share, b.likelihood, best)
		}
		cold := g.probit(x)
		for j := range b.b {
			if near := 1e-6 * math.Max(1, b.se(j)); math.Abs(cold.b[j]-b.b[j]) > near || math.Abs(cold.se(j)-b.se(j)) > near {
				t.Errorf("break at %v: coefficient %d is %v ± %v, from nothing %v ± %v", b.share, j, b.b[j], b.se(j), cold.b[j], cold.se(j))
			}
			for _, d := range []float64{-.01, .01} {
				moved := []float64{b.b[0], b.b[1], b.b[2]}
				if moved[j] += d; plain(moved) >= best+1e-9 { // a side of one level has no slope
					t.Errorf("break at %v: moving coefficient %d by %v is no worse", b.share, j, d)
				}
			}
		}
	}
	if len(breaks) < 20 {
		t.Errorf("%d places were tried, want 20 or more", len(breaks))
	}
}

// A class of which the reference gets everything right, or wrong, has an effect without end. It says
// nothing about slopes: those and their errors are as without it.
func TestClassThatIsAllRightOrWrong(t *testing.T) {
	labels, deep, right := exact()
	o := Learned(labels, len(deep), func(t int) []bool { return deep[t] }).BySpeed
	fit := func(extra ...bool) (*line, *line) {
		order, labels, right := slices.Clone(o), slices.Clone(labels), slices.Clone(right)
		for c, r := range extra {
			for i := c; i < len(o); i += 4 {
				order, labels, right = append(order, o[i]), append(labels, uint16(2+c)), append(right, r)
			}
		}
		g, level := order.cells(labels, right)
		y := make([]float64, len(level))
		for k, a := range level {
			y[k] = early(a)
		}
		straight := g.probit([][]float64{y})
		for _, b := range g.breaks(level, y, leastEvents, straight, nil) {
			if b.share > .7 {
				return straight, b.line // both sides have several levels
			}
		}
		t.Fatal("no break")
		return nil, nil
	}
	straight, broken := fit()
	for _, extra := range [][]bool{{true}, {false}, {false, true, false}} {
		s, b := fit(extra...)
		for _, c := range []struct{ got, want *line }{{s, straight}, {b, broken}} {
			for j := range c.want.b {
				if math.Abs(c.got.b[j]-c.want.b[j]) > 1e-4 || math.Abs(c.got.se(j)-c.want.se(j)) > 1e-3*c.want.se(j) {
					t.Errorf("with classes all %v: coefficient %d is %v ± %v, want %v ± %v", extra, j, c.got.b[j], c.got.se(j), c.want.b[j], c.want.se(j))
				}
			}
		}
	}
}
