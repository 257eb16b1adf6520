package sweep

import (
	"os"
	"path/filepath"

	"shoal/internal/lockfile"
	"shoal/record"
	"shoal/runlog"
)

// State is how far an item is.
type State string

// The states of an item.
const (
	Finished State = "finished"
	Running  State = "running"
	Failed   State = "failed"
	Stopped  State = "stopped" // interrupted or killed: it is resumed when it is run again
	Waiting  State = "waiting"
)

// States lists them in the order in which they are shown.
func States() []State { return []State{Finished, Running, Failed, Stopped, Waiting} }

// ItemStatus is how far one item is.
type ItemStatus struct {
	Item   int    `json:"item"`
	Folder string `json:"folder"`
	State  State  `json:"state"`
	Why    string `json:"why,omitempty"` // it failed, or can't be read
	Step   int    `json:"step"`          // of the last evaluation, -1 for none
	// Done is the share of the training that is done, where it is known.
	Done *float64 `json:"done"`
	// Seconds is the time it has taken, and Left what it will still take, where that is known.
	Seconds float64  `json:"seconds"`
	Left    *float64 `json:"left_seconds"`
}

// Status is how far a sweep is.
type Status struct {
	Items []ItemStatus  `json:"items"`
	Count map[State]int `json:"count"`
	// Left is the time until all is finished, in seconds, if as many items as now run at once; nil where
	// nothing runs, or nothing was measured yet.
	Left *float64 `json:"left_seconds"`
}

// ReadStatus reads how far the sweep in dir is from its folders.
func ReadStatus(dir string) (*Status, error) {
	items, err := Read(dir)
	if err != nil {
		return nil, err
	}
	s := &Status{Count: map[State]int{}}
	for _, it := range items {
		one := statusOf(dir, it)
		s.Items = append(s.Items, one)
		s.Count[one.State]++
	}
	s.Left = s.left()
	return s, nil
}

// statusOf reads how far an item is.
func statusOf(dir string, it Item) ItemStatus {
	run := it.Path(dir)
	out := ItemStatus{Item: it.Item, Folder: it.Folder, State: Waiting, Step: -1}
	held := lockfile.Held(lockOf(dir, it))
	if held {
		out.State = Running
	}
	if !runlog.Exists(run) {
		if why, err := os.ReadFile(failureOf(dir, it)); err == nil && !held {
			out.State, out.Why = Failed, string(why)
		}
		return out
	}
	g, err := it.glance(dir)
	if err != nil {
		if !held {
			out.State = Failed
		}
		out.Why = err.Error()
		return out
	}
	out.Step, out.Seconds, out.Why = g.Step, g.Seconds.Total, g.Failure
	switch {
	case g.Status == runlog.Finished:
		out.State = Finished
		return out
	case held:
	case g.Status == runlog.Failed:
		out.State = Failed
	default:
		out.State = Stopped
	}
	out.progress(it, run, g)
	return out
}

// progress finds how much is done: as much as the last checkpoint has, whose times are in the run.
func (s *ItemStatus) progress(it Item, run string, g runlog.Glimpse) {
	study, err := it.study()
	saved, err2 := record.Checkpoints(run)
	if err != nil || err2 != nil || len(saved) == 0 || g.Epoch == nil || *g.Epoch <= 0 {
		return
	}
	total := study.Training.Epochs * float64(g.Step) / *g.Epoch
	done := min(1, float64(saved[len(saved)-1])/total)
	s.Done = &done
	if spent := g.Seconds.Training + g.Seconds.Evaluation; done > 0 && spent > 0 && s.State != Failed {
		left := spent * (1 - done) / done
		s.Left = &left
	}
}

// left is the time of all that isn't finished, over as many processes as run now.
func (s *Status) left() *float64 {
	known, count, missing, sum := 0.0, 0, 0, 0.0
	for _, it := range s.Items {
		switch {
		case it.State == Finished:
			known, count = known+it.Seconds, count+1
		case it.State == Failed:
		case it.Left != nil:
			known, count = known+it.Seconds+*it.Left, count+1
			sum += *it.Left
		default:
			missing++
		}
	}
	at := s.Count[Running]
	if at == 0 || count == 0 {
		return nil
	}
	sum = (sum + float64(missing)*known/float64(count)) / float64(at)
	return &sum
}

// logOf is the file to which an item of a sweep on this machine prints.
func logOf(dir string, it Item) string { return filepath.Join(dir, logFolder, it.Folder+".log") }

// makeLogs makes the folder of these files.
func makeLogs(dir string) error { return os.MkdirAll(filepath.Join(dir, logFolder), 0o777) }
