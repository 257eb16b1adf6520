package main

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/sweep"
	"shoal/track"
)

func newSweep(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "plan many studies, seeds and settings, run them on a cluster or here, compare them",
		Long: `sweep makes a plan of runs, runs item N of it, and reads the folders:

  shoal sweep plan mnist --seeds 1..10 --set lr=0.01,0.1 --out sweeps/lr
  shoal sweep submit sweeps/lr --slurm --cpus 4 --memory 8G --time 4h
  shoal sweep status sweeps/lr
  shoal sweep report sweeps/lr

docs/cluster.md is the manual.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownVerb(cmd, args[0])
		},
	}
	cmd.AddCommand(newSweepPlan(c), newSweepRun(c), newSweepSubmit(c), newSweepStatus(c), newSweepReport(c))
	return cmd
}

func newSweepPlan(c *console) *cobra.Command {
	var p sweepPlanFlags
	cmd := &cobra.Command{
		Use:   "plan STUDY...",
		Short: "write a plan of runs: every study with all settings and seeds",
		Long: `plan writes DIR/plan.jsonl, one item a line, counted from 0. A study is one that shoal run takes: ` + strings.Join(track.BuiltinNames(), ", ") + `,
a study.toml, folder:PATH. Given again, with all that is in the plan and more, it adds items; it changes none.

A key of --set is a flag of shoal run without its dashes (epochs, network, lr) or a dotted key of study.toml
(training.crop). --set may be given several times: every combination is planned.`,
		ValidArgsFunction: manyStudies,
		Args:              arguments(1, -1, "one study or more"),
		RunE:              func(cmd *cobra.Command, args []string) error { return p.do(cmd, c, args) },
	}
	p.register(cmd.Flags())
	return cmd
}

// sweepPlanFlags are those of shoal sweep plan.
type sweepPlanFlags struct {
	seeds, out string
	set        []string
	asJSON     bool
}

func (p *sweepPlanFlags) register(f *pflag.FlagSet) {
	f.StringVar(&p.seeds, "seeds", "", "seeds of every study and setting: 1..10, or 1,3,5..7 (default each study's own)")
	f.StringArrayVar(&p.set, "set", nil, "key=value, or key=a,b: a value with commas of its own stands in quotes")
	f.StringVar(&p.out, "out", "", "folder of the sweep")
	f.BoolVar(&p.asJSON, "json", false, "print the plan as JSON")
}

func (p *sweepPlanFlags) do(cmd *cobra.Command, c *console, args []string) error {
	if p.out == "" {
		return usage.Errorf("no folder for the sweep: name one with --out")
	}
	spec := sweep.Spec{Apply: applySettings}
	var err error
	if cmd.Flags().Changed("seeds") {
		if spec.Seeds, err = sweep.ParseSeeds(p.seeds); err != nil {
			return err
		}
	}
	for _, text := range p.set {
		s, err := sweep.ParseSetting(text)
		if err != nil {
			return err
		}
		spec.Settings = append(spec.Settings, s)
	}
	for _, name := range args {
		study, _, err := chooseStudy(cmd.Context(), []string{name}, record.Data{}, record.Options{})
		if err != nil {
			return err
		}
		spec.Studies = append(spec.Studies, sweep.Source{Name: name, Study: study})
	}
	items, err := sweep.New(spec)
	if err != nil {
		return err
	}
	plan, added, err := sweep.Save(p.out, items)
	if err != nil {
		return err
	}
	if p.asJSON {
		return printJSON(c.out, plan)
	}
	_, err = textfmt.Fprintf(c.out, "%s: %s, %d of them new\n", p.out, textfmt.Count(len(plan), "item"), added)
	return err
}

// applySettings changes a study as the flags of shoal run and the keys of study.toml do. The flags come
// first, together, as on a command line.
func applySettings(s track.Study, set map[string]string) (track.Study, error) {
	var flags studyFlags
	var model modelFlags
	f := pflag.NewFlagSet("set", pflag.ContinueOnError)
	flags.register(f)
	model.register(f, "train")
	var dotted []string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		switch {
		case key == "seed":
			return s, usage.Errorf("setting seed: give seeds with --seeds")
		case f.Lookup(key) != nil:
			if err := f.Set(key, set[key]); err != nil {
				return s, settingError(key, set[key], err)
			}
		case strings.Contains(key, "."):
			dotted = append(dotted, key)
		default:
			return s, unknownSetting(key, f)
		}
	}
	before := s
	if err := flags.apply(f, model.given(f), &s); err != nil {
		return s, err
	}
	changed, err := track.Changes(before, s)
	if err != nil {
		return s, err
	}
	for _, key := range dotted {
		if slices.ContainsFunc(changed, func(c track.Change) bool { return c.Key == key }) {
			return s, usage.Errorf("setting %s: a flag sets it, too: give one of them", key)
		}
		if s, err = s.With(key, set[key]); err != nil {
			return s, err
		}
	}
	return s, nil
}

// settingError says what a setting wants in the words of its flag.
func settingError(key, value string, err error) error {
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok && wanted(invalid) != "" {
		return usage.Errorf("setting %s is %q: want %s", key, value, wanted(invalid))
	}
	return usage.Errorf("setting %s is %q: %v", key, value, err)
}

// unknownSetting says what may be set.
func unknownSetting(key string, f *pflag.FlagSet) error {
	var names []string
	f.VisitAll(func(flag *pflag.Flag) {
		if flag.Name != "seed" {
			names = append(names, flag.Name)
		}
	})
	return usage.Errorf("unknown setting %q: want one of %s, or a key of study.toml such as training.crop%s", key, strings.Join(names, ", "), usage.DidYouMean(key, names))
}

func newSweepRun(c *console) *cobra.Command {
	var r sweepRunFlags
	cmd := &cobra.Command{
		Use:   "run DIR",
		Short: "run one item of a plan: start it, resume it, or nothing where it is finished",
		Long: `run brings item N of the plan in DIR to its end. An item that is finished ends at once. One that another process
runs is an error. After SIGTERM it writes a checkpoint and ends with status 75: run again, it resumes.`,
		Args: arguments(1, 1, "the folder of a sweep"),
		RunE: func(cmd *cobra.Command, args []string) error { return r.do(cmd, c, args[0]) },
	}
	r.register(cmd.Flags())
	return cmd
}

// sweepRunFlags are those of shoal sweep run.
type sweepRunFlags struct {
	place  placeFlags
	every  time.Duration
	item   int
	asJSON bool
}

func (r *sweepRunFlags) register(f *pflag.FlagSet) {
	r.place.register(f)
	f.IntVar(&r.item, "item", -1, "the item, counted from 0")
	registerEvery(f, &r.every)
	f.BoolVar(&r.asJSON, "json", false, "print the summary as JSON and nothing else on stdout")
}

func (r *sweepRunFlags) do(cmd *cobra.Command, c *console, dir string) error {
	if !cmd.Flags().Changed("item") {
		return usage.Errorf("no item: name one with --item, counted from 0")
	}
	if err := firstError(checkInterval(r.every), r.place.check()); err != nil {
		return err
	}
	var it sweep.Item
	var made bool
	err := c.watch(func(p *progress) (err error) {
		o := r.place.training(p)
		o.Checkpoint = r.every
		it, made, err = sweep.RunItem(cmd.Context(), dir, r.item, o)
		return err
	})
	if err == nil && !made && !r.asJSON {
		_, err = textfmt.Fprintf(c.out, "item %d, %s, is finished\n", it.Item, it.Folder)
		return err
	}
	if err != nil {
		return err
	}
	s, err := record.ReadSummary(it.Path(dir))
	switch {
	case err != nil:
		return err
	case r.asJSON:
		return printJSON(c.out, s)
	}
	return printRun(c.out, s)
}
