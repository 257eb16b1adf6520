package main

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"shoal/internal/tinydata"
)

// pythonRun makes the run that the documents' Python reads, runs/ten in the folder that is
// returned, where SHOAL_PYTHON names an interpreter with numpy and zstandard; .ci/run makes one.
func pythonRun(t *testing.T) (python, dir string) {
	t.Helper()
	notInShort(t)
	if python = os.Getenv("SHOAL_PYTHON"); python == "" {
		t.Skip("SHOAL_PYTHON names no interpreter")
	}
	dir = t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), 40, 10); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "study.toml"), []byte(killedStudy), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := shoalIn(dir, "run", "study.toml", "--out", "runs/ten").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return python, dir
}

// TestReadingPython runs the block of Python of docs/reading.md that reads a run, and wants of it what the run log's own reader
// says.
func TestReadingPython(t *testing.T) {
	python, dir := pythonRun(t)
	text, err := os.ReadFile("../../docs/reading.md")
	if err != nil {
		t.Fatal(err)
	}
	const start = "import sqlite3"
	_, code, found := strings.Cut(string(text), "```python\n"+start)
	code, _, closed := strings.Cut(start+code, "```")
	if !found || !closed {
		t.Fatal("docs/reading.md has no block of Python that imports sqlite3")
	}
	cmd := exec.Command(python, "-c", code+"\nfor step, r in right.items(): print(step, r.sum())\n")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := ""
	labels := labels(t, filepath.Join(dir, "runs", "ten"))
	for _, e := range predictions(t, filepath.Join(dir, "runs", "ten")) {
		right := 0
		for i, p := range e.Predictions {
			if p == labels[i] {
				right++
			}
		}
		want += fmt.Sprintln(e.Step, right)
	}
	if string(out) != want {
		t.Errorf("Python counts\n%s\nwant\n%s", out, want)
	}
}

// TestRecount runs docs/recount.py on a run, and on one with a wrong table.
func TestRecount(t *testing.T) {
	python, dir := pythonRun(t)
	script, err := filepath.Abs("../../docs/recount.py")
	if err != nil {
		t.Fatal(err)
	}
	recount := func() (string, error) {
		cmd := exec.Command(python, script, "runs/ten")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	evaluations := len(predictions(t, filepath.Join(dir, "runs", "ten")))
	if out, err := recount(); err != nil || out != fmt.Sprintf("%d tables counted again, 0 differ\n", evaluations) {
		t.Errorf("%v\n%s", err, out)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "runs", "ten", "run.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("UPDATE contingency SET both = both + 1, neither = neither - 1 WHERE step = 3"); err != nil {
		t.Fatal(err)
	}
	if out, err := recount(); err == nil || !strings.HasSuffix(out, " 1 differ\n") {
		t.Errorf("a wrong table: %v\n%s", err, out)
	}
}

// pandas reads the list of examples as it is, also a class whose name it would take for a missing
// value, and what pandas and NumPy write of predictions in another order is read.
func TestPandasReadsTheListOfExamples(t *testing.T) {
	python, dir := pythonRun(t)
	for _, split := range []string{"train", "test"} {
		if err := os.Rename(filepath.Join(dir, "shapes", split, "dot"), filepath.Join(dir, "shapes", split, "NA")); err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		code string // "" for shoal
		args []string
	}{
		{"", []string{"data", "list-examples", "folder:shapes", "--out", "list.csv"}},
		{`import pandas as pd, numpy as np
t = pd.read_csv("list.csv", keep_default_na=False)
assert list(t.columns) == ["index", "name", "label", "class"] and t["index"].dtype == t["label"].dtype == "int64", t.dtypes
assert (t["class"] == "NA").sum() == 10 and t["name"].str.startswith("NA/").sum() == 10, t
t = t.sort_values("name")
t.assign(prediction=t["class"]).drop(columns="index").to_csv("pandas.csv")
np.savez("numpy.npz", predictions=t["label"], ids=t["name"].to_numpy(str), labels=t["label"])
np.savez_compressed("indexes.npz", predictions=t["label"].to_numpy("i4"), ids=t["index"])
np.save("sorted.npy", t["label"])`, nil},
		{"", []string{"run", "folder:shapes", "--epochs", "0.5", "--initialisations", "2", "--out", "out", "--reference", "a=file:pandas.csv,b=file:numpy.npz,c=file:indexes.npz"}},
	}
	for _, step := range steps {
		cmd := shoalIn(dir, step.args...)
		if step.code != "" {
			cmd = exec.Command(python, "-c", step.code)
			cmd.Dir = dir
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v %v\n%s", step.args, err, out)
		}
		if n := strings.Count(string(out), "100.00 %"); step.args != nil && step.args[0] == "run" && n < 3 {
			t.Errorf("three perfect references gave\n%s", out)
		}
	}
	if out, err := shoalIn(dir, "compare", "out", "--reference", "d=file:sorted.npy").CombinedOutput(); err == nil || !strings.Contains(string(out), "in another order") {
		t.Errorf("sorted predictions: %v\n%s", err, out)
	}
}
