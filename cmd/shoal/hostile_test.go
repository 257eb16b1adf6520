package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shoal/internal/tinydata"
)

// Whatever names hold that come from outside, none reaches a terminal raw: not in tables, lines,
// progress or errors.
func TestNamesDoNothingToATerminal(t *testing.T) {
	const evil = "x\x1b[2J\u009b1m\u202e\nSPOOFED\ty"
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	data := filepath.Join(dir, evil)
	if err := tinydata.Write(data, 6, 4); err != nil {
		t.Skipf("this file system has no such names: %v", err)
	}
	for _, split := range []string{"train", "test"} {
		class := filepath.Join(data, split, tinydata.Classes[0])
		if err := os.Rename(class, class+evil); err != nil {
			t.Fatal(err)
		}
	}
	study := filepath.Join(dir, "study.toml")
	quoted := strings.NewReplacer("\x1b", `\u001b`, "\n", `\n`, "\t", `\t`).Replace(evil)
	text := "name = \"s" + quoted + "\"\n[data]\ndataset = \"folder:" + dir + "/" + quoted + "\"\n[training]\nbatch = 16\n[evaluation]\ninitialisations = 2\n[[reference]]\nkind = \"knn\"\n"
	if err := os.WriteFile(study, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "cut"+evil+".json")
	out := filepath.Join(dir, "run"+evil)
	for _, args := range [][]string{
		{"run", study, "--out", out, "--epochs", "1"},
		{"run", study, "--out", out}, // refused: there is a run
		{"report", out},
		{"partition", "folder:" + data, "--reference", "knn", "--folds", "2", "--no-cache", "--out", cut},
		{"fit", "knn", "folder:" + data, "--no-cache"},
		{"fit", "knn", "folder:" + data + "/none"},
		{"export", out, "--format", "csv", "--out", filepath.Join(dir, "csv"+evil)},
		{"run", evil},
		{evil},
	} {
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
		t.Logf("%.20q: status %d, %d and %d bytes", args, status, stdout.Len(), stderr.Len())
		for _, printed := range []string{stdout.String(), stderr.String()} {
			if i := strings.IndexAny(printed, "\x1b\u009b\u202e"); i >= 0 {
				t.Errorf("%.20q prints %.40q raw", args, printed[i:])
			}
			if strings.Contains("\n"+printed, "\nSPOOFED") {
				t.Errorf("%.20q prints a line of a name's own:\n%s", args, printed)
			}
		}
		if wantOK := args[0] == "report" || args[0] == "export" || args[0] == "partition"; wantOK && status != 0 {
			t.Errorf("%.20q: status %d: %s", args, status, stderr.String())
		}
	}
}
