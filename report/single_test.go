package report

import (
	"context"
	"strings"
	"testing"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/runlog"
)

// Of one thing sentences say that it is, of several that they are.
func TestFindingsOfOne(t *testing.T) {
	log := dynamics.Log{Labels: []uint16{0, 1, 0}, Steps: []int{0, 1, 2}, Epochs: []float64{0, 1, 2},
		Predictions: [][]uint16{{1, 0, 1}, {0, 0, 1}, {0, 0, 1}}}
	a := &analysis{in: &Input{Log: log}}
	c := counted{name: "svm", split: "test", n: 3, both: 1, reference: 2. / 3, deep: 1. / 3, end: "at the end", never: []int{1}, neverRight: 1, othersAgreeNever: 1}
	for _, say := range []struct{ got, want string }{
		{string(c.summary()), "1 of 3 test examples is never learned by the network; svm gets 1 of them right. 1 is right for both svm (66.67 %) and the network (33.33 %) at the end."},
		{string(c.kind(a)), "It is labelled 1 (1); 1 has a label against which all models give one and the same answer: look at that first."},
		{string(c.short()), "Against svm (66.67 %): 1 is right for both, 1 of the never learned is right for it."},
	} {
		if got := tags.ReplaceAllString(say.got, ""); got != textfmt.Signs(say.want) {
			t.Errorf("%q, want %q", got, say.want)
		}
	}
	if got := string(c.kind(a)); !strings.Contains(got, "<bdi>1</bdi> (1)") {
		t.Errorf("%q: a name that is written from right to left would take its number with it", got)
	}
	if got := numberText(contingency.Number{Value: -.5, Defined: true}); got != "−0.50" {
		t.Errorf("%q, want a true minus sign", got)
	}
	c.both, c.neverRight, c.never, c.othersAgreeNever = 2, 0, []int{1, 2}, 2
	if got := tags.ReplaceAllString(string(c.short()), ""); !strings.Contains(got, "2 are right for both, 0 of the never learned are right for it") {
		t.Error(got)
	}
	if got := tags.ReplaceAllString(string(c.kind(a)), ""); got != "They are labelled 0 (1) and 1 (1); 2 have a label against which all models give one and the same answer: look at those first." {
		t.Error(got)
	}
}

// The median step of an even number is that by which half of the examples are there, in every table:
// where half are and half never are, that half has one.
func TestMedianStepsOfTwo(t *testing.T) {
	in := smallInput()
	in.Log = dynamics.Log{Labels: []uint16{0, 0, 1, 1}, Steps: []int{0, 10, 20}, Epochs: []float64{0, 1, 2},
		Predictions: [][]uint16{{1, 1, 0, 0}, {0, 1, 1, 0}, {0, 1, 1, 1}}}
	in.Judgements, in.Classes, in.Image, in.Names = nil, nil, nil, nil
	in.References = []runlog.Reference{{Reference: dynamics.Reference{Name: "m", Predictions: []uint16{0, 0, 0, 0}}}}
	a, err := analyse(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := a.byClass()
	if err != nil || len(rows) != 2 || rows[0].MedianGood != "10" || rows[1].MedianGood != "10" {
		t.Errorf("%+v (%v), want the step 10 twice", rows, err)
	}
	if m := a.medianStep([]int{1, 3}); m != "is learned by step 10" {
		t.Errorf("the sentence says %q", m)
	}
	in.Split = dynamics.TrainSplit
	if rows := a.memorised(); len(rows) != 1 || rows[0].WrongStep != "10" || rows[0].RightStep != "10" {
		t.Errorf("%+v, want the step 10 twice", rows)
	}
}
