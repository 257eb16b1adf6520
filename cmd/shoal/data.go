package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"shoal/dataset"
	"shoal/internal/textfmt"
)

func newData(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "fetch, verify and list datasets, list their examples",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownVerb(cmd, args[0])
		},
	}
	cmd.AddCommand(newDataFetch(c), newDataVerify(c), newDataList(c), newListExamples(c))
	return cmd
}

// source is where datasets come from; p shows how far a download is, nil for what fetches nothing.
func (s *sourceFlags) source(p *progress) dataset.Source {
	src := dataset.Source{DataDir: s.dataDir, CacheDir: s.cacheDir, AllowModified: s.modified}
	if p != nil {
		src.Progress = p.fetching
	}
	return src
}

func newDataFetch(c *console) *cobra.Command {
	return forDatasets(c, "fetch DATASET...", "put datasets into the cache", knownData, func(ctx context.Context, name string, s dataset.Source, p *progress) error {
		got, err := dataset.Fetch(ctx, name, s)
		if err != nil {
			return err
		}
		from := "was there already"
		if got.From != "" {
			from = "from " + got.From
		}
		p.say(fmt.Sprintf("%s: %s (%s)", got.Name, got.Dir, from))
		return nil
	})
}

func newDataVerify(c *console) *cobra.Command {
	return forDatasets(c, "verify DATASET...", "compare every file of a dataset on this machine with its checksum", func(name string) error { return knownDatasets(name) }, func(ctx context.Context, name string, s dataset.Source, p *progress) error {
		files, err := dataset.Verify(ctx, name, s)
		p.clear() // what follows goes to stdout
		for _, f := range files {
			word := "ok     "
			if !f.OK {
				word = "DAMAGED"
			}
			print := textfmt.Say
			if f.Problem == "" {
				print = textfmt.Fprintf // a path, which stays whole
			}
			if _, lost := print(c.out, "%s\n", strings.TrimSpace(fmt.Sprintf("%s  %s  %s", word, f.Path, f.Problem))); lost != nil {
				return firstError(err, lost)
			}
		}
		return err
	})
}

// forDatasets makes a verb that does something with each of the named datasets.
// known checks a name.
func forDatasets(c *console, use, short string, known func(string) error, do func(context.Context, string, dataset.Source, *progress) error) *cobra.Command {
	var flags sourceFlags
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  arguments(1, -1, "the names of datasets"),
		ValidArgsFunction: func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
			return complete(dataset.Names(), word, false)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := each(args, known); err != nil {
				return err
			}
			return c.watch(func(p *progress) error {
				return each(args, func(name string) error { return do(cmd.Context(), name, flags.source(p), p) })
			})
		},
	}
	flags.register(cmd.Flags())
	return cmd
}

func newDataList(c *console) *cobra.Command {
	var flags sourceFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list the datasets and where they are",
		Args:  arguments(0, 0, "none"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			list := dataset.List(flags.source(nil))
			if asJSON {
				return json.NewEncoder(c.out).Encode(list)
			}
			return printDatasets(c.out, list)
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printDatasets(w io.Writer, list []dataset.Info) error {
	rows := [][]string{{"dataset", "train", "test", "shape", "classes", "where"}}
	var problems []string
	for _, d := range list {
		where := d.Where
		switch {
		case d.Problem != "":
			where = "can't be used, see below"
			if !slices.Contains(problems, d.Problem) {
				problems = append(problems, d.Problem)
			}
		case where == "":
			where = "not here; " + call("data fetch ") + d.Name
		}
		shape := fmt.Sprintf("%d×%d×%d", d.Height, d.Width, d.Channels)
		rows = append(rows, []string{d.Name, strconv.Itoa(d.Train), strconv.Itoa(d.Test), shape, strconv.Itoa(len(d.Classes)), where})
	}
	if err := (textfmt.Table{Rows: rows, Left: true}).Print(w); err != nil {
		return err
	}
	for _, text := range problems {
		if _, err := textfmt.Say(w, "\n%s\n", text); err != nil {
			return err
		}
	}
	return nil
}
