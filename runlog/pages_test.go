package runlog

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// Thumbnails as large as a client makes them leave little of a page empty: 10,000 of them take less
// than 20 MB.
func TestThumbnailsFillTheirPages(t *testing.T) {
	const n, bytes = 1000, 1780
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, testMeta(10), Examples{Labels: make([]uint16, n)})
	must(t, err)
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, Database))
		must(t, err)
		return info.Size()
	}
	must(t, r.Close())
	before := size()
	r, err = Open(dir)
	must(t, err)
	rng := rand.New(rand.NewPCG(1, 1))
	must(t, r.SetImages(func(int) ([]byte, error) {
		picture := make([]byte, bytes)
		for i := range picture {
			picture[i] = byte(rng.Uint32())
		}
		return picture, nil
	}))
	must(t, r.Close())
	if added := size() - before; added > 19e5 {
		t.Errorf("%d thumbnails of %d bytes add %d bytes", n, bytes, added)
	}
}

// A database that is there keeps its pages.
func TestOldPagesStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, testMeta(10), Examples{Labels: make([]uint16, 20)})
	must(t, err)
	_, err = r.db.Exec("PRAGMA journal_mode=DELETE; PRAGMA page_size=4096; VACUUM")
	must(t, err)
	must(t, r.Close())
	r, err = Open(dir)
	must(t, err)
	defer r.Close()
	for step := range 3 {
		_, err := r.AppendEvaluation(evaluation(step, make([]uint16, 20)...))
		must(t, err)
	}
	var size int
	must(t, r.db.QueryRow("PRAGMA page_size").Scan(&size))
	if size != 4096 {
		t.Errorf("pages of %d bytes, were 4096", size)
	}
}
