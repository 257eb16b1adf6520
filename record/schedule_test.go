package record

import (
	"errors"
	"slices"
	"testing"

	"shoal/internal/usage"
)

func TestScheduleSteps(t *testing.T) {
	for _, c := range []struct {
		text            string
		perEpoch, total int
		want            []int
	}{
		{"every:1", 10, 4, []int{0, 1, 2, 3, 4}},
		{"every:3", 10, 10, []int{0, 3, 6, 9, 10}},
		{"every:5", 10, 3, []int{0, 3}},
		{"every:1@1,every:4", 3, 13, []int{0, 1, 2, 3, 4, 8, 12, 13}},
		{"every:1@0.5,every:2@1,every:10", 8, 30, []int{0, 1, 2, 3, 4, 6, 8, 10, 20, 30}},
		{"log:2", 10, 20, []int{0, 1, 2, 4, 8, 16, 20}},
		{"log:1.5", 10, 12, []int{0, 1, 2, 3, 5, 8, 12}},
		{"log:1.02", 10, 5, []int{0, 1, 2, 3, 4, 5}},
		{"every:2@1,log:2", 4, 40, []int{0, 2, 4, 8, 16, 32, 40}},
		{"log:4,tail:5", 10, 100, []int{0, 1, 4, 16, 64, 82, 84, 86, 88, 90, 92, 94, 96, 98, 100}},
		{"every:1,tail:5", 10, 3, []int{0, 1, 2, 3}},
	} {
		s, err := ParseSchedule(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := s.Steps(c.perEpoch, c.total); !slices.Equal(got, c.want) {
			t.Errorf("%s over %d steps of %d an epoch: %v, want %v", c.text, c.total, c.perEpoch, got, c.want)
		}
	}
}

// The factor is kept from one scored step to the next, so a schedule of growing gaps never skips
// more than it says.
func TestLogScheduleKeepsItsFactor(t *testing.T) {
	s, err := ParseSchedule("log:1.02")
	if err != nil {
		t.Fatal(err)
	}
	steps := s.Steps(391, 39100)
	for i := 2; i < len(steps)-1; i++ {
		a, b := float64(steps[i-1]), float64(steps[i])
		if !(b >= 1.02*a-1e-6) || !(b-1 < 1.02*a) {
			t.Fatalf("step %v follows %v, want the first at least 1.02 times as large", b, a)
		}
	}
	if n := len(steps); n < 300 || n > 500 {
		t.Errorf("%d evaluations, want some hundreds", n)
	}
}

func TestScheduleRefuses(t *testing.T) {
	for _, text := range []string{
		"", "every", "every:", "every:0", "every:-1", "every:1.5", "every:x", "log:1", "log:0.5", "log:NaN", "log:+Inf", "log",
		"each:1", "every:1,every:2", "every:1@2", "every:1@2,every:3@1,every:4", "every:1@2,every:3@2,every:4",
		"every:1@0,every:2", "every:1@-1,every:2", "every:1@x,every:2", "every:1 ", ",every:1", "every:1@2,", "every:1@NaN,every:2",
		"tail:5", "every:1,tail:0", "every:1,tail:x", "tail:5,every:1", "every:1,tail:5@3", "every:1,tail:5,tail:5", "every:1@2,tail:5",
	} {
		_, err := ParseSchedule(text)
		var usage *usage.Error
		if !errors.As(err, &usage) {
			t.Errorf("%q: error %v, want a usage error", text, err)
		}
	}
}
