package deep

import (
	"math"
	"testing"
)

// The wanted rates of OneCycle, Cosine and Steps were printed by PyTorch's schedulers of the same
// name.
func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		name                  string
		s                     LearningRate
		step, perEpoch, total int
		want                  float64
	}{
		{"constant", Constant(0.1), 77, 10, 100, 0.1},
		{"steps", Steps(0.1, 0.2, 3, 5), 29, 10, 100, 0.1},
		{"steps", Steps(0.1, 0.2, 3, 5), 30, 10, 100, 0.02},
		{"steps", Steps(0.1, 0.2, 3, 5), 99, 10, 100, 0.004},
		{"cosine", Cosine(0.1), 0, 10, 100, 0.1},
		{"cosine", Cosine(0.1), 35, 10, 100, 0.07938926261462367},
		{"cosine", Cosine(0.1), 99, 10, 100, 0.002447174185242323},
		{"onecycle", OneCycle(0.1), 0, 10, 100, 0.004},
		{"onecycle", OneCycle(0.1), 10, 10, 100, 0.029516394846410082},
		{"onecycle", OneCycle(0.1), 29, 10, 100, 0.1},
		{"onecycle", OneCycle(0.1), 30, 10, 100, 0.09994965352845243},
		{"onecycle", OneCycle(0.1), 60, 10, 100, 0.05892800902855288},
		{"onecycle", OneCycle(0.1), 99, 10, 100, 4e-7},
		{"steps within epochs", Steps(0.1, 0.1, 2, 2.7), 26, 10, 30, 0.01},
		{"steps within epochs", Steps(0.1, 0.1, 2, 2.7), 27, 10, 30, 0.001},
		{"half an epoch of warmup", Warmup(0.5, Constant(0.1)), 3, 10, 100, 0.08},
		{"half an epoch of warmup", Warmup(0.5, Constant(0.1)), 5, 10, 100, 0.1},
		{"warmup", Warmup(1, Constant(0.1)), 0, 10, 100, 0.01},
		{"warmup", Warmup(1, Constant(0.1)), 9, 10, 100, 0.1},
		{"warmup", Warmup(1, Steps(0.1, 0.2, 3)), 50, 10, 100, 0.02},
	} {
		if got := c.s(c.step, c.perEpoch, c.total); !(math.Abs(got-c.want) < 1e-12) {
			t.Errorf("%s at step %d: %.17g, want %.17g", c.name, c.step, got, c.want)
		}
	}
}
