package track

import (
	"context"

	"shoal/curriculum"
	"shoal/dataset"
	"shoal/dataset/augment"
)

// A batch is what one training step learns from.
type batch struct {
	pixels []byte
	labels []uint16
	err    error
}

// batches prepares the batches of a training ahead of their use.
type batches struct {
	split   dataset.Split
	augment *augment.Augmenter
	visits  *curriculum.Visits

	ready chan *batch
	free  chan *batch
}

// ahead is how many batches may wait.
const ahead = 3

// start prepares the batches of steps from to total-1, in order, until ctx ends.
func (b *batches) start(ctx context.Context, from, total int) {
	features := len(b.split.Pixels) / b.split.Len()
	// The goroutine has its own channels: another start, after a checkpoint was loaded, has others.
	ready, free := make(chan *batch, ahead+1), make(chan *batch, ahead+1)
	b.ready, b.free = ready, free
	for range ahead + 1 {
		free <- &batch{pixels: make([]byte, b.visits.Batch*features), labels: make([]uint16, b.visits.Batch)}
	}
	go func() {
		defer close(ready)
		for pass, examples := range b.visits.From(from, total) {
			select {
			case <-ctx.Done():
				return
			case slot := <-free:
				b.fill(slot, examples, pass)
				ready <- slot // never blocks: it has room for every slot
			}
		}
	}()
}

// fill gathers the examples; each pass augments them again.
func (b *batches) fill(slot *batch, examples []int, pass int) {
	features := len(b.split.Pixels) / b.split.Len()
	slot.pixels, slot.labels = slot.pixels[:len(examples)*features], slot.labels[:len(examples)]
	for i, e := range examples {
		slot.labels[i] = b.split.Labels[e]
	}
	slot.err = b.augment.Batch(slot.pixels, b.split.Pixels, examples, pass)
}

// next waits for the batch of the next step. The one before must have been given back to free.
func (b *batches) next(ctx context.Context) (*batch, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case slot, ok := <-b.ready:
		if !ok {
			return nil, ctx.Err()
		}
		return slot, slot.err
	}
}

// done gives a batch back.
func (b *batches) done(slot *batch) {
	b.free <- slot
}
