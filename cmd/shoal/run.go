package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shoal/track"
)

func newRun(c *console) *cobra.Command {
	var (
		place  placeFlags
		study  studyFlags
		model  modelFlags
		out    string
		resume string
		every  time.Duration
		asJSON bool
		now    = time.Now
	)
	cmd := &cobra.Command{
		Use:   "run [STUDY]",
		Short: "run a study: fit the references, train and track the network, write a report",
		Long: `run runs a study: a built-in one (` + strings.Join(track.BuiltinNames(), ", ") + `; mnist by default) or a study.toml.
Flags change the study. Everything goes to one folder, --out.`,
		Args: arguments(0, 1, "at most one study"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := newProgress(c.err)
			defer p.close()
			o := place.shown(p)
			o.Checkpoint = every
			change := func(s *track.Study) error { return study.apply(cmd.Flags(), model.given(cmd.Flags()), s) }
			if err := place.check(); err != nil {
				return err
			}
			if every <= 0 {
				return track.Usagef("--checkpoint-every is %v: want a time above 0, such as 60s", every)
			}
			for name, path := range map[string]string{"resume": resume, "out": out} {
				if path == "" && cmd.Flags().Changed(name) {
					return track.Usagef("--%s has no folder: %s", name, map[string]string{
						"resume": "name the run to go on with", "out": "name one, or drop --out for runs/<study>-<date>-<time>"}[name])
				}
			}
			if resume != "" {
				return resumeRun(cmd, c, p, args, resume, change, o, asJSON)
			}
			s, err := chooseStudy(args)
			if err != nil {
				return err
			}
			if err := change(&s); err != nil {
				return err
			}
			o.Out = out
			if out == "" {
				o.Out = filepath.Join("runs", s.Name+"-"+now().Format("20060102-150405"))
			}
			summary, err := track.Run(cmd.Context(), s, o)
			return p.conclude(c, o.Out, summary, asJSON, err)
		},
	}
	place.register(cmd.Flags())
	study.register(cmd.Flags())
	model.register(cmd.Flags(), "train")
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "run folder; must not hold a run (default runs/<study>-<date>-<time>)")
	f.StringVar(&resume, "resume", "", "go on with the run in this folder from its last checkpoint")
	f.DurationVar(&every, "checkpoint-every", time.Minute, "time from one checkpoint to the next")
	f.BoolVar(&asJSON, "json", false, "print the summary as JSON and nothing else on stdout")
	return cmd
}

func resumeRun(cmd *cobra.Command, c *console, p *progress, args []string, dir string, change func(*track.Study) error, o track.Options, asJSON bool) error {
	if len(args) > 0 {
		return track.Usagef("--resume %s has its own study: drop %q", dir, args[0])
	}
	if cmd.Flags().Changed("out") {
		return track.Usagef("--resume %s writes to that folder: drop --out", dir)
	}
	summary, err := track.Resume(cmd.Context(), dir, change, o)
	return p.conclude(c, dir, summary, asJSON, err)
}

// chooseStudy reads a study file or takes a built-in study.
func chooseStudy(args []string) (track.Study, error) {
	name := "mnist"
	if len(args) > 0 {
		name = args[0]
	}
	if strings.HasSuffix(name, ".toml") {
		return track.ReadStudy(name)
	}
	return track.Builtin(name)
}

// conclude prints what came out.
func (p *progress) conclude(c *console, dir string, s *track.Summary, asJSON bool, err error) error {
	p.close()
	if err != nil {
		return err
	}
	if asJSON {
		e := json.NewEncoder(c.out)
		e.SetIndent("", "  ")
		return e.Encode(s)
	}
	return printSummary(c.out, dir, s)
}
