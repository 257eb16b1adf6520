package deep

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"shoal/deep/safetensors"
)

// small are the networks of testdata/reference.py that aren't Build's.
var small = map[string]struct {
	in     Shape
	define definition
}{
	"cnn2":            {Shape{28, 28, 1}, defineCNN2},
	"tiny-densenet":   {Shape{8, 8, 3}, denseNet{6, []int{2, 3}, 8}.define},
	"tiny-bottleneck": {Shape{8, 8, 3}, bottleneckNet{4, []int{1, 2, 1}}.define},
	"tiny-basic":      {Shape{8, 8, 3}, basicNet{6, []int{1, 2}}.define},
}

// referenceBatch is batch b of testdata/reference.py.
func referenceBatch(in Shape, classes, n, b int) ([]byte, []uint16) {
	pixels, labels := make([]byte, n*in.Len()), make([]uint16, n)
	px, lb := newKey(77, uint64(b)), newKey(78, uint64(b))
	for i := range pixels {
		pixels[i] = byte(px.bits(i))
	}
	for i := range labels {
		labels[i] = uint16(lb.bits(i) % uint64(classes))
	}
	return pixels, labels
}

func referenceNormalisation(channels int) Normalisation {
	return Normalisation{Mean: []float32{0.5, 0.4, 0.45}[:channels], Std: []float32{0.25, 0.2, 0.22}[:channels]}
}

const referenceBatches, referenceSeed = 4, 1

func TestSmallNetworksAgreeWithPyTorch(t *testing.T) {
	for name, a := range small {
		t.Run(name, func(t *testing.T) {
			f, err := safetensors.Read(filepath.Join("testdata", name+".safetensors"))
			if err != nil {
				t.Fatal(err)
			}
			compareWithPyTorch(t, assemble(name, a.define, a.in, 10, referenceSeed, true), f)
			if name == "cnn2" {
				compareWithPyTorch(t, assemble(name, a.define, a.in, 10, referenceSeed, false), f)
			}
		})
	}
}

// TestLargeNetworks compares the networks whose fixtures are too large to keep;
// testdata/reference.py says how to make them.
func TestLargeNetworks(t *testing.T) {
	dir := os.Getenv("SHOAL_DEEP_REFERENCE")
	if dir == "" {
		t.Skip("set SHOAL_DEEP_REFERENCE to a folder that testdata/reference.py --network wrote to")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures in %q (%v)", dir, err)
	}
	for _, path := range files {
		f, err := safetensors.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			in, classes := Shape{32, 32, 3}, 10
			switch f.Metadata["network"] {
			case "cnn2":
				in = Shape{28, 28, 1}
			case "resnet101":
				classes = 100
			}
			net, err := Build(f.Metadata["network"], in, classes, referenceSeed)
			if err != nil {
				t.Fatal(err)
			}
			compareWithPyTorch(t, net, f)
		})
	}
}

func compareWithPyTorch(t *testing.T, net *Network, f *safetensors.File) {
	t.Helper()
	batch, steps := metaInt(t, f, "batch"), metaInt(t, f, "steps")
	lr, err := strconv.ParseFloat(f.Metadata["lr"], 64)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := NewTrainer(net, Options{
		Batch: batch, Seed: referenceSeed, Normalisation: referenceNormalisation(net.In.Channels),
		SGD: SGD{Momentum: 0.9, WeightDecay: 5e-4, Nesterov: f.Metadata["nesterov"] == "true"},
	})
	if err != nil {
		t.Fatal(err)
	}
	spreadBeta(t, net, f)
	tr.Refresh()
	compareLogits(t, tr, f, "logits.before", batch)
	limit := max(1e-4, 3*self(t, f, "losses"))
	losses := f.Find("losses")
	worst := 0.0
	for step := range steps {
		pixels, labels := referenceBatch(net.In, net.Classes, batch, step%referenceBatches)
		loss, err := tr.Step(pixels, labels, lr)
		if err != nil {
			t.Fatal(err)
		}
		want := math.Float64frombits(binary.LittleEndian.Uint64(losses.Data[8*step:]))
		diff := math.Abs(loss-want) / want
		worst = max(worst, diff)
		if !(diff < limit) {
			t.Errorf("step %d: loss %.7f, PyTorch's %.7f", step, loss, want)
		}
		if step == 0 {
			compareGradients(t, tr, f)
		}
	}
	t.Logf("losses of %d steps agree to %.1e relative, PyTorch's with itself to %.1e", steps, worst, self(t, f, "losses"))
	compareLogits(t, tr, f, "logits", batch)
	if f.Find("self.losses") == nil { // in large networks the logits stand for them
		compareStatistics(t, net, f)
	}
}

// spreadBeta starts BatchNorm's biases as testdata/reference.py --beta does.
func spreadBeta(t *testing.T, net *Network, f *safetensors.File) {
	t.Helper()
	beta, err := strconv.ParseFloat(f.Metadata["beta"], 32)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range net.norms {
		coin, values := newKey(80, uint64(i)), make([]float32, s.beta.Len())
		for j := range values {
			values[j] = float32(beta) * float32(2*int(coin.bits(j)>>63)-1)
		}
		if err := s.beta.SetValues(values); err != nil {
			t.Fatal(err)
		}
	}
}

// compareGradients wants every gradient within 1e-3 of its norm, or as near to
// float64 as PyTorch's own float32 comes in this network, times 3.
func compareGradients(t *testing.T, tr *Trainer, f *safetensors.File) {
	t.Helper()
	worst, far := 0.0, 0.0
	for _, p := range tr.net.params {
		if f.Find("self."+p.Name) != nil {
			far = max(far, float64(floats(t, f, "self."+p.Name)[0]))
		}
	}
	limit := max(1e-3, 3*far)
	var all []float64
	for _, p := range tr.net.params {
		want := halves(t, f, "grad."+p.Name)
		scale := float64(floats(t, f, "scale."+p.Name)[0])
		got := p.export(tr.shards[0].grads) // of all shards: apply has added them up
		var diff, norm float64
		for i, w := range want {
			d := float64(got[i]) - w*scale
			diff += d * d
			norm += w * scale * w * scale
		}
		rel := math.Sqrt(diff / norm)
		worst = max(worst, rel)
		all = append(all, rel)
		if !(rel < limit) {
			t.Errorf("gradient of %q differs by %.2e of its norm", p.Name, rel)
		}
	}
	slices.Sort(all)
	t.Logf("gradients differ by %.1e (median), %.1e (worst) of their norm, stored to 2e-4; PyTorch from itself by %.1e", all[len(all)/2], worst, far)
}

// self is by how much PyTorch's two memory formats differ, 0 in small fixtures.
func self(t *testing.T, f *safetensors.File, name string) float64 {
	t.Helper()
	if f.Find("self."+name) == nil {
		return 0
	}
	return float64(floats(t, f, "self."+name)[0])
}

func compareLogits(t *testing.T, tr *Trainer, f *safetensors.File, name string, batch int) {
	t.Helper()
	pixels, _ := referenceBatch(tr.net.In, tr.net.Classes, batch, 0)
	got, err := tr.Logits(pixels)
	if err != nil {
		t.Fatal(err)
	}
	want := floats(t, f, name)
	if len(got) != len(want) {
		t.Fatalf("%d logits, want %d", len(got), len(want))
	}
	worst, size := 0.0, 0.0
	for i, w := range want {
		worst = max(worst, math.Abs(float64(got[i]-w)))
		size = max(size, math.Abs(float64(w)))
	}
	t.Logf("%s up to %.2f agree to %.1e, PyTorch's with itself to %.1e", name, size, worst, self(t, f, name))
	if !(worst < max(1e-3*max(1, size), 3*self(t, f, name))) {
		t.Errorf("%s differ by %.2e, the largest is %.2f", name, worst, size)
	}
}

func compareStatistics(t *testing.T, net *Network, f *safetensors.File) {
	t.Helper()
	for _, s := range net.norms {
		for name, got := range map[string][]float32{"running_mean": s.runningMean, "running_var": s.runningVar} {
			for i, w := range floats(t, f, "buffer."+s.name+"."+name) {
				if d := math.Abs(float64(got[i] - w)); !(d < 1e-3*math.Abs(float64(w))+1e-4) {
					t.Errorf("%s.%s[%d] = %v, PyTorch's %v", s.name, name, i, got[i], w)
					break
				}
			}
		}
	}
}

func metaInt(t *testing.T, f *safetensors.File, name string) int {
	t.Helper()
	n, err := strconv.Atoi(f.Metadata[name])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func floats(t *testing.T, f *safetensors.File, name string) []float32 {
	t.Helper()
	tensor := f.Find(name)
	if tensor == nil {
		t.Fatalf("fixture has no %q", name)
	}
	v, err := tensor.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// halves reads a float16 tensor.
func halves(t *testing.T, f *safetensors.File, name string) []float64 {
	t.Helper()
	tensor := f.Find(name)
	if tensor == nil || tensor.DType != "F16" {
		t.Fatalf("fixture has no float16 %q", name)
	}
	v := make([]float64, len(tensor.Data)/2)
	for i := range v {
		h := binary.LittleEndian.Uint16(tensor.Data[2*i:])
		mantissa, exponent := float64(h&0x3ff), int(h>>10&31)
		if exponent > 0 {
			mantissa, exponent = mantissa+1024, exponent-1
		}
		v[i] = math.Ldexp(mantissa, exponent-24)
		if h>>15 == 1 {
			v[i] = -v[i]
		}
	}
	return v
}
