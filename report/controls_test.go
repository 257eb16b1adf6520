package report

import (
	"context"
	"strings"
	"testing"

	"shoal/runlog"
)

func TestControlOnThePage(t *testing.T) {
	in := smallInput()
	at := in.Log.NearestAccuracy(.8)
	control := runlog.Reference{Reference: in.Log.At("seed 2 at .8", at), Kind: controlKind}
	in.References = append(in.References, control)
	dir := written(t, in, quick)
	page := string(read(t, dir, "report.html"))
	if got := strings.Count(page, "<strong>Control: "); got != 2 {
		t.Errorf("%d controls on the page, want one for each of 2 shallow references", got)
	}
	// The claims are about shallow models: those against the control are folded away, and its row
	// says what it is.
	for _, want := range []string{"data-series=\"difference\"", "minus that with the control seed 2 at .8", "the same against other networks", "seed 2 at .8 <small>another network</small>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	read(t, dir, "figures", "control-svm-seed-2-at-8.svg")
}

func TestNearestControl(t *testing.T) {
	in := smallInput()
	for _, accuracy := range []float64{.3, .7, .8} {
		in.References = append(in.References, runlog.Reference{Reference: in.Log.At("network", in.Log.NearestAccuracy(accuracy)), Kind: controlKind})
	}
	a, err := analyse(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []int{4, 3} { // svm at .8, forest at .7
		if got := a.controlFor(k); got != want {
			t.Errorf("the control of reference %d is reference %d, want %d", k, got, want)
		}
	}
}
