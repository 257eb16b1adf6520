package dynamics

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"shoal/contingency"
)

func randomClasses(r *rand.Rand, n, classes int) []uint16 {
	out := make([]uint16, n)
	for i := range out {
		out[i] = uint16(r.IntN(classes))
	}
	return out
}

func TestCurvesAreCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{1, 63, 64, 65, 1000} {
		l := &Log{Labels: randomClasses(r, n, 300), Steps: []int{0, 1, 5}, Epochs: []float64{0, .1, .5}}
		for range 3 {
			p := randomClasses(r, n, 300)
			for i := range p {
				if r.IntN(2) == 0 {
					p[i] = l.Labels[i]
				}
			}
			l.Predictions = append(l.Predictions, p)
		}
		ref := Reference{Name: "m", Predictions: l.Predictions[1]}
		c, err := Curves(l, ref)
		if err != nil || len(c.Points) != 3 {
			t.Fatalf("%+v, %v, want 3 points", c, err)
		}
		for k, p := range c.Points {
			want, err := contingency.Count(l.Labels, ref.Predictions, l.Predictions[k])
			if err != nil || p.Table != want || p.Step != l.Steps[k] || float64(p.Epoch) != l.Epochs[k] {
				t.Errorf("n %d: got %+v, want %+v, %v", n, p, want, err)
			}
			near(t, "accuracy", l.Accuracies()[k], want.DeepAccuracy().Value, 0)
		}
		if c.Last().Step != 5 {
			t.Errorf("last is %+v", c.Last())
		}
	}
}

func TestAgreePairs(t *testing.T) {
	labels := []uint16{1, 1, 1, 1}
	a := Reference{Name: "a", Predictions: []uint16{1, 1, 0, 2}}
	b := Reference{Name: "b", Predictions: []uint16{1, 0, 1, 2}}
	pairs, err := Agree(labels, []Reference{a, b, a})
	if err != nil || len(pairs) != 3 {
		t.Fatalf("%v, %v", pairs, err)
	}
	p := pairs[0]
	if p.A != "a" || p.B != "b" || p.Table != (contingency.Table{Both: 1, ShallowOnly: 1, DeepOnly: 1, Neither: 1}) {
		t.Errorf("got %+v", p)
	}
	near(t, "agreement", p.Agreement.Value, .5, 0)
	near(t, "same class", p.SameClass.Value, .5, 0)
	near(t, "kappa", p.Kappa.Value, 0, 0)
	near(t, "self kappa", pairs[1].Kappa.Value, 1, 0)
	if _, err := Agree(labels, []Reference{{Predictions: labels[:2]}}); err == nil {
		t.Error("a short reference was compared")
	}
	if _, err := Agree(nil, nil); err == nil {
		t.Error("nothing was compared")
	}
}

func TestKappaMatrixIsThatOfThePairs(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	labels := randomClasses(r, 200, 3)
	var references []Reference
	for range 3 {
		references = append(references, Reference{Predictions: randomClasses(r, 200, 3)})
	}
	references = append(references, Reference{Predictions: labels}) // right on all
	matrix, err := KappaMatrix(labels, references)
	if err != nil || len(matrix) != 4 {
		t.Fatal(matrix, err)
	}
	pairs, err := Agree(labels, references)
	if err != nil {
		t.Fatal(err)
	}
	one := contingency.Number{Value: 1, Defined: true}
	for a := range matrix {
		if want := []contingency.Number{one, one, one, {}}[a]; len(matrix[a]) != 4 || matrix[a][a] != want {
			t.Errorf("row %d is %v, want %v on the diagonal", a, matrix[a], want)
		}
		for b := range matrix[:a] {
			if matrix[b][a] != matrix[a][b] {
				t.Errorf("%d, %d: %v one way and %v the other", a, b, matrix[a][b], matrix[b][a])
			}
		}
	}
	for k, at := range [][2]int{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}} {
		if got := matrix[at[0]][at[1]]; got != pairs[k].Kappa {
			t.Errorf("%v: got %v, want %v", at, got, pairs[k].Kappa)
		}
	}
	if _, err := KappaMatrix(labels, []Reference{{Predictions: labels[:3]}}); err == nil {
		t.Error("a short reference was compared")
	}
}

func TestAtEqualAccuracy(t *testing.T) {
	a := logOf([]int{0, 1, 2}, []float64{0, 1, 2}, "011", "001", "000", "000") // 0, 1, 2 of 4 right
	b := logOf([]int{0, 5, 9}, []float64{0, 1, 2}, "000", "011", "001", "001") // 0, 1, 3 of 4 right
	got, err := AtEqualAccuracy(a, b, .25)
	if err != nil {
		t.Fatal(err)
	}
	want := []EqualAccuracy{
		{0, 0, 0, 0, contingency.Table{Neither: 4}},
		{1, 5, .25, .25, contingency.Table{ShallowOnly: 1, DeepOnly: 1, Neither: 2}},
		{2, 5, .5, .25, contingency.Table{Both: 1, ShallowOnly: 1, Neither: 2}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if got, _ := AtEqualAccuracy(a, b, 0); len(got) != 2 {
		t.Errorf("without tolerance: %+v", got)
	}
	b.Labels = []uint16{1, 1, 1, 0}
	if _, err := AtEqualAccuracy(a, b, 1); err == nil {
		t.Error("runs over other labels were compared")
	}
}

func TestMutualByHand(t *testing.T) {
	y := []uint16{0, 0, 1, 1, 0, 0, 1, 1}
	alternating := []uint16{0, 1, 0, 1, 0, 1, 0, 1} // independent of y
	for _, c := range []struct {
		what          string
		shallow, deep []uint16
		want          float64
	}{
		{"all three equal", y, y, 1},
		{"reference knows nothing", alternating, y, 0},
		{"network knows nothing", y, alternating, 0},
		{"constant reference", make([]uint16, 8), y, 0},
	} {
		got, err := Mutual(y, c.shallow, c.deep)
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.what, got, c.want, 1e-12)
	}
	// F = Y xor L with all pairs equally frequent: F says nothing alone and everything given L, so
	// mu = 0 - 1.
	xor := make([]uint16, 8)
	for i := range y {
		xor[i] = y[i] ^ alternating[i]
	}
	got, _ := Mutual(y, alternating, xor)
	near(t, "xor", got, -1, 1e-12)
	// L = F gives I(F;Y): with 3 of 4 right either way, 1 - h(1/4).
	f := []uint16{0, 0, 0, 1, 1, 1, 1, 0}
	four := []uint16{0, 0, 0, 0, 1, 1, 1, 1}
	h := -.25*math.Log2(.25) - .75*math.Log2(.75)
	got, _ = Mutual(four, f, f)
	near(t, "I(F;Y)", got, 1-h, 1e-12)
	if _, err := Mutual([]uint16{2}, []uint16{0}, []uint16{0}); err == nil {
		t.Error("three classes were taken for two")
	}
	if _, err := Mutual(y, y[:2], y); err == nil {
		t.Error("a short reference was taken")
	}
}

func TestByClassSumsToTheTable(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	labels, shallow, deep := randomClasses(r, 500, 5), randomClasses(r, 500, 2), randomClasses(r, 500, 3)
	tables, err := ByClass(labels, Reference{Predictions: shallow}, Reference{Predictions: deep})
	if err != nil || len(tables) != 5 {
		t.Fatal(tables, err)
	}
	var sum contingency.Table
	for _, x := range tables {
		sum.Both += x.Both
		sum.ShallowOnly += x.ShallowOnly
		sum.DeepOnly += x.DeepOnly
		sum.Neither += x.Neither
	}
	want, _ := contingency.Count(labels, shallow, deep)
	if sum != want {
		t.Errorf("got %+v, want %+v", sum, want)
	}
	if tables[4].DeepRight() != 0 {
		t.Errorf("class 4 is never named, yet %+v", tables[4])
	}
	if _, err := ByClass(labels, Reference{Predictions: shallow[:3]}, Reference{Predictions: deep}); err == nil {
		t.Error("a short reference was taken")
	}
}

// Two classes, in each of which the risks are 2:1, but which differ in what the reference and the
// network get right: the crude ratio is confounded, the adjusted one is 2.
func TestClassAdjustedByHand(t *testing.T) {
	var labels []uint16
	var shallow, deep []bool
	add := func(class uint16, s, d bool, times int) {
		for range times {
			labels, shallow, deep = append(labels, class), append(shallow, s), append(deep, d)
		}
	}
	add(0, true, true, 80) // 80 of 100 against 8 of 20
	add(0, true, false, 20)
	add(0, false, true, 8)
	add(0, false, false, 12)
	add(1, true, true, 4) // 4 of 20 against 10 of 100
	add(1, true, false, 16)
	add(1, false, true, 10)
	add(1, false, false, 90)
	at := func(x []bool) func(int) bool { return func(i int) bool { return x[i] } }
	got := ClassAdjusted(labels, at(shallow), at(deep))
	near(t, "adjusted", got.Value, 2, 1e-12)
	// Sums by hand: a·n0/n = 80·20/120 + 4·100/120 = 50/3; c·n1/n = 25/3; spread = (100·20·88 -
	// 640·120)/120² + (20·100·14 - 40·120)/120².
	spread := (99200. + 23200.) / 14400
	near(t, "hi", math.Log(got.Hi/2), 1.96*math.Sqrt(spread/(50./3*25/3)), 1e-12)
	near(t, "lo", got.Lo*got.Hi, 4, 1e-9)

	constant := make([]bool, len(labels)) // the network names class 0 for all
	for i := range constant {
		constant[i] = labels[i] == 0
	}
	one := ClassAdjusted(labels, at(shallow), at(constant))
	near(t, "constant answer", one.Value, 1, 1e-12)
	if e := ClassAdjusted(labels, at(shallow), at(make([]bool, len(labels)))); e.Defined {
		t.Errorf("a network that is never right has %v", e)
	}
}
