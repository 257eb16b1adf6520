package answers

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzRead: no file makes the reader panic, and what it accepts is one class in range for every
// scored example.
func FuzzRead(f *testing.F) {
	s := animals()
	s.Labels, s.Names, s.N = s.Labels[:5], s.Names[:5], 4
	path := filepath.Join(f.TempDir(), "predictions")
	good := [][]byte{
		rendered("id,prediction,label,margin", "ant/1.png,ant,0,1", "bee/1.png,bee,1,2", "cow/1.png,cow,2,3", "ant/10.png,bee,0,4"),
		rendered("index;prediction", "3;0", "1;1", "2;2", "0;1"),
		archive(f, map[string][]byte{"predictions": vector(f, []uint8{0, 1, 2, 0}), "ids": texts(f, s.Names[:4]), "labels": vector(f, s.Labels[:4])}),
		vector(f, []int64{0, 1, 2, 0}),
	}
	for _, data := range good {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			f.Fatal(err)
		}
		if a, err := Read(path, s); err != nil || len(a.Classes) != 4 {
			f.Fatalf("a good file is refused: %v", err) // then no input is checked
		}
		f.Add(data)
	}
	f.Add(rendered("\ufeffname\tprediction", "\"a\"\t\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := Read(path, s)
		if err != nil {
			return
		}
		if len(a.Classes) != 4 || a.Margins != nil && len(a.Margins) != 4 {
			t.Fatalf("accepted %d classes and %d margins", len(a.Classes), len(a.Margins))
		}
		for _, c := range a.Classes {
			if int(c) >= len(s.Classes) {
				t.Fatalf("accepted class %d", c)
			}
		}
	})
}
