package runlog

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Whatever a database has become, a reader gets what was written or an error; it never panics. An
// edit is three bytes: two for the place, and what is flipped there.
func FuzzDatabase(f *testing.F) {
	for _, edits := range [][]byte{nil, {0, 100, 1}, {1, 0, 255, 40, 3, 7}, {20, 9, 128}} {
		f.Add(edits)
	}
	r := sampleRun(f)
	must(f, r.Close())
	whole, err := os.ReadFile(filepath.Join(r.Dir(), Database))
	must(f, err)
	want, err := everything(f, r.Dir())
	must(f, err)
	f.Fuzz(func(t *testing.T, edits []byte) {
		changed := bytes.Clone(whole)
		for ; len(edits) >= 3; edits = edits[3:] {
			changed[(int(edits[0])<<8|int(edits[1]))%len(changed)] ^= edits[2]
		}
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, Database), changed, 0o666))
		if got, err := everything(t, dir); err == nil && got != want {
			t.Errorf("a changed database was read as\n%s", got)
		}
	})
}

// A blob of predictions, whatever it is, is as many classes as there are examples, or an error.
func FuzzBlob(f *testing.F) {
	r := sampleRun(f)
	f.Add(r.enc.EncodeAll([]byte{0, 1, 2, 0, 1, 2}, nil))
	f.Add(r.enc.EncodeAll(make([]byte, 1<<20), nil))
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, blob []byte) {
		row := []any{0, 0., 2., .5, .1, blob, nil}
		_, err := r.db.Exec("UPDATE evaluation SET epoch = 0, loss = 2, accuracy = .5, seconds = .1, predictions = ?, checksum = ? WHERE step = 0", blob, checksum("evaluation", row...))
		must(t, err)
		for e, err := range r.Evaluations(-1) {
			if err != nil {
				return
			}
			for _, p := range e.Predictions {
				if len(e.Predictions) != len(testLabels) || p > 2 {
					t.Fatalf("read %d predictions, one of class %d", len(e.Predictions), p)
				}
			}
		}
	})
}
