package easiness

import (
	"math"

	"shoal/dynamics"
)

// estimates are the correlations between refits, between seeds and between both, with what their
// variance is made of.
type estimates struct {
	rho      [3]float64
	examples matrix // covariances over examples, the members of both families being given
	few      []drawn
}

// drawn is how the estimates vary with the members of one family.
type drawn struct {
	whole   matrix  // covariances by the jackknife over members
	chance  matrix  // the part of whole that comes from chance in single answers; examples has it, too
	freedom float64 // members less 1
}

// estimatesOf takes the refits, whose ids are below refits, and the seeds, which follow, as drawn, each
// where there are enough of them for an interval, else as given.
func estimatesOf(all [3]correlation, refits, seeds int) *estimates {
	x := &estimates{rho: [3]float64{all[0].rho, all[1].rho, all[2].rho}}
	for i, a := range all {
		for j, b := range all {
			x.examples[i][j] = covariance(a.influence, b.influence)
		}
	}
	for _, family := range [2][2]int{{0, refits}, {refits, refits + seeds}} {
		if family[1]-family[0] >= dynamics.LeastSeeds {
			x.few = append(x.few, jackknife(all, family[0], family[1]))
		}
	}
	return x
}

// jackknife leaves out each member from one id to another. The variance of the values without a member,
// times (m-1)²/m, is that of a mean over members (Tukey 1958; on average not below the true one, Efron and
// Stein 1981). The same of the influences of every example, summed, is the part that chance in the answers
// makes.
func jackknife(all [3]correlation, from, to int) drawn {
	var values, influences [3][][]float64 // without each member
	for c, one := range all {
		for id := from; id < to; id++ {
			rho, influence := one.without(id)
			values[c], influences[c] = append(values[c], []float64{rho}), append(influences[c], influence)
		}
	}
	return drawn{whole: scatter(values), chance: scatter(influences), freedom: float64(to - from - 1)}
}

// scatter is (m-1)/m times the sum of products of what m rows of each correlation differ by from their mean.
func scatter(rows [3][][]float64) matrix {
	m := float64(len(rows[0]))
	var away [3][]float64 // row after row
	for c, of := range rows {
		for i := range of[0] {
			mean := 0.0
			for _, row := range of {
				mean += row[i] / m
			}
			for _, row := range of {
				away[c] = append(away[c], row[i]-mean)
			}
		}
	}
	var out matrix
	for i, a := range away {
		for j, b := range away {
			out[i][j] = (m - 1) / m * covariance(a, b)
		}
	}
	return out
}

// matrix has a row and a column for each correlation.
type matrix [3][3]float64

// along is the variance of a function of the correlations with this gradient.
func (m matrix) along(gradient [3]float64) float64 {
	sum := 0.0
	for i := range gradient {
		for j := range gradient {
			sum += float64(gradient[i] * gradient[j] * m[i][j])
		}
	}
	return math.Max(0, sum)
}

// around is a value with its interval by a gradient: Student's over the drawn members of each family, and
// over the examples what these give to all members alike.
func (x *estimates) around(value float64, gradient [3]float64) dynamics.Estimate {
	examples := x.examples.along(gradient)
	var few []dynamics.Component
	for _, d := range x.few {
		few = append(few, dynamics.Component{Variance: d.whole.along(gradient), Freedom: d.freedom})
		examples -= d.chance.along(gradient)
	}
	return dynamics.Combined(value, math.Max(0, examples), few...)
}

// fisher is the interval of a correlation by Fisher's transformation.
func (x *estimates) fisher(k int) dynamics.Estimate {
	r := x.rho[k]
	var gradient [3]float64
	gradient[k] = 1 / (1 - float64(r*r))
	e := x.around(math.Atanh(r), gradient)
	if e.Defined {
		e.Value, e.Lo, e.Hi = r, math.Tanh(e.Lo), math.Tanh(e.Hi)
	}
	return e
}

// compared are the estimates of what the families share.
func (x *estimates) compared() Compared {
	return Compared{Between: x.fisher(2), Ratio: x.ratio(), ReferenceVariance: x.shares(0), NetworkVariance: x.shares(1)}
}

// ratio is the correlation between the families over the geometric mean of those within.
func (x *estimates) ratio() dynamics.Estimate {
	reliability := math.Sqrt(float64(x.rho[0] * x.rho[1]))
	r := x.rho[2] / reliability
	return x.around(r, [3]float64{-r / (2 * x.rho[0]), -r / (2 * x.rho[1]), 1 / reliability})
}

// shares of the family k, 0 for the reference and 1 for the network: see the package's comment.
func (x *estimates) shares(k int) Shares {
	own, other := x.rho[k], x.rho[1-k]
	lean := math.Sqrt(own / other)
	example := float64(x.rho[2] * lean)
	var byExample, byFamily, byNoise [3]float64
	byExample[k], byExample[1-k], byExample[2] = example/(2*own), -example/(2*other), lean
	for i := range byFamily {
		byFamily[i] = -byExample[i]
	}
	byFamily[k]++
	byNoise[k] = -1
	return Shares{Example: x.around(example, byExample), Family: x.around(own-example, byFamily), Noise: x.around(1-own, byNoise)}
}
