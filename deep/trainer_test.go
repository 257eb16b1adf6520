package deep

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// small networks that Build doesn't know.
func testNetwork(name string) *Network {
	switch name {
	case "cnn2":
		return assemble(name, defineCNN2, Shape{28, 28, 1}, 10, 1, true)
	case "dense":
		return assemble(name, denseNet{6, []int{2, 2}, 8}.define, Shape{8, 8, 3}, 10, 1, true)
	}
	return assemble(name, basicNet{8, []int{1, 1}}.define, Shape{8, 8, 3}, 10, 1, true)
}

func newTestTrainer(t *testing.T, net *Network, o Options) *Trainer {
	t.Helper()
	tr, err := NewTrainer(net, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestResumeContinuesBitForBit(t *testing.T) {
	for _, name := range []string{"cnn2", "dense"} {
		o := Options{Batch: 40, SGD: SGD{Momentum: 0.9, WeightDecay: 1e-3}, Seed: 7}
		path := filepath.Join(t.TempDir(), "state.safetensors")
		whole, first := newTestTrainer(t, testNetwork(name), o), newTestTrainer(t, testNetwork(name), o)
		second := newTestTrainer(t, testNetwork(name), o)
		step := func(tr *Trainer, i int) float64 {
			pixels, labels := referenceBatch(tr.net.In, 10, 40-i, i)
			loss, err := tr.Step(pixels, labels, 0.05)
			if err != nil {
				t.Fatal(err)
			}
			return loss
		}
		for i := range 3 {
			step(whole, i)
			step(first, i)
		}
		if err := first.SaveState(path); err != nil {
			t.Fatal(err)
		}
		if err := second.LoadState(path); err != nil {
			t.Fatal(err)
		}
		if second.Steps() != 3 {
			t.Errorf("%d steps after resuming, want 3", second.Steps())
		}
		for i := 3; i < 6; i++ {
			if a, b := step(whole, i), step(second, i); a != b {
				t.Errorf("%s: step %d: loss %v, %v after resuming", name, i, a, b)
			}
		}
		if !slices.Equal(whole.net.weights, second.net.weights) || !slices.Equal(whole.momentum, second.momentum) {
			t.Errorf("%s: weights or momentum differ after resuming", name)
		}
		for i, s := range whole.net.norms {
			if !slices.Equal(s.runningVar, second.net.norms[i].runningVar) {
				t.Errorf("running variance of %q differs after resuming", s.name)
			}
		}
		o.Seed = 8
		other := newTestTrainer(t, testNetwork(name), o)
		if err := other.LoadState(path); err == nil || !strings.Contains(err.Error(), "seed") {
			t.Errorf("resuming with another seed: %v", err)
		}
	}
}

func TestDivergenceIsNamed(t *testing.T) {
	for _, name := range []string{"cnn2", "dense", "basic"} {
		net := testNetwork(name)
		tr := newTestTrainer(t, net, Options{Batch: 8})
		pixels, labels := referenceBatch(net.In, 10, 8, 0)
		if _, err := tr.Step(pixels, labels, 0.1); err != nil {
			t.Fatal(err)
		}
		p := net.byName["conv2.weight"]
		want := "conv2"
		switch name {
		case "dense":
			p, want = net.byName["dense1.1.conv1.weight"], "dense1.1.conv1"
		case "basic":
			p, want = net.byName["layer1.0.conv2.weight"], "layer1.0.conv2"
		}
		p.weights()[0] = float32(math.Inf(1))
		before := slices.Clone(net.weights)
		_, err := tr.Step(pixels, labels, 0.1)
		var d *DivergenceError
		if !errors.As(err, &d) || d.Step != 1 || d.Layer != want {
			t.Errorf("%s: got %v, want step 1, layer %q", name, err, want)
		}
		if !slices.Equal(before, net.weights) {
			t.Errorf("%s: a diverged step moved the weights", name)
		}
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	for _, name := range []string{"cnn2", "dense", "basic"} {
		net := testNetwork(name)
		tr := newTestTrainer(t, net, Options{Batch: 64, Workers: 1})
		pixels, labels := referenceBatch(net.In, 10, 64, 0)
		n := testing.AllocsPerRun(3, func() {
			if _, err := tr.Step(pixels, labels, 0.01); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations a step, want none", name, n)
		}
	}
}

// TestLearns trains on images whose class is plain to see and wants the loss to
// fall and unseen images of the kind to be classified.
func TestLearns(t *testing.T) {
	for _, name := range []string{"cnn2", "dense", "basic"} {
		net := testNetwork(name)
		tr := newTestTrainer(t, net, Options{Batch: 50, SGD: SGD{Momentum: 0.9}})
		var last float64
		for step := range 60 {
			pixels, labels := stripes(net.In, 50, step)
			loss, err := tr.Step(pixels, labels, 0.02)
			if err != nil {
				t.Fatal(err)
			}
			last = loss
		}
		pixels, labels := stripes(net.In, 103, 1000)
		out := make([]uint16, 103)
		loss, err := tr.Score(t.Context(), pixels, labels, out)
		if err != nil {
			t.Fatal(err)
		}
		right := 0
		for i, l := range labels {
			if out[i] == l {
				right++
			}
		}
		if !(last < 0.7 && loss < 0.5) || right < 95 {
			t.Errorf("%s: loss %.3f, evaluation %.3f with %d of 103 right", name, last, loss, right)
		}
	}
}

// stripes makes images of four classes: brighter above, below, left or right.
func stripes(in Shape, n, seed int) ([]byte, []uint16) {
	pixels, labels := make([]byte, n*in.Len()), make([]uint16, n)
	k := newKey(5, uint64(seed))
	for i := range n {
		labels[i] = uint16(k.bits(i) % 4)
		for j := range in.Len() {
			y, x := j/in.Channels/in.Width, j/in.Channels%in.Width
			bright := [4]bool{y < in.Height/2, y >= in.Height/2, x < in.Width/2, x >= in.Width/2}[labels[i]]
			v := k.bits(n+i*in.Len()+j) % 100
			if bright {
				v += 100
			}
			pixels[i*in.Len()+j] = byte(v)
		}
	}
	return pixels, labels
}

// TestScoreDoesNotDependOnCompany scores images together and one by one.
func TestScoreDoesNotDependOnCompany(t *testing.T) {
	for _, name := range []string{"cnn2", "dense", "basic"} {
		net := testNetwork(name)
		tr := newTestTrainer(t, net, Options{Batch: 4})
		pixels, labels := referenceBatch(net.In, 10, 70, 0)
		all, err := tr.Logits(pixels)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]uint16, 70)
		loss, err := tr.Score(t.Context(), pixels, labels, out)
		if err != nil {
			t.Fatal(err)
		}
		var sum float64
		for i := range 70 {
			image := pixels[i*net.In.Len():][:net.In.Len()]
			one, err := tr.Logits(image)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(one, all[10*i:][:10]) {
				t.Fatalf("%s: image %d has other logits alone", name, i)
			}
			l, err := tr.Score(t.Context(), image, labels[i:i+1], out[i:i+1])
			if err != nil {
				t.Fatal(err)
			}
			sum += l
		}
		if sum/70 != loss {
			t.Errorf("%s: loss %v together, %v one by one", name, loss, sum/70)
		}
	}
}

func TestScoreStops(t *testing.T) {
	net := testNetwork("dense")
	tr := newTestTrainer(t, net, Options{Batch: 4})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	pixels, labels := referenceBatch(net.In, 10, 9, 0)
	if _, err := tr.Score(ctx, pixels, labels, make([]uint16, 9)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestWrongUse(t *testing.T) {
	check := func(what string, err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", what, err, want)
		}
	}
	_, err := Build("resnet1", Shape{32, 32, 3}, 10, 1)
	check("unknown network", err, "densenet121")
	_, err = Build("cnn2", Shape{32, 32, 3}, 10, 1)
	check("shape", err, "28x28")
	_, err = Build("densenet121", Shape{30, 30, 3}, 10, 1)
	check("shape", err, "multiple of 8")
	_, err = Build("cnn2", Shape{28, 28, 1}, 1, 1)
	check("classes", err, "1 classes")
	net := testNetwork("dense")
	for want, o := range map[string]Options{
		"batch":           {},
		"momentum":        {Batch: 1, SGD: SGD{Momentum: math.NaN()}},
		"Nesterov":        {Batch: 1, SGD: SGD{Nesterov: true}},
		"label smoothing": {Batch: 1, LabelSmoothing: 1},
		"normalisation":   {Batch: 1, Normalisation: Normalisation{Mean: []float32{0}, Std: []float32{1}}},
		"deviation":       {Batch: 1, Normalisation: Normalisation{Mean: make([]float32, 3), Std: make([]float32, 3)}},
		"SIMD":            {Batch: 1, Level: "sse9"},
	} {
		_, err := NewTrainer(net, o)
		check(want, err, want)
	}
	tr := newTestTrainer(t, net, Options{Batch: 4})
	pixels, labels := referenceBatch(net.In, 10, 4, 0)
	_, err = tr.Step(pixels, labels[:3], 0.1)
	check("pixels", err, "pixels")
	_, err = tr.Step(nil, nil, 0.1)
	check("empty", err, "0 images")
	_, err = tr.Step(pixels, []uint16{0, 1, 2, 10}, 0.1)
	check("label", err, "label 10")
	_, err = tr.Step(pixels, labels, math.NaN())
	check("rate", err, "learning rate")
	_, err = tr.Score(t.Context(), pixels, labels, make([]uint16, 3))
	check("score", err, "pixels")
}

// TestTwoWorkersDoNotShareScratch runs under the race detector in CI.
func TestTwoWorkersDoNotShareScratch(t *testing.T) {
	net := testNetwork("basic")
	tr := newTestTrainer(t, net, Options{Batch: 16, Workers: max(3, runtime.GOMAXPROCS(0))})
	pixels, labels := referenceBatch(net.In, 10, 16, 0)
	if _, err := tr.Step(pixels, labels, 0.1); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Score(t.Context(), pixels, labels, make([]uint16, 16)); err != nil {
		t.Fatal(err)
	}
}

// TestDropout wants half of the elements, doubled, from a generator that looks
// at nothing but seed, step, layer and element; and the same in both layouts.
func TestDropout(t *testing.T) {
	define := func(b *builder, x view, classes int) view {
		x = b.conv(x, convSpec{name: "a", out: 4, kernel: 5, bias: true})
		x = b.pool(b.dropout(x, "d", 0.5, true), "p", 2, true).rectified()
		return b.linear(b.dropout(b.linear(x, "f", 300).rectified(), "e", 0.5, false), "fc", classes)
	}
	k := newKey(1, streamDropout, 0, 3)
	kept := 0
	for i := range 10000 {
		if k.keeps(i, 1<<31) {
			kept++
		}
	}
	if kept < 4800 || kept > 5200 {
		t.Errorf("%d of 10000 elements kept", kept)
	}
	in := Shape{28, 28, 1}
	pixels, labels := referenceBatch(in, 10, 50, 0)
	var losses [2][3]float64
	for i, mayUseLanes := range []bool{true, false} {
		net := assemble("test", define, in, 10, 1, mayUseLanes)
		if net.inLanes != mayUseLanes {
			t.Fatalf("lanes: %v", net.inLanes)
		}
		tr := newTestTrainer(t, net, Options{Batch: 50, Seed: 4})
		for s := range losses[i] {
			loss, err := tr.Step(pixels, labels, 0.1)
			if err != nil {
				t.Fatal(err)
			}
			losses[i][s] = loss
		}
		if mayUseLanes {
			checkSecondShard(t, tr)
		}
	}
	for s, l := range losses[0] {
		if !(math.Abs(l-losses[1][s]) < 1e-5*l) {
			t.Errorf("step %d: loss %v in lanes, %v in pixels", s, l, losses[1][s])
		}
	}
}

// checkSecondShard wants the masks of images 32 and up to be those of their
// place in the batch, not those of images 0 and up again.
func checkSecondShard(t *testing.T, tr *Trainer) {
	t.Helper()
	for _, l := range tr.shards[1].layers {
		p, ok := l.(*lanePool)
		if !ok {
			continue
		}
		k := newKey(4, streamDropout, 2, p.drop.index) // of the third step
		for c := range p.in.c {
			for i := range 50 - lanes {
				if kept := p.scale[c*lanes+i] != 0; kept != k.keeps((lanes+i)*p.in.c+c, 1<<31) {
					t.Fatalf("image %d, channel %d: kept is %v", lanes+i, c, kept)
				}
			}
		}
	}
}

func TestInitialisation(t *testing.T) {
	net := testNetwork("cnn2")
	for _, p := range net.Parameters() {
		fan := map[string]float64{"conv1": 25, "conv2": 250, "fc1": 320, "fc2": 50}[strings.Split(p.Name, ".")[0]]
		bound, largest, sum := 1/math.Sqrt(fan), 0.0, 0.0
		for _, v := range p.Values() {
			largest = max(largest, math.Abs(float64(v)))
			sum += float64(v)
		}
		if !(largest <= bound && largest > 0.7*bound) || math.Abs(sum)/float64(p.Len()) > bound {
			t.Errorf("%s: largest %v, bound %v", p.Name, largest, bound)
		}
	}
	if other := assemble("cnn2", defineCNN2, Shape{28, 28, 1}, 10, 2, true); slices.Equal(other.weights, net.weights) {
		t.Error("two seeds gave the same weights")
	}
}

func TestScoringSharesImagesEvenly(t *testing.T) {
	for _, c := range []struct{ n, size, workers, want int }{
		{64, 10, 2, 8}, {64, 17, 2, 16}, {10000, 20, 2, 20}, {1, 10, 3, 1}, {7, 10, 1, 7}, {128, 20, 1, 19},
	} {
		if got := evenly(c.n, c.size, c.workers); got != c.want {
			t.Errorf("evenly(%d images, at most %d, %d workers) = %d, want %d", c.n, c.size, c.workers, got, c.want)
		}
	}
}
