package main

import (
	"errors"

	"github.com/spf13/cobra"

	"shoal/dataset"
	"shoal/export"
)

// hints is the table from the errors of the libraries to what to do about them
// on the command line: libraries don't know of flags. The first that knows an
// error, anywhere in its chain, is added to the message. To extend it, give the
// library a sentinel or a type and add a line here and in TestHints.
var hints = []hinter{
	onIs(export.ErrExists, "name another with --out, or replace it with --force"),
	onAs(func(*export.PlaceError) string { return "name another with --out" }),
	onIs(dataset.ErrDataDir, "check --data-dir"),
	onIs(dataset.ErrModified, "fetch it again, or use it as it is with --allow-modified"),
	onAs(func(e *dataset.NotHereError) string { return "fetch it with: shoal data fetch " + e.Name }),
	onIs(dataset.ErrNotFound, "put its official files into a folder and name that with --data-dir"),
}

// A hinter says what to do about an error of a verb, "" for one that it doesn't
// know. The verb is for hints that repeat flags as they were given.
type hinter func(verb *cobra.Command, err error) string

// onIs gives a hint for a sentinel.
func onIs(sentinel error, text string) hinter {
	return func(_ *cobra.Command, err error) string {
		if errors.Is(err, sentinel) {
			return text
		}
		return ""
	}
}

// onAs makes a hint from a typed error.
func onAs[E error](text func(E) string) hinter {
	return func(_ *cobra.Command, err error) string {
		if known, ok := errors.AsType[E](err); ok {
			return text(known)
		}
		return ""
	}
}

// hint is what to add to the message of an error, "" for nothing. What the verb
// has no flag for is left out.
func hint(verb *cobra.Command, err error) string {
	for _, h := range hints {
		if text := h(verb, err); text != "" {
			return "; " + text
		}
	}
	return ""
}
