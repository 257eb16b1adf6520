package paper

import (
	"fmt"

	"shoal/dynamics"
	"shoal/published"
)

// Overall is what the paper's triplets together say of one claim. Triplets of one network share its
// runs, so networks are counted, not triplets; stronger M and smaller networks are no triplets of it.
type Overall struct {
	Claim int    `json:"claim"`
	Title string `json:"title"`
	Paper string `json:"paper"` // what the paper says of all its triplets
	// Holds, Fails and Open count the networks for which it is as the paper says with every M (claim 4
	// of MNIST: that it fails), is not with one at least, and that say neither. What the paper claims
	// of some triplets without saying which is counted as it is found.
	Holds int `json:"holds"`
	Fails int `json:"fails"`
	Open  int `json:"open"`
	// Verdict is that of all networks: it holds when it does for each, or for some where the paper says
	// "for some"; it fails when it fails for one, or there for each; else it can't be judged.
	Verdict dynamics.Outcome `json:"verdict"`
	Agrees  *bool            `json:"agrees"` // with the paper; null where it can't be judged
}

// overall counts the networks of all datasets, claim by claim.
func overall(datasets []DatasetSummary) []Overall {
	out := []Overall{}
	for k := 1; k <= dynamics.Claims; k++ {
		o := Overall{Claim: k, Paper: published.Overall(k)}
		for _, d := range datasets {
			o.add(d)
		}
		o.judge()
		out = append(out, o)
	}
	return out
}

// add counts the network of a dataset, if the claim is made of it.
func (o *Overall) add(d DatasetSummary) {
	n := map[dynamics.Outcome]int{} // triplets
	for _, t := range d.Triplets {
		if !t.OfPaper {
			continue
		}
		for _, c := range t.Claims {
			if c.Claim != o.Claim || c.Paper == published.NotClaimed && o.Paper != published.Sometimes {
				continue
			}
			o.Title = c.Title
			switch agrees := c.Agrees; {
			case o.Paper == published.Sometimes || agrees == nil:
				n[c.Verdict]++
			case *agrees:
				n[dynamics.Holds]++
			default:
				n[dynamics.Fails]++
			}
		}
	}
	switch total := n[dynamics.Holds] + n[dynamics.Fails] + n[differs] + n[dynamics.CannotJudge]; {
	case total == 0:
	case n[dynamics.Fails] > 0:
		o.Fails++
	case n[dynamics.Holds] == total:
		o.Holds++
	default:
		o.Open++
	}
}

func (o *Overall) judge() {
	all := o.Holds + o.Fails + o.Open
	some := o.Paper == published.Sometimes
	switch {
	case all > 0 && o.Holds == all, some && o.Holds > 0:
		o.Verdict = dynamics.Holds
	case !some && o.Fails > 0, all > 0 && o.Fails == all:
		o.Verdict = dynamics.Fails
	default:
		o.Verdict = dynamics.CannotJudge
		return
	}
	same := o.Verdict == dynamics.Holds
	o.Agrees = &same
}

// sentence says how many networks agree with the paper.
func (o Overall) sentence() string {
	return fmt.Sprintf("%s: as the paper says for %d of %d networks, otherwise for %d, open for %d", o.Title, o.Holds, o.Holds+o.Fails+o.Open, o.Fails, o.Open)
}
