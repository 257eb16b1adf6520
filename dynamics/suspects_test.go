package dynamics

import (
	"math/rand/v2"
	"testing"
)

// Labels that are changed after a world is made stand at the top of the list.
func TestSuspectsFindChangedLabels(t *testing.T) {
	w := newWorld(3, 1000, 60)
	ref := w.reference(.9)
	l := w.network(.02, func(i, step int) float64 { return min(1, float64(step)/20) * .97 })
	r := rand.New(rand.NewPCG(1, 2))
	changed := make(map[int]bool)
	labels := make([]uint16, len(l.Labels))
	copy(labels, l.Labels)
	for _, i := range r.Perm(len(labels))[:30] {
		changed[i] = true
		labels[i] = (labels[i] + 1) % 10
	}
	l.Labels = labels
	learned, err := l.Learning()
	if err != nil {
		t.Fatal(err)
	}
	got := Suspects(l, learned, []Reference{ref})
	found := 0
	for k, s := range got {
		if !(s.Score >= 0 && s.Score <= 1) || s.Answer == labels[s.Example] || k > 0 && s.Score > got[k-1].Score {
			t.Errorf("%d: %+v", k, s)
		}
		if k < 30 && changed[s.Example] {
			found++
		}
	}
	if found < 24 {
		t.Errorf("%d of 30 changed labels among the first 30 of %d", found, len(got))
	}
}

// By hand: three models, margins and the share of evaluations.
func TestSuspectsByHand(t *testing.T) {
	l := &Log{Labels: []uint16{0, 0, 1, 1}}
	for step, p := range [][]uint16{{1, 0, 1, 0}, {1, 0, 1, 1}} {
		l.Append(step, float64(step), p, nil)
	}
	a := Reference{Name: "a", Predictions: []uint16{1, 1, 1, 1}, Margins: []float32{4, 3, 2, 1}}
	b := Reference{Name: "b", Predictions: []uint16{1, 0, 1, 1}}
	learned, err := l.Learning()
	if err != nil {
		t.Fatal(err)
	}
	got := Suspects(l, learned, []Reference{a, b})
	if len(got) != 1 || got[0].Example != 0 || got[0].Answer != 1 || got[0].Models != 3 || !got[0].Never {
		t.Fatalf("got %+v", got)
	}
	near(t, "score", got[0].Score, (1+(1+3.5/4+1)/3)/2, 1e-12)
	// The label, late: taken back by half of the late evaluations, and by a reference that is sure of it.
	late := &Log{Labels: []uint16{0, 0, 1, 1}}
	for k, step := range []int{0, 50, 95, 100} {
		late.Append(step, float64(step), []uint16{[]uint16{2, 0, 0, 1}[k], 0, 1, 1}, nil)
	}
	if learned, err = late.Learning(); err != nil {
		t.Fatal(err)
	}
	c := Reference{Name: "c", Predictions: []uint16{0, 0, 1, 1}, Margins: []float32{9, 1, 2, 3}}
	d := Reference{Name: "d", Predictions: []uint16{1, 0, 1, 1}}
	got = Suspects(late, learned, []Reference{a, b, c, d})
	if len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
	near(t, "late score", got[0].Score, (1+(0+3.5/4+1-3.5/4+1)/5)/2, 1e-12)
	if learned, err = l.Learning(); err != nil {
		t.Fatal(err)
	}
	if len(Suspects(l, learned, nil)) != 0 {
		t.Error("a network alone makes its mistakes suspects")
	}
	if right := (Reference{Predictions: a.Predictions, Right: []bool{true, true, true, true}}); len(Suspects(l, learned, []Reference{right})) != 0 {
		t.Error("a reference that says it is right was counted against the label")
	}
}
