package deep

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"shoal/deep/safetensors"
)

// FuzzState: no file makes a trainer panic, and one that is refused changes nothing.
func FuzzState(f *testing.F) {
	net := assemble("basic", basicNet{2, []int{1, 1}, 1}.define, Shape{4, 4, 3}, 2, 1, true)
	tr, err := NewTrainer(net, Options{Batch: 2, Workers: 1})
	if err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(f.TempDir(), "state")
	if err := tr.SaveState(path); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	if err := tr.LoadState(path); err != nil {
		f.Fatalf("a good state is refused: %v", err) // then no input is checked
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := safetensors.Decode(data)
		if err != nil {
			return
		}
		before, step := slices.Clone(net.weights), tr.step
		if err := tr.loadState(file, false); err != nil && (!slices.Equal(before, net.weights) || tr.step != step) {
			t.Fatalf("a state that is refused changed the trainer: %v", err)
		}
		if tr.step < 0 || !allFinite(net.weights) {
			t.Fatalf("accepted step %d, or weights that aren't finite", tr.step)
		}
	})
}
