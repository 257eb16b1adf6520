package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"shoal/internal/usage"
	"shoal/record"
	"shoal/shallow"
)

func newCompare(c *console) *cobra.Command {
	var (
		place      placeFlags
		model      modelFlags
		references []string
		preset     string
		asJSON     bool
	)
	cmd := &cobra.Command{
		Use:   "compare RUN",
		Short: "add references to a run, without training again, and draw it anew",
		Long: `compare adds references to a run: their tables for all its evaluations are computed from the logged predictions.
A reference is a shallow model (` + strings.Join(shallow.Kinds(), ", ") + `), file:PATH (predictions as .npy), or the network of
another run: run:FOLDER (its last step), run:FOLDER@STEP, run:FOLDER@svm (where it is as accurate as that run's svm).
NAME= before it names it.`,
		Args: arguments(1, 1, "one run folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := place.check(); err != nil {
				return err
			}
			list, err := askedReferences(references, preset, model.given(cmd.Flags()))
			if err != nil {
				return err
			}
			p := newProgress(c.err)
			defer p.close()
			s, err := record.Compare(cmd.Context(), args[0], list, place.shown(p))
			if err == nil {
				s, err = drawRun(cmd.Context(), args[0], s, p)
			}
			p.close()
			if err != nil {
				return place.explain(err)
			}
			if asJSON {
				return json.NewEncoder(c.out).Encode(s)
			}
			return printSummary(c.out, args[0], s)
		},
	}
	place.register(cmd.Flags())
	model.register(cmd.Flags(), "train")
	f := cmd.Flags()
	f.StringSliceVar(&references, "reference", nil, "references to add, comma-separated")
	f.StringVar(&preset, "preset", "default", "preset of the references: "+strings.Join(shallow.Presets(), ", "))
	f.BoolVar(&asJSON, "json", false, "print the summary as JSON and nothing else on stdout")
	return cmd
}

// askedReferences are the references that were asked for.
func askedReferences(names []string, preset string, parameters map[string]string) (record.References, error) {
	if len(names) == 0 || slices.Contains(names, "none") {
		return nil, usage.Errorf("compare: name a reference with --reference: %s, file:PATH or run:FOLDER", strings.Join(shallow.Kinds(), ", "))
	}
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
