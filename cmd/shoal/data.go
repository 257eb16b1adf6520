package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"shoal/dataset"
	"shoal/internal/usage"
	"shoal/record"
)

func newData(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "fetch, verify and list datasets",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage.Errorf("data: want one of fetch, verify, list")
			}
			return unknownVerb(cmd, args[0])
		},
	}
	cmd.AddCommand(newDataFetch(c), newDataVerify(c), newDataList(c))
	return cmd
}

// sourceFlags are those that say where datasets come from.
type sourceFlags struct {
	dataDir, cacheDir string
	allowModified     bool
}

func (s *sourceFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.dataDir, "data-dir", "", "folder with the dataset's official files, or with one folder a dataset")
	cmd.Flags().StringVar(&s.cacheDir, "cache-dir", "", "folder for datasets (default shoal in the user's cache folder)")
	cmd.Flags().BoolVar(&s.allowModified, "allow-modified", false, "accept dataset files that are not the published ones")
}

func (s *sourceFlags) source(p *progress) dataset.Source {
	return dataset.Source{DataDir: s.dataDir, CacheDir: s.cacheDir, AllowModified: s.allowModified, Progress: func(done, total int, note string) {
		if total == 0 {
			p.say(note)
			return
		}
		p.show(record.Progress{Part: record.PartData, Name: note, Done: done, Total: total})
	}}
}

// known checks the names of datasets before any work.
func known(names []string) error {
	for _, name := range names {
		if !strings.HasPrefix(name, "folder:") && !slices.Contains(dataset.Names(), name) {
			return usage.Errorf("unknown dataset %q: want one of %s", name, strings.Join(dataset.Names(), ", "))
		}
	}
	return nil
}

func newDataFetch(c *console) *cobra.Command {
	return forDatasets(c, "fetch DATASET...", "put datasets into the cache", func(ctx context.Context, name string, s dataset.Source, p *progress) error {
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
	return forDatasets(c, "verify DATASET...", "compare every file of a dataset on this machine with its checksum", func(ctx context.Context, name string, s dataset.Source, _ *progress) error {
		files, err := dataset.Verify(ctx, name, s)
		for _, f := range files {
			word := "ok     "
			if !f.OK {
				word = "DAMAGED"
			}
			fmt.Fprintln(c.out, strings.TrimSpace(fmt.Sprintf("%s  %s  %s", word, f.Path, f.Problem)))
		}
		return err
	})
}

// forDatasets makes a verb that does something with each of the named datasets.
func forDatasets(c *console, use, short string, do func(context.Context, string, dataset.Source, *progress) error) *cobra.Command {
	var flags sourceFlags
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  arguments(1, -1, "the names of datasets"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := known(args); err != nil {
				return err
			}
			p := newProgress(c.err)
			defer p.close()
			for _, name := range args {
				if err := do(cmd.Context(), name, flags.source(p), p); err != nil {
					return err
				}
			}
			return nil
		},
	}
	flags.register(cmd)
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
			t := tabwriter.NewWriter(c.out, 0, 0, 3, ' ', 0)
			fmt.Fprintln(t, "dataset\ttrain\ttest\tshape\tclasses\twhere")
			for _, d := range list {
				where := d.Where
				switch {
				case d.Problem != "":
					where = d.Problem
				case where == "":
					where = "not here; shoal data fetch " + d.Name
				}
				fmt.Fprintf(t, "%s\t%d\t%d\t%d×%d×%d\t%d\t%s\n", d.Name, d.Train, d.Test, d.Height, d.Width, d.Channels, len(d.Classes), where)
			}
			return t.Flush()
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
