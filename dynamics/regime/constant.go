package regime

import (
	"math"
	"math/rand/v2"
)

// Constant is a reference at one constant association with the order in which a network learns: what
// a straight line says of each of n examples; see [Learning.Constant].
type Constant struct {
	// P is the probability that the reference is right.
	P []float64
	// ByClass and ByReading are the derivatives of P by the effect of the example's class, and by the
	// slopes of the two readings of the order.
	ByClass   []float64
	ByReading [2][]float64

	labels []uint16
	weight []float64    // of the residual of an example in the score; 0 for one that was not fitted
	y      [2][]float64 // normal scores of the readings
	w      []float64    // information: of each class
	wy     [2][]float64 // and of it with the slopes
	inner  [][]float64  // covariance of the slopes: the inverse information, the classes eliminated
}

// tailPoints is how finely the tail of the order is averaged over for the never learned.
const tailPoints = 64

// Constant fits a straight line in both readings of the order: by one alone, which flips and guesses
// make noisy, the log would still tell more about the reference than the reading does. The never
// learned, which the fit leaves out, are the last of the order: their P is the mean of the line over
// its tail. Examples of a class that is left out keep what the reference says of them. It is nil where
// no line can be fitted.
func (l *Learning) Constant(labels []uint16, right []bool) *Constant {
	n := len(labels)
	c := &Constant{labels: labels, P: make([]float64, n), ByClass: make([]float64, n), weight: make([]float64, n)}
	c.ByReading, c.y = [2][]float64{make([]float64, n), make([]float64, n)}, [2][]float64{make([]float64, n), make([]float64, n)}
	g := &groups{classes: len(classSizes(labels))}
	index, at := map[[3]float64]int{}, make([]int, n)
	y := [][]float64{nil, nil}
	for i := range labels {
		at[i] = -1
		if l.Never(i) || math.IsNaN(l.BySpeed[i]) || math.IsNaN(l.BySwitch[i]) {
			continue
		}
		for k, o := range []Order{l.BySpeed, l.BySwitch} {
			c.y[k][i] = early(o[i])
		}
		key := [3]float64{float64(labels[i]), c.y[0][i], c.y[1][i]}
		k, ok := index[key]
		if !ok {
			k = len(g.n)
			index[key] = k
			g.class, g.n, g.r = append(g.class, int(labels[i])), append(g.n, 0), append(g.r, 0)
			y[0], y[1] = append(y[0], key[1]), append(y[1], key[2])
		}
		at[i] = k
		g.n[k]++
		if right[i] {
			g.r[k]++
		}
	}
	if len(g.n) == 0 {
		return nil
	}
	straight := g.probit(y)
	if !finite(straight.b[0]) || !finite(straight.b[1]) {
		return nil
	}
	learned := l.learnedShare(labels)
	for i := range labels {
		alpha := straight.alpha[labels[i]]
		switch {
		case at[i] >= 0:
			c.at(i, alpha, straight.b)
		case l.Never(i):
			c.average(i, alpha, straight.b[0]+straight.b[1], learned[labels[i]])
		case right[i]:
			c.P[i] = 1
		}
	}
	c.inform(g.classes)
	return c
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// learnedShare is, by class, the share learned at which the tail of the never learned begins.
func (l *Learning) learnedShare(labels []uint16) []float64 {
	sizes := classSizes(labels)
	out := make([]float64, len(sizes))
	all := 0
	for i, c := range labels {
		if !l.Never(i) {
			out[c]++
			all++
		}
	}
	for c := range out {
		if l.WithinClasses {
			out[c] /= float64(sizes[c])
		} else {
			out[c] = float64(all) / float64(len(labels))
		}
	}
	return out
}

// at sets example i, which has been learned.
func (c *Constant) at(i int, alpha float64, slopes []float64) {
	eta := alpha + float64(slopes[0]*c.y[0][i]) + float64(slopes[1]*c.y[1][i])
	p, d := cumulative(eta), density(eta)
	c.P[i], c.ByClass[i] = p, d
	for k := range c.y {
		c.ByReading[k][i] = float64(d * c.y[k][i])
	}
	clipped := math.Max(-clip, math.Min(clip, eta))
	q := cumulative(clipped)
	c.weight[i] = density(clipped) / (q * (1 - q))
}

// average sets example i to the mean over the tail of the order from a share on.
func (c *Constant) average(i int, alpha, slope, from float64) {
	for k := range tailPoints {
		y := early(from + float64((1-from)*(float64(k)+.5)/tailPoints))
		eta := alpha + float64(slope*y)
		d := density(eta) / tailPoints
		c.P[i] += cumulative(eta) / tailPoints
		c.ByClass[i] += d
		for r := range c.ByReading {
			c.ByReading[r][i] += float64(d * y)
		}
	}
}

// inform sums the information about the line.
func (c *Constant) inform(classes int) {
	c.w, c.wy = make([]float64, classes), [2][]float64{make([]float64, classes), make([]float64, classes)}
	yy := matrix(2, 2)
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

// Draw draws what the reference gets right, into right, and returns by how much the line that is
// fitted to the draw differs, in one step of Fisher scoring: the slopes, and in alpha the effects of
// the classes.
func (c *Constant) Draw(r *rand.Rand, right []bool, alpha []float64) (slopes [2]float64) {
	clear(alpha)
	var score [2]float64
	for i, p := range c.P {
		residual := -p
		if right[i] = r.Float64() < p; right[i] {
			residual++
		}
		residual = float64(residual * c.weight[i])
		alpha[c.labels[i]] += residual
		for j := range score {
			score[j] += float64(residual * c.y[j][i])
		}
	}
	for class := range alpha {
		for j := range score {
			score[j] -= float64(c.wy[j][class] * alpha[class] / c.w[class])
		}
	}
	for j := range slopes {
		slopes[j] = float64(c.inner[j][0]*score[0]) + float64(c.inner[j][1]*score[1])
	}
	for class := range alpha {
		alpha[class] = (alpha[class] - float64(c.wy[0][class]*slopes[0]) - float64(c.wy[1][class]*slopes[1])) / c.w[class]
	}
	return slopes
}

// Classes is the number of classes that alpha of Draw has.
func (c *Constant) Classes() int { return len(c.w) }
