package curriculum

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// FuzzReadPartition: no text makes the reader panic, and a partition that it accepts is whole, and
// comes back as it was written.
func FuzzReadPartition(f *testing.F) {
	good := Partition{
		Format: Format, Dataset: "mnist", DatasetHash: strings.Repeat("0a", 32), Examples: 3, Reference: "svm",
		Params: map[string]any{"c": 1.5}, Folds: 2, Seed: 1, Easy: []int{0, 2}, Hard: []int{1},
	}
	text, err := json.Marshal(good)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := Read(bytes.NewReader(text)); err != nil {
		f.Fatalf("a good file is refused: %v", err) // then no input is checked
	}
	f.Add(text)
	f.Add([]byte(strings.Repeat("[", 20000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		if err := p.Check(); err != nil {
			t.Fatalf("accepted %v", err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(bytes.NewReader(text)); err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
	})
}
