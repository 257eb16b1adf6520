package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/dataset"
	"shoal/deep"
	"shoal/export"
	"shoal/kernel"
	"shoal/paper"
	"shoal/shallow"
	"shoal/track"
)

// What a shell completes as the value of a flag, by the flag's name. A flag of text is in one of these
// tables, which TestEveryFlagIsCompleted asserts; numbers and times have nothing to complete.
var (
	flagValues = map[string]func() []string{
		"budget":    paper.Budgets,
		"bn-init":   func() []string { return []string{string(deep.Ones), string(deep.Uniform)} },
		"colour":    func() []string { return []string{dataset.Grey, dataset.RGB} },
		"dataset":   datasetsAndFeatures,
		"evaluate":  func() []string { return []string{"every:", "log:"} },
		"format":    export.Formats,
		"gamma":     func() []string { return []string{"scale", "auto"} },
		"kernel":    func() []string { return []string{"rbf", "linear"} },
		"network":   deep.Names,
		"only":      func() []string { return paper.PartNames("evening") },
		"order":     orderNames,
		"precision": deep.Precisions,
		"preset":    shallow.Presets,
		"scaling":   func() []string { return []string{"standard", "none"} },
		"schedule":  func() []string { return []string{"constant", "cosine", "onecycle", "steps:", "warmup:", "linear:"} },
		"simd":      levelNames,
		"split":     func() []string { return []string{"test", "train"} },
	}
	// flagFolders and flagFiles are places.
	flagFolders = []string{"data-dir", "cache-dir", "resume"}
	flagFiles   = []string{"out", "init", "partition", "save", "groups", "labels", "train-features", "test-features", "train-labels"}
)

// referenceForms are the references that are no shallow models.
var referenceForms = []string{"file:", "run:", "exec:"}

// completeFlags gives every flag of a command and those below it its completion.
func completeFlags(cmd *cobra.Command) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Value.Type() != "bool" {
			_ = cmd.RegisterFlagCompletionFunc(f.Name, completionOf(cmd, f)) // fails for a flag that has one, or isn't there
		}
	})
	for _, below := range cmd.Commands() {
		completeFlags(below)
	}
}

// completionOf is what a shell completes as the value of a flag.
func completionOf(cmd *cobra.Command, f *pflag.Flag) cobra.CompletionFunc {
	kind := f.Value.Type()
	list := kind == "stringSlice"
	values := flagValues[f.Name]
	if f.Name == "reference" {
		values = func() []string { return referencesOf(verb(cmd)) }
	}
	switch {
	case kind != "string" && !list:
		return cobra.NoFileCompletions
	case values != nil:
		return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
			return complete(values(), word, list)
		}
	case slices.Contains(flagFolders, f.Name):
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	case slices.Contains(flagFiles, f.Name):
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
	}
	return cobra.NoFileCompletions
}

// referencesOf are the references that a verb takes.
func referencesOf(verb string) []string {
	names := shallow.Kinds()
	switch verb {
	case "run":
		return append(append(names, referenceForms...), "none")
	case "compare":
		return append(names, referenceForms...)
	}
	return names
}

// complete offers values for a word. In a list, the values before the last comma stay as they are, and
// are not offered again. What ends with a colon continues, so that no space follows.
func complete(values []string, word string, list bool) ([]string, cobra.ShellCompDirective) {
	before := ""
	if list {
		before = word[:strings.LastIndexByte(word, ',')+1]
	}
	directive := cobra.ShellCompDirectiveNoFileComp
	var out []string
	for _, v := range values {
		text := before + v
		if !strings.HasPrefix(text, word) || slices.Contains(strings.Split(before, ","), v) {
			continue
		}
		if strings.HasSuffix(v, ":") {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		out = append(out, text)
	}
	if len(out) == 0 && strings.Contains(word, ":") { // a path, in which a file may follow
		directive = cobra.ShellCompDirectiveDefault
	}
	return out, directive
}

// levelNames are the SIMD levels of this machine.
func levelNames() []string {
	var names []string
	for _, l := range kernel.Levels() {
		names = append(names, l.String())
	}
	return names
}

// datasetsAndFeatures are the names of datasets, and how those of files of one's own begin.
func datasetsAndFeatures() []string {
	names := append(dataset.Names(), "folder:")
	for _, form := range dataset.FeatureForms() {
		names = append(names, string(form)+":")
	}
	return names
}

// completeStudies offers what shoal run takes: built-in studies, folders of images and study files.
func completeStudies(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return manyStudies(nil, nil, "")
}

// manyStudies offers studies, however many there are already.
func manyStudies(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return append(track.BuiltinNames(), "folder:"), cobra.ShellCompDirectiveDefault | cobra.ShellCompDirectiveNoSpace
}

// completeDataset offers the names of one dataset.
func completeDataset(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return complete(append(dataset.Names(), "folder:"), word, false)
}

// completeNetworks offers networks, however many there are already.
func completeNetworks(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	return complete(slices.DeleteFunc(deep.Names(), func(name string) bool { return slices.Contains(args, name) }), word, false)
}

// completeModels offers a model, then a dataset.
func completeModels(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return complete(shallow.Kinds(), word, false)
	case 1:
		return complete(datasetsAndFeatures(), word, false)
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
