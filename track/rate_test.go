package track

import "testing"

func TestRates(t *testing.T) {
	for _, c := range []struct {
		text string
		step int
		want float64
	}{
		{"constant", 50, .1}, {"steps:0.1@2,4", 19, .1}, {"steps:0.1@2,4", 20, .01}, {"steps:0.1@2,4", 40, .001},
		{"steps:0.1@2,2.7", 26, .01}, {"steps:0.1@2,2.7", 27, .001}, {"warmup:0.5+constant", 0, .02},
		{"warmup:1+constant", 0, .01}, {"warmup:1+constant", 9, .1}, {"warmup:1+steps:0.5@3", 30, .05},
		{"cosine", 0, .1},
	} {
		s, err := ParseRate(c.text, .1)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := s(c.step, 10, 100); !(got > c.want*(1-1e-9) && got < c.want*(1+1e-9)) {
			t.Errorf("%s at step %d: %v, want %v", c.text, c.step, got, c.want)
		}
	}
	for _, text := range []string{"", "linear", "steps", "steps:0.1", "steps:0@1", "steps:0.1@", "steps:0.1@3,2", "steps:NaN@1", "warmup:1", "warmup:0+cosine", "warmup:1+warmup:1+cosine", "warmup:x+cosine", "warmup:NaN+cosine", "steps:0.1@-1", "steps:0.1@2.7,2.7", "steps:0.1@Inf"} {
		if _, err := ParseRate(text, .1); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
