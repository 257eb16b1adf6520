package regime

import (
	"math"
	"math/bits"

	"shoal/internal/pcg"
)

// Constant is a reference at one constant association with the order in which a network learns: what
// a straight line says of each of n examples; see [Learning.Constant].
type Constant struct {
	// P is the probability that the reference is right.
	P []float64
	// ByClass and ByColumn are the derivatives of P by the effect of the example's class, and by the
	// coefficients of the columns.
	ByClass  []float64
	ByColumn [Columns][]float64

	labels []uint16
	limit  []uint64           // P as pcg.AllBelow compares it
	weight []float64          // of the residual of an example in the score; 0 for one that was not fitted
	pull   [][Columns]float64 // weight times column, of each example
	mean   []float64          // sum of P·weight of each class
	means  [Columns]float64   // and of P·pull
	y      [Columns][]float64 // the columns
	w      []float64          // information: of each class
	wy     [Columns][]float64 // and of it with the columns
	inner  [][]float64        // covariance of the coefficients: the inverse information, the classes eliminated
}

// Columns is the number of columns of the line beside the classes: three readings of the order, and
// whether an example is never learned.
const Columns = 4

// Constant fits a straight line in three readings of the order, by share right, by switch time and by
// last mistake: of one alone, which flips and guesses make noisy, the log would still tell more about
// the reference than the reading does. The never learned, of whose order nothing is known, have an
// effect of their own. Examples of a class that is left out keep what the reference says of them. It is
// nil where no line can be fitted.
func (l *Learning) Constant(labels []uint16, right []bool) *Constant {
	if cells, _ := l.BySpeed.cells(labels, right); !cells.informative() {
		return nil
	}
	n := len(labels)
	c := &Constant{labels: labels, P: make([]float64, n), ByClass: make([]float64, n), weight: make([]float64, n)}
	for k := range c.y {
		c.ByColumn[k], c.y[k] = make([]float64, n), make([]float64, n)
	}
	g, at, y := c.group(l, right)
	if len(g.n) == 0 {
		return nil
	}
	straight := g.probit(y)
	for _, b := range straight.b {
		if !finite(b) {
			return nil
		}
	}
	c.fit(g, y, at, straight, right)
	c.inform(g.classes)
	c.expect(g.classes)
	return c
}

// group fills in the columns, and groups the examples of one class and the same columns. at is the
// group of each example, -1 for one of a class that is left out.
func (c *Constant) group(l *Learning, right []bool) (g *groups, at []int, y [][]float64) {
	g, y = &groups{classes: len(classSizes(c.labels))}, make([][]float64, Columns)
	index := map[[Columns + 1]uint64]int{} // by bits, which are hashed much faster than numbers
	at = make([]int, len(c.labels))
	for i, class := range c.labels {
		at[i] = -1
		switch a, b := l.BySpeed[i], l.BySwitch[i]; {
		case l.Never(i):
			c.y[3][i] = 1
		case math.IsNaN(a) || math.IsNaN(b):
			continue
		default:
			c.y[0][i], c.y[1][i] = early(a), early(b)
			if m := l.byMistake[i]; !math.IsNaN(m) { // of a class in which most have the same last mistake
				c.y[2][i] = early(m)
			}
		}
		key := [Columns + 1]uint64{Columns: uint64(class)}
		for j := range y {
			key[j] = math.Float64bits(c.y[j][i] + 0) // -0 is 0
		}
		k, ok := index[key]
		if !ok {
			k = len(g.n)
			index[key] = k
			g.class, g.n, g.r = append(g.class, int(class)), append(g.n, 0), append(g.r, 0)
			for j := range y {
				y[j] = append(y[j], c.y[j][i])
			}
		}
		at[i] = k
		g.n[k]++
		if right[i] {
			g.r[k]++
		}
	}
	return g, at, y
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// fit sets what the line says of each example, which is the same for all of a group; at is the group of
// each.
func (c *Constant) fit(g *groups, y [][]float64, at []int, straight *line, right []bool) {
	p, d, weight := make([]float64, len(g.n)), make([]float64, len(g.n)), make([]float64, len(g.n))
	for k, class := range g.class {
		eta := straight.alpha[class]
		for j, b := range straight.b {
			eta += float64(b * y[j][k])
		}
		p[k], d[k] = cumulative(eta), density(eta)
		clipped := math.Max(-clip, math.Min(clip, eta))
		q := cumulative(clipped)
		weight[k] = density(clipped) / (q * (1 - q))
	}
	for i, k := range at {
		switch {
		case k >= 0:
			c.P[i], c.ByClass[i], c.weight[i] = p[k], d[k], weight[k]
			for j := range c.y {
				c.ByColumn[j][i] = float64(d[k] * c.y[j][i])
			}
		case right[i]:
			c.P[i] = 1
		}
	}
}

// inform sums the information about the line.
func (c *Constant) inform(classes int) {
	c.w, c.wy = make([]float64, classes), [Columns][]float64{}
	for k := range c.wy {
		c.wy[k] = make([]float64, classes)
	}
	yy := matrix(Columns, Columns)
	for i, class := range c.labels {
		w := float64(c.weight[i] * c.ByClass[i])
		c.w[class] += w
		for j := range c.y {
			c.wy[j][class] += float64(w * c.y[j][i])
			for k := range c.y {
				yy[j][k] += float64(w * c.y[j][i] * c.y[k][i])
			}
		}
	}
	for class := range c.w {
		c.w[class] += ridge
		for j := range yy {
			for k := range yy {
				yy[j][k] -= float64(c.wy[j][class] * c.wy[k][class] / c.w[class])
			}
		}
	}
	for j := range yy {
		yy[j][j] += ridge
	}
	c.inner = inverse(yy)
}

// expect sums what every draw needs.
func (c *Constant) expect(classes int) {
	c.pull, c.mean, c.limit = make([][Columns]float64, len(c.P)), make([]float64, classes), make([]uint64, len(c.P))
	for i, p := range c.P {
		c.limit[i] = pcg.Limit(p)
		c.mean[c.labels[i]] += float64(p * c.weight[i])
		for j := range c.y {
			c.pull[i][j] = float64(c.weight[i] * c.y[j][i])
			c.means[j] += float64(p * c.pull[i][j])
		}
	}
}

// Draw draws what the reference gets right, into right, example i at bit i%64 of word i/64, and returns by
// how much the line that is fitted to the draw differs, in one step of Fisher scoring: the coefficients,
// and in alpha the effects of the classes.
func (c *Constant) Draw(r *pcg.Source, right []uint64, alpha []float64) (slopes [Columns]float64) {
	clear(alpha)
	var s0, s1, s2, s3 float64 // the score: in registers, an array would be in memory
	for w := range right {
		right[w] = r.AllBelow(c.limit[64*w : min(64*w+64, len(c.limit))])
		for left := right[w]; left != 0; left &= left - 1 {
			i := 64*w + bits.TrailingZeros64(left)
			alpha[c.labels[i]] += c.weight[i]
			pull := &c.pull[i]
			s0, s1, s2, s3 = s0+pull[0], s1+pull[1], s2+pull[2], s3+pull[3]
		}
	}
	score := [Columns]float64{s0, s1, s2, s3}
	for class, x := range c.mean {
		alpha[class] -= x
	}
	for j, x := range c.means {
		score[j] -= x
	}
	for class := range alpha {
		for j := range score {
			score[j] -= float64(c.wy[j][class] * alpha[class] / c.w[class])
		}
	}
	for j := range slopes {
		for k, u := range score {
			slopes[j] += float64(c.inner[j][k] * u)
		}
	}
	for class := range alpha {
		for j, b := range slopes {
			alpha[class] -= float64(c.wy[j][class] * b)
		}
		alpha[class] /= c.w[class]
	}
	return slopes
}

// Classes is the number of classes that alpha of Draw has.
func (c *Constant) Classes() int { return len(c.w) }
