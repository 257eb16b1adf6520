package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/report"
	"shoal/track"
)

func newRun(c *console) *cobra.Command {
	var r runFlags
	cmd := &cobra.Command{
		Use:   "run [STUDY]",
		Short: "run a study: fit the references, train and track the network, write a report",
		Long: `run runs a study: a built-in one (` + strings.Join(track.BuiltinNames(), ", ") + `; mnist by default), a study.toml,
or folder:PATH, the images in PATH/<class>/, or in PATH/train/<class>/ and PATH/test/<class>/, whose size, network
and length it chooses by what there is. Flags change the study. Everything goes to one folder, --out.`,
		Example: `  shoal run                                        MNIST, a minute or two
  shoal run folder:photos --resize 64              images of your own
  shoal run cifar10 --network resnet20 --epochs 3 --evaluate log:1.05 --out runs/ten`,
		ValidArgsFunction: completeStudies,
		Args:              arguments(0, 1, "at most one study"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := r.check(cmd.Flags(), args); err != nil {
				return err
			}
			var dir string
			var summary *record.Summary
			err := c.watch(func(p *progress) (err error) {
				if dir, summary, err = r.do(cmd, args, p); err != nil {
					return err
				}
				steps := summary.Steps
				if summary, err = drawFirst(cmd.Context(), dir, summary, p); err != nil {
					return &track.Stopped{Dir: dir, Step: steps, Cause: fmt.Errorf("training is complete, but not its report: %w", err)}
				}
				return nil
			})
			switch {
			case err != nil:
				return err
			case r.asJSON:
				return printJSON(c.out, summary)
			}
			return printSummary(c.out, dir, summary)
		},
	}
	r.register(cmd.Flags())
	return cmd
}

// runFlags are those of shoal run.
type runFlags struct {
	place       placeFlags
	study       studyFlags
	images      imageFlags
	model       modelFlags
	out, resume string
	every       time.Duration
	asJSON      bool
	restart     bool
	anyTier     bool
}

func (r *runFlags) register(f *pflag.FlagSet) {
	r.place.register(f)
	r.study.register(f)
	r.images.register(f, "split")
	r.model.register(f, "train")
	f.StringVar(&r.out, "out", "", "run folder; must not hold a run (default runs/<study>-<date>-<time>)")
	f.StringVar(&r.resume, "resume", "", "resume the run in this folder from its last checkpoint")
	f.BoolVar(&r.restart, "restart", false, "with --resume: train from the beginning where no checkpoint can be used")
	f.BoolVar(&r.anyTier, "any-tier", false, "with --resume: continue in bfloat16 where this machine or version sums products in another order than the run's")
	registerEvery(f, &r.every)
	f.BoolVar(&r.asJSON, "json", false, "print the summary as JSON and nothing else on stdout")
}

// registerEvery makes the flag of everything that trains.
func registerEvery(f *pflag.FlagSet, every *time.Duration) {
	f.DurationVar(every, "checkpoint-every", time.Minute, "time from one checkpoint to the next")
}

// check reports invalid flags, before anything is done.
func (r *runFlags) check(f *pflag.FlagSet, args []string) error {
	switch {
	case r.resume == "" && f.Changed("resume"):
		return usage.Errorf("--resume has no folder: name the run to resume")
	case r.out == "" && f.Changed("out"):
		return usage.Errorf("--out has no folder: name one, or drop --out for runs/<study>-<date>-<time>")
	case r.restart && r.resume == "":
		return usage.Errorf("--restart is for --resume: name the run that is to train from the beginning")
	case r.anyTier && r.resume == "":
		return usage.Errorf("--any-tier is for --resume: name the run that another machine or version began")
	case r.resume != "" && len(args) > 0:
		return usage.Errorf("--resume %s has its own study: drop %q", r.resume, args[0])
	case r.resume != "" && r.out != "":
		return usage.Errorf("--resume %s writes to that folder: drop --out", r.resume)
	}
	return firstError(checkInterval(r.every), r.place.check(), r.images.check(f))
}

// do runs or resumes, and returns the run folder, too.
func (r *runFlags) do(cmd *cobra.Command, args []string, p *progress) (dir string, s *record.Summary, err error) {
	o := r.place.training(p)
	o.Checkpoint, o.Out, o.Restart, o.AnyTier = r.every, r.out, r.restart, r.anyTier
	change := func(s *track.Study) error {
		r.images.apply(cmd.Flags(), &s.Data)
		return r.study.apply(cmd.Flags(), r.model.given(cmd.Flags()), s)
	}
	if r.resume != "" {
		s, err = track.Resume(cmd.Context(), r.resume, change, o)
		return r.resume, s, err
	}
	if err := r.canWrite(); err != nil {
		return "", nil, err
	}
	data := record.Data{}
	r.images.apply(cmd.Flags(), &data)
	study, folder, err := chooseStudy(cmd.Context(), args, data, o.Options)
	if err != nil {
		return "", nil, err
	}
	if err := change(&study); err != nil {
		return "", nil, err
	}
	if folder != nil {
		o.Set = folder.Set
		if err := sayPlan(cmd.Context(), folder, study, o, p); err != nil {
			return "", nil, err
		}
	}
	if !ofFile(args) && !cmd.Flags().Changed("evaluate") {
		o.Patience = 2 * time.Minute
	}
	if o.Out == "" {
		if o.Out, err = newFolder(study.Name, time.Now()); err != nil {
			return "", nil, err
		}
		defer func() { // what a run that failed at its start has left empty
			_ = os.Remove(o.Out)
			_ = os.Remove(filepath.Dir(o.Out))
		}()
	}
	if err := bringInToRead(cmd.Context(), study.References.Runs(), p); err != nil {
		return "", nil, err
	}
	s, err = track.Run(cmd.Context(), study, o)
	return o.Out, s, err
}

// canWrite refuses a folder that can't take the run before anything is read: thousands of images take minutes.
func (r *runFlags) canWrite() error {
	if r.out == "" {
		return writableFolder(newRuns)
	}
	return track.CheckOut(r.out)
}

// sayPlan says what a study of images will train, how it was kept short, and how long it takes where that
// is more than a moment.
func sayPlan(ctx context.Context, folder *track.FolderStudy, study track.Study, o track.Options, p *progress) error {
	p.say(folder.Plan(study, o.Workers))
	if short := folder.Shortened(study); short != "" {
		p.say("kept to minutes by " + short + "; --network, --batch, --evaluate, --initialisations and --epochs change that, --resize the images")
	}
	if !folder.Long(study) {
		return nil
	}
	o.Say, o.Progress = nil, nil
	e, err := track.EstimateRun(ctx, study, o)
	if err != nil {
		return err
	}
	p.say("about " + textfmt.Duration(e.Total()) + " on this machine as it is now, to the report")
	return nil
}

// chooseStudy reads a study file, takes a built-in study, or makes one for a folder of images, which
// are read as data says; that it returns as well.
func chooseStudy(ctx context.Context, args []string, data record.Data, o record.Options) (study track.Study, folder *track.FolderStudy, err error) {
	name := "mnist"
	if len(args) > 0 {
		name = args[0]
	}
	switch {
	case strings.HasPrefix(name, "folder:"):
		data.Dataset = name
		if folder, err = track.NewFolderStudy(ctx, data, o); err == nil {
			study = folder.Study
		}
	case ofFile(args):
		study, err = track.ReadStudy(name)
	default:
		study, err = track.Builtin(name)
	}
	return study, folder, err
}

// ofFile reports whether the study is that of a file, which says when the network is scored.
func ofFile(args []string) bool { return len(args) > 0 && strings.HasSuffix(args[0], ".toml") }

// drawFirst draws the report of a run that has just finished, and returns its summary with the time that took. A
// run that was resumed after its end has a page, which isn't its first.
func drawFirst(ctx context.Context, dir string, s *record.Summary, p *progress) (*record.Summary, error) {
	_, noPage := os.Stat(filepath.Join(dir, "report.html"))
	start := time.Now()
	if err := drawRun(ctx, dir, "", s, p); err != nil || len(s.References) == 0 || noPage == nil {
		return s, err
	}
	return record.Drawn(dir, time.Since(start))
}

// drawRun draws the report of a run that has a reference.
func drawRun(ctx context.Context, dir, split string, s *record.Summary, p *progress) error {
	if len(s.References) == 0 {
		return nil
	}
	return report.Write(ctx, dir, report.Options{Split: split, DPI: figureDPI, Progress: p.drawing})
}

// newRuns is the folder of runs for which none was named.
const newRuns = "runs"

// newFolder makes a folder below runs for a run: runs/<study>-<date>-<time>, and a number where
// another run, which may begin at the same moment, has that.
func newFolder(study string, now time.Time) (string, error) {
	base := filepath.Join(newRuns, cmp.Or(textfmt.Slug(study), "run")+now.Format("-20060102-150405"))
	if err := os.MkdirAll(filepath.Dir(base), 0o777); err != nil {
		return "", fmt.Errorf("make run folder: %w", err)
	}
	dir := base
	for k := 2; ; k++ {
		err := os.Mkdir(dir, 0o777)
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("make run folder: %w", err)
		}
		dir = fmt.Sprintf("%s-%d", base, k)
	}
}
