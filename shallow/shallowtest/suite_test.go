package shallowtest

import (
	"math"
	"testing"

	"shoal/shallow/model"
)

// TestChecksFindWhatIsWrong: every check of the suite can fail.
func TestChecksFindWhatIsWrong(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	good := func() model.Prediction {
		return model.Prediction{Class: []uint16{0, 1}, Scores: []float32{1, 0, .2, .8}, Margin: []float32{1, .6}}
	}
	if err := check(good(), 2, 2); err != nil {
		t.Errorf("a good prediction: %v", err)
	}
	for name, spoil := range map[string]func(*model.Prediction){
		"class out of range": func(p *model.Prediction) { p.Class[1] = 2 },
		"class missing":      func(p *model.Prediction) { p.Class = p.Class[:1] },
		"margin missing":     func(p *model.Prediction) { p.Margin = nil },
		"margin negative":    func(p *model.Prediction) { p.Margin[0] = -1 },
		"margin NaN":         func(p *model.Prediction) { p.Margin[1] = nan },
		"margin infinite":    func(p *model.Prediction) { p.Margin[1] = inf },
		"score NaN":          func(p *model.Prediction) { p.Scores[3] = nan },
		"score infinite":     func(p *model.Prediction) { p.Scores[2] = -inf },
		"scores cut":         func(p *model.Prediction) { p.Scores = p.Scores[:3] },
	} {
		p := good()
		spoil(&p)
		if check(p, 2, 2) == nil {
			t.Errorf("%s: not found", name)
		}
	}
	if err := same(good(), good()); err != nil {
		t.Errorf("equal predictions: %v", err)
	}
	for name, change := range map[string]func(*model.Prediction){
		"class":        func(p *model.Prediction) { p.Class[0] = 1 },
		"score":        func(p *model.Prediction) { p.Scores[0] = math.Nextafter32(1, 0) },
		"margin":       func(p *model.Prediction) { p.Margin[1] = 0 },
		"no scores":    func(p *model.Prediction) { p.Scores = nil },
		"negative 0.0": func(p *model.Prediction) { p.Scores[1] = float32(math.Copysign(0, -1)) },
	} {
		p := good()
		change(&p)
		if same(good(), p) == nil {
			t.Errorf("another %s: not found", name)
		}
	}
}

func TestBlobsOfOneProblemShareTheirCentres(t *testing.T) {
	a, b := Blobs(1, 40, 24, 10, 0), Blobs(2, 20, 24, 10, 0)
	for i := range b.Len() {
		if string(a.Row(i)) != string(b.Row(i)) {
			t.Fatalf("row %d differs without noise", i)
		}
	}
	for i := range 10 {
		for j := range i {
			if string(a.Row(i)) == string(a.Row(j)) {
				t.Errorf("classes %d and %d have one centre", j, i)
			}
		}
	}
	changed := 0
	for i, y := range Confuse(a, 1, .5).Labels {
		if y != a.Labels[i] {
			changed++
		}
	}
	if changed < 8 || changed > 32 {
		t.Errorf("confuse: %d of 40 labels changed, want about 20", changed)
	}
}
