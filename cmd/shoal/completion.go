package main

import (
	"strings"

	"github.com/spf13/cobra"

	"shoal/dataset"
	"shoal/shallow"
	"shoal/track"
)

// shells are those that completion knows.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletion(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "print a script that completes commands and flags in " + strings.Join(shells, ", "),
		Long:  "completion prints a script for one of the shells " + strings.Join(shells, ", ") + ", which completes commands, flags, studies and models.",
		Example: `  source <(shoal completion bash)
  shoal completion zsh > "${fpath[1]}/_shoal"
  shoal completion fish > ~/.config/fish/completions/shoal.fish`,
		ValidArgs: shells,
		Args:      arguments(1, 1, "one of "+strings.Join(shells, ", ")),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("unknown shell", args[0], shells); err != nil {
				return err
			}
			root := cmd.Root()
			return map[string]func() error{
				"bash":       func() error { return root.GenBashCompletionV2(c.out, true) },
				"zsh":        func() error { return root.GenZshCompletion(c.out) },
				"fish":       func() error { return root.GenFishCompletion(c.out, true) },
				"powershell": func() error { return root.GenPowerShellCompletionWithDesc(c.out) },
			}[args[0]]()
		},
	}
}

// completeStudies offers what shoal run takes: built-in studies, folders of images and study files.
func completeStudies(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return append(track.BuiltinNames(), "folder:"), cobra.ShellCompDirectiveDefault | cobra.ShellCompDirectiveNoSpace
}

// completeDatasets offers the names of one dataset.
func completeDatasets(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return append(dataset.Names(), "folder:"), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeModels offers a model, then a dataset.
func completeModels(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return shallow.Kinds(), cobra.ShellCompDirectiveNoFileComp
	}
	return completeDatasets(cmd, args[1:], word)
}
