package report

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"shoal/report/internal/simrun"
	"shoal/runlog"
)

// TestSamples writes two full-size simulated reports to the folder named by SHOAL_SAMPLES, for
// people to look at.
func TestSamples(t *testing.T) {
	dir := os.Getenv("SHOAL_SAMPLES")
	if dir == "" {
		t.Skip("SHOAL_SAMPLES names no folder: nothing to look at")
	}
	mnist := simulatedInput("mnist", "cnn2", simrun.MNIST(10000), 28, false)
	if err := WriteInput(context.Background(), filepath.Join(dir, "run-mnist"), mnist, Options{}); err != nil {
		t.Fatal(err)
	}
	cifar := simulatedInput("cifar10", "densenet121", simrun.CIFAR(10000), 32, true)
	other := simrun.CIFAR(10000)
	other.Seed = 9
	second := simulatedInput("cifar10", "densenet121", other, 32, true)
	cifar.References = append(cifar.References, runlog.Reference{Kind: controlKind, Reference: second.Log.At("seed 2 at Acc(svm)", second.Log.NearestAccuracy(.41))})
	cifar.Classes = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
	if err := WriteInput(context.Background(), filepath.Join(dir, "run-cifar"), cifar, Options{}); err != nil {
		t.Fatal(err)
	}
}
