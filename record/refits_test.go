package record

import (
	"encoding/json"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/runlog"
	"shoal/shallow"
)

// What a run keeps of a reference is enough to fit it again: every kind and preset, parameters of a
// person's own included.
func TestAgain(t *testing.T) {
	own := map[string]map[string]string{
		"svm": {"c": "0.1", "iterations": "77", "gamma": "0.03"}, "forest": {"trees": "7", "patience": "0", "train": "50"},
		"knn": {"k": "3"}, "logistic": {"c": "1e-7"}, "boosting": {"patience": "0", "shrinkage": "0.3", "l2": "2"}, "lda": {"train": "1000000"},
	}
	for _, kind := range shallow.Kinds() {
		for _, preset := range shallow.Presets() {
			for _, parameters := range []map[string]string{nil, own[kind], {"train": "9"}} {
				was := Reference{Name: "m", Kind: kind, Preset: preset, Parameters: parameters}
				m, err := was.Model("cifar100")
				if err != nil {
					t.Fatal(err)
				}
				text, err := json.Marshal(m.Params())
				if err != nil {
					t.Fatal(err)
				}
				again, err := Again(runlog.Reference{Reference: dynamics.Reference{Name: "m"}, Kind: kind, ParamsJSON: string(text)}, "cifar100")
				if err != nil {
					t.Errorf("%s, %s, %v: %v", kind, preset, parameters, err)
				} else if again.Name != "m" || again.Kind != kind {
					t.Errorf("%s, %s: %+v", kind, preset, again)
				}
			}
		}
	}
	for _, text := range []string{"", "null", `{"c":1}`, `{"c":1,"other":2}`, `{"c":"x"}`, "[]"} {
		if _, err := Again(runlog.Reference{Reference: dynamics.Reference{Name: "m"}, Kind: "svm", ParamsJSON: text}, "mnist"); err == nil || !strings.Contains(err.Error(), `"m" can't be fitted again`) {
			t.Errorf("parameters %q: %v, want an error", text, err)
		}
	}
}

// So is what it keeps of one that was fitted to numbers, but for those in files of their own.
func TestAgainOfNumbers(t *testing.T) {
	numbers := shallow.Examples{Values: []float32{1, 2, 3, 5, 4, 9, 8, 7}, Labels: []uint16{0, 1, 0, 1}, Features: 2, Classes: 2}
	for _, kind := range shallow.Kinds() {
		m, err := shallow.New(kind, "", "npz:a", nil)
		if err == nil {
			err = m.Fit(t.Context(), numbers, shallow.Options{Workers: 1})
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(m.Params())
		if err != nil {
			t.Fatal(err)
		}
		ref := runlog.Reference{Reference: dynamics.Reference{Name: "m"}, Kind: kind, ParamsJSON: string(text)}
		if _, err := Again(ref, "npz:a"); err != nil {
			t.Errorf("%s, %s: %v", kind, text, err)
		}
		if kind != "lda" && !strings.Contains(string(text), "scaling") && !strings.Contains(string(text), "bins") {
			t.Errorf("%s: parameters %s don't say what became of the numbers", kind, text)
		}
	}
	ref := runlog.Reference{Reference: dynamics.Reference{Name: "m"}, Kind: "lda", ParamsJSON: `{"features_from":{"train":"a.npz"}}`}
	if _, err := Again(ref, ""); err == nil || !strings.Contains(err.Error(), "features in files of their own") {
		t.Errorf("got error %v", err)
	}
}
