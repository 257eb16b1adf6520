package ingest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"shoal/predlog"
	"shoal/runlog"
)

// In whatever pieces the logs of trainings that died and resumed come, the run ends as if they had
// come at once. SHOAL_WORLDS sets how many are tried.
func TestAnyPieces(t *testing.T) {
	t.Parallel()
	worlds := 6
	if n, err := strconv.Atoi(os.Getenv("SHOAL_WORLDS")); err == nil {
		worlds = n
	}
	for seed := range worlds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { anyPieces(t, rand.New(rand.NewPCG(uint64(seed), 7))) })
	}
}

func anyPieces(t *testing.T, r *rand.Rand) {
	whole := filepath.Join(t.TempDir(), "run")
	madeUp(t, whole, r)
	logs, err := predlog.List(whole)
	must(t, err)
	dir := filepath.Join(t.TempDir(), "run")
	must(t, os.MkdirAll(filepath.Join(dir, predlog.Folder), 0o777))
	for piece := 1; piece <= 4; piece++ {
		for _, path := range logs {
			text, err := os.ReadFile(path)
			must(t, err)
			to := filepath.Join(dir, predlog.Folder, filepath.Base(path))
			have := int64(0)
			if info, err := os.Stat(to); err == nil {
				have = info.Size()
			}
			length := max(int64(r.IntN(len(text)+1)), have)
			if piece == 4 {
				length = int64(len(text))
			}
			if length > 0 {
				must(t, os.WriteFile(to, text[:length], 0o666))
			}
		}
		if _, err := Refresh(t.Context(), dir, Options{}); err != nil && piece == 4 {
			t.Fatal(err)
		}
	}
	refresh(t, whole)
	if a, b := tables(t, dir, runlog.MainSplit), tables(t, whole, runlog.MainSplit); a != b {
		t.Errorf("in pieces:\n%s\nat once:\n%s", a, b)
	}
}

// madeUp writes the logs of a training of one to three ranks that is resumed a few times. Ranks die
// at different steps, or before their first one.
func madeUp(t *testing.T, dir string, r *rand.Rand) {
	t.Helper()
	ranks, resume, reached := 1+r.IntN(3), predlog.NotResumed, 0
	for training := range 1 + r.IntN(4) {
		first := resume + 1
		last := first + 1 + r.IntN(8)
		for rank := range ranks {
			if rank > 0 && r.IntN(8) == 0 {
				continue
			}
			w, err := predlog.Create(dir, resumed(header(rank, ranks), resume))
			must(t, err)
			for step := first; step < last-r.IntN(3); step++ {
				must(t, w.Log(share(wholePart(training, step), rank, ranks)))
			}
			must(t, w.Close())
		}
		reached = max(reached, last)
		resume = r.IntN(reached)
	}
}

// wholePart is whole for trainings of any number.
func wholePart(training, step int) predlog.Part { return whole(training%3, step) }
