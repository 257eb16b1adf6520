package dynamics

import (
	"fmt"
	"math"

	"shoal/contingency"
)

// LeftReport is claim 4 over several seeds: what the reference gets right and the networks miss at
// the end, against what a network as accurate as the reference would have right of it. All counts are
// examples.
type LeftReport struct {
	// Reference[a] counts the examples that the reference gets right and that every other seed than a
	// misses at the end of its run; Network[a] those that seed a gets right, at its evaluation whose
	// accuracy is nearest to the reference's, and every other seed misses.
	Reference []int `json:"reference"`
	Network   []int `json:"network"`
	// Difference is the mean over seeds of Reference - Network, with an interval for seeds and
	// examples together; undefined for fewer than three seeds.
	Difference Estimate `json:"difference"`
	Verdict    Outcome  `json:"verdict"` // Holds, Fails or CannotJudge
	Reason     string   `json:"reason"`
}

// nearAccuracy is how far from the reference's accuracy the network may be that takes its place.
const nearAccuracy = .02

// JudgeLeft judges claim 4, shallow_only stays above zero at convergence, over runs of several seeds,
// each of which must have converged. Of two equally good networks each has something right that the
// other misses, so a number above zero says nothing by itself: the claim holds when the reference
// leaves more than a network of its accuracy does. Fails when shallow_only is zero at some evaluation
// in the last tenth of the steps of every run, or when what is left is at most a quarter more than
// the network's.
func JudgeLeft(runs []*Log, ref Reference) (*LeftReport, error) {
	if len(runs) == 0 {
		return nil, fmt.Errorf("claim 4: no runs")
	}
	if err := sameSplit(runs...); err != nil {
		return nil, err
	}
	out := &LeftReport{Verdict: CannotJudge, Reference: make([]int, len(runs)), Network: make([]int, len(runs))}
	var all []*evidence
	empty := true
	for _, l := range runs {
		if err := checkPair(l, ref); err != nil {
			return nil, err
		}
		e := newEvidence(l, ref, JudgeOptions{})
		all, empty = append(all, e), empty && e.leastAlone == 0
		if why := e.unconverged(); why != "" && out.Reason == "" {
			out.Reason = why
		}
	}
	if out.Reason != "" {
		return out, nil
	}
	out.count(all)
	out.judge(all, empty)
	return out, nil
}

// count fills in the counts and their difference.
func (out *LeftReport) count(all []*evidence) {
	n := len(all[0].log.Labels)
	surplus, totals := make([][]float64, len(all)), make([]float64, len(all)) // a seed and example
	for a, e := range all {
		missed := newMask(n)
		for i := range n {
			missed.set(i)
		}
		for b, other := range all {
			if b != a || len(all) == 1 {
				last := other.deep[len(other.deep)-1]
				for w := range missed {
					missed[w] &^= last[w]
				}
			}
		}
		equal := e.deep[e.log.NearestAccuracy(e.m)]
		out.Reference[a], out.Network[a] = missed.countAnd(e.shallow), missed.countAnd(equal)
		surplus[a] = make([]float64, n)
		for i := range n {
			if missed.get(i) && e.shallow.get(i) {
				surplus[a][i]++
			}
			if missed.get(i) && equal.get(i) {
				surplus[a][i]--
			}
			totals[a] += surplus[a][i]
		}
	}
	if len(all) >= leastSeeds { // the variance of a sum over n examples is n times that of one
		out.Difference = seedsAndExamples(totals, float64(n)*commonVariance(surplus))
	}
}

func (out *LeftReport) judge(all []*evidence, empty bool) {
	network := 0.0
	for _, k := range out.Network {
		network += float64(k) / float64(len(all))
	}
	d := out.Difference
	found := fmt.Sprintf("missed by every other seed and right for the reference: %v; right for a network as accurate: %v", out.Reference, out.Network)
	for _, e := range all {
		at := contingency.Accuracy(e.log.Labels, e.log.Predictions[e.log.NearestAccuracy(e.m)])
		if !(math.Abs(at-e.m) <= nearAccuracy) && out.Reason == "" {
			out.Reason = fmt.Sprintf("no evaluation of a seed is as accurate as the reference, %.4f; the nearest has %.4f", e.m, at)
		}
	}
	switch {
	case empty:
		out.Verdict, out.Reason = Fails, "shallow_only is 0 at an evaluation in the last tenth of the steps of every run"
	case len(all) == 1:
		out.Reason = "one seed: how many a network as accurate as the reference would leave takes another"
	case out.Reason != "":
	case len(all) < leastSeeds:
		out.Reason = found + ": two seeds are too few for an interval"
	case !d.Defined:
		out.Reason = found
	case d.Lo > 0:
		out.Verdict, out.Reason = Holds, fmt.Sprintf("%s, %.1f [%.1f, %.1f] fewer", found, d.Value, d.Lo, d.Hi)
	case d.Hi <= network/4:
		out.Verdict, out.Reason = Fails, fmt.Sprintf("%s: the reference leaves no more, by %.1f [%.1f, %.1f]", found, d.Value, d.Lo, d.Hi)
	default:
		out.Reason = fmt.Sprintf("%s: the difference, %.1f [%.1f, %.1f], has either sign within its interval", found, d.Value, d.Lo, d.Hi)
	}
}
