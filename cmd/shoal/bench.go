package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"shoal/deep"
	"shoal/internal/usage"
)

func newBench(c *console) *cobra.Command {
	var (
		o       deep.BenchOptions
		profile bool
		asJSON  bool
	)
	cmd := &cobra.Command{
		Use:   "bench NETWORK...",
		Short: "time training steps and evaluations of a network, beside the machine's limit",
		Args:  arguments(1, -1, "names of networks"),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, name := range args {
				if !slices.Contains(deep.Names(), name) {
					return usage.Errorf("unknown network %q: want one of %s", name, strings.Join(deep.Names(), ", "))
				}
			}
			for name, n := range map[string]int{"batch": o.Batch, "steps": o.Steps} {
				if cmd.Flags().Changed(name) && (n < 1 || n > 1<<20) {
					return usage.Errorf("--%s is %d: want 1 or more", name, n)
				}
			}
			if o.Workers < 0 || o.Workers > 4096 {
				return usage.Errorf("--workers is %d: want 1 to 4096, or 0 for all cores", o.Workers)
			}
			for _, name := range args {
				if profile {
					o.Profile = &deep.Profile{}
				}
				r, err := deep.Bench(cmd.Context(), name, o)
				if err != nil {
					return err
				}
				if err := printBench(c, r, o.Profile, asJSON); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Batch, "batch", 0, "images of a step (default the study's)")
	f.IntVar(&o.Steps, "steps", 0, "steps to take the median of, after one that isn't counted (default 3)")
	f.IntVar(&o.Workers, "workers", 0, "goroutines that compute at once (default all cores)")
	f.StringVar(&o.Level, "simd", "", "portable, avx2 or avx512 (default the best)")
	f.BoolVar(&profile, "profile", false, "print where the time goes, by kind of layer")
	f.BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

func printBench(c *console, r deep.BenchResult, profile *deep.Profile, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(c.out).Encode(r)
	}
	t := tabwriter.NewWriter(c.out, 0, 0, 3, ' ', 0)
	share := func(x float64) float64 { return 100 * x / r.PeakGFLOPS }
	fmt.Fprintf(t, "%s, batch %d\t%s, %d workers, peak %.0f GFLOP/s, %.2f GB\n", r.Network, r.Batch, r.SIMD, r.Workers, r.PeakGFLOPS, float64(r.PeakRSSBytes)/1e9)
	fmt.Fprintf(t, "training step\t%.4g s, %.1f GFLOP/s, %.0f %% of the peak\n", r.TrainSeconds, r.TrainGFLOPS, share(r.TrainGFLOPS))
	fmt.Fprintf(t, "evaluation\t%.4g s, %.1f GFLOP/s, %.0f %% of the peak\n", r.EvalSeconds, r.EvalGFLOPS, share(r.EvalGFLOPS))
	if profile != nil {
		for _, l := range profile.Lines() {
			fmt.Fprintf(t, "  %s\t%.3f s, %.1f %%\n", l.Kind, l.Seconds, 100*l.Share)
		}
	}
	return t.Flush()
}
