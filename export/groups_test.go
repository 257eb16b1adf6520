package export

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"

	"shoal/dynamics/groups"
	"shoal/runlog"
)

// The groups of a run have two tables, and a column with each attribute beside the examples; tables of
// a group's examples add up to the run's.
func TestGroupsAreExported(t *testing.T) {
	f := newFixture(t, 2)
	run, err := runlog.Open(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	a := groups.Attribute{Name: "a ground", Groups: []string{"land", "sea, deep"}}
	for i := range f.labels {
		a.Of = append(a.Of, i%3-1)
	}
	if err := run.SetGroups([]groups.Attribute{a}); err != nil {
		t.Fatal(err)
	}
	run.Close()
	out := filepath.Join(t.TempDir(), "csv")
	files, err := Write(context.Background(), f.dir, Options{Format: CSV, Out: out})
	if err != nil || len(files) != 5 {
		t.Fatalf("files %v, %v", files, err)
	}
	byGroup := rows(t, filepath.Join(out, "groups.csv"))
	if len(byGroup) != 2 || byGroup[1]["group"] != "sea, deep" || byGroup[1]["attribute"] != "a ground" || byGroup[0]["early_p_holm"] == "" || byGroup[0]["reference_svm_wrong"] == "" {
		t.Errorf("groups.csv has %v", byGroup)
	}
	curves := rows(t, filepath.Join(out, "group_curves.csv"))
	if want := len(f.steps) * 2 * 2; len(curves) != want {
		t.Errorf("group_curves.csv has %d rows, want %d", len(curves), want)
	}
	for _, row := range curves {
		sum := 0
		for _, cell := range []string{"both", "shallow_only", "deep_only", "neither"} {
			var n int
			fmt.Sscan(row[cell], &n)
			sum += n
		}
		if fmt.Sprint(sum) != row["n"] || sum != 13 {
			t.Fatalf("a table of %d examples in %v, want 13", sum, row)
		}
	}
	for i, row := range rows(t, filepath.Join(out, "examples.csv")) {
		if want := []string{"", "land", "sea, deep"}[i%3]; row["group_a_ground"] != want {
			t.Errorf("example %d is in group %q, want %q", i, row["group_a_ground"], want)
		}
	}
	out = filepath.Join(t.TempDir(), "parquet")
	if _, err := Write(context.Background(), f.dir, Options{Format: Parquet, Out: out}); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(out, "groups.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, _ := file.Stat()
	p, err := parquet.OpenFile(file, info.Size())
	if err != nil || p.NumRows() != 2 || !slices.Contains(p.Schema().Columns()[1], "group") {
		t.Errorf("groups.parquet: %v", err)
	}
	if _, err := Write(context.Background(), f.dir, Options{Format: Parquet, Out: out, Force: true}); err != nil {
		t.Errorf("an export with groups can't be replaced: %v", err)
	}
}
