package deep

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/internal/longtest"
	"shoal/kernel"
)

// small networks that Build doesn't know.
func testNetwork(name string) *Network {
	switch name {
	case "cnn2":
		return assemble(name, defineCNN2, Shape{28, 28, 1}, 10, 1, true)
	case "dense":
		return assemble(name, denseNet{6, []int{2, 2}, 8}.define, Shape{8, 8, 3}, 10, 1, true)
	}
	return assemble(name, basicNet{8, []int{1, 1}, 1}.define, Shape{8, 8, 3}, 10, 1, true)
}

func newTestTrainer(t *testing.T, net *Network, o Options) *Trainer {
	t.Helper()
	tr, err := NewTrainer(net, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestLearns trains on images whose class is easy to see and checks that the loss falls and that
// unseen images of the same kind are classified.
func TestLearns(t *testing.T) {
	for _, c := range []struct {
		name      string
		precision Precision
	}{{"cnn2", Float32}, {"dense", Float32}, {"basic", Float32}, {"dense", BFloat16}, {"cnn2", BFloat16}} {
		name := c.name
		if name != "dense" && !longtest.On() {
			continue
		}
		if (name == "cnn2" || c.precision == BFloat16) && portableOnly() {
			continue
		}
		net := testNetwork(name)
		tr := newTestTrainer(t, net, Options{Batch: 50, SGD: SGD{Momentum: 0.9}, Precision: c.precision})
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
			t.Errorf("%s, %s: loss %.3f, evaluation %.3f with %d of 103 right", name, c.precision, last, loss, right)
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

func TestResumingNeedsTheSeed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := newTestTrainer(t, testNetwork("dense"), Options{Batch: 4, Seed: 7}).SaveState(path); err != nil {
		t.Fatal(err)
	}
	other := newTestTrainer(t, testNetwork("dense"), Options{Batch: 4, Seed: 8})
	if err := other.LoadState(path); err == nil || !strings.Contains(err.Error(), "seed") {
		t.Errorf("resuming with another seed: %v", err)
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
	check("shape", err, "28×28")
	_, err = Build("densenet121", Shape{30, 30, 3}, 10, 1)
	check("shape", err, "multiples of 8")
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
		"precision":       {Batch: 1, Precision: "float16"},
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

// One value a channel has no variance: PyTorch refuses to train on it, and so do all networks here.
// Nothing may change by the attempt.
func TestOneValueAChannelIsRefused(t *testing.T) {
	for name, net := range map[string]*Network{
		"basic": assemble("basic", basicNet{8, []int{1, 1}, 1}.define, Shape{2, 2, 3}, 10, 1, true),
		"dense": assemble("dense", denseNet{6, []int{2, 2}, 8}.define, Shape{2, 2, 3}, 10, 1, true),
	} {
		tr := newTestTrainer(t, net, Options{Batch: 2})
		pixels, labels := referenceBatch(net.In, 10, 2, 0)
		before := slices.Clone(net.norms[0].runningVar)
		_, err := tr.Step(pixels[:net.In.Len()], labels[:1], .1)
		if err == nil || !strings.Contains(err.Error(), "one value a channel") || tr.Steps() != 0 || !slices.Equal(before, net.norms[0].runningVar) {
			t.Errorf("%s: got %v after %d steps, want an error and none taken", name, err, tr.Steps())
		}
		if _, err := tr.Step(pixels, labels, .1); err != nil || tr.LeastImages() != 2 {
			t.Errorf("%s: %v, at least %d images, want two to be enough", name, err, tr.LeastImages())
		}
		if _, err := tr.Score(t.Context(), pixels[:net.In.Len()], labels[:1], make([]uint16, 1)); err != nil {
			t.Errorf("%s: %v, want one image to be scored", name, err)
		}
	}
	if tr := newTestTrainer(t, testNetwork("dense"), Options{Batch: 1}); tr.LeastImages() != 1 {
		t.Errorf("at least %d images of 8x8, want 1", tr.LeastImages())
	}
}

// TestWorkersHaveTheirOwnScratch stamps the scratch of every worker, of the steps and of the
// scores, and checks that each keeps its stamp.
func TestWorkersHaveTheirOwnScratch(t *testing.T) {
	const workers = 3
	net := testNetwork("basic")
	tr := newTestTrainer(t, net, Options{Batch: 16, Workers: workers, Precision: BFloat16})
	pixels, labels := referenceBatch(net.In, 10, 16, 0)
	if _, err := tr.Step(pixels, labels, 0.1); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Score(t.Context(), pixels, labels, make([]uint16, 16)); err != nil {
		t.Fatal(err)
	}
	var all [][]float32
	for _, r := range slices.Concat(tr.shards, tr.scorers) {
		for _, s := range r.scratch {
			all = append(all, s.in, s.grad, s.z, s.tmp, s.out, s.spanValue, s.spanGrad, s.spanSum)
		}
	}
	if len(all) != 2*8*workers {
		t.Fatalf("%d pieces of scratch, want 8 for each of %d workers of steps and of scores", len(all), workers)
	}
	for i, x := range all {
		kernel.Fill(x, float32(i))
	}
	for i, x := range all {
		if len(x) == 0 || slices.Min(x) != float32(i) || slices.Max(x) != float32(i) {
			t.Errorf("piece %d of %d floats has been written by another worker", i, len(x))
		}
	}
}

// TestDropout checks that half of the elements are kept and doubled, depending on seed, step, layer
// and element alone, in both layouts.
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

// checkSecondShard checks that the masks of images 32 and up are those of their place in the batch,
// not those of images 0 and up again.
func checkSecondShard(t *testing.T, tr *Trainer) {
	t.Helper()
	seen := 0
	for _, l := range tr.shards[1].layers {
		p, ok := l.(*lanePool)
		if !ok || p.drop == nil {
			continue
		}
		seen++
		k := newKey(4, streamDropout, 2, p.drop.index) // of the third step
		for c := range p.in.c {
			for i := range 50 - lanes {
				if kept := p.scale[c*lanes+i] != 0; kept != k.keeps((lanes+i)*p.in.c+c, 1<<31) {
					t.Fatalf("image %d, channel %d: kept is %v", lanes+i, c, kept)
				}
			}
		}
	}
	if seen != 1 {
		t.Errorf("%d pools with dropout, want 1", seen)
	}
}

// TestInitialisation checks the moments of U(-bound, bound): mean and mean square within 5 of their
// standard errors, and the largest value.
func TestInitialisation(t *testing.T) {
	net := testNetwork("cnn2")
	for _, p := range net.params {
		fan := map[string]float64{"conv1": 25, "conv2": 250, "fc1": 320, "fc2": 50}[strings.Split(p.name, ".")[0]]
		bound, n := 1/math.Sqrt(fan), float64(p.len())
		var largest, mean, square float64
		for _, v := range p.values() {
			largest = max(largest, math.Abs(float64(v)))
			mean += float64(v) / n
			square += float64(v) * float64(v) / n
		}
		if !(largest <= bound && largest > 0.7*bound) {
			t.Errorf("%s: largest %v, bound %v", p.name, largest, bound)
		}
		if limit := 5 * bound * math.Sqrt(1/(3*n)); !(math.Abs(mean) < limit) {
			t.Errorf("%s: mean %v, want within %v of 0", p.name, mean, limit)
		}
		if want, limit := bound*bound/3, 5*bound*bound*math.Sqrt(4/(45*n)); !(math.Abs(square-want) < limit) {
			t.Errorf("%s: mean square %v, want %v within %v", p.name, square, want, limit)
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
