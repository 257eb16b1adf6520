package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A flag of the command line, in a message.
var aFlag = regexp.MustCompile(`(^|\s)--[a-z]`)

// TestLibrariesDoNotSpeakOfFlags reads the text in the code of all rooms but cmd: libraries return
// typed errors, cmd adds what to do on its command line.
func TestLibrariesDoNotSpeakOfFlags(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), "_") || len(entry.Name()) > 2 && entry.Name()[0] == '.'):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		inside, err := filepath.Rel("../..", path)
		room, _, _ := strings.Cut(filepath.ToSlash(inside), "/")
		if err != nil || room == "cmd" {
			return err
		}
		seen++
		flags, err := flagsIn(path, nil)
		if len(flags) > 0 {
			t.Errorf("%s speaks of flags: %q; return a typed error and add the hint to cmd/shoal/hints.go", inside, flags)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 100 {
		t.Errorf("read %d files, want those of the whole module", seen)
	}
}

// flagsIn returns the text of a Go file, or of src, that speaks of flags.
func flagsIn(path string, src any) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var flags []string
	ast.Inspect(file, func(n ast.Node) bool {
		if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
			if value, err := strconv.Unquote(text.Value); err == nil && aFlag.MatchString(value) {
				flags = append(flags, value)
			}
		}
		return true
	})
	return flags, nil
}

func TestFlagsInCanFail(t *testing.T) {
	flags, err := flagsIn("x.go", "package x\n// --comment\nvar a, b, c = \"name it with --out\", `var(--fig-x)`, \"a--b\"\n")
	if err != nil || len(flags) != 1 {
		t.Errorf("found %q, %v: want the first text", flags, err)
	}
}
