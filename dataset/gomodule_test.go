package dataset

import (
	"net/http"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"testing"
)

// goCommand writes a script in place of the go command.
func goCommand(t *testing.T, script string) string {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for the go command is a shell script")
	}
	path := filepath.Join(t.TempDir(), "go")
	put(t, path, []byte("#!/bin/sh\n"+script))
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGoModule(t *testing.T) {
	r := idxRemote(t)
	root := t.TempDir()
	for _, name := range r.fetch {
		data := must(os.ReadFile(filepath.Join(serverDir(t, r), name)))(t)
		put(t, filepath.Join(root, "data", name), data)
	}
	r.wrong = func(w http.ResponseWriter, q *http.Request) bool {
		if path.Base(q.URL.Path) == r.fetch[0] {
			return false // the mirror has one file, the module must give the rest
		}
		http.Error(w, "", 500)
		return true
	}
	r.module = &module{"example.org/digits", "v1.2.3", "data"}
	for script, text := range map[string]string{
		"echo '{\"Error\": \"no route\"}'; exit 1": "no route",
		"echo boom >&2; exit 1":                    "boom",
		"echo hello":                               "printed no JSON",
		"echo '{}'":                                "named no folder",
		"echo '{\"Dir\": \"/nowhere\"}'":           "/nowhere",
	} {
		r.src.GoCommand = goCommand(t, script)
		r.refused(t, text)
	}
	r.src.GoCommand = "no-such-command"
	r.refused(t, "install Go")

	r.src.GoCommand = goCommand(t, `[ "$1 $2 $3 $4" = "mod download -json example.org/digits@v1.2.3" ] && echo '{"Dir": "`+root+`"}'`)
	r.loads(t)

	put(t, filepath.Join(root, "data", r.fetch[1]), []byte("another"))
	if err := os.RemoveAll(r.cache); err != nil {
		t.Fatal(err)
	}
	r.refused(t, "SHA-256 of what came")
}
