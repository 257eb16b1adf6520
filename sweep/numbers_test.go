package sweep

import (
	"testing"

	"shoal/contingency"
	"shoal/dynamics"
)

// A difference of two shares is no more than 100 points, and neither is what its interval holds.
func TestDifferenceOfShares(t *testing.T) {
	number := func(share float64) Number {
		n := Number{statistic: contingency.Statistic{Unit: contingency.Share}}
		n.sample = dynamics.Sample{Values: []float64{share}, Replicates: [][]float64{make([]float64, 100)}, Unseen: 1e-3}
		for r := range n.sample.Replicates[0] {
			n.sample.Replicates[0][r] = share
		}
		return n
	}
	g := &group{runs: []*outcome{{}}}
	if d := compare(g, g, number(0), number(1)).Difference; d.Value != 1 || d.Hi != 1 || !(d.Lo > .9 && d.Lo < .95) {
		t.Errorf("from none to all: %v", d)
	}
	if d := compare(g, g, number(1), number(0)).Difference; d.Value != -1 || d.Lo != -1 || !(d.Hi > -.95 && d.Hi < -.9) {
		t.Errorf("from all to none: %v", d)
	}
}
