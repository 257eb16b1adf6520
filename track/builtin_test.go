package track

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"shoal/dataset"
	"shoal/deep"
)

var update = flag.Bool("update", false, "write the golden files of built-in studies")

// The built-in studies define published numbers: a change to one must be seen in its golden file. Only
// the precision of CIFAR's is the machine's.
func TestBuiltinStudiesAreTheGolden(t *testing.T) {
	for _, name := range BuiltinNames() {
		s, err := Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		if s.Data.Dataset == "cifar10" || s.Data.Dataset == "cifar100" {
			if want := fastest(); s.Training.Precision != want || (want == string(deep.BFloat16)) != (deep.BFloat16.Tier() == "amx") {
				t.Errorf("study %s has precision %s, want %s", name, s.Training.Precision, want)
			}
			s.Training.Precision = string(deep.Float32)
		}
		got, err := s.Encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", "builtin", name+".toml")
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("study %s is\n%s\nwant that of %q; -update writes it", name, got, golden)
		}
	}
}

// Every dataset names a network that exists, and so does an image folder.
func TestDefaultNetworksExist(t *testing.T) {
	for _, name := range append(dataset.Names(), "folder:shapes") {
		if about := dataset.Describe(name); !slices.Contains(deep.Names(), about.Network) {
			t.Errorf("dataset %q: default network %q, want one of %q", name, about.Network, deep.Names())
		}
	}
}
