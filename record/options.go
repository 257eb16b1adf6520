package record

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"shoal/dataset"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/record/command"
)

// CommandLimit is how long a command of a reference may run unless Options say otherwise.
const CommandLimit = command.DefaultLimit

// ErrCommandLimit is wrapped for a command that ran for longer.
var ErrCommandLimit = command.ErrLimit

// Options say where data are, how to compute and whom to tell. They must not change any number of a
// run.
type Options struct {
	DataDir string // see dataset.Source
	// CacheDir keeps datasets and fitted models; "" for shoal in the user's cache folder.
	CacheDir      string
	NoCache       bool // fit references again, whatever the cache has
	Offline       bool // fetch nothing
	AllowModified bool // accept dataset files that are not the published ones
	// CommandLimit is how long a command of a reference may run; 0 for its default.
	CommandLimit time.Duration
	// Features are in files of their own; see there.
	Features    Features
	Workers     int // goroutines that compute at once; 0: all cores
	MemoryBytes int64
	// Set is the dataset where it is in memory already; nil to read it.
	Set *dataset.Set

	// Progress is called often, from one goroutine at a time; nil for none.
	Progress func(Progress)
	// Now is the clock by which Progress tells the time left; nil for the system's.
	Now func() time.Time
	// Say is called with lines for a person; nil for none.
	Say func(line string)
}

// Check reports an invalid option.
func (o Options) Check() error {
	if o.Workers < 0 || o.MemoryBytes < 0 {
		return usage.Errorf("%d workers and %d bytes of memory: want numbers above 0, or 0 for the default", o.Workers, o.MemoryBytes)
	}
	if o.CommandLimit < 0 {
		return usage.Errorf("a limit of %v for commands: want a time above 0", o.CommandLimit)
	}
	return o.Features.check()
}

// Tell hands a line to whoever listens.
func (o Options) Tell(line string) {
	if o.Say != nil {
		o.Say(line)
	}
}

// toldWarnings is how many warnings of one model are told; a fit out of many folds can have many
// alike. All of them are kept.
const toldWarnings = 10

// Warn tells what a model warns of, under its name.
func (o Options) Warn(name string, warnings []string) {
	for i, text := range warnings {
		if left := len(warnings) - i; i == toldWarnings && left > 1 {
			o.Tell(fmt.Sprintf("warning: %s: %d more warnings", name, left))
			return
		}
		o.Tell(textfmt.Line(fmt.Sprintf("warning: %s: %s", name, text)))
	}
}

// Show hands a state of the work to whoever listens.
func (o Options) Show(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}

// now is the time by the clock of the options.
func (o Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

// CacheFolder is where fitted models are kept; "" when there is no cache.
func (o Options) CacheFolder() string {
	if o.NoCache {
		return ""
	}
	if o.CacheDir != "" {
		return o.CacheDir
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(user, "shoal")
}
