package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"shoal/dataset"
	"shoal/dataset/table"
	"shoal/deep"
	"shoal/export"
	"shoal/ingest"
	"shoal/paper"
	"shoal/record"
	"shoal/report"
	"shoal/runlog"
	"shoal/serve"
	"shoal/sweep"
	"shoal/track"
)

// hintCases has an error for each hint of the table, and what that hint says.
var hintCases = []struct {
	err  error
	want string
}{
	{&paper.Interrupted{Out: "x", Dir: "x/y", Cause: context.Canceled}, `all up to there is kept; the same command resumes it (its --out was "x")`},
	{&track.Stopped{Dir: "a b", Cause: context.Canceled}, "all up to there is kept; resume with: shoal run --resume 'a b' --data-dir 'my data' --offline"},
	{&track.Stopped{Dir: "x", Cause: os.ErrPermission}, "once that is mended, resume with: shoal run --resume x --data-dir 'my data' --offline"},
	{fmt.Errorf("sweep %q %w", "x", sweep.ErrNoSweep), "name the folder that `shoal sweep plan` wrote"},
	{fmt.Errorf("sweep %q %w", "x", sweep.ErrOtherPlan), "give all that is in the plan, and more, or name another folder with --out"},
	{&sweep.Failures{Dir: "x", Items: []int{3}}, "the same command runs them again"},
	{fmt.Errorf("%q %w", "x", runlog.ErrExists), "name another with --out, or resume it with --resume"},
	{fmt.Errorf("the log in %q %w", "x", ingest.ErrNeverImported), "copy the folder to where you may write"},
	{runlog.ErrNotRun, "name the folder that `shoal run` or `shoal import` wrote"},
	{track.ErrCheckpoints, "name another with --out, or remove that folder"},
	{track.ErrFileExists, "name another with --out, or replace it with --force"},
	{track.ErrNoPartition, "name its file with --partition, or make one with shoal partition"},
	{fmt.Errorf("x: %w", track.ErrNoStudy), "add the networks of other runs with --reference NAME=run:FOLDER@REFERENCE"},
	{track.ErrNoModel, "add one with shoal compare --reference"},
	{fmt.Errorf("the run has %w", report.ErrNoReference), "add one with shoal compare RUN --reference svm,forest"},
	{track.ErrNotOrdered, "for a control give --partition and --order random"},
	{&deep.TierError{Saved: "amx, sums 1", Here: "amx, sums 2"}, "continue all the same with --any-tier"},
	{&record.NoCheckpoint{Dir: "x"}, "bring its folder checkpoints back, or train again with: shoal run --resume x --data-dir 'my data' --offline --restart"},
	{&record.OtherData{Dir: "x", Dataset: "mnist"}, "give the same --data-dir"},
	{record.ErrNoDataset, "give its predictions as NAME=file:PATH, features of its examples as --train-features and --test-features, or name the dataset with: shoal import RUN --dataset NAME"},
	{&record.OtherData{Dir: "x", Dataset: "folder:a"}, "bring the images back as they were"},
	{fmt.Errorf("listen: %w", serve.ErrPortInUse), "name another with --port, or 0 for any that is free"},
	{fmt.Errorf("run: %w", export.ErrNoPictures), "--format csv or parquet lists them without images, in suspects"},
	{record.ErrNoTrainLabels, "put them into the file, or name an .npy file with --train-labels"},
	{record.ErrHalfFeatures, "give both --train-features and --test-features"},
	{record.ErrCommandLimit, "allow more with --exec-limit"},
	{table.ErrNoLabel, "name it with --label"},
	{fmt.Errorf("%q %w", "x", record.ErrOutExists), "name another with --out"},
	{fmt.Errorf("%q %w", "x", export.ErrExists), "name another with --out, or replace it with --force"},
	{&export.PlaceError{Path: "x", Problem: "is no file"}, "name another with --out"},
	{fmt.Errorf("data folder %w", dataset.ErrDataDir), "check --data-dir"},
	{fmt.Errorf("dataset %w", dataset.ErrOwnFolder), "drop --data-dir"},
	{fmt.Errorf("dataset %w", dataset.ErrHasTest), "drop the share for testing (--split)"},
	{fmt.Errorf("dataset %w", dataset.ErrNoFolder), "drop what is for folders alone: --resize, --colour, --split, --split-seed, --group-duplicates"},
	{fmt.Errorf("pixels %w", dataset.ErrManyPixels), "make them smaller with --resize"},
	{fmt.Errorf("images %w", track.ErrImageSize), "make them larger with --resize"},
	{fmt.Errorf("network %w", track.ErrMemory), "take a smaller --batch, smaller images (--resize), or --precision bfloat16"},
	{dataset.ErrModified, "fetch it again, or use it as it is with --allow-modified"},
	{&dataset.CacheError{Path: "x", Err: syscall.EROFS}, "name another cache folder with --cache-dir"},
	{&dataset.CacheError{Path: "x", Err: syscall.ENOSPC}, "free some space, or name another cache folder with --cache-dir"},
	{&dataset.CacheError{Err: os.ErrNotExist}, "set HOME or XDG_CACHE_HOME, or name a cache folder with --cache-dir"},
	{&dataset.NotHereError{Name: "mnist"}, "fetch it with: shoal data fetch mnist"},
	{&dataset.NotFoundError{Name: "mnist"}, "put its official files into a folder and name that with --data-dir"},
}

// Every error of the table gets its own hint, however deep it is wrapped, and each hint is that of
// some error here.
func TestHints(t *testing.T) {
	verb, rest, err := newRoot(&console{}).Find([]string{"run", "--data-dir", "my data", "--offline"})
	if err != nil {
		t.Fatal(err)
	}
	if err := verb.ParseFlags(rest); err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, c := range hintCases {
		for _, err := range []error{c.err, fmt.Errorf("deep: %w", fmt.Errorf("deeper: %w", c.err))} {
			if got := hint(verb, err); got != "; "+c.want {
				t.Errorf("%v: hint %q, want %q", err, got, c.want)
			}
			if strings.Contains(err.Error(), " --") {
				t.Errorf("%v: the library speaks of a flag", err)
			}
		}
		for i, h := range hints {
			if h(verb, c.err) == c.want {
				seen[i] = true
				break
			}
		}
	}
	if len(seen) != len(hints) {
		t.Errorf("%d hints are tested, the table has %d", len(seen), len(hints))
	}
	if got := hint(verb, errors.New("some other error")); got != "" {
		t.Errorf("a hint for any error: %q", got)
	}
}

// What an interrupted paper has can be looked at.
func TestHintOfAPaperThatHasBegun(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("my paper", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("my paper/"+paper.PlanFile, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := `; all up to there is kept; the same command resumes it (its --out was "my paper"); what is there is drawn by: shoal report 'my paper'`
	if got := hint(&cobra.Command{}, &paper.Interrupted{Out: "my paper", Dir: "my paper/mnist-seed1", Cause: context.Canceled}); got != want {
		t.Errorf("hint %q, want %q", got, want)
	}
}

// The share for testing is called as the verb calls it.
func TestHintOfTheShare(t *testing.T) {
	for name, want := range map[string]string{"fit": "--split)", "data list-examples": "--test-share)"} {
		verb, _, err := newRoot(&console{}).Find(strings.Fields(name))
		if err != nil {
			t.Fatal(err)
		}
		if got := hint(verb, dataset.ErrHasTest); !strings.HasSuffix(got, want) {
			t.Errorf("shoal %s: hint %q, want %q at its end", name, got, want)
		}
	}
}

// A verb that can't continue in another tier isn't told to, and those that can have the flag.
func TestHintOfAnotherTier(t *testing.T) {
	for name, can := range map[string]bool{"run": true, "paper": true, "compare": false} {
		verb, _, err := newRoot(&console{}).Find([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		if got := hint(verb, &deep.TierError{Saved: "amx", Here: "widened"}); strings.Contains(got, "--any-tier") != can || got == "" {
			t.Errorf("shoal %s: hint %q", name, got)
		}
	}
}

// An item of a sweep is resumed by running it again.
func TestHintOfAnItem(t *testing.T) {
	verb, _, err := newRoot(&console{}).Find([]string{"sweep", "run"})
	if err != nil {
		t.Fatal(err)
	}
	for want, cause := range map[string]error{"all up to there is kept; the same command resumes it": context.Canceled, "once that is mended, the same command resumes it": os.ErrPermission} {
		if got := hint(verb, &track.Stopped{Dir: "x", Cause: cause}); got != "; "+want {
			t.Errorf("hint %q, want %q", got, want)
		}
	}
}
