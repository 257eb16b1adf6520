package track

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"shoal/curriculum"
	"shoal/internal/atomicfile"
	"shoal/internal/longtest"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/runlog"
)

// cut makes a partition of the tiny study's training split by a forest.
func cut(t *testing.T, s Study) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "easy.json")
	p := Partition{Fit: record.Fit{
		Reference: record.Reference{Name: "forest", Kind: "forest", Preset: "default", Parameters: map[string]string{"trees": "5"}, Seed: 1},
		Data:      s.Data, Folds: 3, Save: path,
	}}
	got, err := p.Do(t.Context(), record.Options{NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	read, err := curriculum.Read(file)
	if err != nil || len(read.Easy) != got.Easy || len(read.Hard) != got.Hard || read.Folds != 3 || read.Seed != 1 {
		t.Fatalf("file %+v, %v, want what was said: %+v", read, err, got)
	}
	if got.Easy < 20 || got.Hard < 10 || got.Easy+got.Hard != 90 {
		t.Fatalf("%d easy and %d hard examples are no test", got.Easy, got.Hard)
	}
	sum := curriculum.Counts{}
	for _, c := range got.ByClass {
		sum.Easy, sum.Hard = sum.Easy+c.Easy, sum.Hard+c.Hard
	}
	if sum.Easy != got.Easy || sum.Hard != got.Hard || len(got.ByClass) != 3 {
		t.Errorf("by class %v, want %d and %d together", got.ByClass, got.Easy, got.Hard)
	}
	return path
}

// Order random is the study without a partition, bit for bit.
func TestRandomOrderIsThePlainStudy(t *testing.T) {
	s, o := tiny(t)
	s.References = nil
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	s.Subset = Subset{Partition: cut(t, s)}
	random := o
	random.Out = filepath.Join(t.TempDir(), "run")
	summary, err := Run(t.Context(), s, random)
	if err != nil {
		t.Fatal(err)
	}
	if summary.Subset == nil || summary.Subset.Order != "random" || summary.Subset.Then != 90 {
		t.Errorf("summary %+v", summary.Subset)
	}
	same(t, "random order", o.Out, random.Out)
	s.Subset.Order = "easy-only"
	easy := o
	easy.Out = filepath.Join(t.TempDir(), "run")
	if summary, err = Run(t.Context(), s, easy); err != nil {
		t.Fatal(err)
	}
	if summary.Steps != 18 || summary.Subset.Then != summary.Subset.Easy {
		t.Errorf("%d steps over %+v, want the 18 of all orders", summary.Steps, summary.Subset)
	}
	a, _ := blobs(t, o.Out)
	b, _ := blobs(t, easy.Out)
	if a[18].Loss == b[18].Loss {
		t.Error("easy-only trains like random")
	}
}

// A study by a partition resumes with the same bits from within the first part, from its end and
// from after it.
func TestResumeWithAPartition(t *testing.T) {
	longtest.Only(t, "a resumed run by a partition")
	s, o := tiny(t)
	s.References = nil
	s.Subset = Subset{Partition: cut(t, s), Order: "hard-first", Passes: 2}
	summary, err := Run(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	first := summary.Subset.FirstSteps
	if first < 4 || first > 14 {
		t.Fatalf("the first part takes %d of 18 steps, which is no test", first)
	}
	for _, stop := range []int{1, first - 1, first, first + 2} {
		part := o
		part.Out, part.Checkpoint = filepath.Join(t.TempDir(), "run"), time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		part.Progress = func(p record.Progress) {
			if p.Part == record.PartTrain && p.Done == stop {
				cancel()
			}
		}
		_, err := Run(ctx, s, part)
		cancel()
		if stopped := new(Stopped); !errors.As(err, &stopped) {
			t.Fatalf("stopped at step %d: %v", stop, err)
		}
		part.Progress = nil
		if _, err := Resume(t.Context(), part.Out, nil, part); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("stopped at step %d", stop), o.Out, part.Out)
	}
}

func TestPartitionOfOtherData(t *testing.T) {
	s, o := tiny(t)
	path := cut(t, s)
	s.Subset = Subset{Partition: path, Order: "easy-only"}
	fewer := s
	fewer.Data.LimitTrain = 80
	wrongHash := s
	wrongHash.Subset.SHA256 = strings.Repeat("0", 64)
	missing := s
	missing.Subset.Partition = strings.Replace(path, ".json", "s.json", 1)
	for want, study := range map[string]Study{
		"training split has 80": fewer, "bring that file back": wrongHash, `: file does not exist; did you mean "`: missing,
	} {
		if _, err := Run(t.Context(), study, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
	if _, err := os.Stat(o.Out); !os.IsNotExist(err) {
		t.Errorf("a run folder is left: %v", err)
	}
}

func TestSubsetChecks(t *testing.T) {
	for _, s := range []Subset{
		{Order: "random"}, {Passes: 1}, {SHA256: "00"}, {Partition: "p", Order: "best"}, {Partition: "p", Passes: 1},
		{Partition: "p", Order: "easy-only", Passes: 1}, {Partition: "p", Order: "easy-first", Passes: -1},
	} {
		if usage := new(usage.Error); !errors.As(s.check(), &usage) {
			t.Errorf("%+v: got error %v", s, s.check())
		}
	}
	for _, s := range []Subset{{}, {Partition: "p"}, {Partition: "p", Order: "hard-first"}, {Partition: "p", Order: "hard-first", Passes: 3}} {
		if err := s.check(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// finished writes what CompareOrders reads of a run: study, summary, and a database of two
// evaluations of four examples.
func finished(t *testing.T, order string, passes int, seed uint64, accuracy float64) string {
	t.Helper()
	dir := t.TempDir()
	s, err := Builtin("mnist")
	if err != nil {
		t.Fatal(err)
	}
	hash := strings.Repeat("0a", 32)
	s.Seed, s.Subset = seed, Subset{Partition: dir + "/p.json", Order: order, Passes: passes, SHA256: hash}
	text, err := s.Encode(map[string]any{"workers": int(seed)})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, StudyFile), text, 0o644); err != nil {
		t.Fatal(err)
	}
	summary := record.Summary{Dataset: "mnist", Network: "cnn2", Steps: 9, Seed: &seed, Accuracy: accuracy, Subset: &record.SubsetSummary{
		Order: order, Passes: passes, SHA256: hash, Reference: "svm", Easy: 7, Hard: 3, Then: 10,
	}}
	if err := atomicfile.WriteJSON(filepath.Join(dir, record.SummaryFile), summary); err != nil {
		t.Fatal(err)
	}
	log, err := runlog.Create(dir, runlog.Meta{Study: "s", Dataset: "mnist", Network: "cnn2", Classes: []string{"a", "b"}}, runlog.Examples{Labels: make([]uint16, 4)})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, e := range []runlog.Evaluation{{Predictions: []uint16{1, 1, 1, 1}}, {Step: 9, Epoch: 1, Accuracy: accuracy, Predictions: []uint16{1, 1, 1, 1}}} {
		clear(e.Predictions[:int(4*e.Accuracy)])
		if _, err := log.AppendEvaluation(e); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The curves come from the database, everything else from study and summary; the statistics have
// their own tests in package orders.
func TestCompareOrders(t *testing.T) {
	var dirs []string
	for seed := uint64(1); seed < 4; seed++ {
		dirs = append(dirs, finished(t, "random", 0, seed, .5), finished(t, "hard-first", 2, seed, .75))
	}
	table, err := CompareOrders(dirs)
	if err != nil {
		t.Fatal(err)
	}
	if table.Dataset != "mnist" || table.Network != "cnn2" || table.Steps != 9 || table.Easy != 7 || table.Hard != 3 || table.Reference != "svm" {
		t.Errorf("header %+v", table)
	}
	if len(table.Rows) != 2 {
		t.Fatalf("%d rows, want hard-first and random", len(table.Rows))
	}
	r := table.Rows[0]
	if r.Name() != "hard-first (2 passes)" || r.Examples != 10 || !slices.Equal(r.Seeds, []uint64{1, 2, 3}) || r.ToRandom.Difference.Value != .25 {
		t.Errorf("got %+v", r)
	}
	if len(r.Curve) != 2 || r.Curve[0].Mean != 0 || r.Curve[1].Step != 9 || r.Curve[1].Epoch != 1 || r.Curve[1].Mean != .75 {
		t.Errorf("curve %+v", r.Curve)
	}
}

func TestCompareOrdersRefuses(t *testing.T) {
	a := finished(t, "random", 0, 1, .9)
	other := finished(t, "easy-only", 0, 1, .9)
	text, err := os.ReadFile(filepath.Join(other, StudyFile))
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "momentum = 0.5", "momentum = 0.6", 1)
	if changed == string(text) {
		t.Fatal("the study has no momentum to change")
	}
	if err := os.WriteFile(filepath.Join(other, StudyFile), []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, dirs := range map[string][]string{
		"training.momentum (0.5 and 0.6)": {a, other},
		"which another run has too":       {a, finished(t, "random", 0, 1, .8)},
		"not a run of shoal":              {a, t.TempDir()},
		"1 run: want the folders of 2 or": {a},
	} {
		if _, err := CompareOrders(dirs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

func TestPartitionRefuses(t *testing.T) {
	s, _ := tiny(t)
	path := cut(t, s)
	for want, p := range map[string]Partition{
		"exists already":  {Fit: record.Fit{Reference: record.Reference{Name: "svm", Kind: "svm"}, Data: s.Data, Folds: 2, Save: path}},
		"1 folds":         {Fit: record.Fit{Reference: record.Reference{Name: "svm", Kind: "svm"}, Data: s.Data, Folds: 1, Save: path + "2"}},
		"can't be fitted": {Fit: record.Fit{Reference: record.Reference{Name: "x", Kind: record.KindFile, Path: "x.npy"}, Data: s.Data, Folds: 2, Save: path + "2"}},
		"no file":         {Fit: record.Fit{Reference: record.Reference{Name: "svm", Kind: "svm"}, Data: s.Data, Folds: 2}},
	} {
		if _, err := p.Do(t.Context(), record.Options{NoCache: true}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
	if _, err := os.Stat(path + "2"); !os.IsNotExist(err) {
		t.Errorf("a file is left: %v", err)
	}
}
