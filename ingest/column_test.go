package ingest

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// A loss that differs between the rows of a step is that of each example, and the evaluation's is their mean;
// one that stands in the first row alone is the evaluation's.
func TestLossesOfExamples(t *testing.T) {
	for _, c := range []struct{ rows, losses, epochs, note string }{
		{"0,0,1,1,2,1\n0,1,1,1,4,1\n1,0,1,1,1,2\n1,1,1,1,1,2.0\n", "[3 1]", "[1 2]", "several losses"},
		{"0,0,1,1,2,1\n0,1,1,1,,\n1,0,1,1,,\n1,1,1,1,7,2\n", "[2 7]", "[1 2]", ""},
		{"0,0,1,1,2,.5\n0,1,1,1,2,1\n1,0,1,1,,2\n1,1,1,1,,2\n", "[2 NaN]", "[NaN 2]", "several epochs"},
	} {
		told := ""
		say := func(line string) { told += line }
		h := imported(t, Options{Say: say}, writeFile(t, "p.csv", "step,example,prediction,label,loss,epoch\n"+c.rows))
		if losses, epochs := fmt.Sprint(h.Loss), fmt.Sprint(h.Log.Epochs); losses != c.losses || epochs != c.epochs {
			t.Errorf("%q: losses %s, epochs %s, want %s, %s", c.rows, losses, epochs, c.losses, c.epochs)
		}
		if !strings.Contains(told, c.note) || c.note == "" && told != "" {
			t.Errorf("%q: told %q, want %q", c.rows, told, c.note)
		}
	}
	path := writeFile(t, "p.csv", "step,example,prediction,label,loss\n0,0,1,1,2\n0,1,1,1,x\n")
	if _, err := Files(t.Context(), filepath.Join(t.TempDir(), "run"), []string{path}, Options{}); err == nil || !strings.Contains(err.Error(), `line 3: epoch "", loss "x"`) {
		t.Errorf("got error %v", err)
	}
}

// Probabilities that are called logits would give values of another network.
func TestProbabilitiesCalledLogits(t *testing.T) {
	var logits, shares []float64
	lines, labels := "", make([]uint8, 8)
	for i := range 8 {
		p := float64(i+1) / 10
		shares = append(shares, p, 1-p)
		logits = append(logits, math.Log(p), math.Log(1-p))
		lines += fmt.Sprintf(`{"guid": %d, "logits_epoch_0": [%v, %v], "gold": 0}`+"\n", i, p, 1-p)
	}
	file := func(values []float64) string {
		return npzFile(t, map[string][]byte{"labels": array(t, labels), "logits": array(t, values, 1, 8, 2)})
	}
	wantRefused(t, []refused{{[]string{file(shares)}, "call the array probabilities"}})
	imported(t, Options{}, file(logits))
	hard := make([]float64, 16) // of a network that says 0 or 1: nothing tells what they are
	for i := range 8 {
		hard[2*i] = 1
	}
	imported(t, Options{}, file(hard))
	told := ""
	imported(t, Options{Say: func(line string) { told = line }}, writeFile(t, "dynamics_epoch_0.jsonl", lines))
	if !strings.Contains(told, "as probabilities do") {
		t.Errorf("told %q, want that the logits look like probabilities", told)
	}
}
