package arch

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"shoal/internal/longtest"
	"slices"
	"strings"
	"testing"
)

// mayFuse lists where x*y + z may become one instruction on processors that have it, and why no
// result depends on it. Everywhere else the product is converted, float64(x*y) + z, which the
// language promises to round: so arm64, riscv64, s390x, ppc64le and GOAMD64=v3 have the bits of
// plain amd64. A sum whose terms only look converted may fuse as well: 2*x is compiled as x + x, and
// then it is the product within x that must be converted.
var mayFuse = map[string]string{
	"internal/elementary/exp.go": "is to be fused",
	"kernel/fma_arm64.go":        "is to be fused",
	"kernel/fma.go":              "the product of two float32 is exact in float64",
	"kernel/channel.go":          "the product of two float32 is exact in float64",
	"kernel/peak.go":             "a measurement of time",
	"deep/bench.go":              "a measurement of time",
	"track/estimate.go":          "an estimate of time and memory",
	"paper/cost.go":              "an estimate of time and memory",
	"paper/recipe.go":            "an estimate of time",
	"report/figure/":             "coordinates of a drawing",
	"report/internal/simrun/":    "made-up runs for tests",
	"dynamics/internal/worlds/":  "made-up learners for tests",
	"internal/tinydata/":         "made-up images for tests",
}

// fusedLine is an instruction of arm64 that multiplies and adds, in the listing of the compiler,
// with the file it comes from.
var fusedLine = regexp.MustCompile(`\(([^()]*):(\d+)\)\tFN?M(?:ADD|SUB)[SD]?\t`)

// TestSumsAreNotFused reads the code that the compiler makes for arm64. It takes half a minute the
// first time, so it runs only with the other long tests.
func TestSumsAreNotFused(t *testing.T) {
	longtest.Only(t, "everything compiled for arm64")
	// A cached result is for sources as they were: the go command sees only what the test itself reads.
	if err := filepath.WalkDir("../..", func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
		t.Fatal(err)
	}
	// As release/build compiles, so that libraries are compiled once for both.
	build := exec.Command("go", "build", "-trimpath", "-gcflags=-S", "shoal/...")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	listing, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("go build for arm64: %v:\n%.2000s", err, listing)
	}
	problems, unused := fused(string(listing))
	for _, p := range problems {
		t.Error(p)
	}
	for _, place := range unused {
		t.Errorf("%s is allowed to fuse sums, but has none: remove it from the list", place)
	}
}

// fused returns the lines that are fused and may not be, and the entries of mayFuse that no line
// needs. Files of the module are listed as shoal/PATH.
func fused(listing string) (problems, unused []string) {
	needed, found := map[string]bool{}, map[string]bool{}
	for _, m := range fusedLine.FindAllStringSubmatch(listing, -1) {
		file, ours := strings.CutPrefix(m[1], "shoal/")
		if !ours {
			continue // inlined from a library, whose bits aren't ours to promise
		}
		place := allowedPlace(file)
		if needed[place] = true; place == "" {
			found[fmt.Sprintf("%s:%s: a product is fused with its sum: write float64(x*y) + z, or name the file in mayFuse", file, m[2])] = true
		}
	}
	for place := range mayFuse {
		if !needed[place] {
			unused = append(unused, place)
		}
	}
	slices.Sort(unused)
	return slices.Sorted(maps.Keys(found)), unused
}

// allowedPlace returns the entry of mayFuse that covers file, or "".
func allowedPlace(file string) string {
	for place := range mayFuse {
		if file == place || strings.HasSuffix(place, "/") && strings.HasPrefix(file, place) {
			return place
		}
	}
	return ""
}

func TestFusedCanFail(t *testing.T) {
	line := func(file, instruction string) string {
		return "\t0x01b8 00440 (" + file + ":105)\t" + instruction + "\tF4, F2, F5, F2\n"
	}
	listing := line("shoal/dynamics/estimate.go", "FNMSUBD") + line("shoal/deep/loss.go", "FMADDS") + line("shoal/kernel/fma_arm64.go", "FMADDS") +
		line("shoal/deep/norm.go", "FMULD") + line("example.com/elsewhere@v1.2.3/x.go", "FMADDD")
	problems, unused := fused(listing)
	if len(problems) != 2 || !strings.HasPrefix(problems[0], "deep/loss.go:105") || len(unused) != len(mayFuse)-1 {
		t.Errorf("got problems %q and unused %q, want two problems, and all places unused but one", problems, unused)
	}
}
