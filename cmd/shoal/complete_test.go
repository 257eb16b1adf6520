package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/shallow"
)

// Whoever adds a flag says what completes it: a value, a place, or nothing that a program knows.
func TestEveryFlagIsCompleted(t *testing.T) {
	free := []string{"claim", "image", "label", "listen", "memory", "mount", "reference", "resize", "sbatch", "seeds", "set", "token", "within"}
	seen := map[string]bool{}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !strings.HasPrefix(f.Value.Type(), "string") {
				return
			}
			seen[f.Name] = true
			places := 0
			for _, has := range []bool{
				flagValues[f.Name] != nil, slices.Contains(flagFolders, f.Name), slices.Contains(flagFiles, f.Name),
				slices.Contains(free, f.Name), flagValues[f.Name] == nil && shallow.ParameterHelp(f.Name) != "",
			} {
				if has {
					places++
				}
			}
			if places != 1 {
				t.Errorf("--%s of %s is in %d of the tables of completion, want one", f.Name, cmd.CommandPath(), places)
			}
		})
		for _, below := range cmd.Commands() {
			walk(below)
		}
	}
	walk(newRoot(&console{}))
	for name := range flagValues {
		if !seen[name] {
			t.Errorf("no verb has the flag --%s", name)
		}
	}
	for _, name := range slices.Concat(free, flagFolders, flagFiles) {
		if !seen[name] {
			t.Errorf("no verb has the flag --%s", name)
		}
	}
}

// What a shell asks for and gets; the number is cobra's directive: 2 no space, 4 no files, 16 folders alone.
func TestCompletion(t *testing.T) {
	for ask, want := range map[string]string{
		"run --network cn":                 "cnn2 :4",
		"run --network=resnet20":           "resnet20 resnet20-stem4 :4",
		"run --reference svm,f":            "svm,forest svm,file: :6",
		"run --reference svm,forest,":      "svm,forest,boosting svm,forest,knn svm,forest,logistic svm,forest,lda svm,forest,file: svm,forest,run: svm,forest,exec: svm,forest,none :6",
		"run --reference file:pred":        ":0",
		"compare a --reference no":         ":4",
		"paper --reference ex":             ":4",
		"partition mnist --preset p":       "paper :4",
		"bench --precision float32,b":      "float32,bfloat16 :4",
		"bench cnn2 cnn":                   ":4",
		"export a --format n":              "npz :4",
		"fit svm mnist --kernel l":         "linear :4",
		"fit kn":                           "knn :4",
		"fit knn np":                       "npz: :6",
		"fit knn npz:a":                    ":0",
		"data fetch mnist fas":             "fashion :4",
		"data list-examples --split tr":    "train :4",
		"run --split 0":                    ":4",
		"run --epochs ":                    ":4",
		"fit --label x":                    ":4",
		"run --data-dir d":                 ":16",
		"run --order easy-f":               "easy-first :4",
		"run --schedule war":               "warmup: :6",
		"run --checkpoint-every ":          ":4",
		"paper --only mnist,cifar10-":      "mnist,cifar10-resnet20 :4",
		"run --partition p":                ":0",
		"import --dataset fold":            "folder: :6",
		"sweep plan mnist cif":             "mnist fashion cifar10 cifar100 cifar10-fast folder: :2",
		"sweep submit x --kubernetes --im": "--image :4",
	} {
		fields := strings.Split(ask, " ")
		var out, errs bytes.Buffer
		if status := run(t.Context(), append([]string{"__completeNoDesc"}, fields...), nil, &out, &errs); status != exitOK {
			t.Fatalf("%s: status %d, %s", ask, status, errs.String())
		}
		if got := strings.Join(strings.Fields(out.String()), " "); got != want {
			t.Errorf("%q: got %q, want %q", ask, got, want)
		}
	}
}
