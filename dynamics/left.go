package dynamics

import (
	"fmt"
	"strings"

	"shoal/contingency"
)

// LeftReport is claim 4 over several seeds: what the reference gets right and the networks miss at
// the end, against what a network as accurate as the reference would have right of it. All counts are
// examples.
type LeftReport struct {
	// Reference[a] counts the examples that the reference gets right and that every other seed than a
	// misses at the end of its run; Network[a] those that seed a gets right, at its evaluation whose
	// accuracy is nearest to the reference's, and every other seed misses. Both are null where some run
	// hasn't converged, and Network and Difference where some seed is at no evaluation as accurate:
	// nothing is counted then.
	Reference []int `json:"reference"`
	Network   []int `json:"network"`
	// Difference is the mean over seeds of Reference - Network, with an interval for seeds and
	// examples together; undefined for fewer than three seeds.
	Difference Estimate `json:"difference"`
	Verdict    Outcome  `json:"verdict"` // Holds, Fails or CannotJudge
	Reason     string   `json:"reason"`
}

// JudgeLeft judges claim 4, shallow_only stays above zero at convergence, over runs of several seeds,
// each of which must have converged. Of two equally good networks each has something right that the
// other misses, so a number above zero says nothing by itself: the claim holds when the reference
// leaves more than a network of its accuracy does ([SurplusOf], of one fit). Fails when shallow_only is zero at some evaluation
// in the last tenth of the steps of every run, or when what is left is at most a quarter more than
// the network's.
func JudgeLeft(runs []*Log, ref Reference) (*LeftReport, error) {
	if len(runs) == 0 {
		return nil, fmt.Errorf("claim 4: no runs")
	}
	if err := sameSplit(runs...); err != nil {
		return nil, err
	}
	out := &LeftReport{Verdict: CannotJudge}
	empty := true
	for _, l := range runs {
		if err := checkPair(l, ref); err != nil {
			return nil, err
		}
		late := endOf(l)
		e := endingOf(curveOf(late, ref.Name, rightMasks(late), ref.right(l.Labels)))
		empty = empty && e.leastAlone == 0
		if why := e.unconverged(); why != "" && out.Reason == "" {
			out.Reason = why
		}
	}
	if out.Reason != "" {
		return out, nil
	}
	out.count(runs, ref.Correct(runs[0].Labels))
	out.judge(empty)
	return out, nil
}

// count fills in the counts and their difference.
func (out *LeftReport) count(runs []*Log, right []bool) {
	at, one := make([]int, len(runs)), make([]float64, len(right))
	for i, r := range right {
		if r {
			one[i] = 1
		}
	}
	accuracy := contingency.RightShare(right)
	for a, l := range runs {
		var equal bool
		if at[a], equal = l.EquallyAccurate(accuracy); !equal && out.Reason == "" {
			out.Reason = fmt.Sprintf("no evaluation of a seed is as accurate as the reference, %.4f; the nearest has %.4f", accuracy, l.Accuracies()[at[a]])
		}
	}
	s := SurplusOf(one, runs, at)
	for a := range runs { // of one fit: whole numbers
		out.Reference, out.Network = append(out.Reference, int(s.Reference[a])), append(out.Network, int(s.Network[a]))
	}
	if out.Difference = s.Difference; out.Reason != "" {
		out.Network, out.Difference = nil, Estimate{}
	}
}

func (out *LeftReport) judge(empty bool) {
	network, seeds := 0.0, len(out.Reference)
	for _, k := range out.Network {
		network += float64(k) / float64(seeds)
	}
	d := out.Difference
	found := fmt.Sprintf("missed by every other seed and right for the reference: %s; right for a network as accurate: %s", listed(out.Reference), listed(out.Network))
	switch {
	case empty:
		out.Verdict, out.Reason = Fails, "shallow_only is 0 at an evaluation in the last tenth of the steps of every run"
	case seeds == 1:
		out.Reason = "one seed: how many a network as accurate as the reference would leave takes another"
	case out.Reason != "":
	case seeds < LeastSeeds:
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

// listed are counts, seed by seed.
func listed(counts []int) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(counts)), ", "), "[]")
}
