package track

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/internal/atomicfile"
	"shoal/internal/machine"
	"shoal/runlog"
)

// SummaryFile is the name of the summary in a run folder.
const SummaryFile = "summary.json"

// Summary is what a script wants to know about a finished run: summary.json.
// What is undefined is null.
type Summary struct {
	Study        string             `json:"study"`
	Dataset      string             `json:"dataset"`
	Network      string             `json:"network"`
	Steps        int                `json:"steps"`
	Epochs       float64            `json:"epochs"`
	Evaluations  int                `json:"evaluations"`
	Accuracy     float64            `json:"accuracy"` // of the last evaluation
	BestAccuracy float64            `json:"best_accuracy"`
	References   []ReferenceSummary `json:"references"`
	Seconds      Seconds            `json:"seconds"`
	PeakRSSBytes int64              `json:"peak_rss_bytes"`
	SIMD         string             `json:"simd"`
	Workers      int                `json:"workers"`
	Seed         uint64             `json:"seed"`
	Subset       *SubsetSummary     `json:"subset,omitempty"` // of a study that trains by a partition
}

// ReferenceSummary is what the run says about one reference. The peak is that
// of the smoothed R±, see package dynamics.
type ReferenceSummary struct {
	Name                  string             `json:"name"`
	Accuracy              float64            `json:"accuracy"`
	FitSeconds            float64            `json:"fit_seconds"`
	FirstRatio            *float64           `json:"first_ratio"`
	PeakRatio             *float64           `json:"peak_ratio"`
	PeakStep              *int               `json:"peak_step"`
	PeakEpoch             *float64           `json:"peak_epoch"`
	FinalRatio            *float64           `json:"final_ratio"`
	Final                 contingency.Table  `json:"final"`
	PersistentShallowOnly int                `json:"persistent_shallow_only"`
	Verdicts              map[string]Verdict `json:"verdicts"`
}

// Verdict is the outcome on one claim of the paper; the keys of
// ReferenceSummary.Verdicts are claim_1 to claim_5.
type Verdict struct {
	Title   string         `json:"title"`
	Verdict string         `json:"verdict"`
	Reason  string         `json:"reason"`
	Numbers map[string]any `json:"numbers"`
}

// Seconds is the wall-clock time by part; a resumed run adds up its sessions.
type Seconds struct {
	Data       float64 `json:"data"`
	References float64 `json:"references"`
	Training   float64 `json:"training"`
	Evaluation float64 `json:"evaluation"`
	Report     float64 `json:"report"`
	Total      float64 `json:"total"`
}

// finish judges the claims, writes the summary and has the report drawn. The
// training is over: what fails here can be had again with Resume.
func (x *experiment) finish(ctx context.Context, log *runlog.Run, clock func()) (*Summary, error) {
	done := watch(&x.seconds.Report)
	x.options.report(Progress{Part: PartReport, Note: "judge the claims"})
	history, references, err := ReadLog(log)
	if err != nil {
		return nil, err
	}
	judgements, err := judge(ctx, history, references)
	if err != nil {
		return nil, x.incomplete(log.Dir(), err)
	}
	s := x.summarise(history, references, judgements)
	clock()
	s.Seconds = x.seconds
	// The report reads the summary and says whether the run is finished.
	if err := errors.Join(s.write(log.Dir()), x.saveSeconds(log), log.SetStatus(runlog.Finished), log.SetMeta(metaFailure, "")); err != nil {
		return nil, err
	}
	if x.options.Report != nil && len(references) > 0 {
		if err := x.options.Report(ctx, log.Dir(), judgements); err != nil {
			return nil, x.incomplete(log.Dir(), err)
		}
	}
	done()
	clock()
	s.Seconds, s.PeakRSSBytes = x.seconds, machine.PeakRSS()
	return s, s.write(log.Dir())
}

// incomplete is the error of a run that is trained but not reported on.
func (x *experiment) incomplete(dir string, err error) error {
	return fmt.Errorf("training is complete, but not its report: %w; go on with: %s", err, x.options.resume(dir))
}

// ReadLog reads what package dynamics works on from a run.
func ReadLog(run *runlog.Run) (*dynamics.Log, []runlog.Reference, error) {
	l := &dynamics.Log{Labels: run.Labels()}
	for e, err := range run.Evaluations(-1) {
		if err != nil {
			return nil, nil, err
		}
		l.Steps = append(l.Steps, e.Step)
		l.Epochs = append(l.Epochs, e.Epoch)
		l.Predictions = append(l.Predictions, e.Predictions)
	}
	references, err := run.References()
	return l, references, err
}

func judge(ctx context.Context, l *dynamics.Log, references []runlog.Reference) ([]*dynamics.Judgement, error) {
	out := []*dynamics.Judgement{}
	for _, r := range references {
		j, err := dynamics.Judge(ctx, l, dynamics.Reference{Name: r.Name, Predictions: r.Predictions, Margins: r.Margins}, dynamics.JudgeOptions{})
		if err != nil {
			return nil, fmt.Errorf("judge the claims against %q: %w", r.Name, err)
		}
		out = append(out, j)
	}
	return out, nil
}

func (x *experiment) summarise(l *dynamics.Log, references []runlog.Reference, judgements []*dynamics.Judgement) *Summary {
	s := &Summary{
		Study: x.study.Name, Dataset: x.set.Name, Network: x.study.Network.Name,
		Seconds: x.seconds, PeakRSSBytes: machine.PeakRSS(),
		SIMD: x.level(), Workers: workers(x.options.Workers), Seed: x.study.Seed, Subset: x.subsetSummary,
	}
	s.measure(l, references, judgements)
	return s
}

func summariseReference(r runlog.Reference, j *dynamics.Judgement) ReferenceSummary {
	out := ReferenceSummary{
		Name: r.Name, Accuracy: r.Accuracy, FitSeconds: r.FitSeconds, FirstRatio: number(j.First), FinalRatio: number(j.Last),
		Final: j.Final, PersistentShallowOnly: len(j.Persistent), Verdicts: map[string]Verdict{},
	}
	if j.Peak.Found && j.Peak.Ratio.Defined {
		out.PeakRatio, out.PeakStep, out.PeakEpoch = &j.Peak.Ratio.Value, &j.Peak.Step, &j.Peak.Epoch
	}
	for _, v := range j.Verdicts {
		out.Verdicts[fmt.Sprintf("claim_%d", v.Claim)] = Verdict{v.Title, v.Verdict, v.Reason, v.Numbers}
	}
	return out
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

// ReadSummary reads the summary of a run folder.
func ReadSummary(dir string) (*Summary, error) {
	text, err := os.ReadFile(filepath.Join(dir, SummaryFile))
	if err != nil {
		return nil, fmt.Errorf("read summary: %w", err)
	}
	s := &Summary{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("read summary of %q: %w", dir, err)
	}
	return s, nil
}
