package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/dynamics"
	"shoal/dynamics/orders"
	"shoal/internal/textfmt"
	"shoal/report"
	"shoal/track"
)

func newPartitionCompare(c *console) *cobra.Command {
	var o ordersFlags
	cmd := &cobra.Command{
		Use:   "compare RUN...",
		Short: "compare runs by their order of training, with intervals over seeds: a table, and a page with figures",
		Long: `compare tabulates the final accuracy of runs that differ in order and seed only: mean and 95 % interval over
seeds, and the difference to the order random and to the random order of as many examples. ~ marks differences
whose interval contains 0. The intervals are not corrected for how many there are.

With --out DIR the table is written as a page too: DIR/report.html, with accuracy over the steps by order and bands
over seeds; DIR/figures as SVG and PNG; DIR/orders.json.`,
		Args: arguments(2, -1, "two run folders or more"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := givenFolder(cmd.Flags(), "out", o.out); err != nil {
				return err
			}
			return o.do(c, args)
		},
	}
	o.register(cmd.Flags())
	return cmd
}

// ordersFlags are those of shoal partition compare.
type ordersFlags struct {
	out    string
	asJSON bool
}

func (o *ordersFlags) register(f *pflag.FlagSet) {
	f.BoolVar(&o.asJSON, "json", false, "print JSON")
	f.StringVar(&o.out, "out", "", "folder for a page and figures")
}

func (o *ordersFlags) do(c *console, runs []string) error {
	if err := writableFolder(o.out); err != nil {
		return err
	}
	table, err := track.CompareOrders(runs)
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := report.WriteOrders(o.out, table, report.Options{DPI: figureDPI}); err != nil {
			return err
		}
	}
	if o.asJSON {
		return printJSON(c.out, table)
	}
	if err := printOrders(c.out, table); err != nil || o.out == "" {
		return err
	}
	_, err = textfmt.Fprintf(c.out, "\nreport: %s\n", filepath.Join(o.out, "report.html"))
	return err
}

func printOrders(w io.Writer, table *orders.Comparison) error {
	textfmt.Say(w, "%s on %s, %s (%s)\n%s out of fold finds %d easy and %d hard\n\n",
		table.Network, table.Dataset, textfmt.Count(table.Steps, "step"), textfmt.Passes(table.Epochs), table.Reference, table.Easy, table.Hard)
	var rows [][]string
	compared, controlled := table.Compared()
	row := func(name, examples, seeds, accuracy, random, control string) {
		cells := []string{name, examples, seeds, accuracy}
		if compared {
			cells = append(cells, random)
		}
		if controlled {
			cells = append(cells, control)
		}
		rows = append(rows, cells)
	}
	row("order", "examples", "seeds", "accuracy %", "minus random", "minus its control")
	for _, r := range table.Rows {
		control := "" // the same as the column before
		if r.OwnControl() && r.ToControl.Difference.Defined {
			control = difference(r.ToControl) + " (" + string(r.ToControl.Control) + ")"
		}
		row(r.Name(), strconv.Itoa(r.Examples), strconv.Itoa(len(r.Seeds)), r.Text(), difference(r.ToRandom), control)
	}
	if err := (textfmt.Table{Rows: rows, Left: true}).Print(w); err != nil {
		return err
	}
	_, err := textfmt.Say(w, "\nmean ± 95 %% interval over seeds in points, from 3 seeds on\n")
	if compared {
		_, err = textfmt.Say(w, "~: the interval of the difference contains 0\n")
	}
	return err
}

func difference(d orders.Difference) string {
	if !d.Difference.Defined {
		return ""
	}
	mark := ""
	if d.Verdict == dynamics.NotToldApart {
		mark = " " + string(dynamics.NotToldApart)
	}
	return textfmt.PlainZeros(fmt.Sprintf("%+.2f [%+.2f, %+.2f]%s", 100*d.Difference.Value, 100*d.Difference.Lo, 100*d.Difference.Hi, mark))
}
