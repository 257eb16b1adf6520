package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"shoal/dynamics"
	"shoal/report"
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
			if len(references) == 0 || slices.Contains(references, "none") {
				return track.Usagef("shoal compare: name a reference with --reference: %s, file:PATH or run:FOLDER", strings.Join(shallow.Kinds(), ", "))
			}
			var study track.Study
			if err := study.SetReferences(references); err != nil {
				return err
			}
			if cmd.Flags().Changed("preset") {
				study.SetPreset(preset)
			}
			for name, value := range model.given(cmd.Flags()) {
				if err := study.SetParameter(name, value); err != nil {
					return err
				}
			}
			p := newProgress(c.err)
			defer p.close()
			o := place.options()
			o.Progress, o.Say = p.show, p.say
			o.Report = func(ctx context.Context, dir string, j []*dynamics.Judgement) error {
				return report.Write(ctx, dir, report.Options{Judgements: j, Progress: p.drawing})
			}
			s, err := track.Compare(cmd.Context(), args[0], study.References, o)
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
