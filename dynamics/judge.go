package dynamics

import (
	"context"
	"encoding/json"
	"fmt"

	"shoal/contingency"
	"shoal/dynamics/regime"
)

// Verdict is what one run says about one claim of the paper.
type Verdict struct {
	Claim   int     `json:"claim"` // 1 to 7
	Title   string  `json:"title"`
	Verdict Outcome `json:"verdict"` // Holds, Fails, CannotJudge or NotClaimed
	Reason  string  `json:"reason"`  // one sentence, lower case
	Numbers Numbers `json:"numbers"`
}

// JudgeOptions are the choices of Judge; the zero value is the default.
type JudgeOptions struct {
	Resampling
	// LastK is over how many of the last evaluations an example has to be missed to belong to the
	// persistent core; 0 means those of the last tenth of the run's steps, at least 10 (or all).
	LastK int
	// Trained says that the network trained on the examples: neither the claims nor a change of regime
	// can be judged then.
	Trained bool
	// Unfinished says that the log may still grow: nothing is said of its end then (Judgement.notOver).
	Unfinished bool
	// Initial are the answers of the network under other random initialisations, each for the first
	// examples of the split, as many for each; nil where there are none. Claim 1 is judged on them.
	Initial [][]uint16
	// Claimed reports whether the paper makes a claim of the reference; nil means all of them. It
	// matters to claim 5 alone, which isn't judged where it isn't claimed.
	Claimed func(reference string, claim int) bool
}

// constant is the resampling of references at one constant association, which is cheaper than that of
// curves: its number of draws is its own.
func (o JudgeOptions) constant() Resampling {
	return Resampling{Seed: o.Seed, Workers: o.Workers}
}

// Judgement is what one log says against one reference. Its JSON reads back as the same value.
type Judgement struct {
	Reference string            `json:"reference"`
	First     contingency.Ratio `json:"first"` // R± of the first evaluation
	Last      contingency.Ratio `json:"last"`  // R± of the last evaluation
	Final     contingency.Table `json:"final"`
	Peak      Peak              `json:"peak"`
	Smooth    []SmoothPoint     `json:"smooth"`
	LastK     int               `json:"last_k"`
	// Persistent lists the examples that the reference gets right and the network misses at all of
	// the last LastK evaluations.
	Persistent  []int       `json:"persistent"`
	Verdicts    []Verdict   `json:"verdicts"` // claims 1 to 7 in order
	Association Association `json:"association"`
	Regime      Regime      `json:"regime"`
	// BeyondAccuracy says whether R± tells more than accuracy does.
	BeyondAccuracy BeyondAccuracy `json:"beyond_accuracy"`
}

// Peak is the highest point of R± from the step at which the network has left chance on.
type Peak struct {
	// Found is false when the network never leaves chance, when the reference gets fewer than five examples
	// right, or wrong, and when R± is infinite where the smoothed curve is highest; all else is empty then.
	Found bool `json:"found"`
	// Ratio is the maximum of the smoothed curve with its basic bootstrap interval, which accounts
	// for its being a maximum.
	Ratio Estimate  `json:"ratio"`
	Step  int       `json:"step"`
	Epoch NullFloat `json:"epoch"`
	// StepAt is the percentile interval of the step at which the maximum lies, widened on either side
	// to the next point of the smoothed curve, since it may lie between the evaluations.
	StepAt Estimate `json:"step_at"`
	// Table is that of the evaluation at Step, and Nestedness its nestedness.
	Table      contingency.Table `json:"table"`
	Nestedness Estimate          `json:"nestedness"`
	// Raw is the highest finite R± of a single evaluation. Its interval is Katz's, which does not
	// know that it was selected.
	Raw     contingency.Ratio `json:"raw"`
	RawStep int               `json:"raw_step"`
}

// Judge computes the evidence and the verdicts on claims (1) to (7):
//
//  1. R± starts at 1.0.
//  2. It has one sharp, right-skewed peak.
//  3. It settles slowly on a value that is not 1.0, even at convergence.
//  4. shallow_only stays above zero at convergence.
//  5. R+ reaches about 60 % while accuracy is about 20 % and R- about 15 % (the paper claims it of
//     one triplet only).
//  6. What the reference gets right the network gets right more often, R+ - R- > 0, at convergence.
//  7. The peak comes before a fifth of the first epoch (the paper: sometimes).
//
// The rules are written at the functions claim1 to claim7. Beside them it answers whether the
// reference stops predicting what the network learns next; see package regime.
func Judge(ctx context.Context, l *Log, ref Reference, o JudgeOptions) (*Judgement, error) {
	if err := checkPair(l, ref); err != nil {
		return nil, err
	}
	return judgeBy(ctx, l, regime.Learned(l.Labels, len(l.Steps), l.Correct), ref, o)
}

// judgeBy is Judge of a log whose order of learning is known.
func judgeBy(ctx context.Context, l *Log, learned *regime.Learning, ref Reference, o JudgeOptions) (*Judgement, error) {
	e := newEvidence(l, ref, o)
	if err := e.resample(ctx, o.Resampling); err != nil {
		return nil, err
	}
	points := e.curve.Points
	j := &Judgement{Reference: ref.Name, First: points[0].Ratio(), Last: e.last.Ratio(), Final: e.last.Table,
		Peak: e.peak, Smooth: e.smoothed, LastK: e.lastK, Persistent: e.core.indices()}
	j.Association, j.Regime = JudgeRegime(l, learned, ref)
	if o.Trained { // the slots remain, as a picture of what is memorised when
		j.Regime = Regime{Reason: "it can't be told: " + trainedReason, Seeds: 1, Slots: j.Regime.Slots}
		j.BeyondAccuracy.Reason = j.Regime.Reason
	} else {
		constant, err := ConstantAssociation(ctx, l, learned, ref, o.constant())
		if err != nil {
			return nil, err
		}
		j.BeyondAccuracy = constant.BeyondAccuracy
	}
	for k, claim := range claims {
		numbers, verdict, reason := claim.judge(e)
		if o.Trained {
			verdict, reason = CannotJudge, trainedReason
		} else if k+1 == 5 && o.Claimed != nil && !o.Claimed(ref.Name, k+1) {
			verdict, reason = NotClaimed, "the paper claims it of ResNet-101 on CIFAR-100 and its support vector machine only"
		}
		j.Verdicts = append(j.Verdicts, Verdict{Claim: k + 1, Title: claim.title, Verdict: verdict, Reason: reason, Numbers: numbers})
	}
	if o.Unfinished && !o.Trained {
		j.notOver()
	}
	return j, nil
}

// trainedReason is why nothing is judged on examples that the network trained on.
const trainedReason = "the network trained on these examples: wrong labels, which it memorises last, would look like a change"

// Rules numbers the rules of the verdicts. It changes when Judge would say something else about the
// same log, so that judgements which were kept are made again.
const Rules = 14

// JudgeAll judges a log against every reference, in their order; without references the result is
// empty and not nil. An error names the reference.
func JudgeAll(ctx context.Context, l *Log, references []Reference, o JudgeOptions) ([]*Judgement, error) {
	out := make([]*Judgement, 0, len(references))
	if len(references) == 0 {
		return out, nil
	}
	if err := l.Check(); err != nil {
		return nil, err
	}
	learned := regime.Learned(l.Labels, len(l.Steps), l.Correct)
	for _, ref := range references {
		err := ref.check(len(l.Labels))
		var j *Judgement
		if err == nil {
			j, err = judgeBy(ctx, l, learned, ref, o)
		}
		if err != nil {
			return nil, fmt.Errorf("judge the claims against %q: %w", ref.Name, err)
		}
		out = append(out, j)
	}
	return out, nil
}

// UnmarshalJSON reads a judgement. Where a number is null because R± has no bound, the tables of
// the judgement say so.
func (j *Judgement) UnmarshalJSON(b []byte) error {
	type plain Judgement // without this method
	var read plain
	if err := json.Unmarshal(b, &read); err != nil {
		return err
	}
	*j = Judgement(read)
	for _, v := range j.Verdicts {
		if c := v.Numbers.curve(); c != nil && c.CurveShape != nil {
			c.PeakAttainableMax.Infinite = j.Peak.Table.AttainableMax().Infinite
		}
		if s := v.Numbers.Settling; s != nil {
			s.LastAttainableMax.Infinite = j.Final.AttainableMax().Infinite
		}
	}
	return nil
}
