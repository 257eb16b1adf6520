package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/sweep"
)

func newSweepSubmit(c *console) *cobra.Command {
	var s submitFlags
	cmd := &cobra.Command{
		Use:   "submit DIR",
		Short: "run the items of a sweep on Slurm, on Kubernetes, or here",
		Long: `submit hands the items that aren't finished to a scheduler, and prints what it hands over; --dry-run only prints.
  --slurm        a job array, by sbatch
  --kubernetes   an indexed Job, by kubectl; the folder of the sweep is on a volume claim
  --local        processes of this machine, --jobs at a time; ends when all have, with status 1 if one failed
The flags for data and cache are those of shoal run; on Kubernetes their paths are those within the container.`,
		Args: arguments(1, 1, "the folder of a sweep"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.check(cmd.Flags()); err != nil {
				return err
			}
			return s.do(cmd, c, args[0])
		},
	}
	s.register(cmd.Flags())
	return cmd
}

// submitFlags are those of shoal sweep submit.
type submitFlags struct {
	source                   sourceFlags
	noCache, offline         bool
	slurm, kubernetes, local bool
	dry                      bool
	resources                sweep.Resources
	cluster                  sweep.Cluster
	within                   string
	options                  []string
	every                    time.Duration
}

func (s *submitFlags) register(f *pflag.FlagSet) {
	s.source.register(f)
	f.BoolVar(&s.noCache, "no-cache", false, "fit references again")
	f.BoolVar(&s.offline, "offline", false, "fetch nothing")
	f.BoolVar(&s.slurm, "slurm", false, "submit a job array to Slurm")
	f.BoolVar(&s.kubernetes, "kubernetes", false, "submit an indexed Job to Kubernetes")
	f.BoolVar(&s.local, "local", false, "run the items on this machine")
	f.BoolVar(&s.dry, "dry-run", false, "only print what would be submitted")
	f.IntVar(&s.resources.CPUs, "cpus", 0, "cores of an item (default 1; with --local the machine's, shared by --jobs)")
	f.StringVar(&s.resources.Memory, "memory", "4G", "memory of an item: 500M, 4G")
	f.DurationVar(&s.resources.Time, "time", 0, "time limit of an item, after which it is interrupted and queued again: 90m, 24h (Slurm)")
	f.IntVar(&s.resources.Jobs, "jobs", 0, "items at once (default all; with --local 1)")
	f.StringArrayVar(&s.options, "sbatch", nil, "one more option of sbatch: --sbatch=--partition=long")
	f.StringVar(&s.cluster.Image, "image", "", "container image that has shoal (Kubernetes)")
	f.StringVar(&s.cluster.Claim, "claim", "", "volume claim that has the folder of the sweep (Kubernetes)")
	f.StringVar(&s.cluster.Mount, "mount", "/sweep", "where the claim is mounted in the container (Kubernetes)")
	f.StringVar(&s.within, "within", "", "folder of the sweep on the claim (default its top) (Kubernetes)")
	registerEvery(f, &s.every)
}

// flagsOf lists the flags that only one kind of submission has.
var flagsOf = map[string][]string{
	"slurm":      {"time", "sbatch", "memory"},
	"kubernetes": {"image", "claim", "mount", "within", "memory"},
	"local":      nil,
}

func (s *submitFlags) check(f *pflag.FlagSet) error {
	kind := s.kind()
	if kind == "" {
		return usage.Errorf("sweep submit: want one of --slurm, --kubernetes and --local")
	}
	for _, names := range flagsOf {
		for _, name := range names {
			if f.Changed(name) && !slices.Contains(flagsOf[kind], name) {
				return usage.Errorf("--%s means nothing with --%s: drop it", name, kind)
			}
		}
	}
	if err := s.checkContainer(); err != nil {
		return err
	}
	if s.resources.CPUs == 0 && !f.Changed("cpus") {
		s.resources.CPUs = 1
		if s.local {
			s.resources.CPUs = max(1, runtime.NumCPU()/max(1, s.resources.Jobs))
		}
	}
	return firstError(checkInterval(s.every), atLeast(f, "cpus", s.resources.CPUs, 1), bounded(f, "jobs", s.resources.Jobs, 1, 4096), s.resources.Check())
}

// checkContainer wants what Kubernetes can't do without.
func (s *submitFlags) checkContainer() error {
	switch {
	case !s.kubernetes:
		return nil
	case s.cluster.Image == "":
		return usage.Errorf("no image for the containers: name one that has shoal with --image")
	case s.cluster.Claim == "":
		return usage.Errorf("no volume claim: name the one that has the folder of the sweep with --claim")
	case !path.IsAbs(s.cluster.Mount):
		return usage.Errorf("--mount is %q: want an absolute path in the container, such as /sweep", s.cluster.Mount)
	}
	return nil
}

// kind is where the items go, "" unless exactly one is named.
func (s *submitFlags) kind() string {
	kinds := map[string]bool{"slurm": s.slurm, "kubernetes": s.kubernetes, "local": s.local}
	found := ""
	for name, given := range kinds {
		switch {
		case given && found != "":
			return ""
		case given:
			found = name
		}
	}
	return found
}

func (s *submitFlags) do(cmd *cobra.Command, c *console, dir string) error {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	shoal, err := os.Executable()
	if err != nil {
		return err
	}
	var text string
	switch {
	case s.local:
		err = s.runHere(cmd.Context(), c, dir, s.command(shoal, dir))
	case s.slurm:
		if err := s.absolute(); err != nil {
			return err
		}
		text, err = sweep.Slurm(absolute, s.command(shoal, absolute), s.resources, s.options)
	default:
		text, err = sweep.Kubernetes(dir, s.command("shoal", filepath.ToSlash(filepath.Join(s.cluster.Mount, s.within))), s.resources, s.cluster)
	}
	if errors.Is(err, sweep.ErrFinished) {
		_, err = textfmt.Fprintf(c.out, "%s: all items are finished\n", dir)
		return err
	}
	if err != nil || s.local {
		return err
	}
	if _, err := io.WriteString(c.out, text); err != nil || s.dry {
		return err
	}
	if s.slurm {
		return hand(cmd.Context(), c, text, "sbatch")
	}
	return hand(cmd.Context(), c, text, "kubectl", "create", "-f", "-")
}

// absolute makes the paths of flags those from everywhere.
func (s *submitFlags) absolute() error {
	for _, path := range []*string{&s.source.dataDir, &s.source.cacheDir} {
		if *path == "" {
			continue
		}
		abs, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = abs
	}
	return nil
}

// command is what runs one item, but for the item.
func (s *submitFlags) command(shoal, dir string) sweep.Command {
	c := sweep.Command{shoal, "sweep", "run", dir, "--workers", strconv.Itoa(s.resources.CPUs)}
	for _, f := range []struct{ name, value string }{{"data-dir", s.source.dataDir}, {"cache-dir", s.source.cacheDir}} {
		if f.value != "" {
			c = append(c, "--"+f.name, f.value)
		}
	}
	for _, f := range []struct {
		name string
		set  bool
	}{{"allow-modified", s.source.modified}, {"no-cache", s.noCache}, {"offline", s.offline}} {
		if f.set {
			c = append(c, "--"+f.name)
		}
	}
	if s.every != time.Minute {
		c = append(c, "--checkpoint-every", s.every.String())
	}
	return append(c, "--item")
}

// runHere runs all items on this machine.
func (s *submitFlags) runHere(ctx context.Context, c *console, dir string, command sweep.Command) error {
	jobs := max(1, s.resources.Jobs)
	var words []string
	for _, w := range command {
		words = append(words, textfmt.ShellQuote(w))
	}
	status, err := sweep.ReadStatus(dir)
	if err != nil {
		return err
	}
	items := len(status.Items)
	if status.Count[sweep.Finished] == items {
		return sweep.ErrFinished
	}
	if _, err := textfmt.Fprintf(c.out, "%s N   # for the items of 0 to %d that aren't finished, %d at a time\n", strings.Join(words, " "), items-1, jobs); err != nil || s.dry {
		return err
	}
	return sweep.Local(ctx, dir, command, jobs, func(line string) { textfmt.Fprintf(c.out, "%s\n", line) })
}

// hand hands a text to a command of a scheduler.
func hand(ctx context.Context, c *console, text, name string, args ...string) error {
	if _, err := exec.LookPath(name); err != nil {
		return fmt.Errorf("submit: %w: run this where it is, or print what it takes with --dry-run", err)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), c.out, c.err
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("submit by %s: %w", name, cmp.Or(ctx.Err(), err))
	}
	return nil
}
