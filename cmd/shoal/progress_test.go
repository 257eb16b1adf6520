package main

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"shoal/contingency"
	"shoal/record"
)

// Lines come at the start, at the end and every few seconds between.
func TestProgressLines(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	now := time.Unix(1000, 0)
	p.now = func() time.Time { return now }
	for step := range 101 {
		p.show(record.Progress{Part: record.PartEvaluate, Done: step, Total: 100, Accuracy: float64(step) / 200,
			Tables: []record.NamedTable{{Reference: "svm", Table: contingency.Table{Both: 4000, ShallowOnly: 1000, DeepOnly: 1500, Neither: 3500}}}})
		loss := 2.0
		if step == 0 {
			loss = math.NaN()
		}
		p.show(record.Progress{Part: record.PartTrain, Done: step, Total: 100, Loss: loss})
		now = now.Add(100 * time.Millisecond)
	}
	p.close()
	want := `train 0/100  accuracy 0.00 %  R± svm 2.667
train 50/100  loss 2.0000  accuracy 25.00 %  R± svm 2.667  10/s  5.0 s left
train 100/100  loss 2.0000  accuracy 50.00 %  R± svm 2.667  10/s
`
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
}

// A rate is told when a second of work is measured: of a millisecond it would be any number.
func TestNoRateAtFirst(t *testing.T) {
	p := newProgress(&bytes.Buffer{})
	defer p.close()
	now := time.Unix(1000, 0)
	p.now = func() time.Time { return now }
	for step := range 1200 {
		s := p.state(record.Progress{Part: record.PartTrain, Done: step, Total: 2400, Left: 3})
		if told := s.rate != "" || s.left != ""; told != (step >= 1000) {
			t.Fatalf("after %d ms of work: %q, %q", step, s.rate, s.left)
		}
		now = now.Add(time.Millisecond)
	}
}

// The time in which a process is stopped counts in no rate, whoever is the first to ask after it.
func TestStoppedTimeIsNoWork(t *testing.T) {
	p := newProgress(&bytes.Buffer{})
	defer p.close()
	system := time.Unix(1000, 0)
	p.now = (&awake{real: func() time.Time { return system }}).now
	var s state
	for step := range 101 {
		s = p.state(record.Progress{Part: record.PartTrain, Done: step, Total: 200})
		system = system.Add(100 * time.Millisecond)
		if step == 50 {
			system = system.Add(time.Hour) // Ctrl-Z, fg
		}
	}
	if s.rate != "10.1/s" || s.left != "9.9 s left" { // of the step with the stop all the time is lost
		t.Errorf("after an hour's stop: %q, %q; want 10.1/s and 9.9 s left", s.rate, s.left)
	}
}

// What stops by itself has no total, and nothing to say about what is left.
func TestProgressWithoutTotal(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	now := time.Unix(1000, 0)
	p.now = func() time.Time { return now }
	for trees := range 3 {
		p.show(record.Progress{Part: record.PartFit, Name: "forest", Done: 10 * trees, Note: "trees"})
		now = now.Add(between)
	}
	p.close()
	if want := "fit forest  trees\nfit forest 10  trees  2/s\nfit forest 20  trees  2/s\n"; out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
}

func TestSummaryWithoutNumbers(t *testing.T) {
	var out bytes.Buffer
	s := &record.Summary{Study: "s", Network: "n", Dataset: "d", References: []record.ReferenceSummary{{Name: "svm"}}}
	if err := printSummary(&out, "folder", s); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Contains(text, "nil") || strings.Contains(text, "NaN") || strings.Contains(text, "peak") || !strings.Contains(text, "shallow_only") {
		t.Errorf("printed %q", text)
	}
	s.References[0].Final = contingency.Table{Both: 13, ShallowOnly: 5, Neither: 6} // R± is infinite, as the page says
	if err := printSummary(&out, "folder", s); err != nil || !strings.Contains(out.String(), "infinite") {
		t.Errorf("printed %q, %v", out.String(), err)
	}
}

// A download whose size isn't known is progress too, not a line for each piece.
func TestFetchingWithoutSize(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	p.now = func() time.Time { return time.Unix(1000, 0) }
	p.fetching(0, 0, "mirror 1 failed")
	for done := 1 << 10; done < 1<<20; done += 1 << 10 {
		p.fetching(done, 0, "train.gz")
	}
	p.close()
	if want := "mirror 1 failed\ndata train.gz 1024\n"; out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
}

// Columns without a number in any row are left out.
func TestWithoutEmpty(t *testing.T) {
	head := []string{"", "accuracy", "best", "peak", "final"}
	for _, c := range []struct{ rows, want [][]string }{
		{[][]string{head, {"svm", "1 %", "", "-", "2.0"}, {"forest", "1 %", "", "-", "-"}}, [][]string{{"", "accuracy", "best", "final"}, {"svm", "1 %", "", "2.0"}, {"forest", "1 %", "", "-"}}},
		{[][]string{head}, [][]string{head[:3]}},
	} {
		if got := withoutEmpty(c.rows); !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
