package record

import (
	"path/filepath"
	"strings"
	"testing"

	"shoal/runlog"
)

// Labels may agree between two datasets whose images don't: then the network of a run over one of
// them is no reference for the other.
func TestNetworkOfARunOverOtherImages(t *testing.T) {
	labels := []uint16{0, 1, 0, 1}
	scored := func(testHash string) string {
		dir := filepath.Join(t.TempDir(), "run")
		run, err := runlog.Create(dir, runlog.Meta{Dataset: "d", Classes: []string{"a", "b"}, TestHash: testHash}, runlog.Examples{Labels: labels})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.AppendEvaluation(Evaluation{Predictions: []uint16{0, 1, 1, 1}}); err != nil {
			t.Fatal(err)
		}
		if err := run.Close(); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for _, c := range []struct {
		mine, other, want string
	}{{"aa", "bb", "other images"}, {"aa", "aa", ""}, {"", "bb", ""}, {"aa", "", ""}} {
		list := References{{Name: "x", Kind: KindNetwork, Path: scored(c.other)}}
		s, err := Compare(t.Context(), scored(c.mine), list, Options{NoCache: true})
		if c.want == "" && (err != nil || s.References[0].Accuracy != .75) {
			t.Errorf("hashes %q and %q: %v", c.mine, c.other, err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("hashes %q and %q: error %v, want one with %q", c.mine, c.other, err, c.want)
		}
	}
}
