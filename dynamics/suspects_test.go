package dynamics

import (
	"math"
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
	got := Suspects(l, learned, []Reference{ref}, nil)
	found := 0
	for k, s := range got {
		if !(s.Score() >= 0 && s.Score() <= 1) || s.Answer == labels[s.Example] || k > 0 && s.LogOdds > got[k-1].LogOdds {
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
	b := Reference{Name: "b", Predictions: []uint16{1, 0, 1, 1, 1, 0}}
	learned, err := l.Learning()
	if err != nil {
		t.Fatal(err)
	}
	unknown := float32(math.NaN())
	// Of six examples of two classes a gets two right, which counts nothing, b and the network four: ln 2.
	for name, c := range map[string]struct {
		p    []float32
		want []Suspect
	}{
		"evaluations": {nil, []Suspect{
			{Example: 0, Answer: 1, Models: 3, LogOdds: math.Log(4), Never: true},
			{Example: 4, Answer: 1, Models: 2},
			{Example: 5, Answer: 1, Models: 2, LogOdds: -math.Log(2)},
		}},
		"probabilities": {[]float32{.25, 1, 1, 1, .75, .125}, []Suspect{
			{Example: 0, Answer: 1, Models: 3, LogOdds: math.Log(3 * 2), Never: true},
			{Example: 5, Answer: 1, Models: 2, LogOdds: math.Log(7. / 2)},
			{Example: 4, Answer: 1, Models: 2, LogOdds: math.Log(2. / 3)},
		}},
		"one unknown": {[]float32{.25, 1, 1, 1, .75, unknown}, []Suspect{
			{Example: 0, Answer: 1, Models: 3, LogOdds: math.Log(3 * 2), Never: true},
			{Example: 4, Answer: 1, Models: 2, LogOdds: math.Log(2. / 3)},
			{Example: 5, Answer: 1, Models: 2, LogOdds: -math.Log(2)},
		}},
		"equal odds, by margins": {[]float32{.5, 1, 1, 1, .5, .5}, []Suspect{
			{Example: 4, Answer: 1, Models: 2, LogOdds: math.Log(2)},
			{Example: 0, Answer: 1, Models: 3, LogOdds: math.Log(2), Never: true},
			{Example: 5, Answer: 1, Models: 2, LogOdds: -math.Log(2)},
		}},
		"0 and 1 in half precision": {[]float32{0, 1, 1, 1, 1, .5}, []Suspect{
			{Example: 0, Answer: 1, Models: 3, LogOdds: math.Log(1<<24-1) + math.Log(2), Never: true},
			{Example: 5, Answer: 1, Models: 2, LogOdds: -math.Log(2)},
			{Example: 4, Answer: 1, Models: 2, LogOdds: -math.Log(1<<24-1) + math.Log(2)},
		}},
	} {
		got := Suspects(l, learned, []Reference{a, b}, c.p)
		if len(got) != len(c.want) {
			t.Fatalf("%s: %+v", name, got)
		}
		for k, want := range c.want {
			near(t, name, got[k].LogOdds, want.LogOdds, 1e-12)
			if want.LogOdds = got[k].LogOdds; got[k] != want {
				t.Errorf("%s: %d is %+v, want %+v", name, k, got[k], want)
			}
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
