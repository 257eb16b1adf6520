package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"shoal/internal/usage"
	"shoal/shallow"
	"shoal/track"
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
			study := &track.Study{}
			if err := askedReferences(study, references, preset, model.given(cmd.Flags())); err != nil {
				return err
			}
			p := newProgress(c.err)
			defer p.close()
			s, err := track.Compare(cmd.Context(), args[0], study.References, place.shown(p))
			p.close()
			if err != nil {
				return err
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

// askedReferences gives a study the references that were asked for.
func askedReferences(study *track.Study, names []string, preset string, parameters map[string]string) error {
	if len(names) == 0 || slices.Contains(names, "none") {
		return usage.Errorf("compare: name a reference with --reference: %s, file:PATH or run:FOLDER", strings.Join(shallow.Kinds(), ", "))
	}
	if err := study.SetReferences(names); err != nil {
		return err
	}
	study.SetPreset(preset)
	for name, value := range parameters {
		if err := study.SetParameter(name, value); err != nil {
			return err
		}
	}
	return nil
}
