package deep

import (
	"encoding/binary"
	"math"
	"strconv"
	"testing"

	"shoal/deep/safetensors"
	"shoal/kernel"
)

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

// portableOnly says whether this build has but the portable level, which takes a minute for what
// the others do in a second.
func portableOnly() bool { return kernel.Best().Level() == kernel.Portable }

// logits are those of images in evaluation mode, N×Classes.
func logits(t *testing.T, tr *Trainer, pixels []byte) []float32 {
	t.Helper()
	size := tr.net.In.Len()
	tr.freeze()
	r, all := tr.scorers[0], []float32(nil)
	for ; len(pixels) > 0; pixels = pixels[r.n*size:] {
		r.n = min(r.batch, len(pixels)/size)
		r.pixels, r.labels = pixels, nil
		r.forward()
		for i := range r.n {
			all = append(all, r.loss.row(i)...)
		}
	}
	return all
}

// An outcome is what a training of some steps gave.
type outcome struct {
	losses        []float64            // of all steps
	before, after []float64            // logits of batch 0 in evaluation mode
	gradients     map[string][]float64 // of the first step
}

// learn trains as testdata/reference.py did when it wrote f.
func learn(t *testing.T, net *Network, f *safetensors.File, p Precision) outcome {
	t.Helper()
	batch, steps := int(metaNumber(t, f, "batch")), int(metaNumber(t, f, "steps"))
	tr, err := NewTrainer(net, Options{
		Batch: batch, Seed: referenceSeed, Precision: p, Normalisation: referenceNormalisation(net.In.Channels),
		SGD: SGD{Momentum: 0.9, WeightDecay: 5e-4, Nesterov: f.Metadata["nesterov"] == "true"},
	})
	if err != nil {
		t.Fatal(err)
	}
	first, _ := referenceBatch(net.In, net.Classes, batch, 0)
	got := outcome{before: widen(logits(t, tr, first)), gradients: map[string][]float64{}}
	for step := range steps {
		pixels, labels := referenceBatch(net.In, net.Classes, batch, step%referenceBatches)
		loss, err := tr.Step(pixels, labels, metaNumber(t, f, "lr"))
		if err != nil {
			t.Fatal(err)
		}
		got.losses = append(got.losses, loss)
		if step > 0 {
			continue
		}
		for _, p := range net.params { // the first shard's are of all shards: apply has added them up
			got.gradients[p.name] = widen(p.export(tr.shards[0].grads))
		}
	}
	got.after = widen(logits(t, tr, first))
	return got
}

func compareWithPyTorch(t *testing.T, net *Network, f *safetensors.File) {
	t.Helper()
	got := learn(t, net, f, Float32)
	want := floats(t, f, "losses")
	if len(got.losses) != len(want) {
		t.Fatalf("%d losses, want %d", len(got.losses), len(want))
	}
	for step, loss := range got.losses {
		if diff := math.Abs(loss-want[step]) / want[step]; !(diff < 1e-4) {
			t.Errorf("step %d: loss %.7f, PyTorch's %.7f", step, loss, want[step])
		}
	}
	for name, z := range map[string][]float64{"logits.before": got.before, "logits": got.after} {
		if diff := logitsDiffer(t, z, floats(t, f, name)); !(diff < 1e-3) {
			t.Errorf("%s differ by %.2e of the largest", name, diff)
		}
	}
	for name, g := range got.gradients {
		want := halves(t, f, "grad."+name, floats(t, f, "scale."+name)[0])
		if len(g) != len(want) {
			t.Fatalf("gradient of %q has %d values, want %d", name, len(g), len(want))
		}
		if diff := distance(g, want) / length(want); !(diff < 1e-3) {
			t.Errorf("gradient of %q differs by %.2e of its norm", name, diff)
		}
	}
	compareStatistics(t, net, f)
}

// logitsDiffer is the largest difference of two batches of logits, divided by the largest logit
// where that is above 1.
func logitsDiffer(t *testing.T, got, want []float64) float64 {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d logits, want %d", len(got), len(want))
	}
	worst, size := 0.0, 1.0
	for i, w := range want {
		worst, size = max(worst, math.Abs(got[i]-w)), max(size, math.Abs(w))
	}
	return worst / size
}

func compareStatistics(t *testing.T, net *Network, f *safetensors.File) {
	t.Helper()
	for _, s := range net.norms {
		for name, got := range map[string][]float32{"running_mean": s.runningMean, "running_var": s.runningVar} {
			for i, w := range floats(t, f, "buffer."+s.name+"."+name) {
				if d := math.Abs(float64(got[i]) - w); !(d < 1e-3*math.Abs(w)+1e-4) {
					t.Errorf("%s.%s[%d] = %v, PyTorch's %v", s.name, name, i, got[i], w)
					break
				}
			}
		}
	}
}

// metaNumber is a number in a fixture's metadata.
func metaNumber(t *testing.T, f *safetensors.File, name string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(f.Metadata[name], 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// floats are the values of a tensor of single or double precision.
func floats(t *testing.T, f *safetensors.File, name string) []float64 {
	t.Helper()
	tensor := f.Find(name)
	if tensor == nil {
		t.Fatalf("fixture has no %q", name)
	}
	if tensor.DType == "F64" {
		v := make([]float64, len(tensor.Data)/8)
		for i := range v {
			v[i] = math.Float64frombits(binary.LittleEndian.Uint64(tensor.Data[8*i:]))
		}
		return v
	}
	v, err := tensor.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	return widen(v)
}

func widen(v []float32) []float64 {
	wide := make([]float64, len(v))
	for i, x := range v {
		wide[i] = float64(x)
	}
	return wide
}

// distance is the Euclidean distance of two vectors.
func distance(a, b []float64) float64 {
	var sum float64
	for i, x := range b {
		sum += (a[i] - x) * (a[i] - x)
	}
	return math.Sqrt(sum)
}

func length(a []float64) float64 { return distance(make([]float64, len(a)), a) }

// halves reads a float16 tensor and scales it.
func halves(t *testing.T, f *safetensors.File, name string, scale float64) []float64 {
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
		v[i] = scale * math.Ldexp(mantissa, exponent-24)
		if h>>15 == 1 {
			v[i] = -v[i]
		}
	}
	return v
}
