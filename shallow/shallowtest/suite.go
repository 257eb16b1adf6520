package shallowtest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"shoal/shallow/model"
)

// Refusal is a model that must not be made: New has to return an error of one line that contains
// Want.
type Refusal struct {
	Want string
	New  func() (model.Model, error)
}

// Run checks a kind. factory returns an unfitted model with parameters fit for small problems (a
// few hundred examples, 16 to 64 features); every call returns an equal one.
func Run(t *testing.T, factory func() model.Model, refusals ...Refusal) {
	t.Helper()
	RunGreedy(t, factory, 1, refusals...)
}

// RunGreedy is Run for a kind that may take chance for the cause of classes that are far apart: of
// examples other than those of the training it has to get at least a share right.
func RunGreedy(t *testing.T, factory func() model.Model, share float64, refusals ...Refusal) {
	t.Run("deterministic", func(t *testing.T) { deterministic(t, factory) })
	t.Run("separable data are learnt exactly", func(t *testing.T) { separable(t, factory, share) })
	t.Run("noisy data beat chance", func(t *testing.T) { beatsChance(t, factory) })
	t.Run("degenerate data", func(t *testing.T) { degenerate(t, factory) })
	t.Run("save and load", func(t *testing.T) { saveAndLoad(t, factory) })
	t.Run("foreign files", func(t *testing.T) { foreignFiles(t, factory) })
	t.Run("bad examples", func(t *testing.T) { badExamples(t, factory) })
	t.Run("memory", func(t *testing.T) { memory(t, factory) })
	t.Run("many classes", func(t *testing.T) { manyClasses(t, factory, share) })
	t.Run("cancelled", func(t *testing.T) { cancelled(t, factory) })
	t.Run("reporting", func(t *testing.T) { reporting(t, factory) })
	for _, r := range refusals {
		t.Run("refuses "+r.Want, func(t *testing.T) {
			if _, err := r.New(); err == nil || !strings.Contains(err.Error(), r.Want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got error %v, want one line with %q", err, r.Want)
			}
		})
	}
}

// fit fits a new model or ends the test.
func fit(t *testing.T, factory func() model.Model, e model.Examples, opt model.Options) model.Model {
	t.Helper()
	m := factory()
	if err := m.Fit(context.Background(), e, opt); err != nil {
		t.Fatalf("fit: %v", err)
	}
	return m
}

// predict predicts, checks what must hold of any prediction, or ends the test.
func predict(t *testing.T, m model.Model, e model.Examples, opt model.Options) model.Prediction {
	t.Helper()
	classes := e.Classes
	e.Labels, e.Classes = nil, 0 // a prediction must not need them
	winners, err := m.Predict(context.Background(), e, opt)
	if err == nil && winners.Scores != nil {
		t.Error("scores although none were asked for")
	}
	opt.Scores = true
	p, scoresErr := m.Predict(context.Background(), e, opt)
	if err := cmp.Or(err, scoresErr); err != nil {
		t.Fatalf("predict: %v", err)
	}
	if err := check(p, e.Len(), classes); err != nil {
		t.Fatal(err)
	}
	winners.Scores = p.Scores
	if err := same(winners, p); err != nil {
		t.Fatalf("without scores: %v", err)
	}
	return p
}

// check returns an error that says what is wrong with a prediction of n examples, or nil.
func check(p model.Prediction, n, classes int) error {
	if len(p.Class) != n || len(p.Margin) != n {
		return fmt.Errorf("got %d classes and %d margins, want %d each", len(p.Class), len(p.Margin), n)
	}
	if len(p.Scores) != n*classes {
		return fmt.Errorf("got %d scores, want %d·%d", len(p.Scores), n, classes)
	}
	for i, k := range p.Class {
		if int(k) >= classes {
			return fmt.Errorf("example %d: got class %d, want below %d", i, k, classes)
		}
		if m := float64(p.Margin[i]); !(m >= 0) || math.IsInf(m, 0) {
			return fmt.Errorf("example %d: got margin %v, want it finite and not negative", i, m)
		}
	}
	for i, s := range p.Scores {
		if math.IsNaN(float64(s)) || math.IsInf(float64(s), 0) {
			return fmt.Errorf("score %d: got %v, want it finite", i, s)
		}
	}
	return nil
}

// same returns an error that names the first bit in which two predictions differ, or nil.
func same(a, b model.Prediction) error {
	if !reflect.DeepEqual(a.Class, b.Class) {
		return errors.New("predicted classes differ")
	}
	for name, pair := range map[string][2][]float32{"score": {a.Scores, b.Scores}, "margin": {a.Margin, b.Margin}} {
		if len(pair[0]) != len(pair[1]) {
			return fmt.Errorf("got %d and %d %ss", len(pair[0]), len(pair[1]), name)
		}
		for i, x := range pair[0] {
			if math.Float32bits(x) != math.Float32bits(pair[1][i]) {
				return fmt.Errorf("%s %d: got %v and %v", name, i, x, pair[1][i])
			}
		}
	}
	return nil
}

func deterministic(t *testing.T, factory func() model.Model) {
	train, test := Confuse(Blobs(1, 301, 36, 4, 100), 1, .2), Blobs(2, 150, 36, 4, 100)
	pixels, labels := string(train.Pixels), append([]uint16(nil), train.Labels...)
	var first model.Prediction
	var saved []byte
	for i, workers := range []int{1, 2, 3, 1, 0} {
		opt := model.Options{Workers: workers, Seed: 7}
		m := fit(t, factory, train, opt)
		p := predict(t, m, test, opt)
		bytes, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first, saved = p, bytes
			continue
		}
		if err := same(first, p); err != nil {
			t.Errorf("1 and %d workers: %v", workers, err)
		}
		if string(saved) != string(bytes) {
			t.Errorf("1 and %d workers: saved models differ", workers)
		}
	}
	if string(train.Pixels) != pixels || !reflect.DeepEqual(train.Labels, labels) {
		t.Error("fit changed its examples")
	}
	m := fit(t, factory, Blobs(9, 100, 20, 3, 10), model.Options{Seed: 3})
	if err := m.Fit(context.Background(), train, model.Options{Seed: 7}); err != nil {
		t.Fatalf("second fit: %v", err)
	}
	if err := same(first, predict(t, m, test, model.Options{})); err != nil {
		t.Errorf("a model fitted before to something else: %v", err)
	}
	concurrent(t, m, test, first)
}

// concurrent predicts from several goroutines at once.
func concurrent(t *testing.T, m model.Model, test model.Examples, want model.Prediction) {
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			p, err := m.Predict(context.Background(), test, model.Options{Workers: 2, Scores: true})
			if err == nil {
				err = same(want, p)
			}
			if err != nil {
				t.Errorf("three predictions at once: %v", err)
			}
		})
	}
	group.Wait()
}

func separable(t *testing.T, factory func() model.Model, share float64) {
	for _, c := range []int{2, 3, 10} {
		train, test := Blobs(1, 300, 48, c, 25), Blobs(2, 200, 48, c, 25)
		m := fit(t, factory, train, model.Options{Seed: 1})
		for _, part := range []struct {
			name  string
			e     model.Examples
			share float64
		}{{"training", train, 1}, {"other", test, share}} {
			p := predict(t, m, part.e, model.Options{})
			if a, err := p.Accuracy(part.e.Labels); err != nil || !(a >= part.share) {
				t.Errorf("%d classes, %s examples: got accuracy %v, %v, want %v", c, part.name, a, err, part.share)
			}
		}
	}
}

func beatsChance(t *testing.T, factory func() model.Model) {
	train, test := Confuse(Blobs(1, 600, 64, 4, 120), 1, .2), Blobs(2, 400, 64, 4, 120)
	m := fit(t, factory, train, model.Options{Seed: 1})
	p := predict(t, m, test, model.Options{})
	if a, err := p.Accuracy(test.Labels); err != nil || !(a > .7) {
		t.Errorf("got accuracy %v, %v, want more than 0.7 of four classes", a, err)
	}
}

// degenerate fits data that are rare in practice: one class, one example, constant pixels.
func degenerate(t *testing.T, factory func() model.Model) {
	base := Blobs(1, 60, 16, 3, 20)
	repeated := model.Examples{Pixels: make([]byte, 40*16), Labels: make([]uint16, 40), Features: 16, Classes: 3}
	for i := range repeated.Labels {
		repeated.Labels[i] = uint16(i % 4 / 3) // three of four are of class 0
	}
	oneFeature := model.Examples{Pixels: []byte{1, 2, 3, 250, 251, 252}, Labels: []uint16{0, 0, 0, 1, 1, 1}, Features: 1, Classes: 2}
	for name, c := range map[string]struct {
		e    model.Examples
		want int // the class predicted for everything; -1: not only one
		not  int // a class that must not be predicted; -1: none
	}{
		"one class only":         {relabel(base, func(int) uint16 { return 2 }), 2, -1},
		"one class in all":       {model.Examples{Pixels: base.Pixels, Labels: make([]uint16, 60), Features: 16, Classes: 1}, 0, -1},
		"an absent class":        {relabel(base, func(i int) uint16 { return uint16(i % 2 * 2) }), -1, 1},
		"a last class absent":    {relabel(base, func(i int) uint16 { return uint16(i % 2) }), -1, 2},
		"one example":            {base.First(1), 0, -1},
		"one example of a class": {relabel(base, func(i int) uint16 { return uint16(1 / (i + 1)) }), -1, 2},
		"two examples":           {base.First(2), -1, 2},
		"constant pixels":        {constantColumns(base), -1, -1},
		"one image, two labels":  {repeated, 0, 2},
		"one feature":            {oneFeature, -1, -1},
	} {
		t.Run(name, func(t *testing.T) {
			m := factory()
			if err := m.Fit(context.Background(), c.e, model.Options{Seed: 5}); errors.Is(err, model.ErrTooFew) && c.e.Occurring() > 1 {
				return // a kind may ask for more
			} else if err != nil {
				t.Fatal(err)
			}
			p := predict(t, m, c.e, model.Options{})
			for i, k := range p.Class {
				if c.want >= 0 && int(k) != c.want {
					t.Fatalf("example %d: got class %d, want %d", i, k, c.want)
				}
				if c.not >= 0 && int(k) == c.not {
					t.Fatalf("example %d: got class %d, which has no training example", i, k)
				}
			}
			if _, err := json.Marshal(m.Facts()); err != nil {
				t.Errorf("facts: %v", err)
			}
		})
	}
}

func relabel(e model.Examples, label func(i int) uint16) model.Examples {
	e.Labels = append([]uint16(nil), e.Labels...)
	for i := range e.Labels {
		e.Labels[i] = label(i)
	}
	return e
}

// constantColumns sets most pixels of all examples to 0 or 255.
func constantColumns(e model.Examples) model.Examples {
	e.Pixels = append([]byte(nil), e.Pixels...)
	for i := range e.Pixels {
		switch i % e.Features % 4 {
		case 0:
			e.Pixels[i] = 0
		case 1:
			e.Pixels[i] = 255
		}
	}
	return e
}

func badExamples(t *testing.T, factory func() model.Model) {
	good := Blobs(1, 60, 16, 3, 20)
	change := func(f func(*model.Examples)) model.Examples { e := good; f(&e); return e }
	for name, e := range map[string]model.Examples{
		"no examples":          change(func(e *model.Examples) { e.Pixels, e.Labels = nil, nil }),
		"no labels":            change(func(e *model.Examples) { e.Labels = nil }),
		"too few labels":       change(func(e *model.Examples) { e.Labels = e.Labels[:59] }),
		"label out of range":   change(func(e *model.Examples) { e.Classes = 2 }),
		"half an example":      change(func(e *model.Examples) { e.Pixels = e.Pixels[:100] }),
		"no features":          change(func(e *model.Examples) { e.Features = 0 }),
		"negative features":    change(func(e *model.Examples) { e.Features = -16 }),
		"no classes":           change(func(e *model.Examples) { e.Classes = 0 }),
		"more than 2^16 class": change(func(e *model.Examples) { e.Classes = 1<<16 + 1 }),
	} {
		m := factory()
		if err := m.Fit(context.Background(), e, model.Options{}); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("fit to %s: got error %v, want one line", name, err)
		}
	}
	m := factory()
	if _, err := m.Predict(context.Background(), good, model.Options{}); err == nil {
		t.Error("an unfitted model predicted")
	}
	m = fit(t, factory, good, model.Options{})
	other := Blobs(1, 10, 17, 3, 20)
	if _, err := m.Predict(context.Background(), other, model.Options{}); err == nil || !strings.Contains(err.Error(), "17") {
		t.Errorf("predict 17 features after training on 16: got error %v, want one that says so", err)
	}
	if p := predict(t, m, model.Examples{Features: 16, Classes: 3}, model.Options{}); len(p.Class) != 0 {
		t.Errorf("predict nothing: got %d classes", len(p.Class))
	}
	if err := m.Fit(context.Background(), model.Examples{Features: 16, Classes: 3}, model.Options{}); err == nil {
		t.Error("refit to nothing: no error")
	}
	if _, err := m.Predict(context.Background(), good, model.Options{}); err == nil {
		t.Error("a model whose last fit failed predicted")
	}
}

func cancelled(t *testing.T, factory func() model.Model) {
	train := Confuse(Blobs(1, 1500, 64, 4, 120), 1, .3)
	over, cancel := context.WithCancel(context.Background())
	cancel()
	m := factory()
	if err := m.Fit(over, train, model.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("fit after the end: got %v, want context.Canceled", err)
	}
	if _, err := m.Predict(context.Background(), train, model.Options{}); err == nil {
		t.Error("a model whose fit was cancelled predicted")
	}
	m = fit(t, factory, train.First(200), model.Options{})
	if _, err := m.Predict(over, train, model.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("predict after the end: got %v, want context.Canceled", err)
	}
	// In the middle: the fit was either done before the deadline or returns its error. The bound is
	// a guard against a hang, not a measurement.
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- factory().Fit(ctx, train, model.Options{Workers: 2}) }()
	select {
	case err := <-done:
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("fit past its deadline: got %v, want context.DeadlineExceeded or nil", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("fit still runs 30 s after its deadline")
	}
}

// reporting checks a model's kind, version, parameters, facts and progress.
func reporting(t *testing.T, factory func() model.Model) {
	m := factory()
	if m.Kind() == "" || m.Version() < 1 {
		t.Errorf("got kind %q, version %d, want a name and at least 1", m.Kind(), m.Version())
	}
	if m.Facts() != nil {
		t.Error("facts before fit, want nil")
	}
	before, err := json.Marshal(m.Params())
	if err != nil {
		t.Fatalf("params: %v", err)
	}
	running, last := false, -1
	opt := model.Options{Workers: 2, Progress: func(done, total int, note string) {
		if running {
			t.Error("progress: two calls at once")
		}
		running = true
		if done < 0 || total < 0 || total > 0 && done > total {
			t.Errorf("progress: got %d of %d", done, total)
		}
		last = done
		running = false
	}}
	if err := m.Fit(context.Background(), Blobs(1, 300, 36, 4, 100), opt); err != nil {
		t.Fatal(err)
	}
	if last < 0 {
		t.Error("fit reported no progress")
	}
	after, err := json.Marshal(m.Params())
	if err != nil || string(after) != string(before) {
		t.Errorf("params after fit: got %s, %v, want %s as before", after, err, before)
	}
	if _, err := json.Marshal(m.Facts()); err != nil || len(m.Facts()) == 0 {
		t.Errorf("facts: got %v, %v, want some that can be marshalled", m.Facts(), err)
	}
}
