package regime

import (
	"math"
	"math/rand/v2"
)

// Constant is a reference at one constant association with the order in which a network learns: what
// the straight line of [Order.Against] says of each of n examples.
type Constant struct {
	// P is the probability that the reference is right.
	P []float64
	// ByClass and BySlope are the derivatives of P by the effect of the example's class, and by the
	// slope.
	ByClass, BySlope []float64

	labels     []uint16
	weight     []float64 // of the residual of an example in the score; 0 for one that was not fitted
	y          []float64
	w, wy      []float64 // information: of each class, and of it with the slope
	slopeAlone float64   // information about the slope, the classes eliminated
}

// tailPoints is how finely the tail of the order is averaged over for the never learned.
const tailPoints = 64

// Constant fits the straight line of the main order. The never learned, which the fit leaves out, are
// the last of the order: their P is the mean of the line over its tail. Examples of a class that is
// left out keep what the reference says of them. It is nil where no line can be fitted.
func (l *Learning) Constant(labels []uint16, right []bool) *Constant {
	g, level := l.BySpeed.cells(labels, right)
	if len(level) == 0 {
		return nil
	}
	y := make([]float64, len(level))
	for k, a := range level {
		y[k] = early(a)
	}
	straight := g.probit([][]float64{y})
	if !finite(straight.b[0]) {
		return nil
	}
	n := len(labels)
	c := &Constant{labels: labels, P: make([]float64, n), ByClass: make([]float64, n), BySlope: make([]float64, n),
		weight: make([]float64, n), y: make([]float64, n), w: make([]float64, g.classes), wy: make([]float64, g.classes)}
	learned := l.learnedShare(labels)
	for i, a := range l.BySpeed {
		alpha, beta := straight.alpha[labels[i]], straight.b[0]
		switch {
		case l.Never(i):
			c.average(i, alpha, beta, learned[labels[i]])
		case math.IsNaN(a):
			if right[i] {
				c.P[i] = 1
			}
		default:
			c.at(i, alpha, beta, early(a))
		}
	}
	c.inform()
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

// at sets example i, which is learned at the normal score y.
func (c *Constant) at(i int, alpha, beta, y float64) {
	eta := alpha + float64(beta*y)
	p, d := cumulative(eta), density(eta)
	c.P[i], c.ByClass[i], c.BySlope[i], c.y[i] = p, d, float64(d*y), y
	clipped := math.Max(-clip, math.Min(clip, eta))
	q := cumulative(clipped)
	c.weight[i] = density(clipped) / (q * (1 - q))
}

// average sets example i to the mean over the tail of the order from a share on.
func (c *Constant) average(i int, alpha, beta, from float64) {
	for k := range tailPoints {
		y := early(from + float64((1-from)*(float64(k)+.5)/tailPoints))
		eta := alpha + float64(beta*y)
		d := density(eta) / tailPoints
		c.P[i] += cumulative(eta) / tailPoints
		c.ByClass[i] += d
		c.BySlope[i] += float64(d * y)
	}
}

// inform sums the information about the line.
func (c *Constant) inform() {
	for i, class := range c.labels {
		w := float64(c.weight[i] * c.ByClass[i])
		c.w[class] += w
		c.wy[class] += float64(w * c.y[i])
		c.slopeAlone += float64(w * c.y[i] * c.y[i])
	}
	for class := range c.w {
		c.w[class] += ridge
		c.slopeAlone -= float64(c.wy[class] * c.wy[class] / c.w[class])
	}
	c.slopeAlone += ridge
}

// Draw draws what the reference gets right, into right, and returns by how much the line that is
// fitted to the draw differs, in one step of Fisher scoring: alpha, one a class, is overwritten.
func (c *Constant) Draw(r *rand.Rand, right []bool, alpha []float64) (beta float64) {
	clear(alpha)
	for i, p := range c.P {
		residual := -p
		if right[i] = r.Float64() < p; right[i] {
			residual++
		}
		residual = float64(residual * c.weight[i])
		alpha[c.labels[i]] += residual
		beta += float64(residual * c.y[i])
	}
	for class := range alpha {
		beta -= float64(c.wy[class] * alpha[class] / c.w[class])
	}
	beta /= c.slopeAlone
	for class := range alpha {
		alpha[class] = (alpha[class] - float64(c.wy[class]*beta)) / c.w[class]
	}
	return beta
}

// Classes is the number of classes that alpha of Draw has.
func (c *Constant) Classes() int { return len(c.w) }
