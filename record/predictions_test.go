package record

import (
	"os"
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

// made writes a run of one evaluation.
func made(t *testing.T, m runlog.Meta, x runlog.Examples, e Evaluation) string {
	dir := filepath.Join(t.TempDir(), "run")
	run, err := runlog.Create(dir, m, x)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.AppendEvaluation(e); err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A run that logs what is right is a reference by that, not by its classes; a file can't say it.
func TestNetworkWithItsOwnRight(t *testing.T) {
	zeros := []uint16{0, 0, 0, 0}
	one := func(right []bool) string {
		return made(t, runlog.Meta{Classes: []string{"0"}}, runlog.Examples{Labels: zeros}, Evaluation{Predictions: zeros, Right: right})
	}
	mine, other := one([]bool{true, true, false, true}), one([]bool{true, false, false, false})
	s, err := Compare(t.Context(), mine, References{{Name: "m", Kind: KindNetwork, Path: other}}, Options{NoCache: true})
	if err != nil || s.References[0].Accuracy != .25 {
		t.Fatalf("got %+v, %v, want the accuracy that was logged", s, err)
	}
	if again, err := Compare(t.Context(), mine, References{{Name: "m", Kind: KindNetwork, Path: other}}, Options{NoCache: true}); err != nil || again.References[0].Final != s.References[0].Final {
		t.Errorf("once more: got %+v, %v", again, err)
	}
	file := filepath.Join(t.TempDir(), "p.csv")
	if err := os.WriteFile(file, []byte("prediction\n0\n0\n0\n0\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = Compare(t.Context(), mine, References{{Name: "f", Kind: KindFile, Path: file}}, Options{NoCache: true})
	if err == nil || !strings.Contains(err.Error(), "has one class, so that every prediction would be right") {
		t.Errorf("a file for a run of one class: got error %v", err)
	}
}

// Examples of one class in another order have the same labels, and are not the same examples.
func TestNetworkOfARunInAnotherOrder(t *testing.T) {
	of := func(names, classes string) string {
		return made(t, runlog.Meta{Classes: strings.Fields(classes)}, runlog.Examples{Labels: []uint16{0, 0, 1}, Names: strings.Fields(names)}, Evaluation{Predictions: []uint16{0, 1, 1}})
	}
	mine := of("a/1 a/2 b/1", "a b")
	for want, other := range map[string]string{
		`the names of the examples differ first at index 0: "a/1" and "a/2"`: of("a/2 a/1 b/1", "a b"),
		`class 0 is "a" and "b"`: of("a/1 a/2 b/1", "b a"),
		"":                       of("x/a/1 x/a/2 x/b/1", "cat dog"),
	} {
		_, err := Compare(t.Context(), mine, References{{Name: "x" + want[:min(1, len(want))], Kind: KindNetwork, Path: other}}, Options{NoCache: true})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}
