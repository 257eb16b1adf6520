package regime

import (
	"math/rand/v2"
	"testing"
)

// Eight evaluations at a time give what their definitions do, whatever their number and how often the
// network is right.
func TestCourses(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for _, T := range []int{1, 7, 8, 63, 64, 65, 130} {
		const n, from = 200, 3
		deep := make([][]bool, from+T)
		for k := range deep {
			deep[k] = make([]bool, n)
			for i := range deep[k] {
				deep[k][i] = r.Float64() < float64(i)/(n-1)
			}
		}
		c := coursesOf(n, from, from+T, func(t int) []bool { return deep[t] })
		for i := range n {
			var want course
			cost := func(at int) (sum int) {
				for k := range T {
					if deep[from+k][i] == (k < at) {
						sum++
					}
				}
				return sum
			}
			for k := range T {
				if deep[from+k][i] {
					want.right++
				} else {
					want.mistake = k + 1
				}
			}
			for at := range T + 1 {
				if cost(at) < cost(want.switched) {
					want.switched = at
				}
			}
			if got := c.read(i); got != want {
				t.Fatalf("%d evaluations, example %d: got %+v, want %+v", T, i, got, want)
			}
		}
	}
}
