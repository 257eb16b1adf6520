package contingency

import "math"

// LogOdds is the natural logarithm of an odds ratio with a 95 % interval.
type LogOdds struct {
	Value, SE, Lo, Hi float64
	Defined           bool
}

// LogOddsRatio is ln((both+½)(neither+½)/((shallow_only+½)(deep_only+½))) with the interval ±z·SE,
// SE = sqrt(Σ 1/(cell+½)) (Haldane 1956, Gart 1966): the association of the two, 0 for independence.
// Unlike R± and nestedness it doesn't follow from the accuracies, but right guesses dilute it; see the
// package comment. It is undefined where either is
// right on nothing or on everything: such a table says nothing about association.
func (t Table) LogOddsRatio() LogOdds {
	if !t.varied() {
		return LogOdds{}
	}
	a, b, c, d := float64(t.Both)+.5, float64(t.ShallowOnly)+.5, float64(t.DeepOnly)+.5, float64(t.Neither)+.5
	x := LogOdds{Value: math.Log(a * d / (b * c)), SE: math.Sqrt(1/a + 1/b + 1/c + 1/d), Defined: true}
	x.Lo, x.Hi = x.Value-float64(Z95*x.SE), x.Value+float64(Z95*x.SE)
	return x
}

// varied reports whether each of the two is right on some examples and wrong on others.
func (t Table) varied() bool {
	return t.Check() == nil && min(t.ShallowRight(), t.N()-t.ShallowRight(), t.DeepRight(), t.N()-t.DeepRight()) > 0
}

// Tetrachoric is the correlation of two normal variables that would give this table if each of the
// two were right where its own exceeds a threshold (Pearson 1900). It is 1 or -1 where one of the
// cells that speak against that is empty, and undefined where LogOddsRatio is.
func (t Table) Tetrachoric() Number {
	if !t.varied() {
		return Number{}
	}
	if t.ShallowOnly == 0 || t.DeepOnly == 0 {
		return Number{Value: 1, Defined: true}
	}
	if t.Both == 0 || t.Neither == 0 {
		return Number{Value: -1, Defined: true}
	}
	n := float64(t.N())
	h, k := NormalQuantile(float64(t.ShallowRight())/n), NormalQuantile(float64(t.DeepRight())/n)
	want := float64(t.Both)/n - float64(Normal(h)*Normal(k))
	// P(both) rises with the correlation, sin θ. Newton's method, with the integrand as the derivative,
	// halves the interval instead where a step would leave it.
	lo, hi, theta := -math.Pi/2, math.Pi/2, 0.0
	for range 100 {
		miss := excess(h, k, theta) - want
		if miss > 0 {
			hi = theta
		} else {
			lo = theta
		}
		next := theta - miss*2*math.Pi/integrand(h, k, theta)
		if !(lo < next && next < hi) {
			next = (lo + hi) / 2
		}
		moved := math.Abs(next - theta)
		if theta = next; moved < 1e-14 {
			break
		}
	}
	return Number{Value: math.Sin(theta), Defined: true}
}

// integrand is that of excess, without the constant.
func integrand(h, k, theta float64) float64 {
	s, c := math.Sincos(theta)
	return math.Exp(-(float64(h*h) + float64(k*k) - float64(2*h*k*s)) / (2 * c * c))
}

// excess is P(X < h, Y < k) of two standard normal variables with correlation sin θ, less what it is
// without correlation: ∫ exp(-(h² + k² - 2hk·sin t)/(2cos² t))/2π dt from 0 to θ (Plackett 1954, with
// the correlation as a sine).
func excess(h, k, theta float64) float64 {
	sum := 0.0
	const pieces = 8 // near ±π/2 the integrand changes fast
	for p := range pieces {
		from, width := float64(theta*float64(p)/pieces), theta/pieces
		for i, x := range gaussNodes {
			for _, side := range [2]float64{-1, 1} {
				sum += float64(gaussWeights[i] * width / 2 * integrand(h, k, from+float64(width*(1+float64(side*x))/2)))
			}
		}
	}
	return sum / (2 * math.Pi)
}

// Gauss-Legendre nodes and weights of order 10 on [-1, 1], the positive half.
var (
	gaussNodes   = [5]float64{0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845, 0.9739065285171717}
	gaussWeights = [5]float64{0.2955242247147529, 0.2692667193099963, 0.2190863625159820, 0.1494513491505806, 0.0666713443086881}
)

// CommonOddsRatio is the Mantel-Haenszel estimate of one odds ratio in tables of several strata,
// Σ(both·neither/n)/Σ(shallow_only·deep_only/n), as a logarithm with the variance of Robins, Breslow
// and Greenland (1986). Nothing is added to the cells; it is undefined where either sum is 0.
func CommonOddsRatio(strata []Table) LogOdds {
	var r, s, pr, mixed, qs float64
	for _, t := range strata {
		if t.N() == 0 {
			continue
		}
		n := float64(t.N())
		a, b, c, d := float64(t.Both), float64(t.ShallowOnly), float64(t.DeepOnly), float64(t.Neither)
		ri, si, p, q := a*d/n, b*c/n, (a+d)/n, (b+c)/n
		r, s = r+ri, s+si
		pr += float64(p * ri)
		mixed += float64(p*si) + float64(q*ri)
		qs += float64(q * si)
	}
	if !(r > 0 && s > 0) {
		return LogOdds{}
	}
	x := LogOdds{Value: math.Log(r / s), SE: math.Sqrt(pr/(2*r*r) + mixed/(2*r*s) + qs/(2*s*s)), Defined: true}
	x.Lo, x.Hi = x.Value-float64(Z95*x.SE), x.Value+float64(Z95*x.SE)
	return x
}
