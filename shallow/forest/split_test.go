package forest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"shoal/shallow/model"
)

// twin finds the best threshold from the definition: it tries all of them and compares q = a/b with
// products of whole numbers.
func twin(e model.Examples, weights []uint16, feature, minLeaf int) (threshold int, quality float64) {
	threshold = -1
	var bestNum, bestDen int64
	for cut := 0; cut < 255; cut++ {
		side := [2][]int64{make([]int64, e.Classes), make([]int64, e.Classes)}
		var total, squares [2]int64
		var count [2]int
		below, above := -1, 256
		for i := range e.Len() {
			if weights[i] == 0 {
				continue
			}
			v, s := int(e.Row(i)[feature]), 0
			if v > cut {
				s, above = 1, min(above, v)
			} else {
				below = max(below, v)
			}
			side[s][e.Labels[i]] += int64(weights[i])
			total[s] += int64(weights[i])
			count[s]++
		}
		if count[0] < minLeaf || count[1] < minLeaf || cut != (below+above)/2 {
			continue
		}
		for s := range side {
			for _, w := range side[s] {
				squares[s] += w * w
			}
		}
		num, den := squares[0]*total[1]+squares[1]*total[0], total[0]*total[1]
		if threshold < 0 || num*bestDen > bestNum*den {
			threshold, bestNum, bestDen = cut, num, den
		}
	}
	if threshold >= 0 {
		quality = float64(bestNum) / float64(bestDen)
	}
	return threshold, quality
}

// wholeNode prepares a grower whose root holds every example with a weight.
func wholeNode(e model.Examples, weights []uint16, minLeaf int) (*grower, pending) {
	g := newGrower(newColumns(e, 1), limits{candidates: 1, minLeaf: minLeaf})
	for i, w := range weights {
		if w > 0 {
			g.bag = append(g.bag, uint32(i))
			g.packed = append(g.packed, uint32(w)<<16|uint32(e.Labels[i]))
		}
	}
	p := pending{bagTo: len(g.bag)}
	g.countClasses(p)
	return g, p
}

// node3 makes n examples of three features, many or few of them alike or 0, with weights up to 3;
// not all of them are 0.
func node3(r *rand.Rand, n, c int) (model.Examples, []uint16) {
	e := model.Examples{Pixels: make([]byte, n*3), Labels: make([]uint16, n), Features: 3, Classes: c}
	values := []int{1, 2, 3, 10, 256}[r.IntN(5)]
	zeros := []float64{0, .5, .9}[r.IntN(3)]
	weights := make([]uint16, n)
	for i := range n {
		weights[i] = uint16(r.IntN(4)) // 0: not in the bag
		e.Labels[i] = uint16(r.IntN(c))
		for f := range 3 {
			if r.Float64() >= zeros {
				e.Pixels[3*i+f] = byte(255 - r.IntN(values)*255/max(1, values-1))
			}
		}
	}
	weights[0] = 1
	return e, weights
}

func TestSplitIsTheBestOfAll(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	paths := map[string]int{}
	for _, n := range []int{2, 3, 5, 9, 10, 11, 12, 30, 254, 255, 256, 257, 300, 511, 512, 700, 1500} {
		for round := range 12 {
			c := 2 + r.IntN(3)*round%11
			e, weights := node3(r, n, c)
			minLeaf := 1 + r.IntN(3)
			g, p := wholeNode(e, weights, minLeaf)
			g.data.rowsBytes *= r.IntN(2)
			best, want := split{}, split{}
			for f := range 3 {
				var varies bool
				best, varies = g.evaluate(&p, uint32(f), best)
				threshold, quality := twin(e, weights, f, minLeaf)
				if quality > want.quality {
					want = split{quality, uint32(f), uint8(threshold)}
				}
				if best != want {
					t.Fatalf("n %d, c %d, min-leaf %d, after feature %d: got %+v, want %+v", n, c, minLeaf, f, best, want)
				}
				if threshold >= 0 && !varies {
					t.Fatalf("n %d: feature %d called constant, but it splits at %d", n, f, threshold)
				}
			}
			switch {
			case len(g.bag) >= histogramFactor*c:
				paths["histogram"]++
			case len(g.bag) > countingLimit:
				paths["large"]++
			case len(g.bag) > insertionLimit:
				paths["counting"]++
			default:
				paths["insertion"]++
			}
			for class, entry := range g.total.table[:c] {
				if uint32(entry) != 0 {
					t.Fatalf("class %d: weight %d left over on one side", class, uint32(entry))
				}
			}
		}
	}
	for _, path := range []string{"histogram", "large", "counting", "insertion"} {
		if paths[path] < 5 {
			t.Errorf("%s path: tried %d times, want at least 5: %v", path, paths[path], paths)
		}
	}
}

func TestSearchPassesOnConstants(t *testing.T) {
	// Feature 2 varies; the others are constant.
	e := model.Examples{Pixels: []byte{7, 0, 1, 9, 7, 0, 2, 9, 7, 0, 3, 9}, Labels: []uint16{0, 1, 0}, Features: 4, Classes: 2}
	for seed := range uint64(20) {
		g, p := wholeNode(e, []uint16{1, 1, 1}, 1)
		for i := range g.features {
			g.features[i] = uint32(i)
		}
		g.rng = newRandom(seed, 0)
		best := g.search(&p)
		if best.feature != 2 || best.quality <= 0 {
			t.Fatalf("seed %d: got %+v, want a split of the only feature that varies", seed, best)
		}
		seen := map[uint32]bool{}
		for _, f := range g.features {
			seen[f] = true
		}
		if len(seen) != 4 {
			t.Fatalf("seed %d: features %v are no permutation", seed, g.features)
		}
		for _, f := range g.features[:p.nConstants] {
			if f == 2 {
				t.Fatalf("seed %d: feature 2 counts as constant", seed)
			}
		}
	}
}

func TestTranspose(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, shape := range [][2]int{{1, 1}, {7, 9}, {8, 8}, {16, 24}, {19, 70}, {100, 131}} {
		n, d := shape[0], shape[1]
		e := model.Examples{Pixels: make([]byte, n*d), Labels: make([]uint16, n), Features: d, Classes: 1}
		for i := range e.Pixels {
			e.Pixels[i] = byte(r.IntN(256))
		}
		data := newColumns(e, 2)
		for i := range n {
			for f := range d {
				if got, want := data.column(uint32(f))[i], e.Row(i)[f]; got != want {
					t.Fatalf("%d×%d: feature %d of example %d: got %d, want %d", n, d, f, i, got, want)
				}
			}
		}
	}
}

func ExampleParams() {
	p := Defaults()
	p.Trees = 0
	_, err := New(p)
	fmt.Println(err)
	// Output: forest: trees: got 0, want at least 1
}
