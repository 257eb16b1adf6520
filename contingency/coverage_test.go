package contingency

import (
	"math"
	"math/rand/v2"
	"testing"

	"shoal/internal/simdraws"
)

// The intervals of a table's statistics cover the truth in 92 % of the draws or more, also of few examples and
// where the reference is nearly always right. With SHOAL_DRAWS=4000 it prints the table of records/.
func TestIntervalsOfTablesCover(t *testing.T) {
	draws := simdraws.Of(t, 400)
	for _, c := range []struct {
		name           string
		n              int
		m, plus, minus float64 // accuracy of M; R+, R-
	}{
		{"50 examples", 50, .4, .7, .4},
		{"1,000 examples", 1000, .4, .6, .3},
		{"10,000 examples, late", 10000, .4, .97, .9},
		{"10,000 examples, M often right", 10000, .979, .995, .7},
		{"200 examples, M often right", 200, .95, .98, .5},
	} {
		r := rand.New(rand.NewPCG(simdraws.Seed(t, 0), uint64(c.n)))
		odds := func(p float64) float64 { return p / (1 - p) }
		accuracy := float64(c.m*c.plus) + float64((1-c.m)*c.minus)
		names := []string{"accuracy", "R+", "R-", "R±", "ln odds ratio"}
		hits := make([]int, len(names))
		for range draws {
			var x Table
			for range c.n {
				shallow := r.Float64() < c.m
				p := c.minus
				if shallow {
					p = c.plus
				}
				x.Add(shallow, r.Float64() < p)
			}
			within := func(p Proportion, want float64) bool { return p.Lo <= want && want <= p.Hi }
			log := x.LogOddsRatio()
			for k, hit := range []bool{within(x.DeepAccuracy(), accuracy), within(x.RPlus(), c.plus), within(x.RMinus(), c.minus), x.Ratio().Contains(c.plus / c.minus),
				log.Lo <= math.Log(odds(c.plus)/odds(c.minus)) && math.Log(odds(c.plus)/odds(c.minus)) <= log.Hi} {
				if hit {
					hits[k]++
				}
			}
		}
		for k, name := range names {
			t.Logf("| %s, %s | %.3f |", name, c.name, float64(hits[k])/float64(draws))
			if err := (simdraws.Bound{Least: .92, Most: .985}).Check(hits[k], draws); err != nil {
				t.Errorf("%s, %s: covered: %v", name, c.name, err)
			}
		}
	}
}
