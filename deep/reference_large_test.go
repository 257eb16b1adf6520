package deep

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"shoal/deep/safetensors"
)

// The agreement that is asked for: of losses, relative; of logits, by the largest; of a parameter's
// gradient, by its norm.
const lossLimit, logitLimit, gradientLimit = 1e-4, 1e-3, 1e-3

// slack is how much farther from float64 than PyTorch's float32 shoal may be where that is beyond
// the limits: both are one draw of the same rounding.
const slack = 2

// A way is one in which testdata/reference.py ran PyTorch.
type way struct{ prefix, name string }

// ways are those of each precision.
var ways = map[Precision][]way{
	Float32: {
		{"nchw.", "PyTorch, NCHW"},
		{"nchw-1.", "PyTorch, NCHW, 1 thread"},
		{"nhwc.", "PyTorch, channels last"},
	},
	BFloat16: {
		{"amp.", "PyTorch's autocast, NCHW"},
		{"amp-nhwc.", "PyTorch's autocast, channels last"},
	},
}

// TestLargeNetworks compares the networks whose fixtures are too large to keep with PyTorch;
// testdata/reference.py says how to make them. All is measured against PyTorch's float64, which
// stands for exact arithmetic.
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
		t.Run(strings.TrimSuffix(filepath.Base(path), ".safetensors"), func(t *testing.T) {
			f, err := safetensors.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			compareLarge(t, f)
		})
	}
}

func compareLarge(t *testing.T, f *safetensors.File) {
	name := f.Metadata["network"]
	m, err := find(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Precision{Float32, BFloat16} {
		net, err := Build(name, m.in, m.classes, referenceSeed)
		if err != nil {
			t.Fatal(err)
		}
		spreadBeta(net, metaNumber(t, f, "spread"))
		comparePrecision(t, net, f, p)
	}
}

// comparePrecision trains in p and compares with PyTorch's float64, beside what PyTorch makes of p.
func comparePrecision(t *testing.T, net *Network, f *safetensors.File, p Precision) {
	got, truth := learn(t, net, f, p), stored(t, f, net, "")

	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "from float64\tfirst loss\tall losses\tlogits before\tlogits after\tgradients: median\tworst\tbeyond 1e-3\tof zero")
	zeros := truth.zeroGradients()
	ours := from(t, got, truth, zeros)
	ours.print(table, strings.TrimSpace("shoal "+p.Tier()))
	var peer deviation
	for _, way := range ways[p] {
		d := from(t, stored(t, f, net, way.prefix), truth, zeros)
		d.print(table, way.name)
		peer = peer.atWorst(d)
	}
	direct := from(t, got, stored(t, f, net, ways[p][0].prefix), zeros)
	direct.print(table, "shoal from "+ways[p][0].name)
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s in %s, batch %s, lr %s, spread %s, %s steps, torch %s\n%s",
		net.Name, p, f.Metadata["batch"], f.Metadata["lr"], f.Metadata["spread"], f.Metadata["steps"], f.Metadata["torch"], text.String())
	if n := len(ours.beyond); n > 0 && n < 20 {
		slices.Sort(ours.beyond)
		t.Logf("beyond 1e-3 in shoal: %s", strings.Join(ours.beyond, ", "))
	}
	ours.check(t, peer)
}

// stored is one outcome in a file that reference.py --network wrote.
func stored(t *testing.T, f *safetensors.File, net *Network, prefix string) outcome {
	t.Helper()
	o := outcome{
		losses: floats(t, f, prefix+"losses"), gradients: map[string][]float64{},
		before: floats(t, f, prefix+"logits.before"), after: floats(t, f, prefix+"logits"),
	}
	for _, p := range net.params {
		o.gradients[p.name] = floats(t, f, prefix+"grad."+p.name)
	}
	return o
}

// zeroGradients are the parameters whose gradient is 0 in exact arithmetic: a bias before a
// BatchNorm, where no ReLU between them cuts.
func (o outcome) zeroGradients() map[string]bool {
	zeros, whole := map[string]bool{}, o.gradientLength()
	for name, g := range o.gradients {
		zeros[name] = length(g) < 1e-12*whole
	}
	return zeros
}

// gradientLength is the norm of all gradients together.
func (o outcome) gradientLength() float64 {
	whole := 0.0
	for _, g := range o.gradients {
		whole = math.Hypot(whole, length(g))
	}
	return whole
}

// A deviation is how far one outcome is from another, at worst.
type deviation struct {
	first, losses float64  // losses, relative; of the first step and of all
	before, after float64  // logits
	median, worst float64  // of the gradients, by their norms
	parameters    int      // whose gradient is not 0
	beyond        []string // those of them whose gradient is beyond the limit
	zero          float64  // the largest gradient that is 0 in exact arithmetic, by the norm of all
	zeros         int      // how many of those
}

// from compares o with what it should be.
func from(t *testing.T, o, want outcome, zeros map[string]bool) deviation {
	t.Helper()
	d := deviation{before: logitsDiffer(t, o.before, want.before), after: logitsDiffer(t, o.after, want.after)}
	for i, loss := range want.losses {
		rel := math.Abs(o.losses[i]-loss) / loss
		d.losses = max(d.losses, rel)
		if i == 0 {
			d.first = rel
		}
	}
	whole := want.gradientLength()
	var all []float64
	for name, g := range want.gradients {
		diff := distance(o.gradients[name], g)
		if zeros[name] {
			d.zeros++
			d.zero = max(d.zero, diff/whole)
			continue
		}
		rel := diff / length(g)
		all = append(all, rel)
		d.worst = max(d.worst, rel)
		if !(rel < gradientLimit) {
			d.beyond = append(d.beyond, fmt.Sprintf("%s %.1e", name, rel))
		}
	}
	slices.Sort(all)
	d.median, d.parameters = all[len(all)/2], len(all)
	return d
}

func (d deviation) atWorst(e deviation) deviation {
	return deviation{
		first: max(d.first, e.first), losses: max(d.losses, e.losses), before: max(d.before, e.before), after: max(d.after, e.after),
		median: max(d.median, e.median), worst: max(d.worst, e.worst), zero: max(d.zero, e.zero),
	}
}

func (d deviation) print(w *tabwriter.Writer, who string) {
	fmt.Fprintf(w, "%s\t%.1e\t%.1e\t%.1e\t%.1e\t%.1e\t%.1e\t%d of %d\t%.0e (%d)\n",
		who, d.first, d.losses, d.before, d.after, d.median, d.worst, len(d.beyond), d.parameters, d.zero, d.zeros)
}

// check requires the agreement of the limits, or that of PyTorch's own arithmetic.
func (d deviation) check(t *testing.T, peer deviation) {
	t.Helper()
	for _, m := range []struct {
		what             string
		got, limit, peer float64
	}{
		{"losses of the first step", d.first, lossLimit, peer.first},
		{"losses", d.losses, lossLimit, peer.losses},
		{"logits before training", d.before, logitLimit, peer.before},
		{"logits after training", d.after, logitLimit, peer.after},
		{"gradients at worst", d.worst, gradientLimit, peer.worst},
		{"gradients at the median", d.median, gradientLimit, peer.median},
		{"gradients that are 0", d.zero, 1e-6, peer.zero},
	} {
		if limit := max(m.limit, slack*m.peer); !(m.got < limit) {
			t.Errorf("%s differ by %.2e, want below %.2e (PyTorch: %.2e)", m.what, m.got, limit, m.peer)
		}
	}
}

// spreadBeta starts BatchNorm's biases as testdata/reference.py --spread does.
func spreadBeta(net *Network, spread float64) {
	for i, s := range net.norms {
		end := strings.HasSuffix(s.name, "residual_function.7") || strings.HasSuffix(s.name, "shortcut.1")
		coin, values := newKey(80, uint64(i)), make([]float32, s.beta.len())
		for j := range values {
			values[j] = -float32(spread)
			if end || coin.bits(j)>>63 == 1 {
				values[j] = float32(spread)
			}
		}
		s.beta.absorb(net.weights, values)
	}
}
