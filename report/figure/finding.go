package figure

import (
	"fmt"

	"shoal/internal/textfmt"
)

// The title of a figure says what is found; what is drawn and of which run stands beneath it.

func (c *Curves) ratioFinding() string {
	end := ""
	if q := c.Ratio[len(c.Ratio)-1]; q.OK {
		end = fmt.Sprintf("%.2f at the end", q.Value)
	}
	switch m := c.Mark; {
	case m != nil && end != "":
		return fmt.Sprintf("R± against %s peaks at %.2f (step %s), %s", c.Reference, m.Value, textfmt.Thousands(m.Step), end)
	case m != nil:
		return fmt.Sprintf("R± against %s peaks at %.2f (step %s)", c.Reference, m.Value, textfmt.Thousands(m.Step))
	case end != "":
		return fmt.Sprintf("R± against %s is %s", c.Reference, end)
	}
	return fmt.Sprintf("R± against %s is undefined at the end", c.Reference)
}

func (c *Curves) ratesFinding() string {
	share := func(points []Point) string {
		if q := points[len(points)-1]; q.OK {
			return textfmt.Share(q.Value, 1)
		}
		return "undefined"
	}
	return fmt.Sprintf("At the end R+ is %s and R− %s (%s)", share(c.RPlus), share(c.RMinus), c.Reference)
}

func (c *Curves) cellsFinding() string {
	end := len(c.Steps) - 1
	return fmt.Sprintf("At the end %s are right for %s alone, %s for the network alone",
		textfmt.Thousands(c.Cells[ShallowOnly][end]), c.Reference, textfmt.Thousands(c.Cells[DeepOnly][end]))
}

func (c *Curves) nestednessFinding() string {
	value := func(points []Point) string {
		if q := points[len(points)-1]; q.OK {
			return fmt.Sprintf("%.2f", q.Value)
		}
		return "undefined"
	}
	return fmt.Sprintf("At the end nestedness is %s and kappa %s (%s)", value(c.Nestedness), value(c.Kappa), c.Reference)
}

func (r Regime) finding() string {
	switch {
	case r.Change.OK:
		return fmt.Sprintf("%s stops predicting the order of learning at %s", r.Reference, textfmt.Share(r.Change.Value, 0))
	case r.UpTo > 0:
		return fmt.Sprintf("%s predicts the order of learning up to %s", r.Reference, textfmt.Share(r.UpTo, 0))
	}
	return fmt.Sprintf("Whether %s predicts the order of learning can’t be told", r.Reference)
}

// of adds the run to what is drawn, behind it: where there is no room for both, the run is cut.
func of(what, dataset, network string) string { return what + " · " + dataset + " · " + network }
