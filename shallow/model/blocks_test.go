package model

import (
	"context"
	"errors"
	"testing"
)

func TestBlocks(t *testing.T) {
	for _, n := range []int{0, 1, 9, 10, 11, 95} {
		for _, workers := range []int{1, 3} {
			last, seen := 0, make([]int, n)
			opt := Options{Workers: workers, Progress: func(done, total int, note string) {
				if done <= last || total != n || note != "work" {
					t.Errorf("%d examples: reported %d of %d (%q) after %d", n, done, total, note, last)
				}
				last = done
			}}
			err := Blocks(t.Context(), n, 10, opt, "work", func(worker, from, to int) {
				if worker < 0 || worker >= workers || to-from > 10 {
					t.Errorf("worker %d has examples %d to %d", worker, from, to)
				}
				for i := from; i < to; i++ {
					seen[i]++
				}
			})
			if err != nil || last != n {
				t.Errorf("%d examples: ended at %d, %v", n, last, err)
			}
			for i, times := range seen {
				if times != 1 {
					t.Errorf("%d examples: number %d was worked on %d times", n, i, times)
				}
			}
		}
	}
}

func TestBlocksEndWithTheirContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	blocks := 0
	err := Blocks(ctx, 100, 10, Options{Workers: 1}, "", func(_, _, _ int) {
		blocks++
		cancel()
	})
	if !errors.Is(err, context.Canceled) || blocks != 1 {
		t.Errorf("%d blocks and error %v, want one and context.Canceled", blocks, err)
	}
}
