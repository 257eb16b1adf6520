package deep

import (
	"fmt"
	"math"
	"testing"

	"shoal/internal/longtest"
	"shoal/kernel"
)

// testCase is a network on n images.
type testCase struct {
	in     Shape
	n      int
	define definition
}

// cases are networks that together use every layer in every shape that matters: strides, borders,
// panels of 32 filled partly, several tiles an image and several images a tile, buffers with a
// padded pitch.
var cases = map[string]testCase{
	"filters of 5, strides of 2 and 3": {Shape{13, 13, 2}, 3, func(b *builder, x view, classes int) view {
		x = b.conv(x, convSpec{name: "a", out: 9, kernel: 5, pad: 2, bias: true})
		x = b.batchNorm(x, "an").rectified()
		x = b.conv(x, convSpec{name: "b", out: 35, kernel: 3, stride: 2, pad: 1})
		x = b.batchNorm(x, "bn")
		x = b.conv(x, convSpec{name: "c", out: 40, kernel: 3, stride: 3, pad: 1, bias: true}).rectified()
		x = b.conv(x, convSpec{name: "d", out: 6, kernel: 2, pad: 1}).rectified()
		return b.linear(b.pool(x, "p", 2, true), "fc", classes)
	}},
	"max pool of 3 behind batchnorm, average pool": {Shape{12, 12, 3}, 4, func(b *builder, x view, classes int) view {
		x = b.batchNorm(b.conv(x, convSpec{name: "a", out: 33, kernel: 3, pad: 1}), "an").rectified()
		x = b.pool(x, "m", 3, true)
		x = b.conv(x, convSpec{name: "b", out: 20, kernel: 1})
		x = b.pool(b.batchNorm(x, "bn").rectified(), "g", 4, false)
		return b.linear(x, "fc", classes)
	}},
	"dense blocks":                               {Shape{16, 16, 3}, 3, denseNet{9, []int{2, 2, 1}, 20}.define},
	"bottlenecks":                                {Shape{12, 12, 3}, 3, bottleneckNet{9, []int{2, 1, 2}}.define},
	"basic blocks":                               {Shape{8, 8, 3}, 5, basicNet{6, []int{2, 2}, 1}.define},
	"dense blocks, not square":                   {Shape{8, 24, 3}, 3, denseNet{6, []int{2, 1}, 8}.define},
	"bottlenecks, odd and not square":            {Shape{13, 7, 3}, 3, bottleneckNet{5, []int{1, 2, 1}}.define},
	"basic blocks, odd and wide":                 {Shape{5, 18, 3}, 5, basicNet{6, []int{2, 1, 1}, 1}.define},
	"wide blocks, odd and high":                  {Shape{15, 6, 3}, 4, wideNet{3, 2, 1, 0}.define},
	"small chain, in lanes":                      {Shape{28, 28, 2}, 5, withoutDropout},
	"BatchNorm of sums, of dropout and of pools": {Shape{8, 8, 3}, 5, preactivated},
	"BatchNorm of a sum of BatchNorms": {Shape{6, 6, 3}, 4, func(b *builder, x view, classes int) view {
		x = b.conv(x, convSpec{name: "a", out: 8, kernel: 3, pad: 1}).rectified()
		y := b.batchNorm(b.conv(x, convSpec{name: "b", out: 12, kernel: 3, pad: 1}), "bn")
		s := b.batchNorm(b.conv(x, convSpec{name: "s", out: 12, kernel: 1}), "sn")
		x = b.batchNorm(b.residual("r", y, s, true), "rn").rectified()
		return b.linear(b.pool(b.conv(x, convSpec{name: "c", out: 9, kernel: 1}), "g", 6, false), "fc", classes)
	}},
	"several tiles an image": {Shape{40, 40, 3}, 2, func(b *builder, x view, classes int) view {
		x = b.batchNorm(b.conv(x, convSpec{name: "a", out: 34, kernel: 3, pad: 1}), "an").rectified()
		x = b.batchNorm(b.conv(x, convSpec{name: "b", out: 40, kernel: 3, pad: 1}), "bn").rectified()
		x = b.conv(x, convSpec{name: "c", out: 36, kernel: 1})
		return b.linear(b.pool(x, "g", 40, false), "fc", classes)
	}},
	"filters cut into pieces": {Shape{4, 4, 3}, 3, func(b *builder, x view, classes int) view {
		x = b.conv(x, convSpec{name: "a", out: 320, kernel: 1}).rectified()
		x = b.batchNorm(b.conv(x, convSpec{name: "b", out: 34, kernel: 3, pad: 1}), "bn").rectified()
		x = b.conv(x, convSpec{name: "c", out: 320, kernel: 3, stride: 2, pad: 1})
		return b.linear(b.pool(x, "g", 2, false), "fc", classes)
	}},
	"padded pitch": {Shape{4, 4, 3}, 7, func(b *builder, x view, classes int) view {
		x = b.conv(x, convSpec{name: "a", out: 256, kernel: 3, pad: 1, bias: true})
		x = b.conv(x, convSpec{name: "b", out: 33, kernel: 1})
		x = b.batchNorm(b.conv(x, convSpec{name: "c", out: 256, kernel: 1}), "cn").rectified()
		x = b.conv(x, convSpec{name: "d", out: 5, kernel: 3, pad: 1, bias: true}).rectified()
		return b.linear(x, "fc", classes)
	}},
}

// preactivated is a network whose BatchNorms read what convolutions didn't write, whose sums have
// no ReLU, and whose dropout follows one.
func preactivated(b *builder, x view, classes int) view {
	x = b.conv(x, convSpec{name: "stem", out: 9, kernel: 3, pad: 1})
	y := b.batchNorm(x, "n1").rectified()
	shortcut := b.conv(y, convSpec{name: "s", out: 12, kernel: 1, stride: 2})
	y = b.conv(y, convSpec{name: "a", out: 12, kernel: 3, stride: 2, pad: 1})
	y = b.batchNorm(b.dropout(y, "d1", 0.3, false), "n2").rectified()
	y = b.conv(y, convSpec{name: "b", out: 12, kernel: 3, pad: 1})
	x = b.residual("r1", y, shortcut, false)

	y = b.conv(b.batchNorm(x, "n3").rectified(), convSpec{name: "c", out: 12, kernel: 3, pad: 1})
	y = b.dropout(b.batchNorm(y, "n4").rectified(), "d2", 0.4, true)
	x = b.residual("r2", b.conv(y, convSpec{name: "e", out: 12, kernel: 3, pad: 1}), x, false)

	// A convolution that could make the sum itself, were there no BatchNorm.
	shortcut = b.conv(x, convSpec{name: "f", out: 12, kernel: 1})
	y = b.conv(b.batchNorm(x, "n5").rectified(), convSpec{name: "g", out: 12, kernel: 3, pad: 1})
	x = b.residual("r3", y, shortcut, false)

	shortcut = b.conv(x, convSpec{name: "h", out: 40, kernel: 1}) // makes the sum
	y = b.conv(shortcut, convSpec{name: "i", out: 40, kernel: 1})
	x = b.batchNorm(b.residual("r4", y, shortcut, true), "n6")
	x = b.batchNorm(b.pool(x.rectified(), "m", 2, true), "n7").rectified()
	return b.linear(x, "fc", classes)
}

// withoutDropout is cnn2 as the twin can compute it.
func withoutDropout(b *builder, x view, classes int) view {
	x = b.conv(x, convSpec{name: "conv1", out: 10, kernel: 5, bias: true})
	x = b.pool(x, "pool1", 2, true).rectified()
	x = b.conv(x, convSpec{name: "conv2", out: 20, kernel: 5, bias: true}).rectified()
	x = b.pool(b.conv(x, convSpec{name: "conv3", out: 4, kernel: 3, bias: true}), "pool2", 2, true).rectified()
	x = b.linear(x, "fc1", 50).rectified()
	return b.linear(x, "fc2", classes)
}

func TestGradientsAgreeWithTwin(t *testing.T) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			net := assemble("test", c.define, c.in, 7, 5, true)
			tw := compareWithTwin(t, net, c.n)
			if c.in.Height < 40 && c.in.Height != 16 && !net.inLanes { // those have small networks in TestNetworks
				compareRounded(t, tw, nil)
			}
			if c.in.Height < 40 && longtest.On() { // or it takes too long
				compareWithDifferences(t, tw)
			}
		})
	}
}

// compareWithTwin checks that loss and gradients of n images are those of the twin.
func compareWithTwin(t *testing.T, net *Network, n int) *twin {
	t.Helper()
	pixels, labels := referenceBatch(net.In, net.Classes, n, 0)
	stirNorms(net)
	tw := newTwin(net, pixels, labels, Normalisation{}, Float32)
	want := tw.loss()
	tw.backward()
	tr := newTestTrainer(t, net, Options{Batch: n, Workers: 2})
	got, err := tr.Step(pixels, labels, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(got-want) < 1e-5*want) {
		t.Errorf("loss %.8f, want %.8f", got, want)
	}
	for _, p := range net.params {
		compareGradient(t, p, p.export(tr.shards[0].grads), tw.pgrads[p])
	}
	return tw
}

// compareRounded checks loss and gradients in bfloat16 against a twin that rounds where Precision
// says. Almost all roundings fall alike, so the two are much nearer to each other than to exact, the
// twin that doesn't round.
func compareRounded(t *testing.T, exact *twin, products *kernel.Products) {
	t.Helper()
	net := exact.net
	pixels, labels := referenceBatch(net.In, net.Classes, exact.n, 0)
	tw := newTwin(net, pixels, labels, Normalisation{}, BFloat16)
	want := tw.loss()
	tw.backward()
	tr := newTestTrainer(t, net, Options{Batch: exact.n, Workers: 2, Precision: BFloat16, products: products})
	got, err := tr.Step(pixels, labels, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(got-want) < 1e-4*want) || want == exact.loss() {
		t.Errorf("bfloat16: loss %.8f, want %.8f; %.8f unrounded", got, want, exact.loss())
	}
	for _, p := range net.params {
		diff := distance(widen(p.export(tr.shards[0].grads)), tw.pgrads[p])
		rounding := distance(tw.pgrads[p], exact.pgrads[p])
		// Tiers that sum in another order than the twin round otherwise more often.
		alike := 0.1
		if tr.products != nil && tr.products.Tier() != kernel.Widened {
			alike = 0.8
		}
		if !(diff < alike*rounding+1e-6) {
			t.Errorf("bfloat16: gradient of %q differs by %.2e; rounding makes %.2e of %.2e", p.name, diff, rounding, length(tw.pgrads[p]))
		}
	}
}

// stirNorms gives a network BatchNorms that do something.
func stirNorms(net *Network) {
	for i, s := range net.norms {
		k := newKey(99, uint64(i))
		for j, g := range s.gamma.weights() {
			s.gamma.weights()[j] = g * float32(0.5+k.uniform(2*j))
			s.beta.weights()[j] = float32(k.uniform(2*j+1) - 0.5)
		}
	}
}

// compareGradient checks for agreement within 1e-4 of the gradient's norm: float32 sums through
// several layers, with ReLUs that may flip where rounding decides.
func compareGradient(t *testing.T, p *param, got []float32, want []float64) {
	t.Helper()
	var diff, norm float64
	for i, w := range want {
		diff += (float64(got[i]) - w) * (float64(got[i]) - w)
		norm += w * w
	}
	// A bias before a BatchNorm has a gradient of exactly 0.
	if !(math.Sqrt(diff) < 1e-4*math.Sqrt(norm)+1e-6) {
		t.Errorf("gradient of %q differs by %.2e, its norm is %.2e", p.name, math.Sqrt(diff), math.Sqrt(norm))
	}
}

// compareWithDifferences checks the twin itself: a few parameters of each tensor are moved and the
// loss must follow.
func compareWithDifferences(t *testing.T, tw *twin) {
	t.Helper()
	every := (len(tw.net.params) + 7) / 8
	for i, p := range tw.net.params {
		if i%every != 0 {
			continue
		}
		k := newKey(123, uint64(p.at))
		i := int(k.bits(0) % uint64(p.len())) // of the tensor
		const h = 1e-6
		w := tw.params[p]
		old := w[i]
		w[i] = old + h
		up := tw.loss()
		w[i] = old - h
		down := tw.loss()
		w[i] = old
		got, want := (up-down)/(2*h), tw.pgrads[p][i]
		if !(math.Abs(got-want) < 1e-4*math.Abs(want)+1e-6) {
			t.Errorf("%s[%d]: the loss moves by %.8g, the gradient is %.8g", p.name, i, got, want)
		}
	}
}

// trainBits trains a small network and returns losses, predictions and weights.
func trainBits(t *testing.T, net *Network, n, workers int, level string, p Precision) string {
	t.Helper()
	return bitsOf(t, net, n, Options{Workers: workers, Level: level, Precision: p})
}

func bitsOf(t *testing.T, net *Network, n int, o Options) string {
	t.Helper()
	o.Batch, o.Seed, o.SGD = n, 3, SGD{Momentum: 0.9, WeightDecay: 1e-3, Nesterov: true}
	tr := newTestTrainer(t, net, o)
	var got string
	for step := range 2 {
		pixels, labels := referenceBatch(net.In, net.Classes, n-step*5, step)
		loss, err := tr.Step(pixels, labels, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		got += fmt.Sprintf("%x ", loss)
	}
	pixels, labels := referenceBatch(net.In, net.Classes, n, 9)
	out := make([]uint16, n)
	loss, err := tr.Score(t.Context(), pixels, labels, out)
	if err != nil {
		t.Fatal(err)
	}
	sum := key(0)
	for _, p := range net.params {
		for _, w := range p.values() { // in one order, whatever the panels
			sum = newKey(uint64(sum), uint64(math.Float32bits(w)))
		}
	}
	return got + fmt.Sprintf("%x %v %x", loss, out, sum)
}

// TestSameBits takes batches of several tiles and shards.
func TestSameBits(t *testing.T) {
	for _, c := range []struct {
		name   string
		in     Shape
		define definition
		n      int
	}{
		{"dense blocks", cases["dense blocks"].in, cases["dense blocks"].define, 25},
		{"bottlenecks", cases["bottlenecks"].in, cases["bottlenecks"].define, 25},
		{"BatchNorm of sums", Shape{8, 8, 3}, preactivated, 25},
		{"lanes", Shape{28, 28, 1}, defineCNN2, 70},
	} {
		build := func() *Network { return assemble("test", c.define, c.in, 7, 5, true) }
		few := max(8, c.n/3) // the portable level takes a second for what others do in a hundredth
		n := c.n
		if portableOnly() {
			n = few
		}
		sameBitsIn(t, c.name, build, n, few, Float32)
		if c.name == "bottlenecks" || c.name == "lanes" { // the others are in TestNetworks
			sameBitsIn(t, c.name, build, n, few, BFloat16)
		}
	}
}

// sameBitsIn trains with several numbers of workers, and a few images at every level.
func sameBitsIn(t *testing.T, name string, build func() *Network, n, few int, p Precision) {
	t.Helper()
	counts, every := []int{2, 3, 7}, kernel.Levels()
	if p == BFloat16 { // the same ways of splitting work
		counts = counts[1:2]
	}
	if testing.Short() { // the race detector's run: enough to meet each other
		counts, every = []int{3}, nil
	}
	want := trainBits(t, build(), n, 1, "best", p)
	for _, workers := range counts {
		if got := trainBits(t, build(), n, workers, "best", p); got != want {
			t.Errorf("%s, %s: %d workers gave\n%s, one\n%s", name, p, workers, got, want)
		}
	}
	if p == BFloat16 {
		few = min(few, 8)
	}
	want = trainBits(t, build(), few, 2, "best", p)
	for _, l := range every {
		if got := trainBits(t, build(), few, 2, l.String(), p); got != want {
			t.Errorf("%s, %s: level %v gave\n%s, the best\n%s", name, p, l, got, want)
		}
	}
}
