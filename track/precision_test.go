package track

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"shoal/deep"
	"shoal/record"
)

// A run in bfloat16 says so everywhere, has numbers of its own, and those depend on neither workers
// nor interruptions.
func TestRunInBFloat16(t *testing.T) {
	s, o := tiny(t)
	s.Training.Epochs, s.References = 1, record.References{}
	wide := o
	wide.Out = filepath.Join(t.TempDir(), "run")
	if _, err := Run(t.Context(), s, wide); err != nil {
		t.Fatal(err)
	}
	s.Training.Precision = string(deep.BFloat16)
	var lines []string
	o.Say = func(line string) { lines = append(lines, line) }
	summary, err := Run(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	if summary.Precision != "bfloat16" || summary.Tier != deep.BFloat16.Tier() {
		t.Errorf("the summary has precision %q, tier %q", summary.Precision, summary.Tier)
	}
	if said := slices.Contains(lines, NotFaster); said == deep.BFloat16.Faster() {
		t.Errorf("faster: %v, and it was told: %q", deep.BFloat16.Faster(), lines)
	}
	text, err := os.ReadFile(filepath.Join(o.Out, StudyFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`precision = "bfloat16"`, `tier = "` + deep.BFloat16.Tier() + `"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("study.toml lacks %s", want)
		}
	}
	a, _ := blobs(t, wide.Out)
	b, _ := blobs(t, o.Out)
	if last := len(a) - 1; a[last].Loss == b[last].Loss || !(b[last].Loss < 1.1*a[last].Loss) {
		t.Errorf("loss %v in float32, %v in bfloat16", a[last].Loss, b[last].Loss)
	}

	other := o
	other.Out, other.Workers, other.Checkpoint = filepath.Join(t.TempDir(), "run"), 3, time.Nanosecond
	stopAt(t, s, other, 3)
	if _, err := Resume(t.Context(), other.Out, nil, other); err != nil {
		t.Fatal(err)
	}
	same(t, "three workers, stopped", o.Out, other.Out)

	change := func(s *Study) error { s.Training.Precision = string(deep.Float32); return nil }
	if _, err := Resume(t.Context(), o.Out, change, o); err == nil || !strings.Contains(err.Error(), "training.precision is bfloat16 in the run and float32 now") {
		t.Errorf("resuming in float32: %v", err)
	}
}
