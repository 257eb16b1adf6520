package report

import (
	"context"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"

	"shoal/dataset"
	"shoal/dynamics"
	"shoal/dynamics/orders"
	"shoal/internal/atomicfile"
	"shoal/internal/textfmt"
	"shoal/report/figure"
)

// OrdersFile is the name of the numbers in a folder of WriteOrders.
const OrdersFile = "orders.json"

// WriteOrders writes a comparison of orders of training into the folder dir, which it makes:
// report.html, one self-contained file; figures/orders-*.svg and *.png; and orders.json, the
// comparison itself. A folder that holds files but no orders.json is refused; one that does is
// drawn again. Of o only DPI counts. Equal comparisons give equal bytes.
func WriteOrders(dir string, c *orders.Comparison, o Options) error {
	if len(c.Rows) == 0 {
		return fmt.Errorf("compare orders in %q: no run", dir)
	}
	if err := OwnFolder(dir, OrdersFile); err != nil {
		return err
	}
	t := trialsOf(c)
	curves, finals := t.Curves(), t.Finals()
	html, err := ordersPage(c, inlined(curves, finals))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "figures"), 0o777); err != nil {
		return fmt.Errorf("make folder for figures: %w", err)
	}
	if err := atomicfile.WriteJSON(filepath.Join(dir, OrdersFile), c); err != nil {
		return err
	}
	if err := WriteFigures(context.Background(), filepath.Join(dir, "figures"), o.dpi(), curves, finals); err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(dir, "report.html"), html)
}

// trialsOf converts a comparison, which has at least one row, for the figures.
func trialsOf(c *orders.Comparison) figure.Trials {
	t := figure.Trials{What: "orders of training", File: "orders", Dataset: dataset.Describe(c.Dataset).Title, Network: c.Network, Baseline: c.Rows[0].ToRandom.Control, Note: overSeeds(c)}
	for _, r := range c.Rows {
		x := figure.Trial{Name: r.Name(), Seeds: r.Values, Final: seedPoint(r.Mean(), r.Accuracy), Apart: apart(r.ToRandom),
			Difference: estimatePoint(r.ToRandom.Difference)}
		for _, p := range r.Curve {
			x.Steps, x.Epochs = append(x.Steps, p.Step), append(x.Epochs, p.Epoch)
			x.Accuracy = append(x.Accuracy, seedPoint(p.Mean, p.Accuracy))
		}
		t.List = append(t.List, x)
	}
	return t
}

// seedPoint has the interval over seeds where there is one.
func seedPoint(mean float64, e dynamics.Estimate) figure.Point {
	if !e.Defined {
		return figure.Exact(mean)
	}
	return estimatePoint(e)
}

// apart reports whether the interval of a difference excludes 0.
func apart(d orders.Difference) bool {
	return d.Verdict != "" && d.Verdict != dynamics.NotToldApart
}

// overSeeds says how many seeds there are.
func overSeeds(c *orders.Comparison) string {
	least, most := len(c.Rows[0].Seeds), 0
	for _, r := range c.Rows {
		least, most = min(least, len(r.Seeds)), max(most, len(r.Seeds))
	}
	switch {
	case most == 1:
		return "one seed each"
	case least == most:
		return fmt.Sprintf("%d seeds each", most)
	}
	return fmt.Sprintf("%d to %d seeds", least, most)
}

// ordersView is what the template sees.
type ordersView struct {
	Title, Dataset, Network, Steps, Epochs, Reference string
	Easy, Hard, Seeds                                 string
	Compared, Controlled                              bool // which columns of differences have a number
	Summary                                           []string
	Rows                                              []orderRow
	Figures                                           []template.HTML
	Style                                             template.CSS
}

type orderRow struct {
	Name, Examples, Seeds, Accuracy, ToRandom, ToControl, Control, Class string
}

func ordersPage(c *orders.Comparison, figures []template.HTML) ([]byte, error) {
	title := dataset.Describe(c.Dataset).Title
	v := ordersView{Title: title + " · " + c.Network, Dataset: title, Network: c.Network,
		Steps: textfmt.Thousands(c.Steps), Epochs: textfmt.Passes(c.Epochs), Reference: c.Reference, Easy: textfmt.Thousands(c.Easy), Hard: textfmt.Thousands(c.Hard),
		Seeds: overSeeds(c), Summary: ordersSummary(c), Figures: figures, Style: pageStyle()}
	v.Compared, v.Controlled = c.Compared()
	for _, r := range c.Rows {
		row := orderRow{Name: r.Name(), Examples: textfmt.Thousands(r.Examples), Seeds: fmt.Sprint(len(r.Seeds)), Accuracy: r.Text(),
			ToRandom: differenceText(r.ToRandom), Class: map[dynamics.Outcome]string{dynamics.Better: "holds", dynamics.Worse: "fails"}[r.ToRandom.Verdict]}
		if r.OwnControl() {
			row.ToControl, row.Control = differenceText(r.ToControl), string(r.ToControl.Control)
		}
		v.Rows = append(v.Rows, row)
	}
	return Fill(pageFiles, "orders.html.tmpl", v)
}

// ordersSummary summarises the differences to random order in sentences.
func ordersSummary(c *orders.Comparison) []string {
	names := map[dynamics.Outcome][]string{}
	compared := 0
	for _, r := range c.Rows {
		if v := r.ToRandom.Verdict; v != "" {
			names[v] = append(names[v], r.Name())
			compared++
		}
	}
	if compared == 0 {
		return []string{"Nothing can be compared with random order: that takes three seeds or more of it and of another order."}
	}
	say := func(verdict dynamics.Outcome, some, none string) string {
		if len(names[verdict]) == 0 {
			return none
		}
		return some + strings.Join(names[verdict], ", ") + "."
	}
	return []string{
		say(dynamics.Better, "More accurate at the end than random order: ", "No order is more accurate at the end than random order."),
		say(dynamics.Worse, "Less accurate: ", "None is less accurate."),
		say(dynamics.NotToldApart, "Not told apart from it: ", ""),
	}
}

// differenceText is in points, "" where there is nothing to compare.
func differenceText(d orders.Difference) string {
	if !d.Difference.Defined {
		return ""
	}
	text := textfmt.Signs(fmt.Sprintf("%+.2f [%+.2f, %+.2f]", 100*d.Difference.Value, 100*d.Difference.Lo, 100*d.Difference.Hi))
	if !apart(d) {
		text += " " + string(dynamics.NotToldApart)
	}
	return text
}
