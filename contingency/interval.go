package contingency

import "math"

// Z95 is the normal quantile of a two-sided 95 % interval, to the digits that published tables of
// risk ratios use.
const Z95 = 1.96

// tail is the error that one of two one-sided bounds may make so that both together keep 95 %.
const tail = 0.025

// Number is a value that may not exist. Value is meaningful only when Defined; Infinite
// distinguishes a number that grows beyond all bounds from one that is undefined.
type Number struct {
	Value    float64
	Defined  bool
	Infinite bool
}

// Proportion is Hits of Of with Wilson's 95 % interval [Lo, Hi] within [0, 1]. It is not Defined
// when Of is 0.
type Proportion struct {
	Value, Lo, Hi float64
	Defined       bool
	Hits, Of      int
}

// Ratio is a risk ratio with a 95 % interval.
//
// Defined: Value, Lo and Hi hold. When Value is 0, Lo is 0 too, OneSided is set and Hi is a
// one-sided upper bound. Infinite: there is no Value and no Hi; Lo is a one-sided lower bound.
// Neither: there is no number and no bound.
type Ratio struct {
	Value, Lo, Hi float64
	Defined       bool
	Infinite      bool
	OneSided      bool
}

// Number drops the interval.
func (r Ratio) Number() Number {
	return Number{Value: r.Value, Defined: r.Defined, Infinite: r.Infinite}
}

// Contains reports whether x lies within the interval, or on the allowed side of a one-sided bound.
// An undefined ratio contains nothing.
func (r Ratio) Contains(x float64) bool {
	switch {
	case r.Defined:
		return r.Lo <= x && x <= r.Hi
	case r.Infinite:
		return r.Lo <= x
	}
	return false
}

// Number drops the interval.
func (p Proportion) Number() Number { return Number{Value: p.Value, Defined: p.Defined} }

// Wilson is the proportion hits/of with Wilson's score interval
//
//	(p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)
//
// (Wilson 1927). Unlike p ± z·sqrt(p(1-p)/n) it stays within [0, 1] and has a width at p = 0 and p
// = 1. Counts that are no proportion (of < 1, hits < 0, hits > of) give an undefined one.
func Wilson(hits, of int) Proportion {
	if of < 1 || hits < 0 || hits > of {
		return Proportion{}
	}
	n := float64(of)
	p := float64(hits) / n
	centre := p + Z95*Z95/(2*n)
	half := float64(Z95 * math.Sqrt(p*(1-p)/n+Z95*Z95/(4*n*n)))
	scale := 1 + Z95*Z95/n
	out := Proportion{Value: p, Lo: (centre - half) / scale, Hi: (centre + half) / scale,
		Defined: true, Hits: hits, Of: of}
	// At the ends the bound is exact; rounding must not move it past the value.
	if hits == 0 {
		out.Lo = 0
	}
	if hits == of {
		out.Hi = 1
	}
	return out
}

// RiskRatio is (a/n1)/(c/n0) with Katz's interval
//
//	exp(ln ratio ± z·sqrt(1/a - 1/n1 + 1/c - 1/n0))
//
// (Katz et al. 1978). With a = n1 or c = n0 Katz's variance has no part for that group, as if no
// further example could be wrong; there its part is ln(a/n1) minus the logarithm of Wilson's lower
// bound, on the one side that it can be wrong on, and the two groups' parts are combined as Donner and
// Zou (2012) combine limits. With c = 0 < a the ratio is infinite and Lo is Wilson's lower bound of a/n1
// over the exact upper bound 1 - 0.025^(1/n0) of 0 out of n0; with a = 0 < c the ratio is 0 and Hi
// is computed likewise, with the two groups exchanged. Each of the two bounds errs with 2.5 %, so
// together they hold with 95 %. It is undefined when n1 or n0 is 0, when a and c both are, or when
// the counts make no table.
func RiskRatio(a, n1, c, n0 int) Ratio {
	if n1 < 1 || n0 < 1 || a < 0 || c < 0 || a > n1 || c > n0 || a == 0 && c == 0 {
		return Ratio{}
	}
	if c == 0 {
		return Ratio{Lo: Wilson(a, n1).Lo / NoneOf(n0), Infinite: true, OneSided: true}
	}
	if a == 0 {
		return Ratio{Hi: NoneOf(n1) / Wilson(c, n0).Lo, Defined: true, OneSided: true}
	}
	value := float64(a) * float64(n0) / (float64(c) * float64(n1))
	down1, up1 := logMargins(a, n1)
	down0, up0 := logMargins(c, n0)
	return Ratio{Value: value, Defined: true,
		Lo: value / math.Exp(math.Hypot(down1, up0)),
		Hi: value * math.Exp(math.Hypot(up1, down0))}
}

// logMargins is how far below and above ln(hits/of) the limits of that logarithm are; hits is 1 at least.
func logMargins(hits, of int) (down, up float64) {
	if hits == of {
		return -math.Log(Wilson(hits, of).Lo), 0
	}
	h, n := float64(hits), float64(of)
	half := float64(Z95 * math.Sqrt((n-h)/(h*n)))
	return half, half
}

// NoneOf is the exact one-sided upper bound, erring with 2.5 %, of a probability that showed 0
// times in n.
func NoneOf(n int) float64 { return -math.Expm1(math.Log(tail) / float64(n)) }

// quotient is a/b; with b = 0 it is undefined.
func quotient(a, b int64) Number {
	if b == 0 {
		return Number{}
	}
	return Number{Value: float64(a) / float64(b), Defined: true}
}
