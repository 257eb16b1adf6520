package dynamics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"shoal/contingency"
	"shoal/dynamics/internal/worlds"
	"shoal/dynamics/regime"
	"shoal/internal/simdraws"
)

type lineWorld struct {
	n, classes int
	slope, m   float64
}

func (w lineWorld) draw(seed uint64) Association {
	r := rand.New(rand.NewPCG(seed, 31))
	order, labels, right := make(regime.Order, w.n), make([]uint16, w.n), make([]bool, w.n)
	level := contingency.NormalQuantile(w.m) * math.Sqrt(1+.25+w.slope*w.slope)
	effect := make([]float64, w.classes)
	for c := range effect {
		effect[c] = level + .5*r.NormFloat64()
	}
	for i := range order {
		order[i] = (float64(i) + .5) / float64(w.n)
		labels[i] = uint16(r.IntN(w.classes))
		y := -contingency.NormalQuantile(order[i])
		right[i] = r.Float64() < contingency.Normal(effect[labels[i]]+w.slope*y)
	}
	return associationOf(order.Straight(labels, right))
}

func TestProtoLine(t *testing.T) {
	n := simdraws.Of(t, 100)
	for _, w := range []lineWorld{{10000, 10, .75, .41}, {10000, 10, 0, .41}, {10000, 10, 2, .41}, {10000, 10, .75, .979}, {10000, 100, .75, .15}, {1000, 10, .75, .41}, {1000, 10, .75, .95}, {300, 10, .75, .41}, {300, 10, 2, .9}} {
		hits, def := 0, 0
		sum, sq, width := 0., 0., 0.
		for k := range n {
			a := w.draw(simdraws.Seed(t, k))
			if a.Slope == nil {
				continue
			}
			def++
			want := w.slope / math.Sqrt(1+w.slope*w.slope)
			if *a.Lo <= want && want <= *a.Hi {
				hits++
			}
			sum += *a.Slope
			sq += *a.Slope * *a.Slope
			width += *a.Hi - *a.Lo
		}
		m := sum / float64(def)
		fmt.Printf("%+v defined %d mean %.4f sd %.4f covers %.3f\n", w, def, m, math.Sqrt(sq/float64(def)-m*m), float64(hits)/float64(def))
	}
}

func TestProtoWorlds(t *testing.T) {
	n := simdraws.Of(t, 60)
	for name, make := range map[string]func(s uint64) worlds.World{
		"often right": func(s uint64) worlds.World { return worlds.OftenRight(s, 0) },
		"margins":     func(s uint64) worlds.World { return worlds.Margins(s, 5, 0) },
		"plateau":     func(s uint64) worlds.World { return worlds.Plateau(s, false) },
		"noise grows": worlds.NoiseGrows,
		"by class":    worlds.ByClass,
		"saturated":   func(s uint64) worlds.World { return worlds.Saturated(s, -.5) },
		"independent": worlds.Independent,
		"imbalanced":  func(s uint64) worlds.World { return worlds.Imbalanced(s, false) },
		"two phases":  func(s uint64) worlds.World { return worlds.Plateau(s, true) },
		"weak": worlds.Setting{Noise: [2]float64{1.2, 1.2}, Shape: "normal", Classes: 10, M: .41, Evaluations: 86}.Make,
	} {
		var slopes, ses []float64
		for k := range n {
			w := make(simdraws.Seed(t, k))
			l := regime.Learned(w.Labels, len(w.Deep), func(t int) []bool { return w.Deep[t] })
			f := l.BySpeed.Straight(w.Labels, w.Right)
			slopes, ses = append(slopes, f.Slope), append(ses, f.SlopeSE)
		}
		m, v := moments(slopes)
		se, _ := moments(ses)
		hits := 0
		for k, s := range slopes {
			if math.Abs(s-m) <= 1.96*ses[k] {
				hits++
			}
		}
		fmt.Printf("%s: mean %.4f sd %.4f se %.4f covers %.3f\n", name, m, math.Sqrt(v), se, float64(hits)/float64(n))
	}
}
