package track

import (
	"context"
	"time"

	"shoal/dynamics"
	"shoal/internal/usage"
	"shoal/kernel"
)

// Options are what must not change any number of a run.
type Options struct {
	Out     string // the run folder; it must not hold a run
	DataDir string // see dataset.Source
	// CacheDir keeps datasets and fitted models; "" for shoal in the user's
	// cache folder.
	CacheDir      string
	NoCache       bool // fit references anew
	Offline       bool
	AllowModified bool // accept dataset files that are not the published ones
	Workers       int  // 0: all cores
	MemoryBytes   int64
	Level         string        // of SIMD, see kernel.ParseLevel; "" is the best
	Checkpoint    time.Duration // from one checkpoint to the next; 0 is a minute

	Version string // of shoal, for study.toml
	// Progress is called often, from one goroutine at a time; nil for none.
	Progress func(Progress)
	// Say is called with lines for a person; nil for none.
	Say func(line string)
	// Report draws the finished run in dir; nil for none. The judgements are
	// those of the references in the order of the run.
	Report func(ctx context.Context, dir string, judgements []*dynamics.Judgement) error
}

// check reports an option that makes no sense.
func (o Options) check() error {
	level, err := kernel.ParseLevel(o.Level)
	if err == nil {
		_, err = kernel.Select(level)
	}
	if err != nil {
		return &usage.Error{Err: err}
	}
	if o.Workers < 0 || o.MemoryBytes < 0 {
		return usage.Errorf("%d workers and %d bytes of memory: want numbers above 0, or 0 for the default", o.Workers, o.MemoryBytes)
	}
	return nil
}

func (o Options) say(line string) {
	if o.Say != nil {
		o.Say(line)
	}
}

func (o Options) report(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}

func (o Options) checkpoint() time.Duration {
	if o.Checkpoint > 0 {
		return o.Checkpoint
	}
	return time.Minute
}

// An Interrupted error says that a run stopped on request and how it goes on.
type Interrupted struct {
	Dir     string
	Step    int    // -1 when it stopped before it trained
	Command string // that goes on with the run
}

func (e *Interrupted) Error() string {
	if e.Step < 0 {
		return "interrupted before training; go on with: " + e.Command
	}
	return "interrupted at step " + itoa(e.Step) + "; go on with: " + e.Command
}

// resume is the command that goes on with the run in dir: with the flags that
// say where its data are, as a run folder doesn't keep places.
func (o Options) resume(dir string) string {
	command := "shoal run --resume " + quoteIfNeeded(dir)
	for _, place := range [][2]string{{"data-dir", o.DataDir}, {"cache-dir", o.CacheDir}} {
		if place[1] != "" {
			command += " --" + place[0] + " " + quoteIfNeeded(place[1])
		}
	}
	if o.Offline {
		command += " --offline"
	}
	if o.AllowModified {
		command += " --allow-modified"
	}
	return command
}

// Is makes errors.Is(err, context.Canceled) true.
func (e *Interrupted) Is(target error) bool { return target == context.Canceled }
