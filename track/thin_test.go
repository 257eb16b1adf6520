package track

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shoal/internal/longtest"
	"shoal/kernel"
)

// A schedule that nobody asked for is thinned where scoring takes longer than the patience, on the
// portable kernels alone.
func TestThin(t *testing.T) {
	longtest.Only(t, "schedules that are too dense")
	s, o := tiny(t)
	s.References, s.Training.Epochs, s.Evaluation.Schedule = nil, 5, "every:1"
	for _, c := range []struct {
		name, level string
		patience    time.Duration
		want        string
	}{
		{"slow", "portable", time.Nanosecond, thinSchedule},
		{"fast enough", "portable", 24 * time.Hour, "every:1"},
		{"asked for", "portable", 0, "every:1"},
		{"with vectors", kernel.Best().Level().String(), time.Nanosecond, "every:1"},
	} {
		if c.level == "portable" && c.name == "with vectors" {
			continue // this machine has none
		}
		var said []string
		o.Level, o.Say = c.level, func(line string) { said = append(said, line) }
		o.Patience = c.patience
		x, err := newTraining(t.Context(), s, kept{}, o)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.study.Evaluation.Schedule; got != c.want {
			t.Errorf("%s: schedule %q, want %q", c.name, got, c.want)
		}
		thinned := c.want == thinSchedule
		if (len(x.loop.Scored) < x.loop.Total+1) != thinned {
			t.Errorf("%s: %d of %d steps are scored", c.name, len(x.loop.Scored), x.loop.Total)
		}
		if told := len(said) == 1 && strings.Contains(said[0], thinSchedule); told != thinned || !thinned && len(said) > 0 {
			t.Errorf("%s: said %q", c.name, said)
		}
		if x.learner.Steps() != 0 {
			t.Errorf("%s: the network was trained", c.name)
		}
		if thinned {
			keepsSchedule(t, x, o)
		}
	}
}

// keepsSchedule wants the study of a thinned run to have the schedule in use, and resuming to keep it.
func keepsSchedule(t *testing.T, x *training, o Options) {
	t.Helper()
	run, err := x.create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(o.Out, StudyFile)); err != nil || !strings.Contains(string(text), `schedule = "`+thinSchedule+`"`) {
		t.Errorf("study.toml, %v:\n%s\nwant its evaluation schedule to be %s", err, text, thinSchedule)
	}
	o.Level, o.Patience = "", 0 // the same bits, sooner
	summary, err := Resume(t.Context(), o.Out, func(*Study) error { return nil }, o)
	if err != nil {
		t.Fatal(err)
	}
	if summary.Evaluations != len(x.loop.Scored) {
		t.Errorf("%d evaluations, want the %d of the thinned schedule", summary.Evaluations, len(x.loop.Scored))
	}
}
