package dynamics

import "fmt"

// ChurnReport compares shallow_only at the end with what equal networks miss of each other. All
// counts are examples; "missed" and "right" mean at all of the last K evaluations of a run.
type ChurnReport struct {
	Reference string `json:"reference"`
	LastK     []int  `json:"last_k"` // a run
	// ShallowOnly is the count at the last evaluation of each run, Missed how many of the
	// reference's right answers each run misses.
	ShallowOnly []int `json:"shallow_only"`
	Missed      []int `json:"missed"`
	// MissedByAll lists the examples that the reference gets right and every run misses. Equal networks
	// miss the same hard examples, so their number alone says nothing: see package easiness.
	MissedByAll []int `json:"missed_by_all"`
	// NetworkOnly[a][b] counts the examples that run a gets right and run b misses: what one
	// network has and an equal one lacks. Zero for a = b.
	NetworkOnly [][]int `json:"network_only"`
}

// Churn computes the report over runs (seeds) of the same study. lastK is as in JudgeOptions. With
// one run, the parts that compare runs say nothing.
func Churn(runs []*Log, ref Reference, lastK int) (*ChurnReport, error) {
	if len(runs) == 0 {
		return nil, fmt.Errorf("churn: no runs")
	}
	if err := sameSplit(runs...); err != nil {
		return nil, err
	}
	labels := runs[0].Labels
	if err := ref.check(len(labels)); err != nil {
		return nil, err
	}
	all, shallow := rightMask(labels, labels), ref.right(labels)
	out := &ChurnReport{Reference: ref.Name, NetworkOnly: make([][]int, len(runs))}
	everyone := shallow
	kept, missed := make([]mask, len(runs)), make([]mask, len(runs))
	for a, l := range runs {
		deep := rightMasks(l)
		k := lastEvaluations(l, lastK)
		core := persistent(deep, shallow, k)
		kept[a], missed[a] = all, persistent(deep, all, k)
		for _, d := range deep[len(deep)-k:] {
			kept[a] = kept[a].and(d)
		}
		out.LastK = append(out.LastK, k)
		out.ShallowOnly = append(out.ShallowOnly, shallow.count()-deep[len(deep)-1].countAnd(shallow))
		out.Missed = append(out.Missed, core.count())
		everyone = everyone.and(core)
	}
	out.MissedByAll = everyone.indices()
	for a := range runs {
		out.NetworkOnly[a] = make([]int, len(runs))
		for b := range runs {
			if a != b {
				out.NetworkOnly[a][b] = kept[a].countAnd(missed[b])
			}
		}
	}
	return out, nil
}
