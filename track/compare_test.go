package track

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/contingency"
	"shoal/internal/npy"
	"shoal/record"
	"shoal/runlog"
)

// A reference that is added later has the tables that it would have had from the start.
func TestCompareGivesTheTablesOfARunThatHadTheReference(t *testing.T) {
	s, o := tiny(t)
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	late := o
	late.Out = filepath.Join(t.TempDir(), "run")
	few := s.clone()
	few.References = few.References[:1]
	if _, err := Run(t.Context(), few, late); err != nil {
		t.Fatal(err)
	}
	summary, err := record.Compare(t.Context(), late.Out, s.References[1:], late.Options)
	if err != nil {
		t.Fatal(err)
	}
	if len(summary.References) != 2 {
		t.Errorf("summary has %d references", len(summary.References))
	}
	if !slices.Equal(tables(t, o.Out, "forest"), tables(t, late.Out, "forest")) {
		t.Error("the tables differ")
	}
	if again, err := record.Compare(t.Context(), late.Out, s.References[1:], late.Options); err != nil || len(again.References) != 2 {
		t.Errorf("the same reference again: %+v, %v", again, err)
	}
	compareOthers(t, o.Out, late)
}

// compareOthers adds a file and another run's network.
func compareOthers(t *testing.T, other string, o Options) {
	t.Helper()
	evaluations, references := blobs(t, other)
	var b bytes.Buffer
	if err := npy.Write(&b, references[0].Predictions, len(references[0].Predictions)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "svm.npy")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	list := record.References{
		{Name: "file", Kind: record.KindFile, Path: path},
		{Name: "network", Kind: record.KindNetwork, Path: other + "@5"},
		{Name: "stopped", Kind: record.KindNetwork, Path: other + "@svm"},
	}
	if _, err := record.Compare(t.Context(), o.Out, list, o.Options); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(tables(t, o.Out, "svm"), tables(t, o.Out, "file")) {
		t.Error("the svm's predictions as a file have other tables")
	}
	_, references = blobs(t, o.Out)
	if !slices.Equal(references[3].Predictions, evaluations[5].Predictions) {
		t.Error("the network at step 5 has other predictions")
	}
	for _, bad := range []string{other + "@99", other + "@knn", t.TempDir()} {
		if _, err := record.Compare(t.Context(), o.Out, record.References{{Name: "bad", Kind: record.KindNetwork, Path: bad}}, o.Options); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func tables(t *testing.T, dir, reference string) []contingency.Table {
	t.Helper()
	run, err := runlog.OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	h, err := run.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if h.Reference(reference) == nil {
		t.Fatalf("run %q has no reference %q", dir, reference)
	}
	all, err := run.Tables(h.Reference(reference).ID)
	if err != nil {
		t.Fatal(err)
	}
	var out []contingency.Table
	for _, s := range all {
		out = append(out, s.Table)
	}
	return out
}
