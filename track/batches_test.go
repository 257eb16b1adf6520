package track

import (
	"context"
	"slices"
	"testing"

	"shoal/curriculum"
	"shoal/dataset"
	"shoal/dataset/augment"
)

// The batches of a training that starts in the middle are those of one that started at the
// beginning, short last batches included.
func TestBatchesFromTheMiddle(t *testing.T) {
	split := dataset.Split{}
	for i := range 10 {
		split.Pixels = append(split.Pixels, byte(i), byte(10*i), 3, 4)
		split.Labels = append(split.Labels, uint16(i%3))
	}
	collect := func(from int) (all [][]byte) {
		a, err := augment.New(augment.Policy{Flip: true}, 2, 2, 1, 5)
		if err != nil {
			t.Fatal(err)
		}
		b := &batches{split: split, augment: a, visits: &curriculum.Visits{Plan: curriculum.Everything(10), Batch: 4, Seed: 5}}
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		b.start(ctx, from, 9)
		for step := from; step < 9; step++ {
			got, err := b.next(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if want := []int{4, 4, 2}[step%3]; len(got.labels) != want || len(got.pixels) != 4*want {
				t.Fatalf("step %d: %d labels and %d pixels for %d examples", step, len(got.labels), len(got.pixels), want)
			}
			all = append(all, slices.Clone(got.pixels))
			b.done(got)
		}
		return all
	}
	whole := collect(0)
	for from := range 9 {
		for i, got := range collect(from) {
			if !slices.Equal(got, whole[from+i]) {
				t.Fatalf("batch %d differs when training starts at step %d", from+i, from)
			}
		}
	}
}

// A preparation that begins again has nothing of the one before, which may not have ended yet.
func TestBatchesBeginAnew(t *testing.T) {
	a, err := augment.New(augment.Policy{}, 1, 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	b := &batches{split: dataset.Split{Pixels: make([]byte, 400), Labels: make([]uint16, 400)}, augment: a, visits: &curriculum.Visits{Plan: curriculum.Everything(400), Batch: 1, Seed: 1}}
	for i := range b.split.Labels {
		b.split.Labels[i] = uint16(i)
	}
	var want []uint16
	for range 200 {
		ctx, stop := context.WithCancel(context.Background())
		b.start(ctx, 0, 400)
		var got []uint16
		for range 6 {
			s, err := b.next(ctx)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, s.labels[0])
			b.done(s)
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Fatalf("the first examples are %d, want %d", got, want)
		}
		stop()
	}
}

func TestBatchesEndWithTheirContext(t *testing.T) {
	a, err := augment.New(augment.Policy{}, 1, 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	b := &batches{split: dataset.Split{Pixels: []byte{1, 2}, Labels: []uint16{0, 1}}, augment: a, visits: &curriculum.Visits{Plan: curriculum.Everything(2), Batch: 1, Seed: 1}}
	ctx, stop := context.WithCancel(context.Background())
	b.start(ctx, 0, 1<<30)
	stop()
	for range 100 { // what was ready may still come
		got, err := b.next(ctx)
		if err != nil {
			return
		}
		b.done(got)
	}
	t.Error("batches kept coming after their context had ended")
}
