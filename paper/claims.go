package paper

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"shoal/dynamics"
	"shoal/published"
	"shoal/track"
)

// differs is the outcome over seeds of which some say holds and some fails.
const differs dynamics.Outcome = "differs over seeds"

// Claim is what all seeds together say about one claim for one triplet.
type Claim struct {
	Claim int    `json:"claim"`
	Title string `json:"title"`
	Paper string `json:"paper"` // what the paper says: "holds", "does not hold", "not claimed"
	// Verdict is that of all seeds, "differs over seeds" when some say holds and some fails, and
	// "cannot judge" when some seed cannot; a seed that isn't over counts as begun.go says. Claim 1 is that of the run with random initialisations,
	// claim 4 is judged over all seeds together (dynamics.JudgeLeft).
	Verdict dynamics.Outcome `json:"verdict"`
	Reason  string           `json:"reason,omitempty"` // where it is judged over all seeds at once
	Agrees  *bool            `json:"agrees"`           // with the paper; null where one of them says nothing
	Seeds   []SeedVerdict    `json:"seeds"`
}

// SeedVerdict is the verdict of one run.
type SeedVerdict struct {
	Seed    uint64           `json:"seed"`
	SoFar   bool             `json:"so_far,omitempty"` // its training isn't over
	Verdict dynamics.Outcome `json:"verdict"`
	Reason  string           `json:"reason"`
	Numbers dynamics.Numbers `json:"numbers"`
}

// seedVerdicts are the verdicts of one run on all claims.
type seedVerdicts struct {
	seed     uint64
	soFar    bool
	verdicts map[int]dynamics.Verdict // by claim
}

// claims puts the verdicts of all seeds side by side.
// left is claim 4 over all of them, nil for a single one.
func claims(t published.Triplet, seeds []seedVerdicts, left *dynamics.LeftReport) []Claim {
	out := []Claim{}
	for k := 1; k <= dynamics.Claims; k++ {
		c := Claim{Claim: k, Paper: published.Claim(k, t), Seeds: []SeedVerdict{}}
		for _, s := range seeds {
			v, ok := s.verdicts[k]
			if !ok {
				continue
			}
			c.Title = v.Title
			c.Seeds = append(c.Seeds, SeedVerdict{s.seed, s.soFar, v.Verdict, v.Reason, v.Numbers})
		}
		c.combine(left)
		out = append(out, c)
	}
	return out
}

// combine sets the verdict over seeds and whether it is the paper's.
func (c *Claim) combine(left *dynamics.LeftReport) {
	n := map[dynamics.Outcome]int{} // seeds
	for _, s := range c.telling() {
		n[s.Verdict]++
	}
	holds, fails, open := n[dynamics.Holds], n[dynamics.Fails], n[dynamics.CannotJudge]
	switch {
	case c.Claim == 4 && left != nil:
		c.Verdict, c.Reason = left.Verdict, left.Reason
	case n[dynamics.NotClaimed] > 0:
		c.Verdict = dynamics.NotClaimed
	case holds > 0 && fails > 0:
		c.Verdict = differs
	case open > 0 || holds+fails == 0:
		c.Verdict = dynamics.CannotJudge
	case holds > 0:
		c.Verdict = dynamics.Holds
	default:
		c.Verdict = dynamics.Fails
	}
	if c.Paper == published.NotClaimed || c.Verdict != dynamics.Holds && c.Verdict != dynamics.Fails {
		return
	}
	same := (c.Verdict == dynamics.Holds) == (c.Paper == published.Holds)
	c.Agrees = &same
}

// ofBeginning are the claims that the beginning of a training decides.
var ofBeginning = []int{1, 5, 7}

// telling are the seeds on which the verdict over all rests. Random initialisations are those of the network,
// not of a seed: one run has scored them. Beside seeds that are over, one that isn't tells of the beginning only.
func (c *Claim) telling() []SeedVerdict {
	over := slices.ContainsFunc(c.Seeds, func(s SeedVerdict) bool { return !s.SoFar })
	return slices.DeleteFunc(slices.Clone(c.Seeds), func(s SeedVerdict) bool {
		start := s.Numbers.Start
		return start != nil && start.Initial.Count == 0 && len(c.Seeds) > 1 || over && s.SoFar && !slices.Contains(ofBeginning, c.Claim)
	})
}

// seed is the seed of a run: from its summary, or from the study that its folder keeps while it has
// none.
func (r *run) seed() uint64 {
	if r.summary != nil && r.summary.Seed != nil {
		return *r.summary.Seed
	}
	if s, err := r.study(); err == nil {
		return s.Seed
	}
	n, _ := strconv.ParseUint(r.folder[strings.LastIndexByte(r.folder, 'd')+1:], 10, 64)
	return n
}

// study is the study that the run's folder keeps.
func (r *run) study() (track.Study, error) {
	return track.ReadStudy(filepath.Join(r.Dir, track.StudyFile))
}
