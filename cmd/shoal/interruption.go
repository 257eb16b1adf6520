package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// An interruption is told in one form, whatever was interrupted by whatever signal: where that was, what
// is kept, and how to go on.

// keptUpTo is what is kept of runs that have checkpoints.
const keptUpTo = "all up to there is kept"

// kept says by verb what is kept when it is interrupted and how to go on. The errors of runs that have
// begun say it themselves (hints).
var kept = map[string]string{
	"run":          "nothing of the run is kept; the same command begins it again",
	"fit":          "no predictions are written; the same command begins again",
	"bench":        "nothing is kept; the same command begins again",
	"partition":    "no partition is written; the same command begins again",
	"compare":      "the run keeps the references that it has by now; the same command adds the rest",
	"data fetch":   "files, and what came of one, are kept; the same command fetches the rest",
	"import":       "the run keeps what is imported by now; the same command adds the rest",
	"relabel":      "nothing of the copy is kept; the same command begins it again",
	"report":       "pages that are drawn by now are kept; the same command draws the rest",
	"export":       "nothing is written; the same command begins again",
	"easiness":     "refits in the cache are kept; the same command does the rest",
	"sweep submit": "items that had begun are at a checkpoint; the same command continues",
	"sweep report": "nothing is drawn; the same command begins again",
}

// keptNothing is of verbs that only read.
const keptNothing = "nothing is changed; the same command begins again"

// interruption is the message of a verb that was interrupted.
func interruption(v *cobra.Command, err error) string {
	if text := hint(v, err); text != "" {
		return message(err) + text
	}
	name := verb(v)
	resumed := v.Flags().Lookup("resume")
	switch text, known := kept[name]; {
	case resumed != nil && resumed.Changed:
		return where(err) + "; " + keptUpTo + "; the same command continues"
	case known:
		return where(err) + "; " + text
	}
	return where(err) + "; " + keptNothing
}

// where says that something was interrupted, and at which of its parts if the error says that:
// "interrupted (fold 1 of 5)".
func where(err error) string {
	var parts []string
	for line := range strings.SplitSeq(err.Error(), "\n") { // of joined errors others only follow from it
		part, cut := strings.CutSuffix(strings.TrimSpace(line), context.Canceled.Error())
		part = strings.TrimSuffix(part, ": ")
		if cut && part != "" && !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "interrupted"
	}
	return "interrupted (" + strings.Join(parts, "; ") + ")"
}
