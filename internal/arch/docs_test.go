package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link is a name of its own package that a package comment refers to; pkg.Name in its examples is
// another.
var link = regexp.MustCompile(`(?:^|[\s(])\[([A-Z]\w*)(?:\.(\w+))?\](?:[^\[]|$)`)

// TestManualsNameWhatExists wants every symbol of its own package that a doc.go names to exist.
func TestManualsNameWhatExists(t *testing.T) {
	checked := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "doc.go" {
			return err
		}
		missing, names := undefined(t, filepath.Dir(path))
		if len(missing) > 0 {
			t.Errorf("%s names %s, which the package doesn't have", path, strings.Join(missing, ", "))
		}
		checked += names
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 50 {
		t.Errorf("the manuals name %d symbols, want those of all rooms", checked)
	}
}

// undefined returns the names in a package's doc.go that the package lacks, and how many it has.
func undefined(t *testing.T, dir string) (missing []string, names int) {
	t.Helper()
	has, manual, name := declared(t, dir)
	found := link.FindAllStringSubmatch(manual, -1)
	own := regexp.MustCompile(`(?:^|[^\w./"])` + name + `\.([A-Z]\w*)()`)
	found = append(found, own.FindAllStringSubmatch(manual, -1)...)
	for _, m := range found {
		symbol := m[1]
		if m[2] != "" {
			symbol += "." + m[2]
		}
		if names++; !has[symbol] {
			missing = append(missing, symbol)
		}
	}
	return missing, names
}

// declared returns what a package declares at its top level, with methods and fields as Type.Member,
// the text of its manual, and its name.
func declared(t *testing.T, dir string) (has map[string]bool, manual, name string) {
	t.Helper()
	has = map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(path) == "doc.go" {
			manual, name = f.Doc.Text(), f.Name.Name
		}
		for _, d := range f.Decls {
			add(has, d)
		}
	}
	return has, manual, name
}

func add(has map[string]bool, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			name = receiver(d.Recv.List[0].Type) + "." + name
		}
		has[name] = true
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				for _, n := range s.Names {
					has[n.Name] = true
				}
			case *ast.TypeSpec:
				has[s.Name.Name] = true
				addMembers(has, s)
			}
		}
	}
}

// addMembers adds the fields of a struct and the methods of an interface.
func addMembers(has map[string]bool, s *ast.TypeSpec) {
	var list *ast.FieldList
	switch x := s.Type.(type) {
	case *ast.StructType:
		list = x.Fields
	case *ast.InterfaceType:
		list = x.Methods
	default:
		return
	}
	for _, f := range list.List {
		for _, n := range f.Names {
			has[s.Name.Name+"."+n.Name] = true
		}
	}
}

// receiver is the name of a method's type.
func receiver(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

func TestManualsCanFail(t *testing.T) {
	dir := t.TempDir()
	text := "// Package p has [Known], [Known.Field] and [Unknown]; use p.Known or p.Other.\npackage p\n\ntype Known struct{ Field int }\n"
	if err := os.WriteFile(filepath.Join(dir, "doc.go"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	missing, names := undefined(t, dir)
	if got := strings.Join(missing, " "); got != "Unknown Other" || names != 5 {
		t.Errorf("missing %q of %d names, want Unknown and Other of 5", got, names)
	}
}
