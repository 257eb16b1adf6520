package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/usage"
	"shoal/track"
)

func newRun(c *console) *cobra.Command {
	var r runFlags
	cmd := &cobra.Command{
		Use:   "run [STUDY]",
		Short: "run a study: fit the references, train and track the network, write a report",
		Long: `run runs a study: a built-in one (` + strings.Join(track.BuiltinNames(), ", ") + `; mnist by default) or a study.toml.
Flags change the study. Everything goes to one folder, --out.`,
		Args: arguments(0, 1, "at most one study"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := r.check(cmd.Flags(), args); err != nil {
				return err
			}
			p := newProgress(c.err)
			defer p.close()
			dir, summary, err := r.do(cmd, args, p)
			return p.conclude(c, dir, summary, r.asJSON, err)
		},
	}
	r.register(cmd.Flags())
	return cmd
}

// runFlags are those of shoal run.
type runFlags struct {
	place       placeFlags
	study       studyFlags
	model       modelFlags
	out, resume string
	every       time.Duration
	asJSON      bool
}

func (r *runFlags) register(f *pflag.FlagSet) {
	r.place.register(f)
	r.study.register(f)
	r.model.register(f, "train")
	f.StringVar(&r.out, "out", "", "run folder; must not hold a run (default runs/<study>-<date>-<time>)")
	f.StringVar(&r.resume, "resume", "", "go on with the run in this folder from its last checkpoint")
	f.DurationVar(&r.every, "checkpoint-every", time.Minute, "time from one checkpoint to the next")
	f.BoolVar(&r.asJSON, "json", false, "print the summary as JSON and nothing else on stdout")
}

// check reports what makes no sense, before anything is done.
func (r *runFlags) check(f *pflag.FlagSet, args []string) error {
	switch {
	case r.every <= 0:
		return usage.Errorf("--checkpoint-every is %v: want a time above 0, such as 60s", r.every)
	case r.resume == "" && f.Changed("resume"):
		return usage.Errorf("--resume has no folder: name the run to go on with")
	case r.out == "" && f.Changed("out"):
		return usage.Errorf("--out has no folder: name one, or drop --out for runs/<study>-<date>-<time>")
	case r.resume != "" && len(args) > 0:
		return usage.Errorf("--resume %s has its own study: drop %q", r.resume, args[0])
	case r.resume != "" && r.out != "":
		return usage.Errorf("--resume %s writes to that folder: drop --out", r.resume)
	}
	return r.place.check()
}

// do runs or resumes, and returns the run folder, too.
func (r *runFlags) do(cmd *cobra.Command, args []string, p *progress) (dir string, s *track.Summary, err error) {
	o := r.place.shown(p)
	o.Checkpoint, o.Out = r.every, r.out
	change := func(s *track.Study) error { return r.study.apply(cmd.Flags(), r.model.given(cmd.Flags()), s) }
	if r.resume != "" {
		s, err = track.Resume(cmd.Context(), r.resume, change, o)
		return r.resume, s, err
	}
	study, err := chooseStudy(args)
	if err != nil {
		return "", nil, err
	}
	if err := change(&study); err != nil {
		return "", nil, err
	}
	if o.Out == "" {
		o.Out = filepath.Join("runs", study.Name+"-"+time.Now().Format("20060102-150405"))
	}
	s, err = track.Run(cmd.Context(), study, o)
	return o.Out, s, err
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
