package figure

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

func near(a, b, tol float64) bool { return math.Abs(a-b) < tol } // false for NaN

func TestStepFraction(t *testing.T) {
	if got := StepFraction(0, 0, 938); got != 0 {
		t.Errorf("step 0 stands at %v, want 0", got)
	}
	if got := StepFraction(938, 0, 938); !near(got, 1, 1e-12) {
		t.Errorf("the last step stands at %v, want 1", got)
	}
	// log10(1/0.5) / log10(1000/0.5)
	if got, want := StepFraction(1, 0, 1000), .30103/3.30103; !near(got, want, 1e-5) {
		t.Errorf("step 1 of 1000 stands at %v, want %v", got, want)
	}
	for s := 1; s < 938; s++ {
		if !(StepFraction(s, 0, 938) < StepFraction(s+1, 0, 938)) {
			t.Fatalf("step %d does not stand before step %d", s, s+1)
		}
	}
}

func TestEpochTicks(t *testing.T) {
	var steps []int
	var epochs []float64
	for s := 0; s <= 9380; s += 10 {
		steps, epochs = append(steps, s), append(epochs, float64(s)/938)
	}
	x := stepScale(0, 9380)
	ticks := epochTicks(x, steps, epochs, .06)
	labels := map[string]float64{}
	for i, k := range ticks {
		labels[k.label] = k.at
		if i > 0 && x.pos(k.at)-x.pos(ticks[i-1].at) < .06 {
			t.Errorf("epochs %s and %s stand too near", ticks[i-1].label, k.label)
		}
	}
	for label, step := range map[string]float64{"1": 938, "10": 9380, "0.1": 93.8} {
		if !near(labels[label], step, 1e-6) {
			t.Errorf("epoch %s stands at step %v, want %v", label, labels[label], step)
		}
	}
	if epochTicks(x, []int{0}, []float64{0}, .06) != nil {
		t.Error("an untrained network has epochs")
	}
}

func TestLabelsDoNotOverlap(t *testing.T) {
	for _, ys := range [][]float64{{50, 50, 50}, {0, 1, 100}, {100, 99, 98, 97}, {3, 70, 71}} {
		var labels []endLabel
		for _, y := range ys {
			labels = append(labels, endLabel{y: y})
		}
		got := spread(labels, 11, 0, 100)
		for i := range got {
			if !(got[i] > -.01 && got[i] < 100.01) {
				t.Errorf("%v: label %d at %v leaves the panel", ys, i, got[i])
			}
			for j := range got[:i] {
				if math.Abs(got[i]-got[j]) < 10.9 {
					t.Errorf("%v: labels %d and %d at %v and %v", ys, j, i, got[j], got[i])
				}
				if ys[i] > ys[j] != (got[i] > got[j]) && ys[i] != ys[j] {
					t.Errorf("%v: labels %d and %d changed places", ys, j, i)
				}
			}
		}
	}
}

func TestGatherTakesMediansAndRange(t *testing.T) {
	p := &panel{area: box{0, 0, 10, 10}, x: linearScale(0, 10, 5, trimmed), y: linearScale(0, 10, 5, trimmed)}
	p.steps = []int{0, 5, 6, 7, 10} // one point of paper a step; a column is two wide
	xs, line, ribbon := p.gather([]Point{Exact(1), Exact(5), Exact(9), {}, Exact(2)})
	if len(line) != 4 || len(xs) != 4 || !near(line[1].Value, 9, 1e-9) && !near(line[1].Value, 5, 1e-9) {
		t.Fatalf("columns at %v: %v", xs, line)
	}
	if ribbon[1].Low != 5 || ribbon[1].High != 9 {
		t.Errorf("range [%v, %v], want [5, 9]", ribbon[1].Low, ribbon[1].High)
	}
	if line[2].OK {
		t.Error("an undefined evaluation has a place on the line")
	}
	if mid, _ := summary([]Point{Exact(1), {}, {}}); mid.OK {
		t.Error("a column that is mostly undefined is drawn")
	}
}

func TestRunsAreCutAtTheEdge(t *testing.T) {
	p := &panel{area: box{0, 0, 10, 10}, x: linearScale(0, 10, 5, trimmed), y: linearScale(0, 10, 5, trimmed)}
	runs := p.runs([]float64{0, 2, 4, 6}, []Point{Exact(5), Exact(15), Exact(5), Exact(6)})
	if len(runs) != 2 {
		t.Fatalf("%d pieces, want 2", len(runs))
	}
	if end := runs[0][len(runs[0])-1]; !near(float64(end.X), 1, 1e-9) || !near(float64(end.Y), 10, 1e-9) {
		t.Errorf("the first piece ends at %v, want (1, 10)", end)
	}
}

func TestThinKeepsExtremes(t *testing.T) {
	var pts []vg.Point
	for i := range 1000 {
		pts = append(pts, at(float64(i)/1000, float64((i*37)%101)))
	}
	got := thin(pts)
	if len(got) > 20 {
		t.Errorf("%d points remain within one point of paper", len(got))
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, q := range got {
		lo, hi = math.Min(lo, float64(q.Y)), math.Max(hi, float64(q.Y))
	}
	if lo != 0 || hi != 100 || got[0] != pts[0] || got[len(got)-1] != pts[999] {
		t.Errorf("range [%v, %v], want [0, 100], with both ends kept", lo, hi)
	}
}

func TestOvalMarks(t *testing.T) {
	right, rank := make([]bool, 1000), make([]float64, 1000)
	for i := range right {
		right[i], rank[i] = i%4 != 0, float64((i*7919)%1000)
	}
	marks := OvalMarks(right, rank, 0)
	seen := map[int]bool{}
	inner := 0.
	for i, m := range marks {
		r := math.Hypot(m.X, m.Y)
		seen[m.Example] = true
		switch {
		case !(r < 1):
			t.Fatalf("mark %d lies outside the oval", i)
		case m.Plus != right[m.Example]:
			t.Fatalf("example %d has the wrong sign", m.Example)
		case m.Plus:
			inner = math.Max(inner, r)
		case r <= inner:
			t.Fatalf("a minus at %v lies within the plus, that reach %v", r, inner)
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d examples have a mark, want 1000", len(seen))
	}
	if rank[marks[0].Example] > rank[marks[500].Example] {
		t.Error("what is learned early is not at the centre")
	}
	plus := 0
	sampled := OvalMarks(right, rank, 100)
	for _, m := range sampled {
		if m.Plus {
			plus++
		}
	}
	if len(sampled) != 100 || plus != 75 {
		t.Errorf("a sample of %d marks has %d plus, want 100 and 75", len(sampled), plus)
	}
	if got := OvalMarks(nil, nil, 10); len(got) != 0 {
		t.Errorf("%d marks for no example", len(got))
	}
}

func TestPool(t *testing.T) {
	seed := func(ratio, plus float64) Curves {
		return Curves{Dataset: "D", Network: "N", Reference: "R", Steps: []int{0, 5}, Epochs: []float64{0, 1},
			Accuracy: []float64{.1, plus}, Ratio: []Point{{}, Exact(ratio)}, RPlus: []Point{Exact(.1), Exact(plus)},
			RMinus: []Point{Exact(.1), Exact(.5)}, AttainableMax: []float64{math.Inf(1), 2}, Nestedness: []Point{Exact(0), Exact(.5)},
			Kappa: []Point{Exact(0), Exact(.2)}, Tetrachoric: []Point{{}, Exact(ratio / 10)}, Constant: []Point{{}, Between(ratio, ratio/2, 3*ratio)}, Cells: [4][]int{{1, 2}, {1, 2}, {1, 2}, {1, 3}}}
	}
	runs := []Curves{seed(1, .6), seed(2, .7), seed(4, .8)}
	c, err := Pool(runs)
	if err != nil {
		t.Fatal(err)
	}
	if p := c.Ratio[1]; !near(p.Value, 2, 1e-12) || !near(p.Low, 1, 1e-12) || !near(p.High, 4, 1e-12) {
		t.Errorf("pooled R± is %v, want the geometric mean 2 in [1, 4]", p)
	}
	if p := c.Constant[1]; !near(p.Value, 2, 1e-12) || !near(p.Low, 1, 1e-12) || !near(p.High, 6, 1e-12) {
		t.Errorf("the pooled band of one association is %v, want the geometric means 2 in [1, 6]", p)
	}
	if !strings.Contains(Ratio(c).Description, "mean of the seeds’") || !strings.Contains(c.bands(), "mean of the seeds’ 95 % bands") || strings.Contains(runs[0].bands(), "mean") {
		t.Errorf("the pooled bands are %q, those of one seed %q", c.bands(), runs[0].bands())
	}
	if p := c.Tetrachoric[1]; !near(p.Low, .1, 1e-12) || !near(p.High, .4, 1e-12) {
		t.Errorf("the pooled tetrachoric correlation is %v, want its range [0.1, 0.4]", p)
	}
	if c.Ratio[0].OK || c.Constant[0].OK || !math.IsInf(c.AttainableMax[0], 1) {
		t.Error("what no seed defines is defined in the pool")
	}
	other := seed(1, .5)
	other.Steps = []int{1, 2}
	if _, err := Pool([]Curves{runs[0], other}); err == nil {
		t.Error("runs without a common step are pooled")
	}
	if _, err := Pool(runs[:1]); err == nil {
		t.Error("one seed has a band")
	}
}
