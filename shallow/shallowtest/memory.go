package shallowtest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"shoal/shallow/model"
)

// memory checks that a fit without enough memory is refused before it takes any, and that one with
// just as much as it asks for is the same as any other.
func memory(t *testing.T, factory func() model.Model) {
	train := Confuse(Blobs(1, 300, 36, 4, 100), 1, .2)
	m := factory()
	opt := model.Options{Workers: 2, Seed: 7}
	need := m.Memory(train, opt)
	if need.Needed < int64(train.Features) || need.Cache < 0 {
		t.Errorf("needs %+v bytes, want more than 0", need)
	}
	opt.Available = need.Needed - 1
	err := m.Fit(context.Background(), train, opt)
	if full, ok := errors.AsType[*model.MemoryError](err); !ok || full.Needed != need.Needed || full.Available != opt.Available ||
		strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "300 examples of 36 features in 4 classes") {
		t.Errorf("one byte too few: got %v, want a memory error of one line", err)
	}
	if m.Facts() != nil {
		t.Error("a model that was refused memory counts as fitted")
	}
	opt.Available = 1 << 40
	want := predict(t, fit(t, factory, train, opt), train, opt)
	opt.Available = need.Needed + 1<<20
	if err := same(want, predict(t, fit(t, factory, train, opt), train, opt)); err != nil {
		t.Errorf("with just enough memory: %v", err)
	}
	huge := model.Examples{Pixels: make([]byte, 40000), Labels: make([]uint16, 20000), Features: 2, Classes: 1 << 16}
	for i := range huge.Labels {
		huge.Labels[i] = uint16(3 * i)
	}
	opt.Available = 1 << 16
	if err := m.Fit(context.Background(), huge, opt); !isMemory(err) && !errors.Is(err, model.ErrTooFew) {
		t.Errorf("20,000 classes in 64 KiB: got %v, want a memory error", err)
	}
}

func isMemory(err error) bool {
	_, ok := errors.AsType[*model.MemoryError](err)
	return ok
}

// manyClasses fits to few of 65,536 classes: neither fit nor prediction may take memory for examples
// times classes.
func manyClasses(t *testing.T, factory func() model.Model, share float64) {
	train, test := Blobs(1, 240, 16, 12, 25), Blobs(2, 400, 16, 12, 25)
	for _, e := range []*model.Examples{&train, &test} {
		e.Labels, e.Classes = slices.Clone(e.Labels), 1<<16
		for i := range e.Labels {
			e.Labels[i] = 5957 * (e.Labels[i] % 12) // up to 65,527
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m := fit(t, factory, train, model.Options{Workers: 2, Seed: 1})
	p, err := m.Predict(context.Background(), test, model.Options{Workers: 2})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := p.Accuracy(test.Labels); err != nil || !(a >= share) {
		t.Errorf("accuracy %v, %v, want %v", a, err, share)
	}
	const most = 60 << 20 // the scores alone would be 105 MB
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("%d MB were allocated, want at most %d", took>>20, most>>20)
	}
}
