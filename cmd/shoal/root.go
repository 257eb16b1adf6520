package main

import (
	"errors"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/textfmt"
	"shoal/internal/usage"
)

// newRoot makes the command with all its verbs.
func newRoot(c *console) *cobra.Command {
	root := &cobra.Command{
		Use:   "shoal",
		Short: "which examples does a deep network learn first, and are they the shallow-learnable ones?",
		Long: `shoal trains a deep network, scores it on the whole test split after every step and
counts, against shallow models, which examples both get right, only one of them, or neither.

  shoal run                  the whole experiment on MNIST: a minute or two
  shoal run folder:PATH      the same on images of your own
  shoal report RUN           draw figures and page of a run again`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownVerb(cmd, args[0])
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true // newCompletion has its words
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(c.printHelp)
	root.SetHelpCommand(newHelp(root))
	root.AddCommand(
		newRun(c), newData(c), newFit(c), newBench(c), newReport(c), newServe(c), newCompare(c), newImport(c), newPartition(c), newExport(c), newRelabel(c),
		newEasiness(c), newPaper(c), newSweep(c), newDiff(c), newVersion(c), newCompletion(c),
	)
	completeFlags(root)
	return root
}

// unknownVerb names the choices.
func unknownVerb(cmd *cobra.Command, got string) error {
	var names []string
	for _, verb := range cmd.Commands() {
		if verb.IsAvailableCommand() && verb.Name() != "help" {
			names = append(names, verb.Name())
		}
	}
	if len(names) == 0 {
		return usage.Errorf("%s has no command %q", verb(cmd), got)
	}
	return usage.Errorf("unknown command %q: want one of %s%s", got, strings.Join(names, ", "), usage.DidYouMean(got, names))
}

// newHelp is cobra's help command with an error for what isn't there.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "say what a command does and list its flags",
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownVerb(found, rest[0])
			}
			found.InitDefaultHelpFlag() // so that it is listed, as with --help
			return found.Help()
		},
	}
}

// flagError says what a flag wants in words of ours.
func flagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		got := strings.TrimLeft(unknown.GetSpecifiedName(), "-")
		return usage.Errorf("%w of %s; see %s --help%s", err, verb(cmd), call(verb(cmd)), usage.DidYouMean(got, names))
	}
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return &usage.Error{Err: err}
	}
	want := wanted(invalid)
	if want == "" {
		return &usage.Error{Err: err}
	}
	return usage.Errorf("--%s is %q: want %s", invalid.GetFlag().Name, invalid.GetValue(), want)
}

// wanted is what a flag takes, in words; "" where that depends on the flag.
func wanted(invalid *pflag.InvalidValueError) string {
	return map[string]string{
		"int": "a whole number", "int64": "a whole number", "uint64": "a whole number, 0 or more",
		"float64": "a number", "bool": "true or false", "duration": "a time such as 90s or 5m",
	}[invalid.GetFlag().Value.Type()]
}

// verb is a command as it is typed after shoal.
func verb(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// arguments checks the number of arguments; what says what they are.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || most >= 0 && len(args) > most {
			return usage.Errorf("%s: got %s, want %s", verb(cmd), textfmt.Count(len(args), "argument"), what)
		}
		return nil
	}
}

// built is the version that release/build writes into a binary, where neither module nor commit is
// known: in a container.
var built string

// version is that of the build, the module's, or the commit's.
func version() string {
	if built != "" {
		return built
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if revision == "" || info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return revision + dirty
}
