package track

import "testing"

// FuzzParseStudy: no text makes the parser panic, and a study that it accepts is written and read
// again as the same.
func FuzzParseStudy(f *testing.F) {
	for _, name := range BuiltinNames() {
		s, err := Builtin(name)
		if err != nil {
			f.Fatal(err)
		}
		text, err := s.Encode(map[string]any{"shoal": "test"})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("name = 'x'\n[data]\ndataset = 'folder:a'\n[training]\nmean = .5\nstd = 1\n[[reference]]\nkind = 'svm'\nparameters = {c = 2}\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseStudy(text)
		if err != nil {
			return
		}
		written, err := s.Encode(nil)
		if err != nil {
			t.Fatalf("can't write what was read: %v", err)
		}
		again, err := ParseStudy(string(written))
		if err != nil {
			t.Fatalf("can't read what was written: %v\n%s", err, written)
		}
		if d, err := Differences(s, again); err != nil || len(d) > 0 {
			t.Fatalf("another study came back: %v, %v", d, err)
		}
	})
}
