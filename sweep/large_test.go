package sweep

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"shoal/internal/longtest"
	"shoal/internal/machine"
	"shoal/internal/parallel"
)

// The report of 50 runs of MNIST's size stays below 15 MB and takes less than 2 GB; a sweep of 200 items
// plans and reports in seconds, which it prints.
func TestLargeSweeps(t *testing.T) {
	longtest.Only(t, "sweeps of 50 and 200 runs")
	for _, c := range []struct {
		name, seeds           string
		settings              []string
		items, n, evaluations int
	}{
		{"50 runs of MNIST's size", "1..5", []string{"training.epochs=1,2,3,4,5,6,7,8,9,10"}, 50, 10000, 300},
		{"200 small runs", "1..10", []string{"training.epochs=1,2,3,4,5", "training.crop=0,1,2,3"}, 200, 500, 20},
		{"200 settings of one seed", "1", []string{"training.epochs=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20", "training.crop=0,1,2,3,4,5,6,7,8,9"}, 200, 500, 20},
	} {
		dir := t.TempDir()
		start := time.Now()
		items := planned(t, dir, c.seeds, c.settings, "mnist")
		if len(items) != c.items {
			t.Fatalf("%d items", len(items))
		}
		t.Logf("%s: planned in %v", c.name, time.Since(start))
		parallel.For(parallel.Workers(0), len(items), func(_, k int) { made(t, dir, items[k], c.n, c.evaluations, .8) })
		start = time.Now()
		if _, err := Report(t.Context(), dir, ReportOptions{}); err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		page, err := os.Stat(filepath.Join(dir, PageFile))
		must(t, err)
		t.Logf("%s: reported in %v, %.1f MB, peak of memory %.2f GB", c.name, took, float64(page.Size())/1e6, float64(machine.PeakRSS())/1e9)
		if page.Size() >= 15_000_000 || machine.PeakRSS() >= 2_000_000_000 {
			t.Errorf("%s: %d bytes, %d bytes of memory: want less than 15 MB and 2 GB", c.name, page.Size(), machine.PeakRSS())
		}
		start = time.Now()
		if s, err := ReadStatus(dir); err != nil || s.Count[Finished] != c.items {
			t.Errorf("%s: status %+v, %v", c.name, s, err)
		}
		t.Logf("%s: status in %v", c.name, time.Since(start))
	}
}
