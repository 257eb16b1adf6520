package track

import (
	"math"
	"testing"
)

func TestRates(t *testing.T) {
	for _, c := range []struct {
		text string
		step int
		want float64
	}{
		{"constant", 50, .1}, {"steps:0.1@2,4", 19, .1}, {"steps:0.1@2,4", 20, .01}, {"steps:0.1@2,4", 40, .001},
		{"steps:0.1@2,2.7", 26, .01}, {"steps:0.1@2,2.7", 27, .001}, {"warmup:0.5+constant", 0, .02},
		{"warmup:1+constant", 0, .01}, {"warmup:1+constant", 9, .1}, {"warmup:1+steps:0.5@3", 30, .05},
		{"cosine", 0, .1}, {"linear:0@0,0.4@2,0.1@5", 0, 0}, {"linear:0@0,0.4@2,0.1@5", 5, .1}, {"linear:0@0,0.4@2,0.1@5", 20, .4},
		{"linear:0@0,0.4@2,0.1@5", 35, .25}, {"linear:0@0,0.4@2,0.1@5", 50, .1}, {"linear:0@0,0.4@2,0.1@5", 99, .1},
		{"linear:0.2@1.5,0@2", 0, .2}, {"linear:0.2@1.5,0@2", 16, .16}, {"linear:0.2@3", 99, .2},
	} {
		base := .1
		if OwnRates(c.text) {
			base = 0
		}
		s, err := ParseRate(c.text, base)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := s(c.step, 10, 100); math.Abs(got-c.want) > 1e-9*c.want {
			t.Errorf("%s at step %d: %v, want %v", c.text, c.step, got, c.want)
		}
	}
	for _, text := range []string{"", "linear", "steps", "steps:0.1", "steps:0@1", "steps:0.1@", "steps:0.1@3,2", "steps:NaN@1", "warmup:1", "warmup:0+cosine", "warmup:1+warmup:1+cosine", "warmup:x+cosine", "warmup:NaN+cosine", "steps:0.1@-1", "steps:0.1@2.7,2.7", "steps:0.1@Inf"} {
		if _, err := ParseRate(text, .1); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestRatesOfLinear(t *testing.T) {
	for _, text := range []string{"linear", "linear:", "linear:0.1", "linear:0.1@", "linear:@1", "linear:0@0", "linear:0@0,0@5", "linear:0.1@2,0.2@2",
		"linear:0.1@2,0.2@1", "linear:-0.1@0,0.1@1", "linear:NaN@0", "linear:0.1@NaN", "linear:Inf@1", "linear:0.1@-1", "linear:0.1@1,0.1@0", "linear:0.1@1,", "linear:0.1@1e9"} {
		if _, err := ParseRate(text, 0); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
	for _, c := range []struct {
		text string
		rate float64
	}{{"linear:0.1@1", .1}, {"warmup:1+linear:0.1@1", 0}, {"warmup:1+linear:0.1@1", .1}, {"constant", 0}, {"cosine", math.NaN()}, {"onecycle", math.Inf(1)}} {
		if _, err := ParseRate(c.text, c.rate); err == nil {
			t.Errorf("%q is accepted beside a learning rate of %v", c.text, c.rate)
		}
	}
}
