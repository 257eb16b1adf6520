package shallow

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"shoal/shallow/shallowtest"
)

// spy remembers which rows it was fitted to and refuses to predict one of them.
type spy struct {
	Model
	t    *testing.T
	seen map[string]bool
}

func (s *spy) Fit(ctx context.Context, train Examples, opt Options) error {
	s.seen = map[string]bool{}
	for i := range train.Len() {
		s.seen[string(train.Row(i))] = true
	}
	return s.Model.Fit(ctx, train, opt)
}

func (s *spy) Predict(ctx context.Context, e Examples, opt Options) (Prediction, error) {
	for i := range e.Len() {
		if s.seen[string(e.Row(i))] {
			s.t.Errorf("a row was predicted by a model that saw it")
		}
	}
	return s.Model.Predict(ctx, e, opt)
}

func TestOutOfFoldPredictsTheUnseen(t *testing.T) {
	train := shallowtest.Blobs(1, 203, 24, 4, 30)
	made := 0
	newModel := func() (Model, error) {
		made++
		m, err := New("knn", "", "", map[string]string{"k": "1"})
		return &spy{Model: m, t: t}, err
	}
	p, err := OutOfFold(context.Background(), newModel, train, 5, Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if made != 5 {
		t.Errorf("made %d models, want 5", made)
	}
	if a, err := p.Accuracy(train.Labels); err != nil || a != 1 {
		t.Errorf("accuracy on separable classes: got %v, %v, want 1", a, err)
	}
	if len(p.Margin) != 203 || len(p.Warnings) != 0 {
		t.Errorf("got %d margins and warnings %q, want 203 and none", len(p.Margin), p.Warnings)
	}
}

// TestOutOfFoldIsNotMemory: on labels that are pure noise a 1-nearest-neighbour model remembers
// everything and can know nothing.
func TestOutOfFoldIsNotMemory(t *testing.T) {
	train := shallowtest.Confuse(shallowtest.Blobs(1, 600, 16, 2, 127), 5, .5)
	newModel := func() (Model, error) { return New("knn", "", "", map[string]string{"k": "1"}) }
	p, err := OutOfFold(context.Background(), newModel, train, 4, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := p.Accuracy(train.Labels); err != nil || !(a < .6) {
		t.Errorf("accuracy on noise: got %v, %v, want about 0.5", a, err)
	}
}

func TestDealSpreadsClasses(t *testing.T) {
	train := shallowtest.Blobs(1, 103, 4, 3, 10)
	for _, folds := range []int{2, 5, 10, 103} {
		fold := deal(train, folds, 1)
		sizes, perClass := make([]int, folds), make([][3]int, folds)
		for i, f := range fold {
			sizes[f]++
			perClass[f][train.Labels[i]]++
		}
		for f := range folds {
			if sizes[f] < 103/folds || sizes[f] > (103+folds-1)/folds {
				t.Errorf("%d folds: fold %d has %d examples", folds, f, sizes[f])
			}
			for class, k := range perClass[f] {
				if k < 34/folds || k > (35+folds-1)/folds {
					t.Errorf("%d folds: fold %d has %d examples of class %d", folds, f, k, class)
				}
			}
		}
		if !reflect.DeepEqual(fold, deal(train, folds, 1)) {
			t.Errorf("%d folds: two deals with one seed differ", folds)
		}
	}
	if reflect.DeepEqual(deal(train, 5, 1), deal(train, 5, 2)) {
		t.Error("two seeds dealt the same")
	}
}

func TestOutOfFoldRefusals(t *testing.T) {
	train := shallowtest.Blobs(1, 30, 16, 3, 10)
	newModel := func() (Model, error) { return New("lda", "", "", nil) }
	for _, folds := range []int{-1, 0, 1, 31} {
		if _, err := OutOfFold(context.Background(), newModel, train, folds, Options{}); err == nil || !strings.Contains(err.Error(), "want 2 to 30") {
			t.Errorf("%d folds: got %v", folds, err)
		}
	}
	if _, err := OutOfFold(context.Background(), newModel, Examples{Features: 3, Classes: 2}, 2, Options{}); err == nil {
		t.Error("no examples: no error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := OutOfFold(ctx, newModel, train, 3, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	failing := func() (Model, error) { return New("svm", "", "", map[string]string{"c": "-1"}) }
	if _, err := OutOfFold(context.Background(), failing, train, 3, Options{}); err == nil || !strings.Contains(err.Error(), "fold 1 of 3") {
		t.Errorf("a model that cannot be made: got %v", err)
	}
}

// A forest that stops early doesn't know its number of trees: then folds count, each once it is fitted.
func TestOutOfFoldProgressCountsTheWhole(t *testing.T) {
	for patience, end := range map[string]int{"0": 12, "1": 3} {
		last, notes := -1, ""
		opt := Options{Progress: func(done, total int, note string) {
			if done < last || done > total {
				t.Errorf("patience %s: got %d of %d after %d", patience, done, total, last)
			}
			last, notes = done, notes+note+"\n"
		}}
		newModel := func() (Model, error) {
			return New("forest", "", "", map[string]string{"trees": "4", "patience": patience})
		}
		if _, err := OutOfFold(context.Background(), newModel, shallowtest.Blobs(1, 60, 16, 3, 20), 3, opt); err != nil {
			t.Fatal(err)
		}
		if last != end || !strings.Contains(notes, "fold 3 of 3") {
			t.Errorf("patience %s: ended at %d, want %d; notes %q", patience, last, end, notes)
		}
	}
}

// What the model of a fold has not seen is said, with the fold and the class.
func TestOutOfFoldWarns(t *testing.T) {
	sorted := shallowtest.Blobs(1, 40, 16, 4, 10)
	order := make([]int, 40)
	for i := range order {
		order[i] = i/10 + i%10*4 // class by class
	}
	sorted = sorted.Select(order)
	sorted.Names = []string{"cat", "dog", "eel", "fox"}
	single := sorted.First(21)
	alone := sorted.First(10)
	for name, c := range map[string]struct {
		train      Examples
		parameters map[string]string
		warnings   int
		want       string
	}{
		"all seen":        {sorted, nil, 0, ""},
		"a single one":    {single, nil, 1, `class 2 ("eel") has no training example, so all of its examples here, 1, are predicted wrong`},
		"the first ones":  {sorted, map[string]string{"train": "14"}, 2, `fold 2 of 2: class 3 ("fox") has no training example, so all of its examples here, 5, are predicted wrong`},
		"one class":       {alone, nil, 4, `fold 1 of 2: all training examples have class 0 ("cat"), which is predicted for everything`},
		"many neighbours": {sorted, map[string]string{"k": "20"}, 2, "fold 2 of 2: k is 20 and there are 20 examples"},
	} {
		newModel := func() (Model, error) { return New("knn", "", "", c.parameters) }
		p, err := OutOfFold(context.Background(), newModel, c.train, 2, Options{Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(p.Warnings, "\n"); len(p.Warnings) != c.warnings || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %d with %q", name, p.Warnings, c.warnings, c.want)
		}
	}
	each := Examples{Pixels: []byte{1, 2, 3, 4}, Labels: []uint16{2, 0, 1, 3}, Features: 1, Classes: 4}
	newModel := func() (Model, error) { return New("knn", "", "", nil) }
	if _, err := OutOfFold(context.Background(), newModel, each, 2, Options{}); err == nil || !strings.Contains(err.Error(), "a class of its own") {
		t.Errorf("a class for each example: got %v", err)
	}
}
