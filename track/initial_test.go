package track

import (
	"path/filepath"
	"reflect"
	"testing"

	"shoal/runlog"
)

// Other initialisations are scored once, are the same however often they are made, and judge claim 1.
func TestInitialisations(t *testing.T) {
	s, o := tiny(t)
	s.Network.Name, s.Training.Epochs, s.Evaluation.Initialisations = "cnn2", .1, 100
	var all [][][]uint16
	for _, workers := range []int{1, 3} {
		o.Out, o.Workers = filepath.Join(t.TempDir(), "run"), workers
		if _, err := Run(t.Context(), s, o); err != nil {
			t.Fatal(err)
		}
		h, err := runlog.Load(t.Context(), o.Out)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, h.Initial)
		if len(h.Initial) != 100 || len(h.Initial[0]) != len(h.Log.Labels) {
			t.Fatalf("%d initialisations of %d examples", len(h.Initial), len(h.Initial[0]))
		}
		in := h.Judgements[0].Verdicts[0].Numbers.Start.Initial
		if in.Count != 100 || in.Examples != len(h.Log.Labels) {
			t.Errorf("claim 1 was judged on %+v", in)
		}
	}
	if !reflect.DeepEqual(all[0], all[1]) || reflect.DeepEqual(all[0][0], all[0][1]) {
		t.Error("initialisations are not those of their seeds")
	}
}
