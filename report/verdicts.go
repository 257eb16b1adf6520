package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/published"
)

// controlKind marks references that are other networks.
const controlKind = "network"

// glanceRow is the summary of one reference at the top of the page.
type glanceRow struct {
	Reference, Accuracy, First, Peak, When, Last, ShallowOnly string
	Claims                                                    []verdictView
	Control                                                   bool // another network; it comes last
}

// glance sets what happened against each reference in a row, those of other networks behind.
func (a *analysis) glance(judged []*dynamics.Judgement) []glanceRow {
	var shallow, networks []glanceRow
	for k, r := range a.in.References {
		last := a.curves[k].Last()
		row := glanceRow{Reference: r.Name, Accuracy: textfmt.Percent(a.drawn[k].ReferenceAccuracy), Last: RatioText(last.Ratio()),
			ShallowOnly: textfmt.Thousands(last.ShallowOnly), First: RatioText(judged[k].First), Peak: "undefined", Control: r.Kind == controlKind,
			Claims: a.judgementOf(k, judged[k]).Verdicts}
		if p := judged[k].Peak; p.Found && p.Ratio.Defined {
			row.Peak = valueText(p.Ratio)
			row.When = textfmt.Moment(p.Step, float64(p.Epoch))
		}
		if row.Control {
			networks = append(networks, row)
		} else {
			shallow = append(shallow, row)
		}
	}
	return append(shallow, networks...)
}

// judgementOf shows the judgement of reference k. What the paper never claimed of it is neither right
// nor wrong, so it has no colour.
func (a *analysis) judgementOf(k int, j *dynamics.Judgement) judgementView {
	v := judgementView{Reference: j.Reference}
	triplet := published.Triplet{Dataset: a.in.Dataset, Network: a.in.Network, Reference: a.in.References[k].Name, Kind: a.in.References[k].Kind}
	for _, d := range j.Verdicts {
		class := Class(d.Verdict)
		if published.Claim(d.Claim, triplet) == published.NotClaimed {
			class = "unclaimed"
		}
		v.Verdicts = append(v.Verdicts, verdictView{Claim: d.Claim, Title: textfmt.Signs(d.Title), Verdict: d.Verdict.Words(), Class: class,
			Reason: textfmt.Sentence(d.Reason), Numbers: numbersOf(d.Numbers)})
	}
	return v
}

// Class is the style that pages give an outcome: "holds", "fails" or "open".
func Class(o dynamics.Outcome) string {
	switch o {
	case dynamics.Holds:
		return "holds"
	case dynamics.Fails:
		return "fails"
	}
	return "open"
}

// numbersOf lists the numbers behind a verdict by name.
func numbersOf(n dynamics.Numbers) []Fact {
	var out []Fact
	for _, v := range n.List() {
		out = append(out, Fact{v.Name, valueText(v.Value)})
	}
	return out
}

func valueText(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case bool:
		return map[bool]string{true: "yes", false: "no"}[x]
	case int:
		return textfmt.Thousands(x)
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return "undefined"
		}
		if math.Abs(x) >= 1000 { // a step between two evaluations
			return textfmt.Thousands(int(math.Round(x)))
		}
		return textfmt.Signs(strconv.FormatFloat(x, 'g', 4, 64))
	case dynamics.NullFloat:
		return valueText(float64(x))
	case contingency.Ratio:
		return RatioText(x)
	case contingency.Number:
		return numberText(x)
	case contingency.Proportion:
		if !x.Defined {
			return "undefined"
		}
		return percentInterval(x.Value, x.Lo, x.Hi)
	case dynamics.Estimate:
		if !x.Defined {
			return "undefined"
		}
		return textfmt.Signs(fmt.Sprintf("%s [%s, %s]", textfmt.Decimals(x.Value), textfmt.Decimals(x.Lo), textfmt.Decimals(x.Hi)))
	case fmt.Stringer:
		return x.String()
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "cannot be shown: " + err.Error()
	}
	return string(b)
}
