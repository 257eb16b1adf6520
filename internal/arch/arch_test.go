// Package arch holds no code: its test is the direction of the imports.
package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed lists, for every room, the rooms that it may import. A room is a top-level folder with
// all that is below it; within a room packages may import each other. Arrows point down: a room is
// listed after all rooms that may import it, which the test checks as well.
var allowed = []struct {
	room    string
	imports []string
}{
	// The command line: flags in, text out.
	{"cmd", []string{"sweep", "paper", "serve", "report", "export", "track", "record", "ingest", "curriculum", "predlog", "runlog", "dynamics", "shallow", "deep", "dataset", "published", "contingency", "kernel", "internal"}},
	// Many studies, seeds and settings: plans, runs and compares them.
	{"sweep", []string{"report", "track", "record", "runlog", "dynamics", "dataset", "contingency", "internal"}},
	// The paper's studies: runs them and draws them side by side.
	{"paper", []string{"report", "track", "record", "runlog", "dynamics", "dataset", "published", "contingency", "internal"}},
	// The report as a live page: follows runs, and logs that training loops write.
	{"serve", []string{"report", "ingest", "predlog", "runlog", "dynamics", "internal"}},
	// What people look at. Neither trains or fits anything.
	{"report", []string{"runlog", "dynamics", "dataset", "published", "contingency", "internal"}},
	{"export", []string{"predlog", "runlog", "dynamics", "published", "contingency", "internal"}},
	// Runs a study: the room that brings engine, curriculum and recorder together.
	{"track", []string{"record", "curriculum", "runlog", "dynamics", "shallow", "deep", "dataset", "published", "contingency", "kernel", "internal"}},
	// Records any learner: it doesn't know which engine trains.
	{"record", []string{"runlog", "dynamics", "shallow", "dataset", "contingency", "internal"}},
	// Brings logs and files of others into a run. Of dataset it knows how numbers are stored in tables.
	{"ingest", []string{"predlog", "runlog", "dynamics", "dataset", "internal"}},
	// Which examples a training visits, and in which order.
	{"curriculum", []string{"internal"}},
	// The file that a training loop outside of shoal writes: knows no run.
	{"predlog", []string{"internal"}},
	// The run folder, and the one door to it: what it keeps is what dynamics works on.
	{"runlog", []string{"dynamics", "published", "contingency", "internal"}},
	// Measures: vectors in, numbers out; no files.
	{"dynamics", []string{"contingency", "internal"}},
	// The models know pixels and labels, neither datasets nor runs nor each other.
	{"shallow", []string{"kernel", "internal"}},
	{"deep", []string{"kernel", "internal"}},
	{"dataset", []string{"internal"}},
	// The bottom: no imports of ours, but for loops over workers in kernel.
	{"published", nil},
	{"contingency", nil},
	{"kernel", []string{"internal"}},
	{"internal", nil},
}

// aPackage is one entry of the output of `go list`.
type aPackage struct {
	ImportPath string
	Imports    []string
}

func TestImportsPointDown(t *testing.T) {
	rooms := map[string][]string{}
	for i, rule := range allowed {
		rooms[rule.room] = rule.imports
		for _, above := range allowed[:i] {
			if slices.Contains(rule.imports, above.room) {
				t.Errorf("the list lets %q import %q, which is above it", rule.room, above.room)
			}
		}
	}
	seen := 0
	for _, p := range list(t) {
		seen++
		for _, imported := range p.Imports {
			if problem := judge(rooms, p.ImportPath, imported); problem != "" {
				t.Error(problem)
			}
		}
	}
	if seen < 10 {
		t.Errorf("go list showed %d packages, want those of the whole module", seen)
	}
}

// judge returns what is wrong with an import, or "".
func judge(rooms map[string][]string, from, to string) string {
	rest, ours := strings.CutPrefix(to, "shoal/")
	if !ours {
		return ""
	}
	room, _, _ := strings.Cut(strings.TrimPrefix(from, "shoal/"), "/")
	target, _, _ := strings.Cut(rest, "/")
	permitted, known := rooms[room]
	switch {
	case !known:
		return from + ": room " + room + " is not in the list of internal/arch: add it with the reason for its imports"
	case room != target && !slices.Contains(permitted, target):
		return from + " imports " + to + ": room " + room + " may import only " + strings.Join(permitted, ", ")
	}
	return ""
}

// filePackages are the ways to a file.
var filePackages = []string{"os", "io/fs", "io/ioutil", "path/filepath", "syscall", "shoal/internal/atomicfile", "shoal/internal/npy"}

// Rooms that compute know no files: what they work on is handed to them.
func TestRoomsWithoutFiles(t *testing.T) {
	without := []string{"dynamics", "contingency", "published"}
	seen := map[string]int{}
	for _, p := range list(t) {
		room, _, _ := strings.Cut(strings.TrimPrefix(p.ImportPath, "shoal/"), "/")
		if !slices.Contains(without, room) {
			continue
		}
		seen[room]++
		for _, imported := range p.Imports {
			if slices.Contains(filePackages, imported) {
				t.Errorf("%s imports %s: the room %s works in memory, reading and writing belong to its callers", p.ImportPath, imported, room)
			}
		}
	}
	if seen["dynamics"] == 0 || seen["contingency"] == 0 {
		t.Errorf("go list showed %v packages of the rooms %v, want some of dynamics and contingency", seen, without)
	}
}

func TestJudgeCanFail(t *testing.T) {
	rooms := map[string][]string{"a": {"b"}, "b": nil}
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"shoal/a", "shoal/b/c", true}, {"shoal/a/x", "shoal/a/y", true}, {"shoal/a", "fmt", true}, {"shoal/a", "example.com/b", true},
		{"shoal/b", "shoal/a", false}, {"shoal/b/c", "shoal/a/x", false}, {"shoal/new", "shoal/b", false},
	} {
		if ok := judge(rooms, c.from, c.to) == ""; ok != c.ok {
			t.Errorf("%s imports %s: allowed %v, want %v", c.from, c.to, ok, c.ok)
		}
	}
}

// list asks the go command for all packages of the module.
func list(t *testing.T) []aPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "shoal/...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v: %s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []aPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p aPackage
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
