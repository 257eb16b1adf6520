package paper

import (
	"cmp"
	"fmt"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/published"
)

// Overall is what the paper's triplets together say of one claim. Triplets of one network share its
// runs, so networks are counted, not triplets; stronger M and smaller networks are no triplets of it.
type Overall struct {
	Claim int    `json:"claim"`
	Title string `json:"title"`
	Paper string `json:"paper"` // what the paper says of all its triplets
	// Holds, Fails and Open count the networks for which it is as the paper says with every M (claim 4
	// of MNIST: that it fails), is not with one at least, and that say neither, as those say that were
	// not run: Holds, Fails and Open are all of the paper's networks together. What the paper claims
	// of some triplets without saying which is counted as it is found.
	Holds int `json:"holds"`
	Fails int `json:"fails"`
	Open  int `json:"open"`
	// Verdict is that of all networks: it holds when it does for each, or for some where the paper says
	// "for some"; it fails when it fails for one, or there for each; else it can't be judged.
	Verdict dynamics.Outcome `json:"verdict"`
	Agrees  *bool            `json:"agrees"` // with the paper; null where it can't be judged
}

// overall counts the paper's networks, claim by claim, those without a run as well.
func overall(datasets []DatasetSummary) []Overall {
	out := []Overall{}
	for k := 1; k <= dynamics.Claims; k++ {
		o := Overall{Claim: k, Paper: published.Overall(k)}
		for _, d := range datasets {
			for _, t := range d.Triplets {
				o.Title = cmp.Or(o.Title, t.claim(k).Title)
			}
		}
		for _, name := range published.Datasets() {
			o.add(name, datasets)
		}
		o.judge()
		out = append(out, o)
	}
	return out
}

// claim is what a triplet says of a claim; the zero value where it says nothing.
func (t Triplet) claim(k int) Claim {
	for _, c := range t.Claims {
		if c.Claim == k {
			return c
		}
	}
	return Claim{}
}

// add counts the network of one of the paper's datasets, if the claim is made of it. Of a triplet that was not
// run nothing can be said.
func (o *Overall) add(dataset string, datasets []DatasetSummary) {
	n := map[dynamics.Outcome]int{} // triplets
	total := 0
	for _, asked := range published.Triplets(dataset) {
		if o.Paper != published.Sometimes && published.Claim(o.Claim, asked) == published.NotClaimed {
			continue
		}
		total++
		switch c := tripletOf(dataset, asked.Kind, datasets).claim(o.Claim); {
		case o.Paper == published.Sometimes || c.Agrees == nil:
			n[c.Verdict]++
		case *c.Agrees:
			n[dynamics.Holds]++
		default:
			n[dynamics.Fails]++
		}
	}
	switch {
	case total == 0:
	case n[dynamics.Fails] > 0:
		o.Fails++
	case n[dynamics.Holds] == total:
		o.Holds++
	default:
		o.Open++
	}
}

// tripletOf is the paper's triplet of a dataset and a kind of M; the zero value where it wasn't run.
func tripletOf(dataset, kind string, datasets []DatasetSummary) Triplet {
	for _, d := range datasets {
		for _, t := range d.Triplets {
			if t.OfPaper && d.Dataset == dataset && t.Kind == kind {
				return t
			}
		}
	}
	return Triplet{}
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

// counts is how many networks agree with the paper, in few words.
func (o Overall) counts() string {
	of := fmt.Sprintf("of %s", textfmt.Count(o.Holds+o.Fails+o.Open, "network"))
	if o.Paper == published.Sometimes {
		return fmt.Sprintf("%s: holds for %d, doesn’t for %d, open for %d; the paper says it of some", of, o.Holds, o.Fails, o.Open)
	}
	return fmt.Sprintf("%s: as the paper says for %d, not so for %d, open for %d", of, o.Holds, o.Fails, o.Open)
}

// sentence says how many networks agree with the paper.
func (o Overall) sentence() string {
	all := textfmt.Count(o.Holds+o.Fails+o.Open, "network")
	if o.Paper == published.Sometimes {
		return fmt.Sprintf("%s: holds for %d of %s, doesn't for %d, can't be judged for %d; the paper says it of some", o.Title, o.Holds, all, o.Fails, o.Open)
	}
	return fmt.Sprintf("%s: agrees with the paper for %d of %s, differs for %d, can't be judged for %d", o.Title, o.Holds, all, o.Fails, o.Open)
}
