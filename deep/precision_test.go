package deep

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/deep/safetensors"
	"shoal/kernel"
)

func TestParsePrecision(t *testing.T) {
	for name, want := range map[string]Precision{"": Float32, "float32": Float32, "bfloat16": BFloat16} {
		if got, err := ParsePrecision(name); got != want || err != nil {
			t.Errorf("ParsePrecision(%q) = %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"bf16", "Float32", "float16", " "} {
		if _, err := ParsePrecision(name); err == nil || !strings.Contains(err.Error(), "bfloat16") {
			t.Errorf("ParsePrecision(%q): %v, want an error with the choices", name, err)
		}
	}
}

// TestFirstTier lets tiers be refused: the next one is taken, and why is told of those whose
// instructions the processor has.
func TestFirstTier(t *testing.T) {
	lacks := errors.New("its processor lacks the instructions")
	wrong := func(tier kernel.Tier) error { return &kernel.RefusedError{Tier: tier, Why: "3 instead of 4"} }
	for _, c := range []struct {
		amx, pairs error
		want       kernel.Tier
		refused    string
	}{
		{nil, nil, kernel.AMX, ""},
		{lacks, nil, kernel.AVX512BF16, ""},
		{lacks, lacks, kernel.Widened, ""},
		{wrong(kernel.AMX), nil, kernel.AVX512BF16, "amx: 3 instead of 4"},
		{lacks, wrong(kernel.AVX512BF16), kernel.Widened, "avx512bf16: 3 instead of 4"},
		{wrong(kernel.AMX), wrong(kernel.AVX512BF16), kernel.Widened, "amx: 3 instead of 4; avx512bf16: 3 instead of 4"},
	} {
		errs := map[kernel.Tier]error{kernel.AMX: c.amx, kernel.AVX512BF16: c.pairs}
		got, refused := firstTier(func(tier kernel.Tier) error { return errs[tier] })
		if got != c.want || refused != c.refused {
			t.Errorf("%v, %v: tier %v, %q; want %v, %q", c.amx, c.pairs, got, refused, c.want, c.refused)
		}
	}
	if Float32.Refused() != "" {
		t.Errorf("float32 has no tiers, but %q", Float32.Refused())
	}
}

// TestBFloat16IsStored checks the formats of all buffers and that they take half the memory, in
// training and in evaluation.
func TestBFloat16IsStored(t *testing.T) {
	for _, name := range []string{"dense", "basic", "cnn2"} {
		net := testNetwork(name)
		net.arrange(BFloat16, false, net.panel)
		for _, training := range []bool{true, false} {
			o := runOptions{batch: 8, workers: 1, training: training, kernels: kernel.Best()}
			wide := newRun(net, o)
			o.half = true
			r := newRun(net, o)
			if share := float64(r.valueBytes) / float64(wide.valueBytes); !(share < 0.52) {
				t.Errorf("%s, training %v: values take %d bytes, in float32 %d", name, training, r.valueBytes, wide.valueBytes)
			}
			for _, b := range r.buffers {
				logits := b == r.logits.buf
				if b.half == logits || (b.value != nil) != logits || (b.value16 != nil) == logits {
					t.Errorf("%s: buffer %q, logits %v, is in bfloat16: %v", name, b.name, logits, b.half)
				}
				if training && ((b.grad != nil) != logits || (b.grad16 != nil) == logits) {
					t.Errorf("%s: the gradient of buffer %q, logits %v, has the wrong format", name, b.name, logits)
				}
			}
		}
	}
}

// TestPrecisionLeavesTheNetworkAlone trains in bfloat16 without moving, and then in float32: the
// bits are those of a network that never met bfloat16, whatever layout its weights had between.
func TestPrecisionLeavesTheNetworkAlone(t *testing.T) {
	for _, name := range []string{"cnn2", "dense"} {
		net := testNetwork(name)
		lanes := net.inLanes
		before := slices.Clone(net.weights)
		n := 8
		pixels, labels := referenceBatch(net.In, net.Classes, n, 0)
		tr := newTestTrainer(t, net, Options{Batch: n, Precision: BFloat16})
		if net.inLanes {
			t.Errorf("%s is in lanes, which are float32", name)
		}
		if _, err := tr.Step(pixels, labels, 0); err != nil {
			t.Fatal(err)
		}
		want := trainBits(t, testNetwork(name), n, 2, "best", Float32)
		newTestTrainer(t, net, Options{Batch: n})
		if net.inLanes != lanes || net.rounded != nil || !slices.Equal(net.weights, before) {
			t.Errorf("%s: its weights are not what they were", name)
		}
		for _, s := range net.norms { // the step has moved them
			kernel.Fill(s.runningMean, 0)
			kernel.Fill(s.runningVar, 1)
		}
		if got := trainBits(t, net, n, 2, "best", Float32); got != want {
			t.Errorf("%s: float32 after bfloat16 gave\n%s, alone\n%s", name, got, want)
		}
	}
}

// TestStateKnowsItsArithmetic resumes states in another precision and from another tier.
func TestStateKnowsItsArithmetic(t *testing.T) {
	dir := t.TempDir()
	trainer := func(p Precision) *Trainer {
		return newTestTrainer(t, testNetwork("dense"), Options{Batch: 4, Seed: 7, Precision: p})
	}
	path := func(p Precision) string { return filepath.Join(dir, string(p)) }
	for _, p := range []Precision{Float32, BFloat16} {
		if err := trainer(p).SaveState(path(p)); err != nil {
			t.Fatal(err)
		}
		if err := trainer(p).LoadState(path(p)); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	for saved, here := range map[Precision]Precision{Float32: BFloat16, BFloat16: Float32} {
		err := trainer(here).LoadStateOfAnyTier(path(saved))
		if err == nil || !strings.Contains(err.Error(), "trained in "+string(saved)) {
			t.Errorf("the state of %s in %s: %v", saved, here, err)
		}
	}
	f, err := safetensors.Read(path(BFloat16))
	if err != nil {
		t.Fatal(err)
	}
	other := kernel.AMX.String()
	if other == BFloat16.Tier() {
		other = kernel.AVX512BF16.String()
	}
	f.Metadata[tierKey] = other
	f.Metadata[checksumKey] = digest(f)
	if err := safetensors.Write(path(BFloat16), f); err != nil {
		t.Fatal(err)
	}
	var tier *TierError
	if err := trainer(BFloat16).LoadState(path(BFloat16)); !errors.As(err, &tier) || tier.Saved != orderOf(other, sumsRevision) {
		t.Errorf("a state of another tier: %v", err)
	}
	f.Metadata[tierKey] = BFloat16.Tier()
	delete(f.Metadata, sumsKey)
	f.Metadata[checksumKey] = digest(f)
	if err := safetensors.Write(path(BFloat16), f); err != nil {
		t.Fatal(err)
	}
	if err := trainer(BFloat16).LoadState(path(BFloat16)); !errors.As(err, &tier) || tier.Saved != orderOf(BFloat16.Tier(), "1") {
		t.Errorf("a state of an earlier order of sums: %v", err)
	}
	if err := trainer(BFloat16).LoadStateOfAnyTier(path(BFloat16)); err != nil {
		t.Errorf("a state of another tier that may be: %v", err)
	}
}

// TestPairsDoNotAllocate holds for the ways of multiplying that checkAllocations doesn't take.
func TestPairsDoNotAllocate(t *testing.T) {
	products, err := kernel.Best().SelectTier(kernel.Widened)
	if err != nil {
		t.Fatal(err)
	}
	net := testNetwork("dense")
	tr := newTestTrainer(t, net, Options{Batch: 16, Workers: 1, Precision: BFloat16, products: &products})
	pixels, labels := referenceBatch(net.In, net.Classes, 16, 0)
	n := testing.AllocsPerRun(3, func() {
		if _, err := tr.Step(pixels, labels, 0.01); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations a step, want none", n)
	}
}

// eachByPairs hands over the cases with the products of pairs in tier Widened; large ones are left out where
// they take long.
func eachByPairs(t *testing.T, do func(name string, c testCase, products *kernel.Products)) {
	t.Helper()
	products, err := kernel.Best().SelectTier(kernel.Widened)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range cases {
		if large := c.in.Height == 40 || c.in.Height == 4; large && (testing.Short() || portableOnly()) {
			continue
		}
		do(name, c, &products)
	}
}

// TestPairsAreTheSame trains by products of pairs in tier Widened: the bits are those of the float32
// kernels, whatever the layers' shapes, where images of a tile follow each other as they do there.
func TestPairsAreTheSame(t *testing.T) {
	eachByPairs(t, func(name string, c testCase, products *kernel.Products) {
		build := func() *Network { return assemble("test", c.define, c.in, 7, 5, true) }
		const n = 6 // the second step takes one image
		want := bitsOf(t, build(), n, Options{Workers: 2, Precision: BFloat16, floats: true})
		for _, workers := range []int{3, 1} {
			if portableOnly() && workers == 1 {
				break
			}
			if got := bitsOf(t, build(), n, Options{Workers: workers, Precision: BFloat16, products: products, apart: true}); got != want {
				t.Errorf("%s: %d workers on pairs gave\n%s, the float32 kernels\n%s", name, workers, got, want)
			}
		}
	})
}

// TestSideBySide sets images of a tile side by side and one after another: outputs and gradients of inputs
// have the same bits, and weight gradients, whose sums go over pixels in another order, differ by rounding.
func TestSideBySide(t *testing.T) {
	eachByPairs(t, func(name string, c testCase, products *kernel.Products) {
		step := func(apart bool) (float64, []float64) {
			net := assemble("test", c.define, c.in, 7, 5, true)
			tr := newTestTrainer(t, net, Options{Batch: 6, Workers: 2, Precision: BFloat16, products: products, apart: apart, Seed: 3})
			pixels, labels := referenceBatch(net.In, net.Classes, 6, 0)
			var before, change []float64
			for _, p := range net.params {
				for _, w := range p.values() {
					before = append(before, float64(w))
				}
			}
			loss, err := tr.Step(pixels, labels, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range net.params {
				for _, w := range p.values() {
					change = append(change, float64(w)-before[len(change)])
				}
			}
			return loss, change
		}
		loss, got := step(false)
		want, apart := step(true)
		if loss != want {
			t.Errorf("%s: a loss of %v, want %v", name, loss, want)
		}
		var off, length float64
		for i, x := range apart {
			off, length = off+(got[i]-x)*(got[i]-x), length+x*x
		}
		if !(off <= 1e-10*length) || length == 0 {
			t.Errorf("%s: gradients of length %v differ by %v", name, math.Sqrt(length), math.Sqrt(off))
		}
	})
}

// TestSumsRevision fails when a change gives bfloat16 other bits: a state that was saved before must not
// be continued as if nothing had happened. Then raise sumsRevision and take the new bits over.
func TestSumsRevision(t *testing.T) {
	if portableOnly() {
		t.Skip("takes a minute in portable code, with the same bits")
	}
	many := func(b *builder, x view, classes int) view { // so many weights that tiles are larger
		x = b.conv(x, convSpec{name: "a", out: 128, kernel: 1}).rectified()
		x = b.batchNorm(b.conv(x, convSpec{name: "b", out: 120, kernel: 3, pad: 1}), "bn").rectified()
		return b.linear(b.pool(x, "g", 8, false), "fc", classes)
	}
	few := basicNet{6, []int{1, 1}, 1}.define
	for _, c := range []struct {
		tier   kernel.Tier
		define definition
		n      int
		want   string
	}{
		{kernel.Widened, few, 7, "304998f961be864"},
		{kernel.Widened, many, 40, "3671e078d6a79bcd"},
		{kernel.AVX512BF16, few, 7, "d9f7d41d9f1b6c44"},
		{kernel.AMX, few, 7, "9d8fa0ffcf6f82ae"},
	} {
		o := Options{Workers: 2, Precision: BFloat16, floats: true} // as Widened is computed
		if c.tier != kernel.Widened {
			products := kernel.Twin(c.tier)
			o.products = &products
		}
		bits := strings.Fields(bitsOf(t, assemble("test", c.define, Shape{8, 8, 3}, 7, 5, true), c.n, o))
		if got := bits[len(bits)-1]; got != c.want {
			t.Errorf("%s, %d images: the weights after two steps are %s, in revision %s they are %s", c.tier, c.n, got, sumsRevision, c.want)
		}
	}
}
