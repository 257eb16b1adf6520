package runlog

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// BenchmarkAppendEvaluation is what tracking costs a step, scoring apart: 10,000 examples, two
// references with margins.
func BenchmarkAppendEvaluation(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	labels, predictions := make([]uint16, 10000), make([]uint16, 10000)
	for i := range labels {
		labels[i] = uint16(rng.IntN(10))
		if predictions[i] = labels[i]; rng.IntN(10) == 0 {
			predictions[i] = uint16(rng.IntN(10))
		}
	}
	r, err := Create(filepath.Join(b.TempDir(), "run"), testMeta(10), Examples{Labels: labels})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for i := range 2 {
		ref := reference(fmt.Sprint(i), predictions...)
		ref.Margins = make([]float32, len(labels))
		if _, err := r.AddReference(ref); err != nil {
			b.Fatal(err)
		}
	}
	step := 0
	for b.Loop() {
		step++
		if _, err := r.AppendEvaluation(evaluation(step, predictions...)); err != nil {
			b.Fatal(err)
		}
	}
}
