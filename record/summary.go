package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/dynamics/groups"
	"shoal/internal/atomicfile"
	"shoal/internal/machine"
	"shoal/runlog"
)

// SummaryFile is the name of the summary in a run folder.
const SummaryFile = "summary.json"

// Summary is what a script wants to know about a finished run: summary.json. What is undefined is
// null.
type Summary struct {
	Study        string             `json:"study"`
	Dataset      string             `json:"dataset"`
	Network      string             `json:"network"`
	Steps        int                `json:"steps"`
	Epochs       dynamics.NullFloat `json:"epochs"`
	Evaluations  int                `json:"evaluations"`
	Accuracy     float64            `json:"accuracy"` // of the last evaluation
	BestAccuracy float64            `json:"best_accuracy"`
	References   []ReferenceSummary `json:"references"`
	Seconds      runlog.Seconds     `json:"seconds"`
	PeakRSSBytes int64              `json:"peak_rss_bytes"`
	Precision    string             `json:"precision,omitempty"`    // float32 or bfloat16
	Tier         string             `json:"tier,omitempty"`         // how products of bfloat16 are summed
	TierRefused  string             `json:"tier_refused,omitempty"` // why a faster tier of this processor wasn't used
	SIMD         string             `json:"simd"`
	Workers      int                `json:"workers"`
	Seed         *uint64            `json:"seed"`             // null where the log of an imported run doesn't say
	Subset       *SubsetSummary     `json:"subset,omitempty"` // of a study that trains by a partition
	Groups       *groups.Comparison `json:"groups,omitempty"` // of a run that was given groups of examples
	Suspects     *SuspectSummary    `json:"suspects,omitempty"`
	Relabelled   *runlog.Relabelled `json:"relabelled,omitempty"` // of a run whose labels were corrected
}

// SuspectSummary says how many labels look wrong (dynamics.Suspects), and how many of those that people
// found to be wrong are among them, where that is known.
type SuspectSummary struct {
	Suspects int                 `json:"suspects"`
	Known    *runlog.FoundErrors `json:"label_errors,omitempty"`
}

// ReferenceSummary is what the run says about one reference. The peak is that of the smoothed R±,
// see package dynamics.
type ReferenceSummary struct {
	Name                  string               `json:"name"`
	Accuracy              float64              `json:"accuracy"`
	FitSeconds            float64              `json:"fit_seconds"`
	FirstRatio            *float64             `json:"first_ratio"`
	PeakRatio             *float64             `json:"peak_ratio"`
	PeakStep              *int                 `json:"peak_step"`
	PeakEpoch             *float64             `json:"peak_epoch"`
	FinalRatio            *float64             `json:"final_ratio"`
	First                 contingency.Table    `json:"first"` // at the first evaluation: whether an R± that is null is infinite
	Final                 contingency.Table    `json:"final"`
	PersistentShallowOnly int                  `json:"persistent_shallow_only"`
	LogOddsRatio          FirstLast            `json:"log_odds_ratio"`
	Association           dynamics.Association `json:"association"`
	Regime                dynamics.Regime      `json:"regime"`
	// BeyondAccuracy says whether R± tells more than accuracy does.
	BeyondAccuracy dynamics.BeyondAccuracy `json:"beyond_accuracy"`
	Verdicts       map[string]Verdict      `json:"verdicts"`
	Warnings       []string                `json:"warnings,omitempty"` // of its fit
}

// FirstLast is a number at the first and at the last evaluation.
type FirstLast struct {
	First *float64 `json:"first"`
	Last  *float64 `json:"last"`
}

// Verdict is the outcome on one claim of the paper; the keys of ReferenceSummary.Verdicts are
// claim_1 to claim_7.
type Verdict struct {
	Title   string           `json:"title"`
	Verdict dynamics.Outcome `json:"verdict"`
	Reason  string           `json:"reason"`
	Numbers dynamics.Numbers `json:"numbers"`
}

// SubsetSummary is what a run says about the partition that it was trained by; see package
// curriculum.
type SubsetSummary struct {
	Order       string `json:"order"`
	Passes      int    `json:"passes"` // over the first part
	Partition   string `json:"partition"`
	SHA256      string `json:"sha256"`
	Reference   string `json:"reference"` // whose out-of-fold predictions made the partition
	Folds       int    `json:"folds"`
	Easy        int    `json:"easy"`
	Hard        int    `json:"hard"`
	First       int    `json:"first"`        // examples of the first part
	Then        int    `json:"then"`         // examples of a later pass
	FirstSteps  int    `json:"first_steps"`  // that the first part took
	DatasetHash string `json:"dataset_hash"` // of the training split
}

// Finish judges the claims, writes the summary and marks the run as finished. head has what only
// the trainer knows: precision, SIMD, workers, seed, subset. clock, if not nil, is called before times are
// written. What fails here can be done again, by Finish on the reopened run.
func (r *Recorder) Finish(ctx context.Context, head Summary, clock func()) (*Summary, error) {
	done := Watch(&r.Seconds.Report)
	r.options.Show(Progress{Part: PartReport, Note: "judge the claims"})
	h, err := r.judge(ctx, true)
	if err != nil {
		return nil, err
	}
	s := &head
	if err := s.measure(h); err != nil {
		return nil, err
	}
	done()
	if clock != nil {
		clock()
	}
	s.Seconds, s.PeakRSSBytes = r.Seconds, machine.PeakRSS()
	if err := s.write(h.Dir); err != nil { // a run without a summary isn't finished
		return nil, err
	}
	if err := r.run.SetSeconds(r.Seconds); err != nil {
		return nil, err
	}
	if err := r.run.SetStatus(runlog.Finished, ""); err != nil {
		return nil, err
	}
	return s, nil
}

// judge loads the run, judges what isn't judged and has the run keep it. ended says that its training has come
// to its end, which the run itself doesn't say yet.
func (r *Recorder) judge(ctx context.Context, ended bool) (*runlog.History, error) {
	h, err := r.run.Load(ctx)
	if err != nil {
		return nil, err
	}
	if h.LastStep() < 0 {
		return nil, fmt.Errorf("run %q has no evaluation yet", h.Dir)
	}
	if ended {
		h.End()
	}
	if err := h.Judge(ctx); err != nil {
		return nil, err
	}
	if r.company != nil {
		r.company(h.Judgements)
	}
	return h, r.run.KeepJudgements(h)
}

// Drawn adds the time that the first report of a finished run took to its summary and returns that. To
// draw it again is no part of the run, nor is to compare it with more references.
func Drawn(dir string, took time.Duration) (*Summary, error) {
	run, err := runlog.Open(dir)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	m, err := run.Meta()
	if err != nil {
		return nil, err
	}
	s, err := ReadSummary(dir)
	if err != nil {
		return nil, err
	}
	s.Seconds.Report += took.Seconds()
	s.Seconds.Total += took.Seconds()
	m.Seconds.Report, m.Seconds.Total = s.Seconds.Report, s.Seconds.Total
	s.PeakRSSBytes = max(s.PeakRSSBytes, machine.PeakRSS())
	return s, errors.Join(run.SetSeconds(m.Seconds), s.write(dir))
}

// measure fills in all that follows from the log.
func (s *Summary) measure(h *runlog.History) error {
	l, last := &h.Log, len(h.Log.Steps)-1
	s.Study, s.Dataset, s.Network = h.Study, h.Dataset, h.Network
	s.Steps, s.Epochs, s.Evaluations = l.Steps[last], dynamics.NullFloat(l.Epochs[last]), len(l.Steps)
	if h.LogJSON != "" { // what was imported knows its seed, if it is one
		var said struct {
			Seed *uint64 `json:"seed"`
		}
		if json.Unmarshal([]byte(h.LogJSON), &said) == nil {
			s.Seed = said.Seed
		}
	}
	accuracies := l.Accuracies()
	s.Accuracy, s.BestAccuracy = accuracies[last], slices.Max(accuracies)
	s.References = []ReferenceSummary{}
	for i, r := range h.References {
		s.References = append(s.References, summariseReference(h, r, h.Judgements[i]))
	}
	suspects, err := h.Suspects()
	if err != nil {
		return err
	}
	s.Suspects, s.Relabelled = &SuspectSummary{len(suspects), runlog.FindErrors(suspects, h.KnownErrors())}, h.Relabelled
	s.Groups, err = h.CompareGroups()
	return err
}

func summariseReference(h *runlog.History, r runlog.Reference, j *dynamics.Judgement) ReferenceSummary {
	out := ReferenceSummary{
		Name: r.Name, Accuracy: r.Accuracy, FitSeconds: r.FitSeconds, FirstRatio: number(j.First), FinalRatio: number(j.Last),
		First: h.Table(0, r), Final: j.Final, PersistentShallowOnly: len(j.Persistent), Verdicts: map[string]Verdict{},
		Association: j.Association, Regime: j.Regime, BeyondAccuracy: j.BeyondAccuracy, Warnings: r.Warnings(),
	}
	out.LogOddsRatio = FirstLast{logOdds(h.Table(0, r)), logOdds(j.Final)}
	if j.Peak.Found && j.Peak.Ratio.Defined {
		out.PeakRatio, out.PeakStep, out.PeakEpoch = &j.Peak.Ratio.Value, &j.Peak.Step, j.Peak.Epoch.Known()
	}
	for _, v := range j.Verdicts {
		out.Verdicts[fmt.Sprintf("claim_%d", v.Claim)] = Verdict{v.Title, v.Verdict, v.Reason, v.Numbers}
	}
	return out
}

func logOdds(t contingency.Table) *float64 {
	x := t.LogOddsRatio()
	if !x.Defined {
		return nil
	}
	return &x.Value
}

func number(r contingency.Ratio) *float64 {
	if !r.Defined {
		return nil
	}
	return &r.Value
}

func (s *Summary) write(dir string) error {
	return atomicfile.WriteJSON(filepath.Join(dir, SummaryFile), s)
}

// maxSummaryBytes is far more than a run with a thousand references has.
const maxSummaryBytes = 16 << 20

// ReadSummary reads the summary of a run folder.
func ReadSummary(dir string) (*Summary, error) {
	text, err := atomicfile.ReadSmall(filepath.Join(dir, SummaryFile), maxSummaryBytes)
	if err != nil {
		return nil, fmt.Errorf("read summary: %w", err)
	}
	s := &Summary{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("read summary of %q: %w", dir, err)
	}
	return s, nil
}
