package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"shoal/dataset"
	"shoal/dataset/table"
	"shoal/deep"
	"shoal/export"
	"shoal/ingest"
	"shoal/internal/textfmt"
	"shoal/paper"
	"shoal/record"
	"shoal/report"
	"shoal/runlog"
	"shoal/serve"
	"shoal/sweep"
	"shoal/track"
)

// hints is the table from the errors of the libraries to what to do about them on the command line:
// libraries don't know of flags, which internal/arch checks. The first that knows an error,
// anywhere in its chain, is added to the message. To extend the table, give the library a sentinel
// or a type and add a line here and in TestHints.
var hints = []hinter{
	onAs(func(_ *cobra.Command, e *paper.Interrupted) string {
		text := fmt.Sprintf("%s; the same command resumes it (its --out was %q)", keptUpTo, e.Out)
		if paper.IsPaper(e.Out) {
			text += "; what is there is drawn by: " + call("report ") + textfmt.ShellQuote(e.Out)
		}
		return text
	}),
	onAs(stopped),
	onIs(sweep.ErrNoSweep, "name the folder that `shoal sweep plan` wrote"),
	onIs(sweep.ErrOtherPlan, "give all that is in the plan, and more, or name another folder with --out"),
	onAs(func(_ *cobra.Command, e *sweep.Failures) string { return "the same command runs them again" }),
	onIs(runlog.ErrExists, "name another with --out, or resume it with --resume"),
	onIs(ingest.ErrNeverImported, "copy the folder to where you may write"),
	onIs(runlog.ErrNotRun, "name the folder that `shoal run` or `shoal import` wrote"),
	onIs(track.ErrCheckpoints, "name another with --out, or remove that folder"),
	onIs(track.ErrFileExists, "name another with --out, or replace it with --force"),
	onIs(track.ErrNoPartition, "name its file with --partition, or make one with shoal partition"),
	onIs(track.ErrNoStudy, "add the networks of other runs with --reference NAME=run:FOLDER@REFERENCE"),
	onIs(track.ErrNoModel, "add one with shoal compare --reference"),
	onIs(report.ErrNoReference, "add one with shoal compare RUN --reference svm,forest"),
	onIs(track.ErrNotOrdered, "for a control give --partition and --order random"),
	onAs(otherTier),
	onAs(func(verb *cobra.Command, e *record.NoCheckpoint) string {
		return "bring its folder " + record.CheckpointFolder + " back, or train again with: " + resume(verb, e.Dir) + " --restart"
	}),
	onAs(func(_ *cobra.Command, e *record.OtherData) string {
		if strings.HasPrefix(e.Dataset, "folder:") {
			return "bring the images back as they were"
		}
		return "give the same --data-dir"
	}),
	onIs(record.ErrNoDataset, "give its predictions as NAME=file:PATH, features of its examples as --train-features and --test-features, or name the dataset with: shoal import RUN --dataset NAME"),
	onIs(record.ErrOutExists, "name another with --out"),
	onIs(export.ErrNoPictures, "--format csv or parquet lists them without images, in suspects"),
	onIs(export.ErrExists, "name another with --out, or replace it with --force"),
	onAs(func(*cobra.Command, *export.PlaceError) string { return "name another with --out" }),
	onIs(serve.ErrPortInUse, "name another with --port, or 0 for any that is free"),
	onIs(record.ErrNoTrainLabels, "put them into the file, or name an .npy file with --train-labels"),
	onIs(record.ErrHalfFeatures, "give both --train-features and --test-features"),
	onIs(record.ErrCommandLimit, "allow more with --exec-limit"),
	onIs(table.ErrNoLabel, "name it with --label"),
	onIs(dataset.ErrDataDir, "check --data-dir"),
	onIs(dataset.ErrOwnFolder, "drop --data-dir"),
	onShare(dataset.ErrHasTest, "drop the share for testing (--%s)"),
	onShare(dataset.ErrNoFolder, "drop what is for folders alone: --resize, --colour, --%s, --split-seed, --group-duplicates"),
	onIs(dataset.ErrManyPixels, "make them smaller with --resize"),
	onIs(track.ErrImageSize, "make them larger with --resize"),
	onIs(track.ErrMemory, "take a smaller --batch, smaller images (--resize), or --precision bfloat16"),
	onIs(dataset.ErrModified, "fetch it again, or use it as it is with --allow-modified"),
	onAs(otherCache),
	onAs(func(_ *cobra.Command, e *dataset.NotHereError) string {
		return "fetch it with: " + call("data fetch ") + e.Name
	}),
	onIs(dataset.ErrNotFound, "put its official files into a folder and name that with --data-dir"),
}

// otherCache is what to do about a cache that can't be written.
func otherCache(_ *cobra.Command, e *dataset.CacheError) string {
	const another = "name another cache folder with --cache-dir"
	switch {
	case e.Path == "":
		return "set HOME or XDG_CACHE_HOME, or name a cache folder with --cache-dir"
	case e.Full():
		return "free some space, or " + another
	}
	return another
}

// otherTier is what to do about a run that another machine or version began.
func otherTier(verb *cobra.Command, _ *deep.TierError) string {
	if verb.Flags().Lookup("any-tier") == nil {
		return "continue it on a machine like the one that began it, with the version that began it"
	}
	return "continue all the same with --any-tier"
}

// stopped is how a run is resumed that ended early. A paper, a ladder and a sweep resume their own.
func stopped(verb *cobra.Command, e *track.Stopped) string {
	item := verb.Flags().Lookup("item") != nil
	switch {
	case (item || verb.Name() == "compare") && e.Interrupted():
		return keptUpTo + "; the same command resumes it"
	case item || verb.Name() == "paper" || verb.Name() == "compare":
		return "once that is mended, the same command resumes it"
	case e.Interrupted():
		return keptUpTo + "; resume with: " + resume(verb, e.Dir)
	}
	return "once that is mended, resume with: " + resume(verb, e.Dir)
}

// resume is the command that resumes the run in dir, with the flags of the verb that say where its
// data are: a run folder keeps no places.
func resume(verb *cobra.Command, dir string) string {
	command := call("run --resume ") + textfmt.ShellQuote(dir)
	for _, name := range []string{"data-dir", "cache-dir", "offline", "allow-modified"} {
		flag := verb.Flags().Lookup(name)
		switch {
		case flag == nil || flag.Value.String() == flag.DefValue:
		case flag.Value.Type() == "bool":
			command += " --" + name
		default:
			command += " --" + name + " " + textfmt.ShellQuote(flag.Value.String())
		}
	}
	return command
}

// A hinter says what to do about an error of a verb, "" for one that it doesn't know. The verb is
// for hints that repeat its flags as they were given.
type hinter func(verb *cobra.Command, err error) string

// onIs gives a hint for a sentinel. Commands in it are told as this program was called.
func onIs(sentinel error, text string) hinter {
	return func(_ *cobra.Command, err error) string {
		if errors.Is(err, sentinel) {
			return asCalled(text)
		}
		return ""
	}
}

// onShare is onIs for a text that names the flag of the share for testing, as the verb calls it.
func onShare(sentinel error, text string) hinter {
	return func(verb *cobra.Command, err error) string {
		name := "split"
		if verb.Flags().Lookup(testShare) != nil {
			name = testShare
		}
		return onIs(sentinel, fmt.Sprintf(text, name))(verb, err)
	}
}

// onAs makes a hint from a typed error.
func onAs[E error](text func(*cobra.Command, E) string) hinter {
	return func(verb *cobra.Command, err error) string {
		if known, ok := errors.AsType[E](err); ok {
			return text(verb, known)
		}
		return ""
	}
}

// hint is what to add to the message of an error, "" for nothing. What the verb has no flag for is
// left out.
func hint(verb *cobra.Command, err error) string {
	for _, h := range hints {
		if text := h(verb, err); text != "" {
			return "; " + text
		}
	}
	return ""
}
