package deep

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/deep/safetensors"
)

// TestLayoutOfFile looks at single weights: PyTorch's order, row-major.
func TestLayoutOfFile(t *testing.T) {
	net := testNetwork("dense")
	p := net.byName["dense1.0.conv2.weight"] // 6 filters of 24×3×3
	if !slices.Equal(p.shape, []int{6, 24, 3, 3}) {
		t.Fatalf("shape %v", p.shape)
	}
	o, i, ky, kx := 4, 7, 2, 1
	p.weights()[((ky*3+kx)*24+i)*p.filter.width+o] = 1234
	if got := p.values()[((o*24+i)*3+ky)*3+kx]; got != 1234 {
		t.Errorf("weight (4, 7, 2, 1) is %v in the file", got)
	}
}

// TestDamagedState turns single bits of a saved state: a run must not resume from weights that it
// never had.
func TestDamagedState(t *testing.T) {
	tr := newTestTrainer(t, testNetwork("basic"), Options{Batch: 4, Seed: 7})
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := tr.SaveState(path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{len(whole) / 3, len(whole) / 2, len(whole) - 4} {
		b := slices.Clone(whole)
		b[at] ^= 1 // the lowest bit of some mantissa, or of a higher byte
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := tr.LoadState(path); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("byte %d of %d changed: %v, want an error", at, len(b), err)
		}
	}
	if err := os.WriteFile(path, whole, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := tr.LoadState(path); err != nil {
		t.Error(err)
	}
}

// TestWrongCheckpoints checks that an error is one line and leaves the network unchanged.
func TestWrongCheckpoints(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.safetensors")
	if err := testNetwork("basic").Save(good); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other.safetensors")
	if err := testNetwork("dense").Save(other); err != nil {
		t.Fatal(err)
	}
	change := func(f func(*safetensors.File)) string {
		t.Helper()
		file, err := safetensors.Read(good)
		if err != nil {
			t.Fatal(err)
		}
		f(file)
		path := filepath.Join(dir, "changed.safetensors")
		if err := safetensors.Write(path, file); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		want string
		path func() string
	}{
		{`tensor "`, func() string { return other }}, // which one comes first is no promise
		{`"linear.bias" is missing`, func() string {
			return change(func(f *safetensors.File) {
				f.Tensors = slices.DeleteFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "linear.bias" })
			})
		}},
		{`save model.module.state_dict()`, func() string {
			return change(func(f *safetensors.File) {
				for i := range f.Tensors {
					f.Tensors[i].Name = "module." + f.Tensors[i].Name
				}
			})
		}},
		{`save model._orig_mod.state_dict()`, func() string {
			return change(func(f *safetensors.File) {
				for i := range f.Tensors {
					f.Tensors[i].Name = "_orig_mod." + f.Tensors[i].Name
				}
			})
		}},
		{`save model.backbone._orig_mod.state_dict()`, func() string {
			return change(func(f *safetensors.File) {
				for i := range f.Tensors {
					f.Tensors[i].Name = "backbone._orig_mod." + f.Tensors[i].Name
				}
				f.Tensors = append(f.Tensors, safetensors.FromFloat32s("loss.weight", []int{1}, []float32{1}))
			})
		}},
		{`is missing: is this a checkpoint of another network?`, func() string { // one name in a prefix is not all
			return change(func(f *safetensors.File) {
				f.Find("conv1.weight").Name = "y.conv1.weight"
				for i := range f.Tensors {
					f.Tensors[i].Name = "x." + f.Tensors[i].Name
				}
			})
		}},
		{`is F64, want F32: save model.float().state_dict()`, func() string {
			return change(func(f *safetensors.File) {
				t := f.Find("linear.bias")
				t.DType, t.Data = "F64", make([]byte, 80)
			})
		}},
		{`.running_var" has a negative variance, -1`, func() string {
			return change(func(f *safetensors.File) {
				for i, x := range f.Tensors {
					if strings.HasSuffix(x.Name, ".running_var") {
						v, err := x.Float32s()
						if err != nil {
							t.Fatal(err)
						}
						v[0] = -1
						f.Tensors[i] = safetensors.FromFloat32s(x.Name, x.Shape, v)
						return
					}
				}
				t.Fatal("the network has no running variance")
			})
		}},
		{`"extra" is not part`, func() string {
			return change(func(f *safetensors.File) {
				f.Tensors = append(f.Tensors, safetensors.FromFloat32s("extra", []int{1}, []float32{1}))
			})
		}},
		{`"linear.bias" has shape [5 2], want [10]`, func() string {
			return change(func(f *safetensors.File) { f.Find("linear.bias").Shape = []int{5, 2} })
		}},
		{`"linear.bias" has values that aren't finite`, func() string {
			return change(func(f *safetensors.File) {
				*f.Find("linear.bias") = safetensors.FromFloat32s("linear.bias", []int{10}, append(make([]float32, 9), float32(math.NaN())))
			})
		}},
		{`"linear.bias" is I32, want F32, BF16 or F16`, func() string {
			return change(func(f *safetensors.File) { f.Find("linear.bias").DType = "I32" })
		}},
		{"a git-lfs pointer", func() string {
			path := filepath.Join(dir, "pointer")
			if err := os.WriteFile(path, []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}},
		{"no such file", func() string { return filepath.Join(dir, "none") }},
		{"not a safetensors file", func() string {
			path := filepath.Join(dir, "text")
			if err := os.WriteFile(path, []byte("this is just some text"), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}},
	} {
		net := testNetwork("basic")
		net.initialise(5)
		before := slices.Clone(net.weights)
		err := net.Load(c.path())
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want one line with %s", err, c.want)
		}
		if !slices.Equal(before, net.weights) {
			t.Errorf("%s: a failed load changed the network", c.want)
		}
	}
	tr := newTestTrainer(t, testNetwork("basic"), Options{Batch: 1})
	if err := tr.LoadState(good); err == nil || !strings.Contains(err.Error(), "step") {
		t.Errorf("a network without a state: %v", err)
	}
	if err := tr.LoadState(other); err == nil || !strings.Contains(err.Error(), `network "dense"`) {
		t.Errorf("another network's state: %v", err)
	}
}

// Half precision is converted without loss.
func TestLoadConvertsHalfPrecision(t *testing.T) {
	for dtype, bits := range map[string][3]uint16{
		"BF16": {0x3fc0, 0xbe80, 0x0001}, // 1.5, -0.25, the smallest above 0
		"F16":  {0x3e00, 0xb400, 0x0001},
	} {
		want := []float32{1.5, -.25, 0x1p-133}
		if dtype == "F16" {
			want[2] = 0x1p-24
		}
		path := filepath.Join(t.TempDir(), "half.safetensors")
		net := testNetwork("basic")
		file := &safetensors.File{Tensors: net.tensors()}
		bias := file.Find("linear.bias")
		bias.DType, bias.Data = dtype, make([]byte, 20)
		for i, b := range bits {
			binary.LittleEndian.PutUint16(bias.Data[2*i:], b)
		}
		if err := safetensors.Write(path, file); err != nil {
			t.Fatal(err)
		}
		if err := net.Load(path); err != nil {
			t.Fatal(err)
		}
		for _, p := range net.params {
			if p.name == "linear.bias" && !slices.Equal(p.values()[:3], want) {
				t.Errorf("%s: bias %v, want to begin with %v", dtype, p.values(), want)
			}
		}
	}
}

// TestLoadBetweenSteps loads weights into the network of a trainer: its next step and score are those
// of a trainer that was made for them, in every precision.
func TestLoadBetweenSteps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.safetensors")
	if err := assemble("test", cases["basic blocks"].define, cases["basic blocks"].in, 7, 1, true).Save(path); err != nil {
		t.Fatal(err)
	}
	build := func() *Network {
		return assemble("test", cases["basic blocks"].define, cases["basic blocks"].in, 7, 2, true)
	}
	pixels, labels := referenceBatch(cases["basic blocks"].in, 7, 6, 0)
	for _, p := range []Precision{Float32, BFloat16} {
		var weights [2][]float32
		var losses [2]float64
		for k := range 2 {
			net := build()
			if k == 0 {
				if err := net.Load(path); err != nil {
					t.Fatal(err)
				}
			}
			tr := newTestTrainer(t, net, Options{Batch: 6, Precision: p})
			if k == 1 {
				if _, err := tr.Score(t.Context(), pixels, labels, make([]uint16, 6)); err != nil {
					t.Fatal(err)
				}
				if err := net.Load(path); err != nil {
					t.Fatal(err)
				}
			}
			loss, err := tr.Score(t.Context(), pixels, labels, make([]uint16, 6))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tr.Step(pixels, labels, 0.1); err != nil {
				t.Fatal(err)
			}
			losses[k], weights[k] = loss, net.weights
		}
		if losses[0] != losses[1] || !slices.Equal(weights[0], weights[1]) {
			t.Errorf("%s: loaded after the trainer was made: score %v, before: %v; weights after a step equal: %v",
				p, losses[1], losses[0], slices.Equal(weights[0], weights[1]))
		}
	}
}
