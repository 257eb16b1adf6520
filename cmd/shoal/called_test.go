//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A command that is told can be pasted as it is: it begins as this one did.
func TestCalledAs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "my tools")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "shoal")); err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(dir, "shoal")
	for _, c := range []struct{ path, arg0, want string }{
		{"/nowhere", "shoal", "shoal"},
		{"/nowhere", "./shoal", "./shoal"},
		{"/nowhere", "bin/shoal", "bin/shoal"},
		{"/nowhere", whole, "'" + whole + "'"},
		{dir, whole, "shoal"}, // as wrappers start what is in PATH
		{dir, "./shoal", "./shoal"},
	} {
		t.Setenv("PATH", c.path)
		if got := calledAs(c.arg0); got != c.want {
			t.Errorf("with PATH=%s, %s is called as %s, want %s", c.path, c.arg0, got, c.want)
		}
	}
	for args, want := range map[string]string{
		"report nowhere":      "name the folder that `./shoal run` or `./shoal import` wrote",
		"run --nosuch":        "see ./shoal run --help",
		"data list":           "not here; ./shoal data fetch mnist",
		"":                    "\n  ./shoal run folder:PATH ",
		"run --help":          "\n  ./shoal run folder:photos ",
		"data verify cifar10": "fetch it with: ./shoal data fetch cifar10",
	} {
		cmd := exec.Command("./shoal", strings.Fields(args)...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH=/nowhere", "XDG_CACHE_HOME="+t.TempDir())
		if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), want) {
			t.Errorf("./shoal %s prints %q, want %q in it", args, out, want)
		}
	}
}
