package track

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBuiltinStudiesSurviveTheirFile(t *testing.T) {
	for _, name := range BuiltinNames() {
		s, err := Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		text, err := s.Encode(map[string]any{"shoal": "test", "workers": 2})
		if err != nil {
			t.Fatal(err)
		}
		read, err := ParseStudy(string(text))
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		differences, err := Differences(s, read)
		if err != nil || len(differences) > 0 {
			t.Errorf("%s read back: %v, %v", name, differences, err)
		}
	}
}

func TestStudyFileTakesDefaultsOfItsDataset(t *testing.T) {
	s, err := ParseStudy("[data]\ndataset = \"cifar100\"\n[training]\nepochs = 2.5\n")
	if err != nil {
		t.Fatal(err)
	}
	if s.Network.Name != "resnet101" || s.Training.Epochs != 2.5 || s.Training.Rotate != 15 || len(s.References) != 2 || s.Name != "cifar100" {
		t.Errorf("got %+v", s)
	}
	s, err = ParseStudy("[data]\ndataset = \"folder:some/where\"\n[[reference]]\nkind = \"svm\"\n[reference.parameters]\nc = \"2\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "where" || len(s.References) != 1 || s.References[0].Name != "svm" || s.References[0].Parameters["c"] != "2" || len(s.Training.Mean) != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestStudyFileRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "no dataset: set",
		"[data]\ndataset = \"mnits\"":          `unknown dataset "mnits": want one of mnist`,
		"[data]\ndataset = \"mnist\"\nfoo = 1": `unknown key "data.foo"`,
		"[data]\ndataset = 3":                  "dataset",
		"[data\n":                              "line 2",
		"[data]\ndataset = \"mnist\"\n[training]\nbatch = 0":                                           "batch is 0",
		"[data]\ndataset = \"mnist\"\n[training]\nlearning_rate = nan":                                 "learning rate is NaN",
		"[data]\ndataset = \"mnist\"\n[training]\nmomentum = 1.0":                                      "momentum is 1",
		"[data]\ndataset = \"mnist\"\n[training]\nepochs = -1.0":                                       "epochs is -1",
		"[data]\ndataset = \"mnist\"\n[training]\nweight_decay = inf":                                  "weight decay is +Inf",
		"[data]\ndataset = \"mnist\"\n[evaluation]\nschedule = \"no\"":                                 "evaluation schedule",
		"[data]\ndataset = \"mnist\"\n[network]\nname = \"vgg\"":                                       `unknown network "vgg": want one of cnn2`,
		"[data]\ndataset = \"mnist\"\n[[reference]]\nkind = \"tree\"":                                  `unknown reference "tree": want one of svm`,
		"[data]\ndataset = \"mnist\"\n[[reference]]\nkind = \"svm\"\n[[reference]]\nkind = \"svm\"":    "named twice",
		"[data]\ndataset = \"mnist\"\n[[reference]]\nkind = \"file\"\nname = \"x\"":                    "no path",
		"[data]\ndataset = \"mnist\"\nlimit_train = -5":                                                "limits of -5",
		"[data]\ndataset = \"mnist\"\n[training]\nschedule = \"steps:0.1@9,3\"":                        "learning rate schedule",
		"[data]\ndataset = \"mnist\"\n[training]\nmean = [0.1, 0.2]":                                   "2 means and 1 standard",
		"[data]\ndataset = \"mnist\"\n[training]\nnesterov = true\nmomentum = 0.0":                     "nesterov needs",
		"[data]\ndataset = \"mnist\"\n[training]\nprecision = \"float16\"":                             `unknown precision "float16": want one of`,
		"[data]\ndataset = \"mnist\"\n[training]\nlabel_smoothing = 1.0":                               "label smoothing is 1",
		"[data]\ndataset = \"mnist\"\n[training]\nrotate = 200.0":                                      "rotate is 200",
		"[data]\ndataset = \"mnist\"\n[training]\ncrop = -1":                                           "crop is -1",
		"[data]\ndataset = \"mnist\"\n[training]\nepochs = \"many\"\n":                                 "epochs",
		"[data]\ndataset = \"mnist\"\nlimit_test = 99999999999999999999999999999999999999999999999999": "",
	} {
		_, err := ParseStudy(text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want one line with %q", text, err, want)
		}
	}
}

func TestDifferencesAreNamed(t *testing.T) {
	a, err := Builtin("mnist")
	if err != nil {
		t.Fatal(err)
	}
	b := a.clone()
	b.Training.Epochs, b.Seed = 2, 9
	b.References[0].Parameters["c"] = "3"
	got, err := Differences(a, b)
	if err != nil {
		t.Fatal(err)
	}
	want := "reference[0].parameters.c is absent in the run and 3 now; seed is 1 in the run and 9 now; training.epochs is 1 in the run and 2 now"
	if strings.Join(got, "; ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(a.References[0].Parameters) > 0 {
		t.Error("a clone shares the parameters of its original")
	}
}

// Numbers in a study file may be numbers, and one channel may be one number.
func TestStudyFileTakesNumbers(t *testing.T) {
	const text = "[data]\ndataset = \"mnist\"\n[training]\nmean = 0.5\nstd = [1]\n" +
		"[[reference]]\nkind = \"forest\"\n[reference.parameters]\ntrees = 5\n" +
		"[[reference]]\nkind = \"svm\"\n[reference.parameters]\nc = 0.25\ngamma = \"auto\"\n"
	s, err := ParseStudy(text)
	if err != nil {
		t.Fatal(err)
	}
	if s.Training.Mean[0] != .5 || s.Training.Std[0] != 1 || s.References[0].Parameters["trees"] != "5" ||
		s.References[1].Parameters["c"] != "0.25" || s.References[1].Parameters["gamma"] != "auto" {
		t.Errorf("got %+v", s)
	}
	again, err := s.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ParseStudy(string(again))
	if d, e := Differences(s, read); err != nil || e != nil || len(d) > 0 {
		t.Errorf("written and read again: %v, %v, %v", d, err, e)
	}
	for bad, want := range map[string]string{
		"mean = 0.5": "mean = \"a\"", "trees = 5": "trees = [5]", "c = 0.25": "c = 1979-05-27", "gamma = \"auto\"": "unknown = 1",
	} {
		if _, err := ParseStudy(strings.Replace(text, bad, want, 1)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line", want, err)
		}
	}
}

// What a hostile study would do with the decoder is refused at once.
func TestHostileStudies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "study.toml")
	for want, text := range map[string]string{
		"nested more than": "[" + strings.Repeat("a.", 1<<16) + "a]\n",
		"want at most":     strings.Repeat("[a]\n", 1<<19),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadStudy(path); err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 300 {
			t.Errorf("error %.300v, want a short one with %q", err, want)
		}
	}
}

// A key in the wrong table is told where it belongs, a wrong one what was meant.
func TestUnknownKeys(t *testing.T) {
	for text, want := range map[string]string{
		"dataset = 'mnist'":                     `unknown key "dataset": it belongs in the table [data]`,
		"epochs = 3\n[data]\ndataset = 'mnist'": `unknown key "epochs": it belongs in the table [training]`,
		"[data]\ndataset = 'mnist'\nseed = 1":   `unknown key "data.seed": it belongs to the beginning of the file, before any table or in a table [[reference]]`,
		"[training]\nepoch = 3":                 `unknown key "training.epoch"; did you mean "epochs"?`,
		"[data]\nresise = '32'":                 `unknown key "data.resise"; did you mean "resize"?`,
		"[[reference]]\nkind = 'svm'\nk = 3":    `unknown key "reference.k"`,
		"[nothing]\nlike = 'this'":              `unknown key "nothing"`,
	} {
		if _, err := ParseStudy(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
