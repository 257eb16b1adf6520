package dynamics

import (
	"context"
	"sync"
	"testing"

	"shoal/dynamics/internal/worlds"
	"shoal/internal/simdraws"
)

// logOfWorld is a simulated network as a log, and its reference.
func logOfWorld(w worlds.World) (*Log, Reference) {
	answers := func(right []bool) []uint16 {
		out := make([]uint16, len(right))
		for i, r := range right {
			if out[i] = w.Labels[i]; !r {
				out[i]++
			}
		}
		return out
	}
	l := &Log{Labels: w.Labels}
	for t, right := range w.Deep {
		l.Append(t, float64(t)/10, answers(right), nil)
	}
	return l, Reference{Name: "m", Predictions: answers(w.Right)}
}

// R± says nothing beyond accuracy under one difficulty, in about 95 % of draws, and says so where
// there are two phases. SHOAL_DRAWS=200 prints the rates of more worlds.
func TestBeyondAccuracyInWorlds(t *testing.T) {
	strong := worlds.Setting{Noise: [2]float64{.5, .3}, Shape: "normal", Classes: 10, M: .41, Evaluations: 86}
	weak := strong
	weak.Noise = [2]float64{1.2, 1.2}
	two, twoWeak, skewed := strong, weak, strong
	two.Two, twoWeak.Two = true, true
	skewed.Shape = "exp"
	few := simdraws.Of(t, 2)
	for _, c := range []struct {
		name        string
		make        func(uint64) worlds.World
		least, most float64
		quick       bool
	}{
		{"one difficulty, strong", strong.Make, 0, .1, true},
		{"one difficulty, weak", weak.Make, 0, .1, false},
		{"one difficulty, skewed", skewed.Make, 0, 1, false},
		{"M often right, one difficulty", func(s uint64) worlds.World { return worlds.OftenRight(s, 0) }, 0, .1, false},
		{"margins, noisier when hard", func(s uint64) worlds.World { return worlds.Margins(s, 5, 0) }, 0, 1, false},
		{"two phases, strong", two.Make, .9, 1, true},
		{"two phases, weak", twoWeak.Make, .6, 1, false},
		{"M often right, two phases", func(s uint64) worlds.World { return worlds.OftenRight(s, .45) }, .8, 1, false},
	} {
		if few < 20 && !c.quick {
			continue
		}
		t.Run(c.name, func(t *testing.T) { sayOften(t, few, c.make, c.least, c.most) })
	}
}

// sayOften wants R± to say something beyond accuracy in a share of draws of a world.
func sayOften(t *testing.T, few int, draw func(uint64) worlds.World, least, most float64) {
	said, outside := make([]bool, few), make([]int, few)
	var wait sync.WaitGroup
	slots := make(chan bool, 2)
	for s := range said {
		slots <- true
		wait.Go(func() {
			l, ref := logOfWorld(draw(uint64(s + 1)))
			learned, err := l.Learning()
			var got *ConstantCurve
			if err == nil {
				got, err = ConstantAssociation(context.Background(), l, learned, ref, Resampling{Workers: 1})
			}
			if err != nil {
				t.Error(err)
			} else {
				said[s], outside[s] = *got.Says, got.Above+got.Below
			}
			<-slots
		})
	}
	wait.Wait()
	count, points := 0, 0
	for s := range said {
		points += outside[s]
		if said[s] {
			count++
		}
	}
	rate := float64(count) / float64(few)
	t.Logf("| %s | %.3f | %.1f |", t.Name(), rate, float64(points)/float64(few))
	if slack := 1 / float64(few); rate < least || rate > most+slack {
		t.Errorf("R± says something in %.3f of the draws, want %.2f to %.2f", rate, least, most)
	}
}
