package dynamics

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Estimate is a value with a 95 % interval, or nothing when it is not Defined. Its fields are
// finite always; JSON has nulls where there is no number.
type Estimate struct {
	Value, Lo, Hi float64
	Defined       bool
}

// estimate is defined when all three are finite.
func estimate(value, lo, hi float64) Estimate {
	for _, x := range []float64{value, lo, hi} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return Estimate{}
		}
	}
	return Estimate{Value: value, Lo: lo, Hi: hi, Defined: true}
}

// String is like `0.123 [0.100, 0.146]`, or `undefined`.
func (e Estimate) String() string {
	if !e.Defined {
		return "undefined"
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f]", e.Value, e.Lo, e.Hi)
}

type estimateJSON struct {
	Value *float64 `json:"value"`
	Lo    *float64 `json:"lo"`
	Hi    *float64 `json:"hi"`
}

// MarshalJSON writes {"value", "lo", "hi"}, nulls when undefined.
func (e Estimate) MarshalJSON() ([]byte, error) {
	if !e.Defined {
		return json.Marshal(estimateJSON{})
	}
	return json.Marshal(estimateJSON{&e.Value, &e.Lo, &e.Hi})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Estimate) UnmarshalJSON(b []byte) error {
	var w estimateJSON
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*e = Estimate{}
	if w.Value != nil && w.Lo != nil && w.Hi != nil {
		*e = Estimate{Value: *w.Value, Lo: *w.Lo, Hi: *w.Hi, Defined: true}
	}
	return nil
}

// Percentile is the value with the 2.5 % and 97.5 % quantiles of its bootstrap replicates.
// Replicates that are NaN (undefined there) are left out; when more than one in twenty is, or fewer
// than 20 are left, there is no interval and nothing is defined.
func Percentile(value float64, replicates []float64) Estimate {
	lo, hi := middle(replicates)
	return estimate(value, lo, hi)
}

// Unbiased is the value with the quantiles of Percentile moved by twice the bias that the replicates
// show, their mean minus the value. A statistic that is biased upwards by selection, such as the
// maximum of a curve, is biased in the value, and once more in the replicates. (The basic interval,
// 2·value - quantile, has the same middle but the tails exchanged: of a smoothed peak of R± it covers
// 91 % where it says 95.)
func Unbiased(value float64, replicates []float64) Estimate {
	lo, hi := middle(replicates)
	shift := 2 * (meanOf(replicates) - value)
	return estimate(value, lo-shift, hi-shift)
}

// meanOf is the mean of the values that are not NaN.
func meanOf(values []float64) float64 {
	sum, n := 0.0, 0.0
	for _, x := range values {
		if !math.IsNaN(x) {
			sum, n = sum+x, n+1
		}
	}
	return sum / n
}

// exp maps an estimate of a logarithm back.
func (e Estimate) exp() Estimate {
	if !e.Defined {
		return e
	}
	return estimate(math.Exp(e.Value), math.Exp(e.Lo), math.Exp(e.Hi))
}

// times is an estimate multiplied by a positive number.
func (e Estimate) times(x float64) Estimate {
	if !e.Defined {
		return e
	}
	return estimate(x*e.Value, x*e.Lo, x*e.Hi)
}

// middle returns the quantiles that hold 95 % of the replicates between them, NaN where too few are
// defined.
func middle(replicates []float64) (lo, hi float64) {
	kept := slices.DeleteFunc(slices.Clone(replicates), math.IsNaN)
	if len(kept) < 20 || 20*(len(replicates)-len(kept)) > len(replicates) {
		return math.NaN(), math.NaN()
	}
	return ends(kept, .025)
}

// within are the quantiles of values that leave out a share of tail on either side.
func within(values []float64, tail float64) (lo, hi float64) { return ends(slices.Clone(values), tail) }

// ends is within, and sorts the values.
func ends(values []float64, tail float64) (lo, hi float64) {
	slices.Sort(values)
	return quantile(values, tail), quantile(values, 1-tail)
}

// quantile interpolates linearly between the order statistics of sorted, the q-th lying at position
// q·(len-1) (Hyndman and Fan's type 7).
func quantile(sorted []float64, q float64) float64 {
	at := float64(q * float64(len(sorted)-1))
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + float64((at-float64(i))*(sorted[i+1]-sorted[i]))
}
