package main

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/usage"
	"shoal/record"
	"shoal/report"
	"shoal/runlog"
	"shoal/shallow"
	"shoal/track"
)

func newCompare(c *console) *cobra.Command {
	var x compareFlags
	cmd := &cobra.Command{
		Use:   "compare RUN",
		Short: "add references to a run, without training again, and draw it again",
		Long: `compare adds references to a run: their tables for all its evaluations are computed from the logged predictions.
A reference is a shallow model (` + strings.Join(shallow.Kinds(), ", ") + `), predictions in a file, the network of another run:
run:FOLDER (its last step), run:FOLDER@STEP, run:FOLDER@svm (where it is as accurate as that run's svm).
exec:COMMAND is predicted by another program, which gets train.npz, test.npz and the file to write as arguments.
NAME= before it names it. Shallow models and commands take the dataset's pixels or features (docs/features.md).

A file of predictions is file:PATH: a vector (.npy) in the order of shoal data list-examples; an .npz with predictions
and, if there are any, ids, labels and margin; or a CSV file with the column prediction and, if there are any, name,
id or index, label and margin. Classes are numbers or names. Ids are indexes or the names that list-examples prints,
also with folders before them; every scored example has to be there once, and more may be. Labels are compared.
Without ids and labels the order can't be checked, but a file that fits another usual order much better, such as
class by class, is refused: labels in the order of list-examples confirm that it is right.

With --ladder it adds references of many kinds that are all about as accurate (linear, svm, forest, knn, a network of
another seed that is stopped early, and one that is starved of examples), and a starved control of each of the run's
references: the report then says whether the shallow ones predict the order of learning better than networks do, and
with the run of another seed whether that is "shallow first". It trains several networks on few examples; what it
trained is in RUN/ladder, and is resumed and not trained again.`,
		Args: arguments(1, 1, "one run folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := x.check(); err != nil {
				return err
			}
			return x.do(cmd, c, args[0])
		},
	}
	x.register(cmd.Flags())
	return cmd
}

// compareFlags are those of shoal compare.
type compareFlags struct {
	place      placeFlags
	from       featureFlags
	model      modelFlags
	references []string
	preset     string
	split      string
	ladder     bool
	limit      time.Duration
	asJSON     bool
}

func (x *compareFlags) register(f *pflag.FlagSet) {
	x.place.register(f)
	x.from.register(f)
	x.model.register(f, "train")
	f.StringSliceVar(&x.references, "reference", nil, "references to add, comma-separated")
	f.StringVar(&x.preset, "preset", "default", "preset of the references: "+strings.Join(shallow.Presets(), ", "))
	f.StringVar(&x.split, "split", "", splitHelp)
	f.BoolVar(&x.ladder, "ladder", false, "add references of many kinds at one accuracy, and starved controls")
	f.DurationVar(&x.limit, "exec-limit", record.CommandLimit, "how long the command of an exec reference may run")
	f.BoolVar(&x.asJSON, "json", false, "print the summary as JSON and nothing else on stdout")
}

func (x *compareFlags) check() error {
	if x.ladder && x.split != "" {
		return usage.Errorf("compare: --ladder is for the main evaluation split: leave out --split")
	}
	if x.ladder && len(x.references) == 0 {
		return x.place.check()
	}
	if len(x.references) == 0 || slices.Contains(x.references, "none") {
		return usage.Errorf("compare: name a reference with --reference: %s, file:PATH, run:FOLDER or exec:COMMAND", strings.Join(shallow.Kinds(), ", "))
	}
	if x.limit <= 0 {
		return usage.Errorf("--exec-limit is %v: want a time above 0, such as 10m", x.limit)
	}
	return x.place.check()
}

func (x *compareFlags) do(cmd *cobra.Command, c *console, dir string) error {
	list := record.References{}
	if len(x.references) > 0 {
		var err error
		if list, err = askedReferences(x.references, x.preset, x.model.given(cmd.Flags())); err != nil {
			return err
		}
	}
	var s *record.Summary
	var split string
	err := c.watch(func(p *progress) (err error) {
		if err = bringInToRead(cmd.Context(), list.Runs(), p); err != nil {
			return err
		}
		if err = bringIn(cmd.Context(), dir, p); err != nil {
			return err
		}
		if split, err = runlog.OtherSplit(dir, x.split); err != nil {
			return err
		}
		if len(list) > 0 {
			o := x.from.in(x.place.shown(p))
			o.CommandLimit = x.limit
			s, err = record.CompareSplit(cmd.Context(), dir, split, list, o)
		}
		if err == nil && x.ladder {
			s, err = track.Ladder{Starved: true, Early: true, Steps: ladderSteps}.Do(cmd.Context(), dir, x.place.training(p))
		}
		if err == nil {
			err = drawRun(cmd.Context(), dir, split, s, p)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case x.asJSON:
		return json.NewEncoder(c.out).Encode(s)
	}
	return printSummary(c.out, report.Place(dir, split), s)
}

// ladderSteps is how long a ladder's starved networks train at least, 0 for the default. Tests, whose
// dozen of them learn from 90 examples, set less.
var ladderSteps int

// askedReferences are the references that were asked for.
func askedReferences(names []string, preset string, parameters map[string]string) (record.References, error) {
	list, err := record.References{}.Named(names)
	if err != nil {
		return nil, err
	}
	list.SetPreset(preset)
	for name, value := range parameters {
		if err := list.SetParameter(name, value); err != nil {
			return nil, err
		}
	}
	return list, nil
}
