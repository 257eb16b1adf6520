package dynamics

import (
	"fmt"
	"slices"
)

// Prediction says how well one property of a reference predicts when the network learns an example.
type Prediction struct {
	// Spearman correlates ease (larger is easier for the reference) with the learning time (larger is
	// later): negative when what is easy for the reference is learned earlier.
	Spearman Estimate `json:"spearman"`
	// AUC is above .5 when what is easy is learned earlier; PredictLearning says of what.
	AUC Estimate `json:"auc"`
}

// LearningPredictions are the predictions of one learning time.
type LearningPredictions struct {
	// Right: ease is 1 where the reference is right. AUC is the probability that an example it gets
	// wrong is learned later than one it gets right.
	Right Prediction `json:"right"`
	// Margin: ease is the reference's margin, whether it is right or not. Signed: the margin where
	// it is right, minus the margin where it is wrong. AUC is the probability that an early example
	// has the larger ease than a late one, late meaning after the median learning time. Nil without
	// margins.
	Margin *Prediction `json:"margin"`
	Signed *Prediction `json:"signed"`
	// Late is how many examples count as late for these.
	Late int `json:"late"`
	// Unlearned is how many examples have no learning time (never learned, or wrong at the end);
	// they rank last, tied.
	Unlearned int `json:"unlearned"`
}

// LearningReport has both learning times.
type LearningReport struct {
	Reference      string              `json:"reference"`
	FirstLearned   LearningPredictions `json:"first_learned"`
	LearnedForGood LearningPredictions `json:"learned_for_good"`
}

// PredictLearning relates a reference's right/wrong and margin to the learning times in m.
// Everything works on ranks: an example that is never learned (or not for good) ranks behind all
// others, and all of these are tied: the log ends before more is known. AUCs have DeLong's
// intervals, correlations that of Spearman.
func PredictLearning(l *Log, ref Reference, m *Measures) (*LearningReport, error) {
	if err := checkPair(l, ref); err != nil {
		return nil, err
	}
	if len(m.FirstLearned) != len(l.Labels) {
		return nil, fmt.Errorf("measures of %d examples for a log of %d", len(m.FirstLearned), len(l.Labels))
	}
	right := ref.right(l.Labels)
	return &LearningReport{Reference: ref.Name,
		FirstLearned:   predictTimes(m.FirstLearned, m.Evaluations, right, ref.Margins),
		LearnedForGood: predictTimes(m.LearnedForGood, m.Evaluations, right, ref.Margins)}, nil
}

func predictTimes(times []int, evaluations int, right mask, margins []float32) LearningPredictions {
	var out LearningPredictions
	time, ease := make([]float64, len(times)), make([]float64, len(times))
	var early, late []float64 // learning times by whether the reference is right
	for i, t := range times {
		time[i] = float64(t)
		if t > evaluations {
			out.Unlearned++
		}
		if right.get(i) {
			ease[i] = 1
			early = append(early, time[i])
		} else {
			late = append(late, time[i])
		}
	}
	out.Right = Prediction{Spearman: Spearman(ease, time), AUC: AUC(late, early)}
	median := quantile(slices.Sorted(slices.Values(time)), .5)
	for _, t := range time {
		if t > median {
			out.Late++
		}
	}
	if margins == nil {
		return out
	}
	out.Margin, out.Signed = new(Prediction), new(Prediction)
	for i := range margins {
		ease[i] = float64(margins[i])
	}
	*out.Margin = predictByEase(ease, time, median)
	for i := range margins {
		if !right.get(i) {
			ease[i] = -ease[i]
		}
	}
	*out.Signed = predictByEase(ease, time, median)
	return out
}

func predictByEase(ease, time []float64, median float64) Prediction {
	var early, late []float64
	for i, t := range time {
		if t > median {
			late = append(late, ease[i])
		} else {
			early = append(early, ease[i])
		}
	}
	return Prediction{Spearman: Spearman(ease, time), AUC: AUC(early, late)}
}
