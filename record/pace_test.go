package record

import (
	"math"
	"testing"
	"time"
)

// The time left is that of the steps and evaluations to come, from the first steps on, also where a
// schedule scores every step at first and then ever fewer, and after a resume.
func TestPace(t *testing.T) {
	const total, perEpoch = 20000, 500
	for _, c := range []struct {
		schedule string
		from     int
	}{{"log:1.08", 0}, {"log:1.02", 0}, {"every:1@2,every:200", 0}, {"every:50", 0}, {"every:1", 7000}, {"log:1.04", 5000}} {
		schedule, err := ParseSchedule(c.schedule)
		if err != nil {
			t.Fatal(err)
		}
		scored := schedule.Steps(perEpoch, total)
		const step, score = 30 * time.Millisecond, 4 * time.Second
		p := &pace{scored: scored, total: total}
		at := setOf(scored)
		now, evaluated := time.Unix(0, 0), 0.0
		rest := time.Duration(0)
		for s := c.from + 1; s <= total; s++ {
			rest += step
			if at[s] {
				rest += score
			}
		}
		for s := c.from; s <= total; s++ {
			if s > c.from {
				now, rest = now.Add(step), rest-step
			}
			if at[s] {
				now, evaluated = now.Add(score), evaluated+score.Seconds()
				if s > c.from {
					rest -= score
				}
			}
			got := p.left(s, now, evaluated)
			if s <= c.from+100 && got == 0 && s > c.from {
				t.Fatalf("%s: nothing is known at step %d", c.schedule, s)
			}
			if got > 0 && (evaluated > score.Seconds() || s > c.from && at[c.from] && c.from == 0) && !(math.Abs(got-rest.Seconds()) < .05*rest.Seconds()+.1) {
				t.Fatalf("%s, step %d: %.0f s left, want %.0f", c.schedule, s, got, rest.Seconds())
			}
		}
	}
}
