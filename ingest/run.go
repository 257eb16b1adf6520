package ingest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"shoal/internal/atomicfile"
	"shoal/predlog"
	"shoal/runlog"
)

// head is what a run is created with.
type head struct {
	meta    runlog.Meta
	splits  []*predlog.Header // the main one first
	network string            // that a person asked for; "" for none
}

// unnamed is what a network is called that nothing names.
const unnamed = "network"

// headOf makes the head of a run of its logs.
func headOf(splits []*predlog.Split, o Options) (*head, error) {
	h := &head{}
	for _, s := range splits {
		h.splits = append(h.splits, s.Header)
	}
	return h, h.fill(o)
}

// fill describes the run, by its main split and by what the options add.
func (h *head) fill(o Options) error {
	main := h.splits[0]
	h.network = o.Network
	for _, x := range []struct {
		what, asked string
		have        *string
	}{{"dataset", o.Dataset, &main.Dataset}, {"network", o.Network, &main.Network}} {
		switch {
		case x.asked == "" || x.asked == *x.have:
		case *x.have == "":
			*x.have = x.asked
		default:
			return fmt.Errorf("the %s is %q, but the files say %q", x.what, x.asked, *x.have)
		}
	}
	if o.Dataset != "" && main.Folder == "" {
		main.Folder = o.Folder
	}
	about := map[string]any{"framework": main.Framework, "folder": main.Folder, "seed": json.Number(main.Seed), "ranks": main.Ranks, "more": json.RawMessage(main.More)}
	for key, value := range about {
		if fmt.Sprintf("%s", value) == "" {
			delete(about, key)
		}
	}
	text, err := json.Marshal(about)
	h.meta = runlog.Meta{Dataset: main.Dataset, Network: cmp.Or(main.Network, unnamed), Classes: main.Classes, LogJSON: string(text)}
	if main.Split != runlog.MainSplit {
		h.meta.Split = main.Split
	}
	return err
}

// ErrNeverImported is the error of a log in a folder that can only be read and has no run yet, which
// every verb would make first.
var ErrNeverImported = errors.New("was never imported, and its folder can't be written to")

// openRun opens the run in dir for writing, or creates it, and says what is unusual about its place.
// end closes it, and where the import failed removes what openRun has made.
func openRun(dir string, h *head, o Options) (run *runlog.Run, end func(failed bool), err error) {
	_, missing := os.Stat(dir)
	exists := runlog.Exists(dir)
	if !exists {
		run, err = createRun(dir, h)
		exists = errors.Is(err, runlog.ErrExists) && runlog.Exists(dir) // another import was quicker
	}
	if exists {
		run, err = reopenRun(dir, h)
		end = func(bool) { run.Close() }
	} else {
		end = func(failed bool) {
			if !failed {
				run.Close()
				return
			}
			_ = run.Discard()
			if errors.Is(missing, os.ErrNotExist) {
				_ = os.Remove(dir) // only if it is empty
			}
		}
	}
	if err != nil && atomicfile.ReadOnly(err) && !runlog.Exists(dir) && HasLog(dir) {
		err = fmt.Errorf("the log in %q %w: %w", dir, ErrNeverImported, err)
	}
	if err == nil && run.Note() != "" {
		o.say("note: %s", run.Note())
	}
	return run, end, err
}

// reopenRun opens the run in dir for writing and checks that it is of these examples.
func reopenRun(dir string, h *head) (*runlog.Run, error) {
	run, err := runlog.Open(dir)
	if err != nil {
		return nil, err
	}
	m, err := run.Meta()
	if err == nil && m.LogJSON == "" {
		err = fmt.Errorf("run %q was recorded by shoal: give what is imported a folder of its own", dir)
	}
	if err == nil && m.CopyOf != "" {
		err = fmt.Errorf("run %q is a copy of %q with corrected labels: import into that one, and correct its labels again", dir, m.CopyOf)
	}
	if err == nil && !slices.Equal(m.Classes, h.meta.Classes) {
		err = fmt.Errorf("run %q has %d classes (%.40q ...), the files have %d (%.40q ...): they are of another run", dir, len(m.Classes), m.Classes[0], len(h.meta.Classes), h.meta.Classes[0])
	}
	if given := h.meta.Dataset; err == nil && given != "" && m.Dataset == "" {
		err = run.SetDataset(given, h.meta.LogJSON)
	} else if err == nil && given != "" && m.Dataset != given {
		err = fmt.Errorf("run %q is of dataset %q, the files are of %q: they are of another run", dir, m.Dataset, h.meta.Dataset)
	}
	if err == nil && h.network != "" && m.Network == unnamed {
		err = run.SetNetwork(h.network)
	} else if err == nil && h.network != "" && m.Network != h.network {
		err = fmt.Errorf("run %q is of network %q, not of %q: leave the name out, or give another run a folder of its own", dir, m.Network, h.network)
	}
	if err != nil {
		run.Close()
		return nil, err
	}
	return run, nil
}

func createRun(dir string, h *head) (*runlog.Run, error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	h.meta.Study = filepath.Base(full)
	main := h.splits[0]
	return runlog.Create(dir, h.meta, runlog.Examples{Labels: main.Labels, Names: main.IDs})
}

// viewOf is the run as seen from a split, which is added where it is new. Its labels have to be those
// of the log.
func viewOf(run *runlog.Run, h *predlog.Header) (*runlog.Run, error) {
	view, err := run.Split(h.Split)
	if errors.Is(err, runlog.ErrNoSplit) {
		return run.AddSplit(h.Split, "", runlog.Examples{Labels: h.Labels, Names: h.IDs})
	}
	if err != nil {
		return nil, err
	}
	have := view.Labels()
	if len(have) != len(h.Labels) {
		return nil, fmt.Errorf("run %q has %d examples in split %s, the files have %d: they are of another run", run.Dir(), len(have), h.Split, len(h.Labels))
	}
	for i, l := range h.Labels {
		if l != have[i] {
			return nil, fmt.Errorf("run %q has other labels than the files in split %s, first at index %d: %d and %d", run.Dir(), h.Split, i, have[i], l)
		}
	}
	if names := view.Names(); names != nil && h.IDs != nil {
		for i, id := range h.IDs { // the order within a class
			if id != names[i] {
				return nil, fmt.Errorf("run %q has other examples than the files in split %s, first at index %d: %.80q and %.80q: sort them in the same way", run.Dir(), h.Split, i, names[i], id)
			}
		}
	}
	return view, nil
}
