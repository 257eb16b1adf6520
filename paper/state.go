package paper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"shoal/internal/atomicfile"
	"shoal/internal/lockfile"
	"shoal/internal/usage"
	"shoal/published"
	"shoal/runlog"
)

// PlanFile is the name of what a paper's folder says about itself.
const PlanFile = "plan.json"

// maxPlanBytes is far more than a plan with all datasets has.
const maxPlanBytes = 1 << 20

// state is the content of plan.json: what page and summary need and no run folder knows.
type state struct {
	Budget string      `json:"budget"`
	Parts  []partState `json:"parts"`

	// asked names the parts of this call; of all others another process may know more, and the folder is right.
	asked []string
}

type partState struct {
	Name    string `json:"name"`
	Dataset string `json:"dataset"`
	Network string `json:"network"`
	Note    string `json:"note,omitempty"`
	Seeds   int    `json:"seeds"`
	Smaller bool   `json:"smaller,omitempty"` // see Part.Smaller
	Skipped string `json:"skipped,omitempty"` // why there is no run
	// RefitSeconds is what the answers on easiness have taken; nil where nobody measured it.
	RefitSeconds *float64 `json:"refit_seconds,omitempty"`
}

// IsPaper reports whether dir is the folder of a paper, and not of one run.
func IsPaper(dir string) bool {
	if runlog.Exists(dir) {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, PlanFile))
	return err == nil
}

// openState reads the state of a folder and adds the plan to it. A folder keeps to one budget;
// parts and seeds may be added.
func openState(out string, p Plan) (*state, error) {
	s, err := readState(out)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if runlog.Exists(out) {
			return nil, fmt.Errorf("folder %q holds a run; name another folder", out)
		}
		s = &state{Budget: p.Budget}
	case err != nil:
		return nil, err
	case s.Budget != p.Budget:
		return nil, otherBudget(out, s.Budget, p.Budget)
	}
	for _, part := range p.Parts {
		s.asked = append(s.asked, part.Name)
		now := partState{Name: part.Name, Dataset: part.Study.Data.Dataset, Network: part.Study.Network.Name, Note: part.Note, Seeds: p.seeds(part), Smaller: part.Smaller}
		if was := s.part(part.Name); was != nil {
			now.Seeds = max(now.Seeds, was.Seeds)
			now.Skipped, now.RefitSeconds = was.Skipped, was.RefitSeconds
			*was = now
			continue
		}
		s.Parts = append(s.Parts, now)
	}
	s.sort()
	return s, nil
}

func (s *state) sort() {
	slices.SortStableFunc(s.Parts, func(a, b partState) int { return position(a.Name) - position(b.Name) })
}

func otherBudget(out, was, asked string) error {
	return usage.Errorf("folder %q has budget %s, asked for is %s: give each budget its own folder", out, was, asked)
}

// position keeps the paper's datasets in the paper's order, others behind.
func position(name string) int {
	if k := slices.Index(published.Datasets(), name); k >= 0 {
		return k
	}
	return len(published.Datasets())
}

func readState(out string) (*state, error) {
	path := filepath.Join(out, PlanFile)
	text, err := atomicfile.ReadSmall(path, maxPlanBytes)
	if err != nil {
		return nil, err
	}
	s := &state{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("plan %q: %w", path, err)
	}
	for _, p := range s.Parts {
		if p.Name == "" || strings.ContainsAny(p.Name, `/\`) || p.Seeds < 1 {
			return nil, fmt.Errorf("plan %q: part %q with %d seeds is invalid", path, p.Name, p.Seeds)
		}
	}
	return s, nil
}

// save writes plan.json. Two calls may work on one folder, each with parts of its own: of those that this
// one wasn't asked for, what the folder has is kept.
func (s *state) save(out string) error {
	if err := os.MkdirAll(out, 0o777); err != nil {
		return fmt.Errorf("make folder of the paper: %w", err)
	}
	lock, err := takePlan(out)
	if err != nil {
		return err
	}
	err = s.merge(out)
	if err == nil {
		err = atomicfile.WriteJSON(filepath.Join(out, PlanFile), s)
	}
	return errors.Join(err, lock.Release())
}

// planPatience is how long a call waits for another one to write its plan, which takes moments.
const planPatience = 5 * time.Second

// takePlan locks the plan of a folder.
func takePlan(out string) (*lockfile.Lock, error) {
	path := filepath.Join(out, "plan.lock")
	lock, err := lockfile.TakeWithin(path, planPatience)
	if err != nil {
		return nil, fmt.Errorf("the plan of %q can't be written, its lock %q is held: %w", out, path, err)
	}
	return lock, nil
}

// pagePatience is how long a call waits for another one to draw the page: longer than that takes.
const pagePatience = 10 * time.Minute

// takePage locks what Write writes, from the reading of the runs on: of two calls on one folder, the one
// that read first would write last, and an older page, or its figures beside the other's summary.
func takePage(ctx context.Context, out string) (*lockfile.Lock, error) {
	path := filepath.Join(out, "page.lock")
	until := time.Now().Add(pagePatience)
	lock, err := lockfile.Take(path)
	for errors.Is(err, lockfile.ErrBusy) && time.Now().Before(until) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		lock, err = lockfile.Take(path)
	}
	if err != nil {
		return nil, fmt.Errorf("the page of %q can't be drawn, its lock %q is held: %w; draw it again when that has ended", out, path, err)
	}
	return lock, nil
}

// merge takes over what the folder has of other parts than those that were asked for, and the larger number
// of seeds of these.
func (s *state) merge(out string) error {
	was, err := readState(out)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if was.Budget != s.Budget {
		return otherBudget(out, was.Budget, s.Budget)
	}
	for _, p := range was.Parts {
		switch own := s.part(p.Name); {
		case own == nil:
			s.Parts = append(s.Parts, p)
		case slices.Contains(s.asked, p.Name):
			own.Seeds = max(own.Seeds, p.Seeds)
		case len(s.asked) > 0:
			*own = p
		}
	}
	s.sort()
	return nil
}

// addRefits adds to what the answers on easiness of a part have taken.
func (s *state) addRefits(name string, took time.Duration) {
	p := s.part(name)
	seconds := known(p.RefitSeconds) + took.Seconds()
	p.RefitSeconds = &seconds
}

// part is the part of that name, nil when there is none.
func (s *state) part(name string) *partState {
	for k := range s.Parts {
		if s.Parts[k].Name == name {
			return &s.Parts[k]
		}
	}
	return nil
}

func (s *state) skip(name, why string) { s.part(name).Skipped = oneLine(why) }
func (s *state) unskip(name string)    { s.part(name).Skipped = "" }

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
