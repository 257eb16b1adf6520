package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"shoal/internal/textfmt"
)

// The title of a figure says what is found; what is drawn and of which run stands beneath it.

// AtTheEnd says when the last evaluation is: of a run that isn't finished it is not the end.
func AtTheEnd(soFar bool) string {
	if soFar {
		return "so far"
	}
	return "at the end"
}

// AtTheEndCapital is AtTheEnd at the beginning of a sentence.
func AtTheEndCapital(soFar bool) string {
	text := AtTheEnd(soFar)
	return strings.ToUpper(text[:1]) + text[1:]
}

func (c *Curves) ratioFinding() string {
	end := ""
	if q := c.Ratio[len(c.Ratio)-1]; q.OK {
		end = fmt.Sprintf("%.2f %s", q.Value, AtTheEnd(c.SoFar))
	}
	switch m := c.Mark; {
	case m != nil && end != "":
		return fmt.Sprintf("R± against %s, smoothed, peaks at %.2f (step %s), %s", c.Reference, m.Value, textfmt.Thousands(m.Step), end)
	case m != nil:
		return fmt.Sprintf("R± against %s, smoothed, peaks at %.2f (step %s)", c.Reference, m.Value, textfmt.Thousands(m.Step))
	case end != "":
		return fmt.Sprintf("R± against %s is %s", c.Reference, end)
	}
	last := len(c.Ratio) - 1
	is := "is undefined"
	switch {
	case c.Spread != nil: // cells are means here, which don't say what R± is of any seed
		is = "has no mean over the seeds"
	case c.infinite(last):
		is = "is infinite"
	case c.zero(last):
		is = "is 0"
	}
	return fmt.Sprintf("R± against %s %s %s", c.Reference, is, AtTheEnd(c.SoFar))
}

// infinite reports whether R± of a run is infinite at an evaluation: its points have finite ones alone.
func (c *Curves) infinite(t int) bool {
	return len(c.Cells[Both]) > t && c.Cells[Both][t] > 0 && c.Cells[DeepOnly][t] == 0 && c.Cells[Neither][t] > 0
}

// zero reports whether R± of a run is 0 at an evaluation, which a logarithmic axis has no place for.
func (c *Curves) zero(t int) bool {
	return len(c.Cells[Both]) > t && c.Cells[Both][t] == 0 && c.Cells[ShallowOnly][t] > 0 && c.Cells[DeepOnly][t] > 0
}

// highest names the largest value of R± that is drawn: where R± of a run is infinite at some evaluation, it isn't
// the largest of all.
func (c *Curves) highest() string {
	if c.Spread == nil {
		for t := range c.Steps {
			if c.infinite(t) {
				return "highest finite"
			}
		}
	}
	return "highest"
}

func (c *Curves) ratesFinding() string {
	share := func(points []Point) string {
		if q := points[len(points)-1]; q.OK {
			return textfmt.Share(q.Value, 1)
		}
		return "undefined"
	}
	return fmt.Sprintf("%s R+ is %s and R− %s (%s)", AtTheEndCapital(c.SoFar), share(c.RPlus), share(c.RMinus), c.Reference)
}

func (c *Curves) cellsFinding() string {
	end := len(c.Steps) - 1
	alone := c.Cells[ShallowOnly][end]
	return fmt.Sprintf("%s %s %s right for %s alone, %s for the network alone",
		AtTheEndCapital(c.SoFar), textfmt.Thousands(alone), textfmt.Are(alone), c.Reference, textfmt.Thousands(c.Cells[DeepOnly][end]))
}

func (c *Curves) nestednessFinding() string {
	value := func(points []Point) string {
		if q := points[len(points)-1]; q.OK {
			return plain(q.Value)
		}
		return "undefined"
	}
	return fmt.Sprintf("%s nestedness is %s, kappa %s, tetrachoric %s (%s)", AtTheEndCapital(c.SoFar),
		value(c.Nestedness), value(c.Kappa), value(c.Tetrachoric), c.Reference)
}

func (r Regime) finding() string {
	switch {
	case r.Change.OK:
		return fmt.Sprintf("%s stops predicting the order of learning at %s", r.Reference, textfmt.Share(r.Change.Value, 0))
	case r.Found == nil:
		return fmt.Sprintf("Whether %s predicts the order of learning can’t be told", r.Reference)
	case *r.Found:
		return r.Reference + " stops predicting the order of learning"
	case r.UpTo > 0:
		return fmt.Sprintf("%s predicts the order of learning up to %s", r.Reference, textfmt.Share(r.UpTo, 0))
	}
	return r.Reference + " predicts the order of learning as a straight line does"
}

// of adds the run to what is drawn, behind it: where there is no room for both, the run is cut.
func of(what, dataset, network string) string { return what + " · " + dataset + " · " + network }

func (o Order) finding() string {
	half := func(right bool) (when string, any bool) {
		share, _, of := o.cumulative(right, o.ForGood)
		k := slices.IndexFunc(share, func(p Point) bool { return p.Value >= .5 })
		if of == 0 || k < 0 {
			return "never", of > 0
		}
		return "from step " + textfmt.Thousands(o.Steps[k]), true
	}
	right, some := half(true)
	wrong, others := half(false)
	switch {
	case !others:
		return o.Reference + " is right everywhere; half is kept: " + right
	case !some:
		return o.Reference + " is wrong everywhere; half is kept: " + wrong
	}
	return fmt.Sprintf("Half is kept: %s where %s is right, %s where wrong", right, o.Reference, wrong)
}

// finding says how far the values of the most accurate and the least accurate group are apart.
func (g Groups) finding() string {
	var low, high *GroupLine
	last := func(l *GroupLine) Point { return l.Accuracy[len(l.Accuracy)-1] }
	for k := range g.Lines {
		l := &g.Lines[k]
		if len(l.Accuracy) == 0 || !last(l).OK {
			continue
		}
		if low == nil || last(l).Value < last(low).Value {
			low = l
		}
		if high == nil || last(l).Value > last(high).Value {
			high = l
		}
	}
	if low == nil || low == high {
		return "Accuracy by " + g.Attribute
	}
	return fmt.Sprintf("%s: %s to %s %s", g.Attribute, named(low.Name, last(low)), named(high.Name, last(high)), AtTheEnd(g.SoFar))
}

func named(name string, accuracy Point) string {
	return name + " " + textfmt.Share(accuracy.Value, 1)
}

func (l Ladder) finding() string {
	span := func(networks bool) (text string, found bool) {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, r := range l.Rungs {
			if r.Network == networks && r.Slope.OK {
				lo, hi = min(lo, r.Slope.Value), max(hi, r.Slope.Value)
			}
		}
		if lo == hi {
			return plain(lo), true
		}
		return plain(lo) + " to " + plain(hi), lo < hi
	}
	shallow, hasShallow := span(false)
	networks, hasNetworks := span(true)
	switch {
	case hasShallow && hasNetworks:
		return "Slopes: shallow references " + shallow + ", networks " + networks
	case hasShallow:
		return "Slopes of shallow references: " + shallow
	case hasNetworks:
		return "Slopes of networks: " + networks
	}
	return "No slope is known"
}

func (v Shares) finding() string {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range v.Pairs {
		for _, b := range p {
			if b.Example.OK {
				lo, hi = min(lo, b.Example.Value), max(hi, b.Example.Value)
			}
		}
	}
	if lo > hi {
		return "The example’s part isn’t known"
	}
	return fmt.Sprintf("The example itself decides %s to %s %%", percents(lo), percents(hi))
}

func (m DataMap) finding() string {
	var low, high int
	for i, c := range m.Confidence {
		if c-c != 0 {
			continue
		}
		switch r := m.Right[i]; {
		case r < .2:
			low++
		case r >= .8:
			high++
		}
	}
	return fmt.Sprintf("%s %s right at 80 %% of the evaluations or more, %s at less than 20 %%", textfmt.Thousands(high), textfmt.Are(high), textfmt.Thousands(low))
}

func (h Heat) finding() string {
	best, text := math.Inf(-1), "Who is right on the same examples"
	for i, row := range h.Values {
		for j, v := range row[:min(i, len(row))] {
			if v.OK && v.Value > best {
				best, text = v.Value, fmt.Sprintf("%s and %s agree most: kappa %s", h.Models[j], h.Models[i], plain(v.Value))
			}
		}
	}
	return text
}

func (t Trials) finding() string {
	var low, high *Trial
	for k := range t.List {
		x := &t.List[k]
		if !x.Final.OK {
			continue
		}
		if low == nil || x.Final.Value < low.Final.Value {
			low = x
		}
		if high == nil || x.Final.Value > high.Final.Value {
			high = x
		}
	}
	if low == nil || low == high {
		return t.title()
	}
	return fmt.Sprintf("%s: %s to %s", AtTheEndCapital(t.SoFar), named(low.Name, low.Final), named(high.Name, high.Final))
}

func (o *Oval) finding() string {
	of := func(f Frame) string {
		n := 0
		for _, right := range f.Right {
			if right {
				n++
			}
		}
		return textfmt.Thousands(n)
	}
	first, last := o.Frames[0], o.Frames[len(o.Frames)-1]
	if len(o.Frames) == 1 {
		return fmt.Sprintf("%s of %s are right at step %s", of(first), textfmt.Thousands(len(first.Right)), textfmt.Thousands(first.Step))
	}
	return fmt.Sprintf("From %s right (step %s) to %s of %s (step %s)", of(first), textfmt.Thousands(first.Step), of(last),
		textfmt.Thousands(len(last.Right)), textfmt.Thousands(last.Step))
}
