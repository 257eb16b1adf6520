package paper

import (
	"cmp"
	"fmt"
	"slices"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/published"
)

// claimTexts say what the claims are.
var claimTexts = [dynamics.Claims]string{
	"R± starts at 1.0",
	"it has one sharp, right-skewed peak",
	"it settles slowly on a value that is not 1.0",
	"some examples that M gets right stay wrong for D at convergence (the paper excepts MNIST)",
	"R+ reaches about 60 % while accuracy is about 20 % and R− about 15 % (claimed of CIFAR-100 with the SVM)",
	"at convergence D gets more of M’s right answers right than of M’s errors",
	"the peak comes before a fifth of the first epoch (claimed of some triplets)",
}

// matrix is the verdict on every claim: a row a claim, a column a triplet; the last column of the paper's
// triplets is what its networks say together.
type matrix struct {
	Label string
	Heads []string
	Rows  []matrixRow
}

type matrixRow struct {
	Claim int
	Text  string
	Cells []claimView
}

// paperMatrix has the paper's six triplets, also those without a run, and what its networks say together. It
// is empty where none of them was run.
func (s *Summary) paperMatrix() matrix {
	m := matrix{Label: "Verdicts on the paper’s triplets"}
	var triplets []Triplet
	for _, dataset := range published.Datasets() {
		for _, asked := range published.Triplets(dataset) {
			m.Heads = append(m.Heads, title(dataset)+", "+asked.Kind)
			triplets = append(triplets, tripletOf(dataset, asked.Kind, s.Datasets))
		}
	}
	if !slices.ContainsFunc(triplets, func(t Triplet) bool { return t.Reference != "" }) {
		return matrix{}
	}
	m.fill(triplets)
	m.Heads = append(m.Heads, "all networks")
	for k, o := range s.Overall {
		m.Rows[k].Cells = append(m.Rows[k].Cells, claimView{Verdict: o.Verdict.Words(), Class: agreementClass(o.Agrees), Agreement: o.counts()})
	}
	return m
}

// otherMatrix has all else that was judged beside the paper's networks: the paper says nothing of it.
func (s *Summary) otherMatrix() matrix {
	m := matrix{Label: "Verdicts on other triplets"}
	var triplets []Triplet
	for _, d := range s.Datasets {
		for _, t := range d.Triplets {
			if !t.OfPaper {
				m.Heads, triplets = append(m.Heads, d.Title+", "+t.Reference), append(triplets, t)
			}
		}
	}
	if len(triplets) == 0 {
		return matrix{}
	}
	m.fill(triplets)
	return m
}

// fill makes the rows.
func (m *matrix) fill(triplets []Triplet) {
	for k := 1; k <= dynamics.Claims; k++ {
		row := matrixRow{Claim: k, Text: claimTexts[k-1]}
		for _, t := range triplets {
			view := claimView{Verdict: "no run", Class: "open"}
			if t.Reference != "" {
				view = claimViewOf(t.claim(k))
			}
			if !t.OfPaper || published.Overall(k) == published.Sometimes { // its heading says it
				view.Agreement = ""
			}
			row.Cells = append(row.Cells, view)
		}
		m.Rows = append(m.Rows, row)
	}
}

// claimView is what a triplet says of a claim, for people.
type claimView struct {
	Claim                                   int
	Title, Verdict, Class, Paper, Agreement string
	Why                                     []string // sentences
}

// claimViewOf colours a claim by its agreement with the paper, not by its verdict.
func claimViewOf(c Claim) claimView {
	v := claimView{Claim: c.Claim, Title: textfmt.Signs(c.Title), Verdict: c.Verdict.Words(), Paper: c.Paper, Class: agreementClass(c.Agrees), Why: c.why()}
	switch {
	case c.Verdict == dynamics.NotClaimed: // which says it
	case c.Paper == published.NotClaimed:
		v.Agreement = "not claimed of it"
	case c.Agrees == nil:
	case *c.Agrees:
		v.Agreement = "as the paper says"
	default:
		v.Agreement = "the paper says: " + c.Paper
	}
	return v
}

// text is the verdict with its agreement in brackets.
func (v claimView) text() string {
	if v.Agreement == "" {
		return v.Verdict
	}
	return v.Verdict + " (" + v.Agreement + ")"
}

// why is the reason of a verdict: that over all seeds, or each seed's, once where all say the same. Seeds that
// aren't over follow for what they say of the beginning, claim 2's shape included.
func (c *Claim) why() []string {
	if c.Reason != "" {
		return []string{textfmt.Sentence(c.Reason)}
	}
	type said struct{ head, text string }
	var all []said
	telling := c.telling()
	for _, s := range c.Seeds {
		if !slices.ContainsFunc(telling, func(t SeedVerdict) bool { return t.Seed == s.Seed }) && !(c.Claim == 2 && s.SoFar) {
			continue
		}
		head := fmt.Sprintf("Seed %d: ", s.Seed)
		if s.SoFar {
			head = fmt.Sprintf("Seed %d, not over: ", s.Seed)
		}
		if s.Verdict != c.Verdict {
			head += s.Verdict.Words() + ". "
		}
		all = append(all, said{head, textfmt.Sentence(s.Reason)})
	}
	var out []string
	for _, s := range all {
		if len(all) == 1 || !slices.ContainsFunc(all, func(o said) bool { return o.text != s.text }) {
			return []string{s.text}
		}
		out = append(out, s.head+s.text)
	}
	return out
}

// agreementClass is the style of what agrees with the paper, disagrees, or says nothing of it.
func agreementClass(agrees *bool) string {
	switch {
	case agrees == nil:
		return "open"
	case *agrees:
		return "holds"
	}
	return "fails"
}

// tripletView is a triplet with the reasons of its verdicts.
type tripletView struct {
	Title, Network, Reference string
	OfPaper                   bool
	Claims                    []claimView
}

// tripletViews are those of all of the paper's networks.
func (s *Summary) tripletViews() []tripletView {
	var out []tripletView
	for _, d := range s.Datasets {
		for _, t := range d.Triplets {
			v := tripletView{d.Title, d.Network, t.Reference, t.OfPaper, nil}
			for _, c := range t.Claims {
				v.Claims = append(v.Claims, claimViewOf(c))
			}
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b tripletView) int { return cmp.Compare(rank(a.OfPaper), rank(b.OfPaper)) })
	return out
}

// rank has the paper's triplets before others.
func rank(ofPaper bool) int {
	if ofPaper {
		return 0
	}
	return 1
}
