package dynamics

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// logOf builds a log of binary examples from strings of 0 (wrong) and 1 (right), one string an
// example, one character an evaluation.
func logOf(steps []int, epochs []float64, examples ...string) *Log {
	l := &Log{Labels: make([]uint16, len(examples)), Steps: steps, Epochs: epochs}
	for t := range steps {
		p := make([]uint16, len(examples))
		for i, e := range examples {
			l.Labels[i] = 1
			p[i] = uint16(e[t] - '0')
		}
		l.Predictions = append(l.Predictions, p)
	}
	return l
}

func TestMeasuresByHand(t *testing.T) {
	l := logOf([]int{0, 1, 2, 3, 4, 5}, []float64{0, .5, 1, 1.5, 2, 2.5},
		"000000", // never
		"111111", // unforgettable from the start
		"001011", // forgotten once
		"010100", // forgotten twice, wrong at the end
		"000001", // at the very end
		"101010", // thrice
	)
	m, err := Measure(l)
	if err != nil {
		t.Fatal(err)
	}
	// Epoch ends are the evaluations of epochs 1, 2 and 2.5: t = 3, 5, 6.
	want := &Measures{Evaluations: 6,
		FirstLearned:       []int{7, 1, 3, 2, 6, 1},
		NeverRight:         []bool{true, false, false, false, false, false},
		LearnedForGood:     []int{7, 1, 5, 7, 6, 7},
		Censored:           []bool{true, false, false, true, false, true},
		Forgetting:         []int{Forever, 0, 1, 2, 0, 3},
		ForgettingPerEpoch: []int{Forever, 0, 0, Forever, 0, 1},
		Unforgettable:      []bool{false, true, false, false, true, false},
		LearningSpeed:      []float64{0, 1, .5, 1. / 3, 1. / 6, .5},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got  %+v\nwant %+v", m, want)
	}
	if step, epoch, ok := l.When(m.FirstLearned[3]); step != 1 || epoch != .5 || !ok {
		t.Errorf("first right at step %d, epoch %v, %v", step, epoch, ok)
	}
	if step, epoch, ok := l.When(m.FirstLearned[0]); step != 0 || epoch != 0 || ok {
		t.Errorf("never right, but first at step %d, epoch %v, %v", step, epoch, ok)
	}
}

// The definitions, read off literally, on random logs.
func TestMeasuresByDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		T := 1 + r.IntN(8)
		steps, epochs := make([]int, T), make([]float64, T)
		a := make([]byte, T)
		for s := range T {
			steps[s], epochs[s], a[s] = s, float64(s)/3, byte('0'+r.IntN(2))
		}
		m, err := Measure(logOf(steps, epochs, string(a)))
		if err != nil {
			t.Fatal(err)
		}
		first, good := T+1, T+1
		for s := T; s >= 1; s-- {
			if a[s-1] == '1' {
				first = s
			}
			if !strings.Contains(string(a[s-1:]), "0") {
				good = s
			}
		}
		events := strings.Count(string(a), "10")
		if first == T+1 {
			events = Forever
		}
		if m.FirstLearned[0] != first || m.LearnedForGood[0] != good || m.Forgetting[0] != events ||
			m.NeverRight[0] != (first == T+1) || m.Censored[0] != (a[T-1] == '0') || m.Unforgettable[0] != (events == 0) {
			t.Errorf("%s: got %+v", a, m)
		}
	}
}

func TestLogCheck(t *testing.T) {
	good := func() *Log { return logOf([]int{0, 1}, []float64{0, .5}, "01", "11") }
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(l *Log){
		"0 examples":       func(l *Log) { l.Labels = nil },
		"0 evaluations":    func(l *Log) { l.Predictions = nil },
		"1 steps":          func(l *Log) { l.Steps = l.Steps[:1] },
		"has 1 prediction": func(l *Log) { l.Predictions[1] = l.Predictions[1][:1] },
		"follows step 0":   func(l *Log) { l.Steps[1] = 0 },
		"negative":         func(l *Log) { l.Steps[0] = -1 },
		"epoch +Inf":       func(l *Log) { l.Epochs[1] = math.Inf(1) },
		"of 1 evaluation":  func(l *Log) { l.Right = [][]bool{nil} },
		"of 1 examples":    func(l *Log) { l.Right = [][]bool{nil, {true}} },
		"follows epoch":    func(l *Log) { l.Epochs[0] = 1 },
	} {
		l := good()
		spoil(l)
		if err := l.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
		if _, err := Measure(l); err == nil {
			t.Errorf("%s: measured", want)
		}
	}
	for _, bad := range []Reference{{Predictions: []uint16{1}}, {Predictions: []uint16{1, 1}, Margins: []float32{1}},
		{Predictions: []uint16{1, 1}, Margins: []float32{1, float32(math.NaN())}}} {
		if _, err := Curves(good(), bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

func TestPerEpochAbsorbsRounding(t *testing.T) {
	l := logOf([]int{0, 1, 2, 3, 4}, []float64{0, .5, 1.0000000000000002, 1.5, 2}, "00000")
	if got := l.PerEpoch().Steps; !reflect.DeepEqual(got, []int{2, 4}) {
		t.Errorf("got steps %v, want 2 and 4", got)
	}
}

func TestLogitMeasuresByHand(t *testing.T) {
	a, err := NewAccumulator([]uint16{0}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Measures(); err == nil {
		t.Error("measures of nothing")
	}
	ln3 := float32(math.Log(3))
	for _, logits := range [][]float32{{ln3, 0}, {0, ln3}} { // p = 3/4, then 1/4
		if err := a.Add(logits); err != nil {
			t.Fatal(err)
		}
	}
	m, err := a.Measures()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "AUM", m.AUM[0], 0, 1e-7)
	near(t, "EL2N", m.EL2N[0], (math.Sqrt(2)/4+math.Sqrt(2)*3/4)/2, 1e-7)
	near(t, "confidence", m.Confidence[0], .5, 1e-7)
	near(t, "variability", m.Variability[0], .25, 1e-7)
}

// What a log keeps of its logits gives the same measures as the logits, and a value that is not there
// is left out.
func TestMeasuresOfValues(t *testing.T) {
	a := NewValueAccumulator(2)
	if a.Measures() != nil || a.Measures().Named() != nil {
		t.Error("measures of nothing")
	}
	nan := float32(math.NaN())
	for _, p := range [][]float32{{.75, nan}, {.25, nan}, {nan, nan}} {
		if err := a.Add(ValueP, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Add(ValueMargin, []float32{1, -2}); err != nil {
		t.Fatal(err)
	}
	if err := a.Add("entropy", []float32{1}); err == nil {
		t.Error("1 value of 2 examples was taken")
	}
	m := a.Measures()
	near(t, "confidence", m.Confidence[0], .5, 1e-12)
	near(t, "variability", m.Variability[0], .25, 1e-12)
	if !math.IsNaN(m.Confidence[1]) || m.AUM[1] != -2 || m.EL2N != nil {
		t.Errorf("%+v", m)
	}
	if names := m.Named(); len(names) != 3 || names[0].Name != "aum" || names[2].Name != "variability" {
		t.Errorf("%+v", names)
	}
	v := ValuesOf([]float64{1000, 0}, 1) // far beyond what exp takes
	near(t, "loss", v.Loss, 1000, 1e-9)
	near(t, "EL2N", v.EL2N, math.Sqrt2, 1e-12)
}

// conf·(1-conf) = variability² + mean p(1-p)
func TestConfidenceIdentity(t *testing.T) {
	const n, classes, T = 50, 7, 9
	r := rand.New(rand.NewPCG(8, 8))
	labels := make([]uint16, n)
	for i := range labels {
		labels[i] = uint16(r.IntN(classes))
	}
	a, err := NewAccumulator(labels, classes)
	if err != nil {
		t.Fatal(err)
	}
	spread := make([]float64, n)
	for range T {
		logits := make([]float32, n*classes)
		for k := range logits {
			logits[k] = float32(3 * r.NormFloat64())
		}
		if err := a.Add(logits); err != nil {
			t.Fatal(err)
		}
		for i, y := range labels {
			sum := 0.0
			for c := range classes {
				sum += math.Exp(float64(logits[i*classes+c] - logits[i*classes+int(y)]))
			}
			spread[i] += (1 / sum) * (1 - 1/sum) / T
		}
	}
	m, _ := a.Measures()
	for i := range labels {
		near(t, "identity", m.Confidence[i]*(1-m.Confidence[i]), m.Variability[i]*m.Variability[i]+spread[i], 1e-6)
	}
	for _, bad := range [][]float32{make([]float32, 3), append(make([]float32, n*classes-1), float32(math.Inf(1)))} {
		if a.Add(bad) == nil {
			t.Error("bad logits were added")
		}
	}
	if _, err := NewAccumulator([]uint16{9}, 3); err == nil {
		t.Error("a label beyond the classes was taken")
	}
}
