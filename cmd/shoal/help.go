package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/textfmt"
)

type flagGroup struct {
	title string
	names []string
	with  string // a flag without which the names are others', whatever they are called; "" for none
}

// flagGroups are the headings under which a verb's help lists its flags, in their order. A flag in
// none of them is listed first.
var flagGroups = []flagGroup{
	{"Network and training (the defaults are those of the study mnist; other studies have their own)", []string{
		"network", "epochs", "batch", "lr", "schedule", "momentum", "weight-decay", "precision", "init", "bn-init", "seed", "initialisations", "limit-train", "limit-test"}, ""},
	{"When and on what the network is scored", []string{"evaluate", "score-train"}, ""},
	{"References, and their parameters", []string{
		"reference", "preset", "c", "gamma", "kernel", "tolerance", "iterations", "scaling", "trees", "max-depth", "min-leaf", "features", "patience", "round", "improvement", "leaves", "shrinkage", "l2", "validation", "k", "train", "folds", "exec-limit"}, ""},
	{"Folders of images", []string{"resize", "colour", "split", "test-share", "split-seed", "group-duplicates"}, "resize"},
	{"Features in files of their own", []string{"train-features", "test-features", "train-labels", "label"}, ""},
	{"Training by a partition", []string{"partition", "order", "passes"}, ""},
	{"The run and its output", []string{"out", "save", "force", "resume", "restart", "any-tier", "checkpoint-every", "json"}, ""},
	{"Data and this machine (they change no number)", []string{"data-dir", "cache-dir", "allow-modified", "no-cache", "offline", "workers", "memory", "simd"}, ""},
}

// Widths of help, in columns.
const (
	plainColumns = 80
	mostColumns  = 110
	leastColumns = 30
)

// printHelp is the help of a verb, in at most as many columns as the terminal has.
func printHelp(cmd *cobra.Command, _ []string) {
	w := cmd.OutOrStdout()
	_, _ = io.WriteString(w, helpText(cmd, cmp.Or(textfmt.Columns(w), plainColumns))) // nothing can be done for a reader who is gone
}

// helpText is the help of a verb, in at most so many columns.
func helpText(cmd *cobra.Command, columns int) string {
	columns = min(mostColumns, max(leastColumns, columns))
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nUsage:\n", wrapParagraphs(cmp.Or(cmd.Long, cmd.Short), columns))
	if cmd.Runnable() && cmd.HasParent() {
		fmt.Fprintf(&b, "%s\n", textfmt.Wrap(cmd.UseLine(), columns, "  "))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND\n", cmd.CommandPath())
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", wrapParagraphs(cmd.Example, columns))
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				writeEntry(&b, "  "+c.Name(), c.Short, 16, columns)
			}
		}
		fmt.Fprintf(&b, "\n%s\n", textfmt.Wrap(cmd.CommandPath()+" COMMAND --help says more of each.", columns, ""))
	}
	writeFlags(&b, cmd.Flags(), columns)
	return b.String()
}

// writeFlags lists the flags by their groups.
func writeFlags(b *strings.Builder, f *pflag.FlagSet, columns int) {
	listed := map[string]bool{}
	groups := slices.DeleteFunc(slices.Clone(flagGroups), func(g flagGroup) bool {
		return g.with != "" && f.Lookup(g.with) == nil
	})
	for _, group := range groups {
		for _, name := range group.names {
			listed[name] = true
		}
	}
	list := func(title string, names []string) {
		var there []*pflag.Flag
		for _, name := range names {
			if flag := f.Lookup(name); flag != nil && !flag.Hidden {
				there = append(there, flag)
			}
		}
		if len(there) == 0 {
			return
		}
		fmt.Fprintf(b, "\n%s:\n", textfmt.Wrap(title, columns-1, ""))
		for _, flag := range there {
			name, text := pflag.UnquoteUsage(flag)
			writeEntry(b, strings.TrimRight("  --"+flag.Name+" "+name, " "), text+defaultText(flag, text), 26, columns)
		}
	}
	var rest []string
	f.VisitAll(func(flag *pflag.Flag) {
		if !listed[flag.Name] {
			rest = append(rest, flag.Name)
		}
	})
	slices.Sort(rest)
	list("Flags", rest)
	for _, group := range groups {
		list(group.title, group.names)
	}
}

// defaultText is the default of a flag, unless its text has it or it is nothing.
func defaultText(flag *pflag.Flag, text string) string {
	switch flag.DefValue {
	case "", "0", "false", "[]":
		return ""
	}
	if strings.Contains(text, "(default ") {
		return ""
	}
	return " (default " + strings.Trim(flag.DefValue, "[]") + ")"
}

// writeEntry writes a name and its text beside it, from a column on, or below it where the terminal
// is narrow.
func writeEntry(b *strings.Builder, name, text string, column, columns int) {
	if columns < 70 {
		fmt.Fprintf(b, "%s\n%s\n", name, textfmt.Wrap(text, columns, "      "))
		return
	}
	lines := strings.Split(textfmt.Wrap(text, columns-column, ""), "\n")
	if textfmt.Width(name) >= column {
		b.WriteString(name + "\n")
		name = ""
	}
	for _, line := range lines {
		fmt.Fprintf(b, "%s%s%s\n", name, strings.Repeat(" ", column-textfmt.Width(name)), line)
		name = ""
	}
}

// wrapParagraphs wraps each line of a text; indented lines, which are commands, keep their
// indentation and are only continued.
func wrapParagraphs(text string, columns int) string {
	var out, paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, textfmt.Wrap(strings.Join(paragraph, " "), columns, ""))
		}
		paragraph = nil
	}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		switch {
		case strings.TrimSpace(line) == "":
			flush()
			out = append(out, "")
		case strings.HasPrefix(line, " "):
			flush()
			if textfmt.Width(line) <= columns { // columns of a table stay
				out = append(out, line)
				continue
			}
			more := strings.Split(textfmt.Wrap(strings.TrimSpace(line), columns, "      "), "\n")
			more[0] = "  " + strings.TrimSpace(more[0])
			out = append(out, strings.Join(more, "\n"))
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
	return strings.Join(out, "\n")
}
