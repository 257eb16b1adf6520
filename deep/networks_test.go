package deep

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/deep/safetensors"
	"shoal/internal/longtest"
	"shoal/kernel"
)

// TestNetworks says whether a network is complete. It takes every family that has registered: its
// networks as they are published, then its small one, which testdata/reference.py has trained with
// PyTorch.
func TestNetworks(t *testing.T) {
	if len(families) < 4 {
		t.Fatalf("%d families have registered", len(families))
	}
	for _, f := range families {
		t.Run(f.small.name, func(t *testing.T) {
			file := readFixture(t, f.small.name)
			for _, m := range f.members {
				t.Run(m.name, func(t *testing.T) { checkPublished(t, m, file) })
			}
			for _, c := range []struct {
				name  string
				check func(*testing.T, member, Precision)
			}{
				{"same bits", checkSameBits}, {"divergence is named", checkDivergence},
				{"resume", checkResume}, {"a step allocates nothing", checkAllocations},
				{"scores images alone as together", checkScores},
			} {
				for _, p := range []Precision{Float32, BFloat16} {
					t.Run(c.name+" in "+string(p), func(t *testing.T) {
						if p == BFloat16 && f.small.name != "cnn2" {
							longtest.Only(t, "bfloat16 in all families")
						}
						c.check(t, f.small, p)
					})
				}
			}
			t.Run("agrees with twins", func(t *testing.T) { checkTwin(t, f.small) })
			t.Run("save and load", func(t *testing.T) { checkSaveLoad(t, f.small) })
			t.Run("agrees with PyTorch", func(t *testing.T) { checkPyTorch(t, f.small, file) })
		})
	}
}

// readFixture reads what PyTorch computed for a small network.
func readFixture(t *testing.T, name string) *safetensors.File {
	t.Helper()
	f, err := safetensors.Read(filepath.Join("testdata", name+".safetensors"))
	if err != nil {
		t.Fatalf("%v: write the module in testdata/reference.py, add it to NETWORKS and SMALL, and run it", err)
	}
	return f
}

// networkFacts is what PyTorch says of a published network.
type networkFacts struct {
	Parameters int
	MACs       int64
	StateDict  string `json:"state_dict"` // the SHA-256 of stateDict
}

// checkPublished compares a published network with PyTorch's module: its size, and the names and
// shapes by which a checkpoint loads there with strict=True.
func checkPublished(t *testing.T, m member, f *safetensors.File) {
	var facts map[string]networkFacts
	if err := json.Unmarshal([]byte(f.Metadata["networks"]), &facts); err != nil {
		t.Fatalf("the fixture's networks: %v", err)
	}
	want, ok := facts[m.name]
	if !ok {
		t.Fatalf("the fixture doesn't describe it: name it in SMALL of testdata/reference.py")
	}
	if err := m.check(m.in); err != nil {
		t.Error(err)
	}
	net := outline(m.name, m.define, m.in, m.classes, true)
	sum := sha256.Sum256([]byte(stateDict(net)))
	got := networkFacts{net.ParameterCount(), net.macs, hex.EncodeToString(sum[:])}
	if got.Parameters != want.Parameters || got.MACs != want.MACs {
		t.Errorf("%d parameters, %d multiply-adds, PyTorch's module %d, %d", got.Parameters, got.MACs, want.Parameters, want.MACs)
	}
	if got.StateDict != want.StateDict {
		t.Errorf("names, shapes or order of tensors aren't those of PyTorch's module: compare with reference.py --list %s\n%s", m.name, stateDict(net))
	}
	reads := []Shape{{m.side, m.side, 1}}
	if !m.fixed {
		reads = append(reads, Shape{2 * m.side, m.side, 1}, Shape{m.side, 3 * m.side, 1})
	}
	refuses := Shape{m.side + 1, m.side + 1, 3}
	if m.any {
		reads, refuses = append(reads, Shape{m.side + 1, 2*m.side + 3, 1}), Shape{2 * m.side, m.side - 1, 3}
	}
	for _, in := range reads {
		checkShape(t, m, in)
	}
	if _, err := Build(m.name, refuses, 10, 1); err == nil {
		t.Errorf("it reads images of %v", refuses)
	}
}

// stateDict lists all tensors of a checkpoint as testdata/reference.py does.
func stateDict(net *Network) string {
	var b strings.Builder
	line := func(name string, shape ...int) { fmt.Fprintln(&b, name, strings.Trim(fmt.Sprint(shape), "[]")) }
	for _, p := range net.params {
		line(p.name, p.shape...)
	}
	for _, s := range net.norms {
		line(s.name+".running_mean", len(s.runningMean))
		line(s.name+".running_var", len(s.runningVar))
		line(s.name + ".num_batches_tracked")
	}
	return b.String()
}

// checkShape checks that images of shape in give one logit a class.
func checkShape(t *testing.T, m member, in Shape) {
	t.Helper()
	if err := m.check(in); err != nil {
		t.Error(err)
		return
	}
	net := outline(m.name, m.define, in, 7, true)
	b := newBuilder(net, 1, false)
	if logits := net.define(b, b.inputView(), 7); logits.buf.pixels() != 1 || logits.c != 7 || logits.pending() {
		t.Errorf("images of %v: %d pixels of %d logits, want 1 of 7 with nothing pending", in, logits.buf.pixels(), logits.c)
	}
}

// build makes a small network.
func (m member) build(seed uint64) *Network {
	return assemble(m.name, m.define, m.in, m.classes, seed, true)
}

func checkPyTorch(t *testing.T, m member, f *safetensors.File) {
	net := m.build(referenceSeed)
	compareWithPyTorch(t, net, f)
	if net.inLanes {
		compareWithPyTorch(t, assemble(m.name, m.define, m.in, m.classes, referenceSeed, false), f)
	}
}

// checkTwin fails for most parameters if the input of some ReLU is within rounding of 0. If it also
// fails with another seed, the network is wrong.
func checkTwin(t *testing.T, m member) {
	exact := compareWithTwin(t, m.build(5), 6)
	compareRounded(t, exact, nil)
	for _, tier := range []kernel.Tier{kernel.AVX512BF16, kernel.AMX} {
		if m.in.Height > 8 {
			continue // the twins of tiers are slow
		}
		products := kernel.Twin(tier)
		compareRounded(t, exact, &products)
	}
}

func checkSameBits(t *testing.T, m member, p Precision) {
	want := trainBits(t, m.build(5), 6, 1, "best", p)
	for _, l := range kernel.Levels() {
		if testing.Short() && l == kernel.Portable {
			continue
		}
		if got := trainBits(t, m.build(5), 6, 3, l.String(), p); got != want {
			t.Errorf("3 workers at level %v gave\n%s, one worker at the best\n%s", l, got, want)
		}
	}
}

// checkDivergence makes one value of each parameter NaN in turn and checks that the error names the
// layer that reads it.
func checkDivergence(t *testing.T, m member, p Precision) {
	net := m.build(1)
	tr := newTestTrainer(t, net, Options{Batch: 4, Precision: p})
	pixels, labels := referenceBatch(m.in, m.classes, 4, 0)
	if _, err := tr.Step(pixels, labels, 0.01); err != nil {
		t.Fatal(err)
	}
	for i, q := range net.params {
		values := q.values()
		good := values[0]
		values[0] = float32(math.NaN())
		q.absorb(net.weights, values)
		tr.refresh()
		before := slices.Clone(net.weights)
		_, err := tr.Step(pixels, labels, 0.01)
		want := fmt.Sprintf("step 1: the first output that isn't finite is layer %q", strings.TrimSuffix(strings.TrimSuffix(q.name, ".weight"), ".bias"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parameter %d: got %v, want %s", i, err, want)
		}
		if !sameBits(before, net.weights) {
			t.Errorf("parameter %d: a diverged step moved the weights", i)
		}
		values[0] = good
		q.absorb(net.weights, values)
	}
}

// sameBits compares floats among which are NaNs.
func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// checkSaveLoad checks that a saved file has all of the network's values, under the names of the
// fixture, and that loading it makes another network equal.
func checkSaveLoad(t *testing.T, m member) {
	a, b := m.build(1), m.build(99)
	for i, s := range a.norms {
		kernel.Fill(s.runningMean, float32(i))
		kernel.Fill(s.runningVar, float32(i+2))
		s.batches = int64(i + 1)
	}
	path := filepath.Join(t.TempDir(), "net.safetensors")
	if err := a.Save(path); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(a.weights, b.weights) {
		t.Fatal("two seeds gave the same weights")
	}
	if err := b.Load(path); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.weights, b.weights) {
		t.Error("weights differ after a round trip")
	}
	for i, s := range a.norms {
		o := b.norms[i]
		if !slices.Equal(s.runningMean, o.runningMean) || !slices.Equal(s.runningVar, o.runningVar) || s.batches != o.batches {
			t.Errorf("statistics of %q differ after a round trip", s.name)
		}
	}
	saved, err := safetensors.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	checkNames(t, saved, readFixture(t, m.name))
}

// checkNames checks that the parameters and statistics of a checkpoint are those of the fixture.
func checkNames(t *testing.T, saved, fixture *safetensors.File) {
	t.Helper()
	var got, want []string
	for _, s := range saved.Tensors {
		if !strings.HasSuffix(s.Name, ".num_batches_tracked") {
			got = append(got, s.Name)
		}
	}
	for _, s := range fixture.Tensors {
		for _, kind := range []string{"grad.", "buffer."} {
			if name, ok := strings.CutPrefix(s.Name, kind); ok {
				want = append(want, name)
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("the file has %q, PyTorch's module %q", got, want)
	}
}

// checkResume checks that a training that is saved and resumed has the same bits as one that is not
// interrupted.
func checkResume(t *testing.T, m member, p Precision) {
	o := Options{Batch: 40, SGD: SGD{Momentum: 0.9, WeightDecay: 1e-3}, Seed: 7, Precision: p}
	path := filepath.Join(t.TempDir(), "state.safetensors")
	whole, first, second := newTestTrainer(t, m.build(1), o), newTestTrainer(t, m.build(1), o), newTestTrainer(t, m.build(2), o)
	step := func(tr *Trainer, i int) float64 {
		pixels, labels := referenceBatch(m.in, m.classes, 40-i, i)
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
			t.Errorf("step %d: loss %v, %v after resuming", i, a, b)
		}
	}
	if !slices.Equal(whole.net.weights, second.net.weights) || !slices.Equal(whole.momentum, second.momentum) {
		t.Error("weights or momentum differ after resuming")
	}
	for i, s := range whole.net.norms {
		if !slices.Equal(s.runningVar, second.net.norms[i].runningVar) {
			t.Errorf("running variance of %q differs after resuming", s.name)
		}
	}
}

func checkAllocations(t *testing.T, m member, p Precision) {
	tr := newTestTrainer(t, m.build(1), Options{Batch: 64, Workers: 1, Precision: p})
	pixels, labels := referenceBatch(m.in, m.classes, 64, 0)
	n := testing.AllocsPerRun(3, func() {
		if _, err := tr.Step(pixels, labels, 0.01); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations a step, want none", n)
	}
}

// checkScores scores images together and one by one.
func checkScores(t *testing.T, m member, p Precision) {
	const n = 40 // more than go through a small network in lanes at once
	tr := newTestTrainer(t, m.build(1), Options{Batch: 4, Precision: p})
	pixels, labels := referenceBatch(m.in, m.classes, n, 0)
	all, out := logits(t, tr, pixels), make([]uint16, n)
	loss, err := tr.Score(t.Context(), pixels, labels, out)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for i := range n {
		image := pixels[i*m.in.Len():][:m.in.Len()]
		one := logits(t, tr, image)
		if !slices.Equal(one, all[m.classes*i:][:m.classes]) {
			t.Fatalf("image %d has other logits alone", i)
		}
		class := make([]uint16, 1)
		l, err := tr.Score(t.Context(), image, labels[i:i+1], class)
		if err != nil {
			t.Fatal(err)
		}
		if class[0] != out[i] || int(class[0]) != slices.Index(one, slices.Max(one)) {
			t.Errorf("image %d is class %d alone, %d in company; its logits are %v", i, class[0], out[i], one)
		}
		sum += l
	}
	if sum/n != loss {
		t.Errorf("loss %v together, %v one by one", loss, sum/n)
	}
}

// TestEveryFixtureIsUsed finds fixtures of networks that no longer exist.
func TestEveryFixtureIsUsed(t *testing.T) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".safetensors")
		if ok && !slices.ContainsFunc(families, func(f *family) bool { return f.small.name == name }) {
			t.Errorf("testdata/%s is no family's small network", e.Name())
		}
	}
}

func TestDrawNorms(t *testing.T) {
	in := Shape{8, 8, 3}
	plain, drawn := assemble("n", basicNet{6, []int{1, 2}, 1}.define, in, 7, 5, true), assemble("n", basicNet{6, []int{1, 2}, 1}.define, in, 7, 5, true)
	drawn.DrawNorms(5)
	sum, n := 0.0, 0
	for i, p := range drawn.params {
		was, is := plain.params[i].values(), p.values()
		if !drawn.isNorm(p) || strings.HasSuffix(p.name, ".bias") {
			if !slices.Equal(was, is) {
				t.Errorf("%s has changed", p.name)
			}
			continue
		}
		for _, v := range is {
			if !(v >= 0 && v <= 1) {
				t.Errorf("%s has %v, want 0 to 1", p.name, v)
			}
			sum += float64(v)
			n++
		}
	}
	if mean := sum / float64(n); n < 50 || math.Abs(mean-.5) > 4/math.Sqrt(float64(12*n)) {
		t.Errorf("mean %v of %d values, want 0.5", mean, n)
	}
	if !HasNorm("densenet121") || HasNorm("cnn2") || HasNorm("none") {
		t.Error("HasNorm is wrong about densenet121, cnn2 or an unknown network")
	}
}

// A network that was drawn again answers as one that was built so, also where it was trained between.
func TestDrawIsBuild(t *testing.T) {
	for _, f := range families {
		in, classes := f.small.in, f.small.classes
		answers := func(net *Network, train bool) []uint16 {
			trainer, err := NewTrainer(net, Options{Batch: 4, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			pixels, out := make([]byte, 8*in.Len()), make([]uint16, 8)
			for i := range pixels {
				pixels[i] = byte(i * 37)
			}
			if train {
				if _, err := trainer.Step(pixels[:4*in.Len()], make([]uint16, 4), .1); err != nil {
					t.Fatal(err)
				}
				net.Draw(7)
			}
			if _, err := trainer.Score(t.Context(), pixels, nil, out); err != nil {
				t.Fatal(err)
			}
			return out
		}
		built := assemble("small", f.small.define, in, classes, 7, true)
		drawn := assemble("small", f.small.define, in, classes, 3, true)
		if a, b := answers(built, false), answers(drawn, true); !slices.Equal(a, b) || !slices.Equal(built.weights, drawn.weights) {
			t.Errorf("%s: drawn again it answers %v, built %v", f.small.name, b, a)
		}
	}
}
