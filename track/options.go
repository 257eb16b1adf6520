package track

import (
	"strconv"
	"time"

	"shoal/internal/usage"
	"shoal/kernel"
	"shoal/record"
)

// Options are what must not change any number of a run.
type Options struct {
	record.Options
	Out        string        // the run folder; it must not hold a run
	Level      string        // of SIMD, see kernel.ParseLevel; "" is the best
	Checkpoint time.Duration // from one checkpoint to the next; 0 is a minute
	Version    string        // of shoal, for study.toml
	Restart    bool          // see record.Training
	// Patience is for a study whose evaluation schedule nobody asked for: where there are only the
	// portable kernels and scoring would take longer altogether, Run scores less often and says so. 0
	// keeps the schedule. Other options change no number of a run; this one changes which steps are
	// scored.
	Patience time.Duration
	// AnyTier resumes a run in bfloat16 that another machine or version began which sums products otherwise:
	// see deep.TierError. The numbers differ from there on.
	AnyTier bool
}

// check reports an invalid option.
func (o Options) check() error {
	level, err := kernel.ParseLevel(o.Level)
	if err == nil {
		_, err = kernel.Select(level)
	}
	if err != nil {
		return &usage.Error{Err: err}
	}
	return o.Options.Check()
}

func (o Options) checkpoint() time.Duration {
	if o.Checkpoint > 0 {
		return o.Checkpoint
	}
	return time.Minute
}

// A Stopped error says that a run ended early in a state from which Resume continues: on request,
// or because of its cause.
type Stopped struct {
	Dir   string
	Step  int   // training steps done; -1 when it stopped before it trained
	Cause error // a context's error when it was interrupted on request
}

func (e *Stopped) Error() string {
	switch {
	case !e.Interrupted():
		return e.Cause.Error()
	case e.Step < 0:
		return "interrupted before training"
	}
	return "interrupted at step " + strconv.Itoa(e.Step)
}

// Unwrap returns the cause.
func (e *Stopped) Unwrap() error { return e.Cause }

// Interrupted reports whether the run stopped on request.
func (e *Stopped) Interrupted() bool { return record.Cancelled(e.Cause) }
