package main

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"shoal/dataset"
	"shoal/internal/atomicfile"
	"shoal/internal/usage"
	"shoal/record"
)

func newListExamples(c *console) *cobra.Command {
	var x listFlags
	cmd := &cobra.Command{
		Use:   "list-examples DATASET",
		Short: "list the examples of a dataset, in the order in which everything here has them",
		Long: `list-examples writes a table with a row for each example of a split: its index, its name, the number of its class
(label) and the class. The name is the file below the split's folder; the official datasets have none, and their
index is that in the official files. The order of a folder of images is: the first file of every class, then the
second of every class, and so on, classes and files in byte order of their names.

With a column prediction more, the table is a reference: file:PATH. pandas reads it as it is by
read_csv(PATH, keep_default_na=False); without that, a class called NA becomes a missing value. Names are written
as they are: a spreadsheet may take one that begins with = for a formula.`,
		ValidArgsFunction: completeDataset,
		Args:              arguments(1, 1, "a dataset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := firstError(x.images.check(cmd.Flags()), knownDatasets(args...), x.checkSplit())
			if err == nil && x.out == "" && cmd.Flags().Changed("out") {
				err = usage.Errorf("--out is empty: want a file")
			}
			if err != nil {
				return err
			}
			return x.do(cmd, c, args[0])
		},
	}
	x.source.register(cmd.Flags())
	x.images.register(cmd.Flags(), testShare)
	cmd.Flags().StringVar(&x.split, "split", "test", "train or test")
	cmd.Flags().StringVar(&x.out, "out", "", "write to this file (default stdout)")
	cmd.Flags().BoolVar(&x.asJSON, "json", false, "print JSON instead of CSV")
	return cmd
}

// listFlags are those of shoal data list-examples.
type listFlags struct {
	source     sourceFlags
	images     imageFlags
	split, out string
	asJSON     bool
}

// checkSplit reports a split that doesn't exist. The verbs that train have --split for a share.
func (x *listFlags) checkSplit() error {
	if share, err := strconv.ParseFloat(x.split, 64); err == nil && share > 0 && share < 1 {
		return usage.Errorf("--split is %q: want test or train, the split to list; the share to test on is --%s %s here", x.split, testShare, x.split)
	}
	return oneOf("--split", x.split, []string{"train", "test"})
}

// An example is one row of the list.
type example struct {
	Index int    `json:"index"`
	Name  string `json:"name"`
	Label int    `json:"label"`
	Class string `json:"class"`
}

func (x *listFlags) do(cmd *cobra.Command, c *console, name string) error {
	if err := writableFile(x.out); err != nil {
		return err
	}
	var list []example
	err := c.watch(func(p *progress) (err error) {
		data := record.Data{Dataset: name}
		x.images.apply(cmd.Flags(), &data)
		source := x.source.source(p)
		if source.Images, err = data.Images(); err != nil {
			return err
		}
		set, err := dataset.Contents(cmd.Context(), name, source)
		if err == nil {
			list = examplesOf(set, x.split)
		}
		return err
	})
	if err != nil {
		return err
	}
	write := func(w io.Writer) error { return writeExamples(w, list) }
	if x.asJSON {
		write = func(w io.Writer) error { return json.NewEncoder(w).Encode(list) }
	}
	if x.out != "" {
		return atomicfile.Write(x.out, write)
	}
	return write(c.out) // after the display, which has a pipe without a reader be an error: | head is none
}

func examplesOf(set *dataset.Set, split string) []example {
	part := set.Test
	if split == "train" {
		part = set.Train
	}
	out := make([]example, part.Len())
	for i, label := range part.Labels {
		out[i] = example{Index: i, Label: int(label), Class: set.Classes[label]}
		if part.Names != nil {
			out[i].Name = part.Names[i]
		}
	}
	return out
}

func writeExamples(w io.Writer, list []example) error {
	table := csv.NewWriter(w)
	_ = table.Write([]string{"index", "name", "label", "class"}) // what fails, Error returns at the end
	for _, e := range list {
		_ = table.Write([]string{strconv.Itoa(e.Index), e.Name, strconv.Itoa(e.Label), e.Class})
	}
	table.Flush()
	return table.Error()
}
