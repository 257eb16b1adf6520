package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// shells are those that completion knows.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletion(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "print a script that completes commands and flags in " + strings.Join(shells, ", "),
		Long: "completion prints a script for one of the shells " + strings.Join(shells, ", ") + `, which completes commands,
flags, and what they take: studies, datasets, models, networks, formats. In bash it needs the package bash-completion,
without which pressing Tab ends with "_get_comp_words_by_ref: command not found". "source" completes in the shell that is open;
a file that the shell reads, in every new one.`,
		Example: `  source <(shoal completion bash)
  shoal completion bash > ~/.local/share/bash-completion/completions/shoal
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
