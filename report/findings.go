package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"net/url"
	"slices"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/report/figure"
	"shoal/runlog"
)

// findings are the sentences that follow the answer on the page, by what a run says against its first shallow
// reference, and a line for each further one. Numbers that stand for a list of examples link to it.
func (a *analysis) findings() []template.HTML {
	var out []template.HTML
	for k, r := range a.in.References {
		if r.Kind == controlKind {
			continue
		}
		c := a.count(k)
		if len(out) == 0 {
			out = append(out, c.summary(), c.kind(a), c.order())
		} else {
			out = append(out, c.short())
		}
	}
	return slices.DeleteFunc(out, func(s template.HTML) bool { return s == "" })
}

// counted is what findings are made of, against one reference.
type counted struct {
	name, link, split string // the reference as HTML and in a link; "test" or "training"
	end               string // "at the end", or of a run that isn't finished "so far"
	n, both           int    // examples; those right for both at the end
	reference, deep   float64
	never             []int // examples that the network never learns
	neverRight        int   // of those, right for the reference
	earlier           dynamics.Estimate
	medianR, medianW  string // by which step half of what the reference gets right, or wrong, is learned, in words
	othersAgreeNever  int    // of never, those for which all models have one answer that isn't the label
	separate          bool   // the reference is right somewhere and wrong somewhere
	leftOut           int    // classes that earlier is without, since their order can't be read
}

func (a *analysis) count(k int) counted {
	log, r := &a.in.Log, a.in.References[k]
	right, last := r.Correct(log.Labels), a.curves[k].Last()
	c := counted{name: html.EscapeString(r.Name), link: url.QueryEscape(r.Name), split: "test", n: last.N(), both: last.Both,
		reference: a.drawn[k].ReferenceAccuracy, deep: last.DeepAccuracy().Value,
		end: figure.AtTheEnd(a.in.SoFar)}
	if a.in.trained() {
		c.split = "training"
	}
	agree := a.oneOtherAnswer()
	for i, hit := range right {
		if !a.learned.Never(i) {
			continue
		}
		c.never = append(c.never, i)
		if agree[i] {
			c.othersAgreeNever++
		}
		if hit {
			c.neverRight++
		}
	}
	a.compareOrder(&c, right)
	return c
}

// compareOrder says which are learned earlier, those that the reference gets right or the others. By which step
// half of them is learned is known of all examples, also where an order can't be read.
func (a *analysis) compareOrder(c *counted, right []bool) {
	var early [2][]float64 // of what the reference gets right, and wrong
	var steps [2][]int
	leftOut := map[uint16]bool{}
	for i, hit := range right {
		side := 1
		if hit {
			side = 0
		}
		steps[side] = append(steps[side], a.learned.Switch[i])
		switch {
		case a.learned.LeftOut(i):
			leftOut[a.in.Log.Labels[i]] = true
		case a.learned.Never(i):
			early[side] = append(early[side], math.Inf(-1))
		default:
			early[side] = append(early[side], -a.learned.BySpeed[i])
		}
	}
	if c.separate = len(early[0]) > 0 && len(early[1]) > 0; c.separate {
		c.leftOut = len(leftOut)
		c.earlier = dynamics.AUC(early[0], early[1])
		c.medianR, c.medianW = a.medianStep(steps[0]), a.medianStep(steps[1])
	}
}

// pairs says of which pairs earlier is.
func (c counted) pairs() string {
	if c.leftOut == 0 {
		return "pairs"
	}
	classes := "1 class"
	if c.leftOut > 1 {
		classes = fmt.Sprintf("%d classes", c.leftOut)
	}
	return "pairs without " + classes + ", whose order can’t be read"
}

// medianStep says by which step half of some examples is learned, given their switch times, or that
// it isn't.
func (a *analysis) medianStep(times []int) string {
	slices.Sort(times)
	step, _, ok := a.in.Log.When(times[(len(times)-1)/2] + 1)
	if !ok {
		return "is never learned"
	}
	return "is learned by step " + textfmt.Thousands(step)
}

// oneOtherAnswer marks the examples for which the network at the end and all references have one answer,
// which is not the label.
func (a *analysis) oneOtherAnswer() []bool {
	log := &a.in.Log
	end := len(log.Steps) - 1
	out := make([]bool, len(log.Labels))
	right := log.Correct(end)
	for i, answer := range log.Predictions[end] {
		out[i] = answer != log.Labels[i] && !right[i]
		for _, r := range a.in.References {
			out[i] = out[i] && r.Predictions[i] == answer
		}
	}
	return out
}

func bold(n int) string { return "<b>" + textfmt.Thousands(n) + "</b>" }

// listed is a number that links to its examples in the gallery by learning.
func listed(n int, which string) string {
	if n == 0 {
		return bold(n)
	}
	return fmt.Sprintf(`<a href="#%s">%s</a>`, which, bold(n))
}

// defined is a word that has its meaning in the glossary.
func defined(id, word string) string {
	return fmt.Sprintf(`<a class="term" href="#g-%s" aria-describedby="g-%s">%s</a>`, id, id, word)
}

// summary says how many are never learned, and how many are right for both.
func (c counted) summary() template.HTML {
	never := fmt.Sprintf("<b>None of %s %s examples is %s", textfmt.Thousands(c.n), c.split, defined("never", "never learned"))
	if len(c.never) > 0 {
		never = fmt.Sprintf("<b>%s of %s %s examples %s %s", listed(len(c.never), "show=never"), textfmt.Thousands(c.n), c.split, textfmt.Are(len(c.never)), defined("never", "never learned"))
	}
	never += " by the network"
	if c.end != figure.AtTheEnd(false) {
		never += " " + c.end
	}
	never += "</b>"
	if len(c.never) > 0 {
		never += fmt.Sprintf("; %s gets %s of them right", c.name, listed(c.neverRight, "show=never&amp;only=right&amp;reference="+c.link))
	}
	return template.HTML(fmt.Sprintf("%s. %s %s right for both %s (%s) and the network (%s) %s.", never, textfmt.Thousands(c.both),
		textfmt.Are(c.both), c.name, textfmt.Percent(c.reference), textfmt.Percent(c.deep), c.end))
}

// kind says what the never learned are: their labels, and how many look like wrong labels.
func (c counted) kind(a *analysis) template.HTML {
	if len(c.never) == 0 {
		return ""
	}
	count := make(map[uint16]int)
	var classes []uint16
	for _, i := range c.never {
		label := a.in.Log.Labels[i]
		if count[label]++; count[label] == 1 {
			classes = append(classes, label)
		}
	}
	slices.SortFunc(classes, func(x, y uint16) int {
		if count[x] != count[y] {
			return count[y] - count[x]
		}
		return int(x) - int(y)
	})
	var names []string
	for _, k := range classes[:min(3, len(classes))] {
		names = append(names, fmt.Sprintf("<bdi>%s</bdi> (%d)", html.EscapeString(a.in.class(int(k))), count[k])) // of any direction
	}
	labels := "<b>Their commonest labels are "
	switch {
	case len(c.never) == 1:
		labels = "<b>It is labelled "
	case len(classes) <= 3:
		labels = "<b>They are labelled "
	}
	text := labels + textfmt.List(names) + "</b>"
	if c.othersAgreeNever > 0 {
		have, those := "have", "those"
		if c.othersAgreeNever == 1 {
			have, those = "has", "that"
		}
		text += fmt.Sprintf("; %s %s a label against which all models give one and the same answer: look at %s first", listed(c.othersAgreeNever, "show=never&amp;only=agreed"), have, those)
	}
	return template.HTML(text + ".")
}

// order says whether the network learned first what the reference gets right.
func (c counted) order() template.HTML {
	e := c.earlier
	if !c.separate || !e.Defined {
		return template.HTML("Whether the network learned first what " + c.name + " gets right can’t be told.")
	}
	verdict := "<b>The network learned first what " + c.name + " gets right</b>"
	switch {
	case e.Hi < .5:
		verdict = "<b>The network learned first what " + c.name + " gets wrong</b>"
	case e.Lo <= .5:
		verdict = "<b>The network did not clearly learn first what " + c.name + " gets right</b>"
	}
	return template.HTML(fmt.Sprintf("%s: of an example that %s gets right and one that it gets wrong, the former is learned earlier in %s of all %s. Of what %s gets right half %s, of what it gets wrong half %s.",
		verdict, c.name, percentInterval(e.Value, e.Lo, e.Hi), c.pairs(), c.name, c.medianR, c.medianW))
}

// short is one line for a further reference.
func (c counted) short() template.HTML {
	text := fmt.Sprintf("Against %s (%s): %s %s right for both, %s of the never learned %s right for it", c.name, textfmt.Percent(c.reference),
		bold(c.both), textfmt.Are(c.both), listed(c.neverRight, "show=never&amp;only=right&amp;reference="+c.link), textfmt.Are(c.neverRight))
	if c.separate && c.earlier.Defined {
		text += ", and what it gets right is learned earlier in " + percentInterval(c.earlier.Value, c.earlier.Lo, c.earlier.Hi) + " of " + c.pairs()
	}
	return template.HTML(text + ".")
}

// foundText says how many of the labels that are known to be wrong are among the first suspects; "" where
// none is known.
func foundText(f *runlog.FoundErrors) string {
	if f == nil || f.Known == 0 {
		return ""
	}
	list := []string{}
	for _, at := range f.Among {
		list = append(list, fmt.Sprintf("%s among the first %s", textfmt.Thousands(at.Errors), textfmt.Thousands(at.First)))
	}
	text := fmt.Sprintf("Of the %s labels here that people found to be wrong (they looked at %s, those that another program doubted), %s %s on this list, marked “label error”",
		textfmt.Thousands(f.Known), textfmt.Thousands(f.Checked), textfmt.Thousands(f.Listed), textfmt.Are(f.Listed))
	if f.Known == 1 {
		isOn := "is"
		if f.Listed == 0 {
			isOn = "is not"
		}
		return fmt.Sprintf("The one label here that people found to be wrong (they looked at %s, those that another program doubted) %s on this list, marked “label error”.", textfmt.Thousands(f.Checked), isOn)
	}
	if len(list) > 0 {
		text += ": " + textfmt.List(list)
	}
	return text + "."
}

// term is a word of the page and what it means.
type term struct{ ID, Word, Meaning string }

// terms are the words that the page uses before it can explain them where they stand.
func terms() []term {
	return []term{
		{"reference", "reference", "A shallow model (a support vector machine, a random forest, …) that was fitted to the same training examples as the network."},
		{"evaluation", "evaluation", "The network’s answers for all examples at one step of training. Step 0 is the untrained network."},
		{"share", "share right", "The share of evaluations at which the network is right about an example. Examples are ordered by it, from the first evaluations that are better than chance: large is learned early."},
		{"learned", "learned", "From some evaluation on, the network is right about the example more often than wrong."},
		{"never", "never learned", "There is no such evaluation: however late one begins to count, the network is wrong at least as often as right."},
		{"forgotten", "forgotten", "Learned, but wrong at the last evaluation."},
		{"cells", "both, shallow_only, deep_only, neither", "Who is right about an example at an evaluation: both models, the reference alone, the network alone, none."},
		{"ratio", "R±", "The network’s accuracy on what the reference gets right (R+), over its accuracy on what the reference gets wrong (R−). 1: the reference says nothing about it."},
		{"odds", "ln odds ratio, tetrachoric correlation", "How far network and reference are right about the same examples at an evaluation: 0 says nothing about each other. Guesses hide it, so that both are small while the network learns little: a change between two evaluations says nothing about the order of learning."},
		{"margin", "margin", "How sure a reference is of its answer; its scale is the model’s own."},
	}
}
