package arch

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// builds are for what a package may choose its files by; all are compared with the first.
var builds = []struct{ os, arch, tag string }{
	{"linux", "amd64", ""}, {"linux", "amd64", "purego"}, {"linux", "arm64", ""}, {"linux", "riscv64", ""},
	{"darwin", "arm64", ""}, {"windows", "amd64", ""}, {"freebsd", "amd64", ""},
}

// TestOneInterfaceForAllBuilds wants a package to export the same under every tag, on every system and
// processor. So it is enough to compile the packages that have files for one of them: their importers
// see no difference.
func TestOneInterfaceForAllBuilds(t *testing.T) {
	chosen := 0
	err := filepath.WalkDir("../..", func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); dir != "../.." && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata") {
			return filepath.SkipDir
		}
		differ, err := differences(dir)
		for _, d := range differ {
			if chosen++; d != "" {
				t.Errorf("%s %s", dir, d)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if chosen < 2*(len(builds)-1) {
		t.Errorf("%d packages have been compared, want kernel and others", chosen/(len(builds)-1))
	}
}

func TestInterfacesCanDiffer(t *testing.T) {
	for what, c := range map[string]struct {
		file string
		want bool
	}{
		"another result": {"//go:build purego\n\npackage p\n\nfunc F(n int) bool { return true }\n", true},
		"another name":   {"//go:build purego\n\npackage p\n\nfunc F(n int) int { return n }\nfunc G() {}\n", true},
		"only a body":    {"//go:build purego\n\npackage p\n\nfunc F(n int) int { return 2 * n }\nfunc g() {}\n", false},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"a.go": "//go:build !purego\n\npackage p\n\nfunc F(n int) int { return n }\n", "b.go": c.file} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		differ, err := differences(dir)
		if err != nil || (strings.Join(differ, "") != "") != c.want {
			t.Errorf("%s: %q, %v", what, differ, err)
		}
	}
}

// differences says for each build but the first how the interface of the package in dir differs, "" where
// it doesn't; nothing for a package all of whose files are in every build.
func differences(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	chosen, names := false, map[string][]string{} // by file
	all := make([]map[string]bool, len(builds))
	for k, b := range builds {
		all[k] = map[string]bool{}
		ctx := build.Context{GOOS: b.os, GOARCH: b.arch, BuildTags: []string{b.tag}, Compiler: "gc"}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			in, err := ctx.MatchFile(dir, filepath.Base(path))
			if err != nil {
				return nil, err
			}
			if !in {
				chosen = true
				continue
			}
			if names[path] == nil {
				if names[path], err = exported(path); err != nil {
					return nil, err
				}
			}
			for _, name := range names[path] {
				all[k][name] = true
			}
		}
	}
	if !chosen {
		return nil, nil
	}
	out := make([]string, len(builds)-1)
	for k := range out {
		var problems []string
		for name := range all[0] {
			if !all[k+1][name] {
				problems = append(problems, "lacks "+name)
			}
		}
		for name := range all[k+1] {
			if !all[0][name] {
				problems = append(problems, "has "+name)
			}
		}
		if len(problems) > 0 {
			b := builds[k+1]
			out[k] = strings.Join([]string{"for", b.os, b.arch, b.tag, strings.Join(problems, ", ")}, " ")
		}
	}
	return out, nil
}

// exported lists what a file exports: functions and methods with their types, the names of all else.
func exported(path string) ([]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	all := []string{}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if !d.Name.IsExported() {
				continue
			}
			d.Body = nil
			for _, list := range []*ast.FieldList{d.Recv, d.Type.Params, d.Type.Results} {
				unname(list)
			}
			var text bytes.Buffer
			if err := printer.Fprint(&text, token.NewFileSet(), d); err != nil {
				return nil, err
			}
			all = append(all, text.String())
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				var names []*ast.Ident
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names = []*ast.Ident{s.Name}
				case *ast.ValueSpec:
					names = s.Names
				}
				for _, name := range names {
					if name.IsExported() {
						all = append(all, d.Tok.String()+" "+name.Name)
					}
				}
			}
		}
	}
	return all, nil
}

// unname leaves of a list of parameters the types.
func unname(list *ast.FieldList) {
	if list == nil {
		return
	}
	var types []*ast.Field
	for _, f := range list.List {
		for range max(1, len(f.Names)) {
			types = append(types, &ast.Field{Type: f.Type})
		}
	}
	list.List = types
}
