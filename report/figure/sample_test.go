package figure

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"shoal/report/internal/simrun"
)

// TestSamples writes every figure to the folder named by SHOAL_SAMPLES, for people to look at.
func TestSamples(t *testing.T) {
	dir := os.Getenv("SHOAL_SAMPLES")
	if dir == "" {
		t.Skip("SHOAL_SAMPLES names no folder: nothing to look at")
	}
	mnist := simulated("MNIST", "cnn2", simrun.MNIST(10000), 0)
	cifar := simulated("CIFAR-10", "densenet121", simrun.CIFAR(10000), 0)
	for _, f := range []*Figure{Ratio(mnist), Rates(mnist), Cells(mnist), Nestedness(mnist)} {
		writeSample(t, dir, "mnist-", f)
	}
	o2 := simrun.MNIST(10000)
	o2.Seed = 5
	o3 := simrun.MNIST(10000)
	o3.Seed = 9
	pool, err := Pool([]Curves{mnist, simulated("MNIST", "cnn2", o2, 0), simulated("MNIST", "cnn2", o3, 0)})
	if err != nil {
		t.Fatal(err)
	}
	writeSample(t, dir, "seeds-", Overview(pool))
	writeSample(t, dir, "seeds-", Ratio(pool))
	regime := changed().Draw()
	writeSample(t, dir, "", regime)
	writeSample(t, dir, "slim-", regime.Slim())
	writeSample(t, dir, "slim-seeds-", Overview(pool).Slim())
	writeSample(t, dir, "slim-seeds-", Nestedness(pool).Slim())
	writeSample(t, dir, "", Learning(simulatedOrder(simrun.CIFAR(10000))))
	writeSample(t, dir, "", Heat{Name: "agreement", Title: "CIFAR-10 · densenet121", Subtitle: "kappa of right/wrong (0 = independent), with 95 % intervals",
		Models: []string{"svm", "forest", "network at svm", "network, last"}, Values: [][]Point{
			{Exact(1), Between(.81, .78, .83), Between(.42, .40, .44), Exact(.1)}, {Exact(.81), Exact(1), Exact(-.2), {}},
			{Exact(.81), Exact(1), Exact(-.2), {}}, {Exact(.81), Exact(1), Exact(-.2), {}}}}.Draw())
	for _, f := range []*Figure{Overview(mnist), Figure1("svm", []Column{{Curves: &mnist, Dataset: "MNIST"}, {Curves: &cifar, Dataset: "CIFAR-10"}, {Dataset: "CIFAR-100"}})} {
		writeSample(t, dir, "", f)
	}
	for _, pair := range []struct {
		name string
		o    simrun.Options
	}{{"mnist-", simrun.MNIST(10000)}, {"cifar-", simrun.CIFAR(10000)}} {
		oval := simulatedOval(pair.o)
		all := oval.Frames
		still := *oval
		still.Frames = []Frame{all[0], all[len(all)/4], all[len(all)-1]}
		writeSample(t, dir, pair.name, still.Still(1500))
		var b bytes.Buffer
		if err := oval.GIF(&b, 2500, 96); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, pair.name+"oval.gif"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []*Figure{Ratio(cifar), Rates(cifar), Cells(cifar), Nestedness(cifar)} {
		writeSample(t, dir, "cifar-", f)
	}
}

func writeSample(t *testing.T, dir, prefix string, f *Figure) {
	t.Helper()
	svg, png, err := f.Encode(110)
	if err != nil {
		t.Fatal(err)
	}
	for ext, data := range map[string][]byte{".svg": svg, ".png": png} {
		if err := os.WriteFile(filepath.Join(dir, prefix+f.Name+ext), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
