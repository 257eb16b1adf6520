package record

import (
	"testing"

	"shoal/dynamics"
	"shoal/runlog"
)

// Two references of a name are one M by what defined them: of a file that is what is in it, of a network how far it was
// trained; the seed of a fit, and the folder of another seed, may differ.
func TestReferenceDiffers(t *testing.T) {
	ref := func(name, kind, params string, accuracy float64, answers ...uint16) runlog.Reference {
		return runlog.Reference{Reference: dynamics.Reference{Name: name, Predictions: answers}, Kind: kind, ParamsJSON: params, Accuracy: accuracy}
	}
	right := func(r runlog.Reference, right ...bool) runlog.Reference { r.Right = right; return r }
	for _, c := range []struct {
		a, b runlog.Reference
		want string
	}{
		{ref("forest", "forest", `{"trees":5}`, .5, 1, 2), ref("forest", "forest", `{"trees":5}`, .6, 2, 2), ""},
		{ref("svm", "svm", `{"c":1,"gamma":"auto"}`, .5), ref("svm", "svm", `{"gamma":"scale","c":10}`, .5), `c is 1 in A and 10 in B, gamma is "auto" in A and "scale" in B`},
		{ref("svm", "svm", `{"train":20}`, .5), ref("svm", "svm", `{}`, .5), "train is 20 in A and not given in B"},
		{ref("m", "svm", "{}", .5), ref("m", "lda", "{}", .5), "its kind is svm in A and lda in B"},
		{ref("m", KindFile, `{"path":"a"}`, .5, 1, 2), ref("m", KindFile, `{"path":"b"}`, .5, 1, 2), ""},
		{ref("m", KindFile, `{"path":"a"}`, .5, 1, 2, 3), ref("m", KindFile, `{"path":"a"}`, .5, 1, 1, 3), "the file has other predictions for 1 example in B than in A"},
		{right(ref("m", KindFile, `{}`, .5, 1, 2), true, true), right(ref("m", KindFile, `{}`, .5, 1, 2), false, false), "the file has other predictions for 2 examples in B than in A"},
		{ref("n", KindNetwork, `{"run":"a","network":"cnn2","step":9}`, .5), ref("n", KindNetwork, `{"run":"b","network":"cnn2","step":8}`, .51), ""},
		{ref("n", KindNetwork, `{"run":"a","network":"cnn2","step":9}`, .5), ref("n", KindNetwork, `{"run":"b","network":"cnn2","step":90}`, .9), "step is 9 in A and 90 in B"},
		{ref("n", KindNetwork, `{"network":"cnn2","step":9}`, .5), ref("n", KindNetwork, `{"network":"resnet20","step":9}`, .5), `network is "cnn2" in A and "resnet20" in B`},
		{ref("ladder-svm", "svm", `{"train_examples":9}`, .5), ref("ladder-svm", "svm", `{"train_examples":8}`, .5), ""},
		{ref("m", "other", `[1]`, .5), ref("m", "other", `[2]`, .5), "parameters is [1] in A and [2] in B"},
	} {
		if got := ReferenceDiffers(c.a, c.b, "A", "B"); got != c.want {
			t.Errorf("%s %s and %s: %q, want %q", c.a.Kind, c.a.ParamsJSON, c.b.ParamsJSON, got, c.want)
		}
	}
}
