package dynamics

import (
	"math"
	"math/rand/v2"
	"slices"
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
	got := Suspects(l, learned, []Reference{ref}, nil)
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

// By hand: three models, margins, and the doubt of the network by evaluations and by probabilities.
func TestSuspectsByHand(t *testing.T) {
	l := &Log{Labels: []uint16{0, 0, 1, 1, 0, 0}}
	for k, step := range []int{0, 50, 95, 100} { // the last two are late
		l.Append(step, float64(step), [][]uint16{{1, 0, 1, 0, 0, 2}, {1, 0, 1, 1, 0, 2}, {1, 0, 1, 1, 0, 0}, {1, 0, 1, 1, 0, 1}}[k], nil)
	}
	a := Reference{Name: "a", Predictions: []uint16{1, 1, 1, 1, 1, 1}, Margins: []float32{4, 3, 2, 1, 6, 5}}
	b := Reference{Name: "b", Predictions: []uint16{1, 0, 1, 1, 1, 1}}
	learned, err := l.Learning()
	if err != nil {
		t.Fatal(err)
	}
	unknown := float32(math.NaN())
	for name, c := range map[string]struct {
		p    []float32
		want []Suspect
	}{
		"evaluations": {nil, []Suspect{
			{Example: 0, Answer: 1, Models: 3, Doubt: 1, Score: 1, Never: true},
			{Example: 5, Answer: 1, Models: 3, Doubt: .5, Score: 3.5 / 4, Never: false},
			{Example: 4, Answer: 1, Models: 2, Doubt: 0, Score: .5, Never: false},
		}},
		"probabilities": {[]float32{.25, 1, 1, 1, .75, .125}, []Suspect{
			{Example: 5, Answer: 1, Models: 3, Doubt: .875, Score: 3.875 / 4},
			{Example: 0, Answer: 1, Models: 3, Doubt: .75, Score: 3.75 / 4, Never: true},
			{Example: 4, Answer: 1, Models: 2, Doubt: .25, Score: 2.25 / 4},
		}},
		"one unknown": {[]float32{.25, 1, 1, 1, .75, unknown}, []Suspect{
			{Example: 0, Answer: 1, Models: 3, Doubt: .75, Score: 3.75 / 4, Never: true},
			{Example: 5, Answer: 1, Models: 3, Doubt: .5, Score: 3.5 / 4},
			{Example: 4, Answer: 1, Models: 2, Doubt: .25, Score: 2.25 / 4},
		}},
		// Equal doubts: a is surer of example 5 than of example 0.
		"by margins": {[]float32{.5, 1, 1, 1, .75, .5}, []Suspect{
			{Example: 5, Answer: 1, Models: 3, Doubt: .5, Score: 3.5 / 4},
			{Example: 0, Answer: 1, Models: 3, Doubt: .5, Score: 3.5 / 4, Never: true},
			{Example: 4, Answer: 1, Models: 2, Doubt: .25, Score: 2.25 / 4},
		}},
	} {
		if got := Suspects(l, learned, []Reference{a, b}, c.p); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, c.want)
		}
	}
	if len(Suspects(l, learned, nil, nil)) != 0 {
		t.Error("a network alone makes its mistakes suspects")
	}
	sure := make([]bool, 6)
	for i := range sure {
		sure[i] = true
	}
	if right := (Reference{Predictions: a.Predictions, Right: sure}); len(Suspects(l, learned, []Reference{right}, nil)) != 0 {
		t.Error("a reference that says it is right was counted against the label")
	}
}
