package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/textfmt"
)

// verbs lists all commands below cmd.
func verbs(cmd *cobra.Command) (all []*cobra.Command) {
	for _, c := range cmd.Commands() {
		all = append(append(all, c), verbs(c)...)
	}
	return all
}

// Help keeps to the terminal's columns, and loses no word for it.
func TestHelpFitsTheTerminal(t *testing.T) {
	for _, cmd := range append(verbs(newRoot(&console{})), newRoot(&console{})) {
		words := strings.Join(strings.Fields(helpText(cmd, 500)), " ")
		for _, columns := range []int{40, 60, 80, 110} {
			text := helpText(cmd, columns)
			for line := range strings.SplitSeq(text, "\n") {
				if textfmt.Width(line) > columns && strings.Contains(strings.TrimSpace(line), " ") {
					t.Errorf("%s in %d columns: %q has %d", cmd.CommandPath(), columns, line, textfmt.Width(line))
				}
			}
			if got := strings.Join(strings.Fields(text), " "); got != words {
				t.Errorf("%s in %d columns has other words", cmd.CommandPath(), columns)
			}
		}
	}
}

// Every flag of the large verbs stands under a heading, says what it does, and most say their default.
func TestHelpOfTheLargeVerbs(t *testing.T) {
	root := newRoot(&console{})
	grouped := map[string]bool{"help": true}
	for _, g := range flagGroups {
		for _, name := range g.names {
			if grouped[name] {
				t.Errorf("--%s is in two groups", name)
			}
			grouped[name] = true
		}
	}
	for _, name := range []string{"run", "fit", "partition"} {
		cmd, _, err := root.Find([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !grouped[f.Name] {
				t.Errorf("--%s of %s is in no group", f.Name, name)
			}
			if len(f.Usage) < 10 || strings.HasPrefix(f.Usage, "parameter of") {
				t.Errorf("--%s of %s says %q", f.Name, name, f.Usage)
			}
		})
		text := helpText(cmd, 80)
		if !strings.Contains(text, "folder:PATH") || len(regexp.MustCompile(`(?m)^  shoal `).FindAllString(text, -1)) < 4 {
			t.Errorf("%s: no folder:PATH, or fewer than three examples:\n%s", name, text)
		}
	}
	run, _, _ := root.Find([]string{"run"})
	for _, want := range []string{"(default 64)", "(default every:1)", "(default svm,forest)", "(default 0.2)", "(default 1m0s)"} {
		if !strings.Contains(strings.Join(strings.Fields(helpText(run, 80)), " "), want) {
			t.Errorf("run doesn't say %s", want)
		}
	}
}

// A flag is below a heading only where it means what the heading says.
func TestHeadingsOfTheHelp(t *testing.T) {
	for _, c := range newRoot(&console{}).Commands() {
		images := strings.Contains(helpText(c, 80), "Folders of images:")
		if want := c.Flags().Lookup("resize") != nil; images != want {
			t.Errorf("%s: flags under \"Folders of images\": %v, want %v", c.Name(), images, want)
		}
	}
}

// The examples of the help are commands with flags that there are.
func TestExamplesOfTheHelp(t *testing.T) {
	found := 0
	for _, cmd := range verbs(newRoot(&console{})) {
		for line := range strings.SplitSeq(cmd.Example, "\n") {
			line, _, _ = strings.Cut(strings.TrimSpace(line), "   ")
			words := strings.Fields(line)
			if len(words) == 0 || words[0] != "shoal" {
				continue
			}
			found++
			block{args: words[1:]}.parse(t)
		}
	}
	if found < 9 {
		t.Errorf("%d examples", found)
	}
}
