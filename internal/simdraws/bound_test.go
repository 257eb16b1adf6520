package simdraws

import (
	"strings"
	"testing"
)

// The counts at which a bound is just met and just missed, by tables of the binomial distribution.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		b           Bound
		draws       int
		met, missed int
	}{
		{Bound{.85, 1}, 12, 8, 7},      // P(X <= 7) = .0239
		{Bound{.85, 1}, 4, 2, 1},       // P(X <= 1) = .0120
		{Bound{0, .02}, 12, 1, 2},      // P(X >= 2) = .0231
		{Bound{0, .05}, 6, 2, 3},       // P(X >= 2) = .0328
		{Bound{0, 0}, 1, 0, 1},         // never
		{Bound{1, 1}, 1, 1, 0},         // always
		{Bound{.5, 1}, 1000, 469, 468}, // P(X <= 468) = .0232, P(X <= 469) = .0268
		{Bound{.4, .6}, 1000, 630, 631},
	} {
		if err := c.b.Check(c.met, c.draws); err != nil {
			t.Errorf("%+v, %d of %d: %v, want it met", c.b, c.met, c.draws, err)
		}
		if err := c.b.Check(c.missed, c.draws); err == nil || !strings.Contains(err.Error(), "chance doesn't explain") {
			t.Errorf("%+v, %d of %d: %v, want it missed", c.b, c.missed, c.draws, err)
		}
	}
}

// A bound that no count can miss is an error whatever the count.
func TestBoundsThatAssertNothing(t *testing.T) {
	for _, c := range []struct {
		b     Bound
		draws int
	}{{Bound{.85, 1}, 1}, {Bound{0, .05}, 1}, {Bound{.5, 1}, 5}, {Bound{.4, .9}, 6}, {Bound{.5, .5}, 0}} {
		for count := range c.draws + 1 {
			if err := c.b.Check(count, c.draws); err == nil || !strings.Contains(err.Error(), "asserts nothing") {
				t.Errorf("%+v, %d of %d: %v, want an error", c.b, count, c.draws, err)
			}
		}
	}
	if err := (Bound{0, 1}).Check(0, 1); err != nil {
		t.Errorf("no bound: %v", err)
	}
}
