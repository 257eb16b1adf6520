package regime

import (
	"cmp"
	"math"
	"slices"
)

// robust is the standard error of the straight slope for other examples, each drawn with its order. It doesn't
// take the line for the truth: the variance is the sum of squared influences on the slope (Huber 1967; White,
// Econometrica 50:1, 1982). And it knows that shares learned are ranks: one more example that is learned early
// makes all others later, which adds to its influence (Genest, Ghoudi and Rivest, Biometrika 82:543, 1995, for
// a dependence between margins that are ranks).
func (s *straightLine) robust(labels []uint16) float64 {
	k := len(s.y)
	right, wrong := make([]float64, k), make([]float64, k) // scores of an example
	weight := make([]float64, k)                           // observed information of the group
	w, wy := make([]float64, s.classes), make([]float64, s.classes)
	for g, c := range s.class {
		e := max(-clip, min(clip, s.alpha[c]+float64(s.b[0]*s.y[g])))
		ratio, ratioWrong := millsRatio(e), millsRatio(-e)
		right[g], wrong[g] = ratio, -ratioWrong
		weight[g] = float64(s.r[g]*ratio*(ratio+e)) + float64((s.n[g]-s.r[g])*ratioWrong*(ratioWrong-e))
		w[c] += weight[g]
		wy[c] += float64(weight[g] * s.y[g])
	}
	information, byShare := 0.0, make([]float64, k)
	for g, c := range s.class {
		away := s.y[g] - wy[c]/(w[c]+ridge) // the effects of the classes are eliminated
		information += float64(weight[g] * away * away)
		score := float64(s.r[g]*right[g]) + float64((s.n[g]-s.r[g])*wrong[g])
		byShare[g] = (float64(s.b[0]*weight[g]*away) - score) / density(s.y[g])
		right[g], wrong[g] = right[g]*away, wrong[g]*away
	}
	squares := 0.0
	for _, a := range s.ranked(labels) {
		shift, rest := a.shifts(s.level, byShare)
		count := a.n
		for i, g := range a.groups {
			squares += float64(s.r[g]*(right[g]+shift[i])*(right[g]+shift[i])) + float64((s.n[g]-s.r[g])*(wrong[g]+shift[i])*(wrong[g]+shift[i]))
			count -= s.n[g]
		}
		squares += float64(count * rest * rest) // the never learned
	}
	return math.Sqrt(squares) / information
}

// among are the groups whose shares are ranks among the same n examples, in the order of their shares.
type among struct {
	groups []int
	n      float64
}

// ranked lists them: all groups together, or class by class.
func (s *straightLine) ranked(labels []uint16) []among {
	out := []among{{n: float64(len(labels))}}
	within := withinClasses(labels)
	if within {
		out = out[:0]
		for _, n := range classSizes(labels) {
			out = append(out, among{n: float64(n)})
		}
	}
	for g, c := range s.class {
		if !within {
			c = 0
		}
		out[c].groups = append(out[c].groups, g)
	}
	for _, a := range out {
		slices.SortStableFunc(a.groups, func(x, y int) int { return cmp.Compare(s.level[x], s.level[y]) })
	}
	return out
}

// shifts is, for each of the groups, what one more example of its share adds to the score by moving the
// shares of others; rest is the same of an example that is learned after all of them. byShare is what a
// larger share adds to the score, by group.
func (a among) shifts(level, byShare []float64) (shift []float64, rest float64) {
	later := 0.0
	for _, g := range a.groups {
		later += byShare[g] / a.n
		rest -= float64(level[g] * byShare[g] / a.n)
	}
	shift = make([]float64, len(a.groups))
	for lo := 0; lo < len(a.groups); {
		hi, tied := lo, 0.0
		for hi < len(a.groups) && level[a.groups[hi]] == level[a.groups[lo]] {
			tied += byShare[a.groups[hi]] / a.n
			hi++
		}
		later -= tied
		for i := lo; i < hi; i++ {
			shift[i] = rest + later + float64(tied/2)
		}
		lo = hi
	}
	return shift, rest
}
