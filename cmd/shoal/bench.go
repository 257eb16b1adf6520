package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/deep"
	"shoal/internal/textfmt"
	"shoal/record"
	"shoal/track"
)

func newBench(c *console) *cobra.Command {
	var b benchFlags
	cmd := &cobra.Command{
		Use:               "bench NETWORK...",
		Short:             "time training steps and evaluations of a network, beside the machine's limit",
		Args:              arguments(1, -1, "names of networks"),
		ValidArgsFunction: completeNetworks,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := b.check(cmd.Flags(), args); err != nil {
				return err
			}
			return each(args, func(name string) error {
				return each(b.precisions, func(p string) error { return b.do(cmd.Context(), c, name, deep.Precision(p)) })
			})
		},
	}
	b.register(cmd.Flags())
	return cmd
}

// benchFlags are those of shoal bench.
type benchFlags struct {
	options         deep.BenchOptions
	precisions      []string
	profile, asJSON bool
}

func (b *benchFlags) register(f *pflag.FlagSet) {
	f.IntVar(&b.options.Batch, "batch", 0, "images of a step (default the study's)")
	f.IntVar(&b.options.Steps, "steps", 0, "steps to take the median of, after one that isn't counted (default 3)")
	f.IntVar(&b.options.Workers, "workers", 0, "goroutines that compute at once (default all cores that are not much slower than others)")
	f.StringVar(&b.options.Level, "simd", "", "avx512, avx2, neon or portable (default the best of this machine)")
	f.StringSliceVar(&b.precisions, "precision", []string{string(deep.Float32)}, "precisions, comma-separated, one after another: "+strings.Join(deep.Precisions(), ", "))
	f.BoolVar(&b.profile, "profile", false, "print where the time goes, by kind of layer")
	f.BoolVar(&b.asJSON, "json", false, "print one JSON object a line")
}

func (b *benchFlags) check(f *pflag.FlagSet, networks []string) error {
	return firstError(
		knownNetworks(networks), checkPrecisions(b.precisions),
		bounded(f, "batch", b.options.Batch, 1, 1<<20),
		bounded(f, "steps", b.options.Steps, 1, 1<<20),
		checkWorkers(b.options.Workers), checkLevel(b.options.Level),
	)
}

// do measures one network in one precision.
func (b *benchFlags) do(ctx context.Context, c *console, network string, p deep.Precision) error {
	o := b.options
	o.Precision = p
	for _, line := range track.Arithmetic(p) {
		fmt.Fprintln(c.err, line)
	}
	if b.profile {
		o.Profile = &deep.Profile{}
	}
	var r deep.BenchResult
	err := c.watch(func(d *progress) (err error) {
		d.show(record.Progress{Part: record.PartMeasure, Name: network, Note: "training steps and evaluations"})
		r, err = deep.Bench(ctx, network, o)
		return err
	})
	if err != nil {
		return err
	}
	if b.asJSON {
		return json.NewEncoder(c.out).Encode(r)
	}
	return printBench(c, r, o.Profile)
}

func printBench(c *console, r deep.BenchResult, profile *deep.Profile) error {
	share := func(x float64) float64 { return 100 * x / r.PeakGFLOPS }
	speed := func(seconds, gflops float64) string {
		return fmt.Sprintf("%.4g s, %.1f GFLOP/s, %.0f %% of the peak", seconds, gflops, share(gflops))
	}
	rows := [][]string{
		{fmt.Sprintf("%s in %s, batch %d", r.Network, r.Precision, r.Batch), fmt.Sprintf("%s, %s, peak %.0f GFLOP/s, %.2f GB",
			r.SIMD, textfmt.Count(r.Workers, "worker"), r.PeakGFLOPS, float64(r.PeakRSSBytes)/1e9)},
		{"training step", speed(r.TrainSeconds, r.TrainGFLOPS)},
		{"evaluation", speed(r.EvalSeconds, r.EvalGFLOPS)},
	}
	if profile != nil {
		for _, l := range profile.Lines() {
			rows = append(rows, []string{"  " + l.Kind, fmt.Sprintf("%.3f s, %.1f %%", l.Seconds, 100*l.Share)})
		}
	}
	return textfmt.Table{Rows: rows, List: true}.Print(c.out)
}
