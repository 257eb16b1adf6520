package track

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shoal/internal/npy"
	"shoal/internal/tinydata"
	"shoal/record"
	"shoal/runlog"
)

// elsewhere is a study whose paths count from the working folder: a folder of images, a checkpoint to
// start from, a partition, a file of predictions and another run.
func elsewhere(t *testing.T) (Study, Options) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := tinydata.Write("shapes", 30, 12); err != nil {
		t.Fatal(err)
	}
	s := defaultsFor("folder:shapes")
	s.Training.Epochs, s.Training.Batch, s.References, s.Evaluation.Initialisations = 1, 16, record.References{}, 2
	o := Options{Out: "first", Options: record.Options{NoCache: true}}
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename("first/checkpoints/step-00000006.safetensors", "init.safetensors"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := npy.Write(&b, make([]uint8, 36)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("zero.npy", b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := Partition{Fit: record.Fit{Reference: record.Reference{Name: "knn", Kind: "knn"}, Data: s.Data, Folds: 2, Save: "easy.json"}}
	cut.Preset = "default"
	if _, err := cut.Do(t.Context(), o.Options); err != nil {
		t.Fatal(err)
	}
	s.Network.Init, s.Subset.Partition, s.Subset.Order = "init.safetensors", "easy.json", "random"
	s.References = record.References{
		{Name: "zero", Kind: record.KindFile, Path: "zero.npy"},
		{Name: "first", Kind: record.KindNetwork, Path: "first"},
	}
	o.Checkpoint = time.Nanosecond
	return s, o
}

// stopAt runs a study until so many steps are done.
func stopAt(t *testing.T, s Study, o Options, step int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Progress = func(p record.Progress) {
		if p.Part == record.PartTrain && p.Done == step {
			cancel()
		}
	}
	if _, err := Run(ctx, s, o); err == nil {
		t.Fatal("the run was not interrupted")
	}
}

func remove(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
}

// A run is resumed in another folder, and without the files that it doesn't need any more: its
// references are in its database, its first weights in every checkpoint.
func TestResumeReadsOnlyWhatItNeeds(t *testing.T) {
	s, o := elsewhere(t)
	o.Out = "whole"
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	o.Out = "cut"
	stopAt(t, s, o, 3)
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	remove(t, "init.safetensors", "zero.npy", "first")
	t.Chdir(t.TempDir())
	if err := tinydata.Write("shapes", 3, 1); err != nil { // other images under the same name
		t.Fatal(err)
	}
	o.Out = filepath.Join(home, "cut")
	if _, err := Resume(t.Context(), o.Out, nil, o); err != nil {
		t.Fatal(err)
	}
	same(t, "elsewhere", filepath.Join(home, "whole"), o.Out)
	h, err := runlog.Load(t.Context(), o.Out)
	if err != nil || h.Dataset != "folder:shapes" || len(h.Names) != 36 || h.Names[1] != "dot/0000.png" {
		t.Errorf("the run is of %q, %v, with names %q; want the name that was given, and those of the images", h.Dataset, err, h.Names)
	}
	// Finished, it needs nothing at all.
	before, err := record.ReadSummary(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	remove(t, filepath.Join(home, "shapes"), filepath.Join(home, "easy.json"), "shapes", filepath.Join(o.Out, "checkpoints"))
	o.Restart = true
	after, err := Resume(t.Context(), o.Out, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	if after.Subset == nil || *after.Subset != *before.Subset || after.Workers != before.Workers || after.SIMD != before.SIMD || after.Accuracy != before.Accuracy {
		t.Errorf("summary %+v, was %+v", after, before)
	}
	same(t, "redrawn", filepath.Join(home, "whole"), o.Out)
	if _, err := record.Compare(t.Context(), o.Out, record.References{{Name: "svm", Kind: "svm", Preset: "default"}}, o.Options); err == nil || !strings.Contains(err.Error(), `it is not at "`+filepath.Join(home, "shapes")) {
		t.Errorf("a fit without the images: %v, want both places that were tried", err)
	}
}

// Where a run trains from its beginning again, the weights that it starts from have to be those that
// it had; otherwise nothing of the run is lost.
func TestResumeFromTheBeginningWantsTheSameWeights(t *testing.T) {
	s, o := elsewhere(t)
	s.Subset = Subset{}
	o.Out = "cut"
	stopAt(t, s, o, 3)
	kept, _ := blobs(t, o.Out)
	remove(t, "cut/checkpoints")
	o.Restart = true
	whole, err := os.ReadFile("init.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	remove(t, "init.safetensors")
	if _, err := Resume(t.Context(), o.Out, nil, o); err == nil || !strings.Contains(err.Error(), "init.safetensors\": file does not exist") {
		t.Errorf("without the weights: %v", err)
	}
	if err := os.WriteFile("init.safetensors", append([]byte{}, whole[:len(whole)-4]...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(t.Context(), o.Out, nil, o); err == nil || !strings.Contains(err.Error(), "bring that file back") {
		t.Errorf("with other weights: %v", err)
	}
	if left, _ := blobs(t, o.Out); len(left) != len(kept) {
		t.Errorf("%d evaluations are left of %d", len(left), len(kept))
	}
	if err := os.WriteFile("init.safetensors", whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(t.Context(), o.Out, nil, o); err != nil {
		t.Fatal(err)
	}
}

// The study of a run folder is a study like any other: its paths count from the working folder.
func TestTheStudyOfARunIsReadFromTheWorkingFolder(t *testing.T) {
	s, o := elsewhere(t)
	s.Training.Epochs, o.Out = .2, "out"
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("out/study.toml")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := ParseStudy(string(text))
	if err != nil || !filepath.IsAbs(stored.Data.Absolute) || !filepath.IsAbs(stored.Network.InitAbsolute) || !filepath.IsAbs(stored.Subset.Absolute) ||
		!filepath.IsAbs(stored.References[0].Absolute) || !filepath.IsAbs(stored.References[1].Absolute) || len(stored.Network.InitSHA256) != 64 {
		t.Errorf("stored %+v, %v; want absolute paths", stored, err)
	}
	read, err := ReadStudy("out/study.toml")
	if err != nil || read.Data.Absolute != "" || read.Network.InitAbsolute != "" || read.Subset.Absolute != "" || read.References[0].Absolute != "" || read.Network.InitSHA256 != "" {
		t.Errorf("read %+v, %v; want no absolute path", read, err)
	}
}
