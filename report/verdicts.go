package report

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/internal/words"
)

// summary says in a sentence or two per reference what happened.
func (a *analysis) summary(judged []*dynamics.Judgement) []string {
	var out []string
	for k, r := range a.in.References {
		c := a.curves[k]
		last := c.Last()
		s := fmt.Sprintf("Against %s: ", r.Name)
		if k < len(judged) && judged[k].Peak.Found && judged[k].Peak.Ratio.Defined {
			p := judged[k].Peak
			s += fmt.Sprintf("R± is highest, %s [%s, %s] smoothed, around step %s (epoch %s); ", decimals(p.Ratio.Value),
				decimals(p.Ratio.Lo), decimals(p.Ratio.Hi), words.Thousands(p.Step), decimals(p.Epoch))
		}
		s += fmt.Sprintf("at the end it is %s, and %s examples are still shallow_only, right for %s and wrong for %s.",
			ratioText(last.Ratio()), words.Thousands(last.ShallowOnly), r.Name, a.in.Network)
		out = append(out, s)
	}
	return out
}

func judgementOf(k int, j *dynamics.Judgement) judgementView {
	v := judgementView{Index: k, Reference: j.Reference}
	for _, d := range j.Verdicts {
		class := map[string]string{dynamics.Holds: "holds", dynamics.Fails: "fails"}[d.Verdict]
		if class == "" {
			class = "open"
		}
		word := map[string]string{dynamics.Holds: "holds", dynamics.Fails: "does not hold", dynamics.CannotJudge: "cannot be judged"}[d.Verdict]
		if word == "" {
			word = d.Verdict
		}
		v.Verdicts = append(v.Verdicts, verdictView{Claim: d.Claim, Title: d.Title, Verdict: word, Class: class,
			Reason: words.Sentence(d.Reason), Numbers: numbersOf(d.Numbers)})
	}
	return v
}

// numbersOf lists the numbers behind a verdict by name. What is neither a number nor a word of ours is shown as JSON.
func numbersOf(m map[string]any) []Fact {
	var out []Fact
	for name, v := range m {
		out = append(out, Fact{strings.ReplaceAll(name, "_", " "), valueText(v)})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

func valueText(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case bool:
		return map[bool]string{true: "yes", false: "no"}[x]
	case int:
		return words.Thousands(x)
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return "undefined"
		}
		return strconv.FormatFloat(x, 'g', 4, 64)
	case contingency.Ratio:
		return ratioText(x)
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
		return fmt.Sprintf("%s [%s, %s]", decimals(x.Value), decimals(x.Lo), decimals(x.Hi))
	case fmt.Stringer:
		return x.String()
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "cannot be shown: " + err.Error()
	}
	return string(b)
}
