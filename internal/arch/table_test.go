package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTableOfRooms wants the same rooms in the same order in ARCHITECTURE.md, in the list of this
// package and on disk.
func TestTableOfRooms(t *testing.T) {
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	var packages []string
	for _, p := range list(t) {
		packages = append(packages, strings.TrimPrefix(p.ImportPath, "shoal/"))
	}
	var rooms []string
	for _, rule := range allowed {
		rooms = append(rooms, rule.room)
	}
	for _, problem := range compareTable(paths(string(text)), rooms, packages) {
		t.Error(problem)
	}
	for _, path := range paths(string(text)) {
		if files, err := filepath.Glob(filepath.Join("../..", path, "*.go")); err != nil || len(files) == 0 {
			t.Errorf("ARCHITECTURE.md lists %q, which has no Go file", path)
		}
	}
}

var (
	aRow  = regexp.MustCompile("(?m)^\\| (`.*) \\|.*\\|$")
	aPath = regexp.MustCompile("`([^`]+)`")
)

// paths are those in the first column of the table of rooms.
func paths(document string) []string {
	_, table, _ := strings.Cut(document, "## Rooms\n")
	table, _, _ = strings.Cut(table, "\n## ")
	var all []string
	for _, row := range aRow.FindAllStringSubmatch(table, -1) {
		first, _, _ := strings.Cut(row[1], " | ")
		for _, path := range aPath.FindAllStringSubmatch(first, -1) {
			all = append(all, path[1])
		}
	}
	return all
}

// compareTable returns how the table, the list and the packages differ. The rooms of a table are
// the first folders of its paths; of internal every package is listed, but for this one.
func compareTable(table, rooms, packages []string) []string {
	var problems, listed []string
	for _, path := range table {
		room, _, _ := strings.Cut(path, "/")
		if !slices.Contains(listed, room) {
			listed = append(listed, room)
		}
	}
	if !slices.Equal(listed, rooms) {
		problems = append(problems, "ARCHITECTURE.md has the rooms "+strings.Join(listed, " ")+", the list of internal/arch "+strings.Join(rooms, " "))
	}
	for _, p := range packages {
		room, _, _ := strings.Cut(p, "/")
		switch {
		case !slices.Contains(rooms, room):
			problems = append(problems, "package "+p+" is in no room of the list")
		case room == "internal" && p != "internal/arch" && !slices.Contains(table, p):
			problems = append(problems, "ARCHITECTURE.md doesn't list "+p)
		}
	}
	for _, room := range rooms {
		if !slices.ContainsFunc(packages, func(p string) bool { return p == room || strings.HasPrefix(p, room+"/") }) {
			problems = append(problems, "room "+room+" of the list has no package")
		}
	}
	return problems
}

func TestCompareTableCanFail(t *testing.T) {
	document := "## Rooms\n\n| room | what |\n| --- | --- |\n| `cmd/x` | a `b` |\n| `internal/p`, `internal/q` | c |\n\n## Next\n| `other` | d |\n"
	if got := paths(document); !slices.Equal(got, []string{"cmd/x", "internal/p", "internal/q"}) {
		t.Errorf("paths are %q", got)
	}
	table, rooms, packages := paths(document), []string{"cmd", "internal"}, []string{"cmd/x", "internal/arch", "internal/p", "internal/q"}
	if got := compareTable(table, rooms, packages); len(got) > 0 {
		t.Errorf("equal lists differ: %q", got)
	}
	for what, got := range map[string][]string{
		"a room that only the list has":      compareTable(table, append(rooms, "new"), append(packages, "new")),
		"another order":                      compareTable(table, []string{"internal", "cmd"}, packages),
		"a package in no room":               compareTable(table, rooms, append(packages, "new/y")),
		"an internal package without a line": compareTable(table, rooms, append(packages, "internal/r")),
		"a room without a package":           compareTable(table, rooms, packages[1:]),
	} {
		if len(got) == 0 {
			t.Errorf("%s is no problem", what)
		}
	}
}
