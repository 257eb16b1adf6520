package main

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/textfmt"
)

type flagGroup struct {
	title    string
	note, of string // what is said with the title where the verb has the flag of
	names    []string
	with     string // a flag without which the names are others', whatever they are called; "" for none
}

// flagGroups are the headings under which a verb's help lists its flags, in their order. A flag in
// none of them is listed first.
var flagGroups = []flagGroup{
	{title: "Network and training", note: " (the defaults are those of the study mnist; other studies have their own)", of: "epochs", names: []string{
		"network", "epochs", "batch", "lr", "schedule", "momentum", "weight-decay", "precision", "init", "bn-init", "seed", "initialisations", "limit-train", "limit-test"}},
	{title: "When and on what the network is scored", names: []string{"evaluate", "score-train"}},
	{title: "References, and their parameters", names: []string{
		"reference", "preset", "c", "gamma", "kernel", "tolerance", "iterations", "scaling", "trees", "max-depth", "min-leaf", "features", "patience", "round", "improvement", "leaves", "shrinkage", "l2", "validation", "k", "train", "folds", "exec-limit"}},
	{title: "Folders of images", names: []string{"resize", "colour", "split", "test-share", "split-seed", "group-duplicates"}, with: "resize"},
	{title: "Features in files of their own", names: []string{"train-features", "test-features", "train-labels", "label"}},
	{title: "Training by a partition", names: []string{"partition", "order", "passes"}},
	{title: "The run and its output", names: []string{"out", "save", "force", "resume", "restart", "any-tier", "checkpoint-every", "json"}},
	{title: "Data and this machine", note: " (they change no number)", of: "workers", names: []string{"data-dir", "cache-dir", "allow-modified", "no-cache", "offline", "workers", "memory", "simd"}},
}

// Widths of help, in columns.
const (
	plainColumns = 80
	mostColumns  = 110
	leastColumns = 30
	narrow       = 70 // texts stand below their names, not beside them
)

// printHelp prints the help of a verb, in at most as many columns as the terminal has. cobra takes no error
// from what prints help: the console keeps it.
func (c *console) printHelp(cmd *cobra.Command, _ []string) {
	w := cmd.OutOrStdout()
	_, c.helpErr = io.WriteString(w, helpText(cmd, cmp.Or(textfmt.Columns(w), plainColumns)))
}

// helpText is the help of a verb, in at most so many columns.
func helpText(cmd *cobra.Command, columns int) string {
	columns = min(mostColumns, max(leastColumns, columns))
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nUsage:\n", wrapParagraphs(linesAsCalled(cmp.Or(cmd.Long, cmd.Short)), columns))
	if usageLine(cmd) {
		fmt.Fprintf(&b, "%s\n", textfmt.Wrap(asCalled(cmd.UseLine()), columns, "  "))
	}
	path := asCalled(cmd.CommandPath() + " COMMAND")
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s\n", path)
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", wrapParagraphs(linesAsCalled(cmd.Example), columns))
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				writeEntry(&b, "  "+c.Name(), c.Short, 16, columns)
			}
		}
		fmt.Fprintf(&b, "\n%s\n", textfmt.Wrap(path+" --help says more of each.", columns, ""))
	}
	writeFlags(&b, cmd.Flags(), columns)
	return b.String()
}

// linesAsCalled is a text with its commands, which are lines of their own, as this program was called.
func linesAsCalled(text string) string {
	return strings.ReplaceAll("\n"+text, "\n  shoal ", "\n  "+program+" ")[1:]
}

// usageLine is how a verb is called; one that only groups others is called by none.
func usageLine(cmd *cobra.Command) bool {
	return cmd.Runnable() && cmd.HasParent() && (strings.Contains(cmd.Use, " ") || !cmd.HasAvailableSubCommands())
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
		title := group.title
		if f.Lookup(group.of) != nil {
			title += group.note
		}
		list(title, group.names)
	}
}

// defaultText is the default of a flag, unless its text has it or it is nothing.
func defaultText(flag *pflag.Flag, text string) string {
	switch flag.DefValue {
	case "", "0", "0s", "-1", "false", "[]":
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
	if columns < narrow {
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

// wrapParagraphs wraps each paragraph of a text. Indented lines, which are commands or rows of a name
// and a text, keep their indentation and are only continued.
func wrapParagraphs(text string, columns int) string {
	var out, paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, textfmt.Wrap(strings.Join(paragraph, " "), columns, ""))
		}
		paragraph = nil
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for k := 0; k < len(lines); k++ {
		switch line := lines[k]; {
		case strings.TrimSpace(line) == "":
			flush()
			out = append(out, "")
		case strings.HasPrefix(line, " "):
			flush()
			var row string
			row, k = wrapRow(lines, k, columns)
			out = append(out, row)
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
	return strings.Join(out, "\n")
}

// twoColumns is an indented name, and a text in a column of its own.
var twoColumns = regexp.MustCompile(`^( +\S+(?: \S+)*)  +(\S.*)$`)

// wrapRow wraps the indented line k, with those that continue its text in the column of that, and
// returns which the last of them is.
func wrapRow(lines []string, k, columns int) (string, int) {
	line := lines[k]
	row := twoColumns.FindStringSubmatchIndex(line)
	if row == nil {
		if textfmt.Width(line) <= columns {
			return line, k
		}
		more := strings.Split(textfmt.Wrap(strings.TrimSpace(line), columns, "      "), "\n")
		more[0] = "  " + strings.TrimSpace(more[0])
		return strings.Join(more, "\n"), k
	}
	name, text, column := line[row[2]:row[3]], line[row[4]:], row[4]
	whole, wide := []string{line}, textfmt.Width(line)
	for k+1 < len(lines) && len(lines[k+1])-len(strings.TrimLeft(lines[k+1], " ")) == column {
		k++
		text += " " + strings.TrimSpace(lines[k])
		whole, wide = append(whole, lines[k]), max(wide, textfmt.Width(lines[k]))
	}
	if wide <= columns && columns >= narrow {
		return strings.Join(whole, "\n"), k
	}
	var b strings.Builder
	writeEntry(&b, name, text, column, columns)
	return strings.TrimRight(b.String(), "\n"), k
}
