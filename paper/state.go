package paper

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shoal/internal/atomicfile"
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
}

type partState struct {
	Name    string `json:"name"`
	Dataset string `json:"dataset"`
	Network string `json:"network"`
	Note    string `json:"note,omitempty"`
	Seeds   int    `json:"seeds"`
	Smaller bool   `json:"smaller,omitempty"` // see Part.Smaller
	Skipped string `json:"skipped,omitempty"` // why there is no run
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
		return nil, usage.Errorf("folder %q has budget %s, asked for is %s: give each budget its own folder", out, s.Budget, p.Budget)
	}
	for _, part := range p.Parts {
		now := partState{Name: part.Name, Dataset: part.Study.Data.Dataset, Network: part.Study.Network.Name, Note: part.Note, Seeds: p.seeds(part), Smaller: part.Smaller}
		if was := s.part(part.Name); was != nil {
			now.Seeds = max(now.Seeds, was.Seeds)
			now.Skipped = was.Skipped
			*was = now
			continue
		}
		s.Parts = append(s.Parts, now)
	}
	slices.SortStableFunc(s.Parts, func(a, b partState) int { return position(a.Name) - position(b.Name) })
	return s, nil
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

func (s *state) save(out string) error {
	if err := os.MkdirAll(out, 0o777); err != nil {
		return fmt.Errorf("make folder of the paper: %w", err)
	}
	return atomicfile.WriteJSON(filepath.Join(out, PlanFile), s)
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
