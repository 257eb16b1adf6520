package runlog

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"shoal/contingency"
	"shoal/dynamics/groups"
)

// labelledRun has all that a run with corrected labels keeps: names, images, references with margins,
// values, groups, initialisations, judgements and another split. What is right follows from the labels.
func labelledRun(t *testing.T) string {
	t.Helper()
	e := Examples{Labels: testLabels, Image: func(i int) ([]byte, error) { return []byte{byte(i)}, nil }}
	for i := range testLabels {
		e.Names = append(e.Names, fmt.Sprintf("class/%d.png", i))
	}
	m := testMeta(3)
	m.TrainHash, m.TestHash, m.Decoder = "aa", "bb", "cc"
	r, err := Create(filepath.Join(t.TempDir(), "run"), m, e)
	must(t, err)
	ref := reference("m", 0, 1, 0, 1, 1, 2)
	ref.Margins = []float32{1, 2, 3, 4, 5, 6}
	_, err = r.AddReference(ref)
	must(t, err)
	for step, p := range [][]uint16{{0, 0, 2, 0, 0, 2}, {1, 1, 2, 0, 0, 2}} {
		e := evaluation(4*step, p...)
		e.Values = map[string][]float32{"loss": {1, .5, .25, 2, 3, 4}, "p_label": {.5, .25, 1, 0, .5, .75}}
		record(t, r, e)
	}
	other, err := r.AddSplit("train", "dd", Examples{Labels: []uint16{2, 1}})
	must(t, err)
	record(t, other, evaluation(0, 2, 2))
	must(t, r.SetGroups([]groups.Attribute{{Name: "ground", Groups: []string{"land", "sea"}, Of: []int{0, 1, 0, 1, groups.None, 0}}}))
	must(t, r.KeepInitial([][]uint16{{0, 1}, {2, 2}}))
	must(t, r.SetSources(map[string]int64{"a.jsonl": 3}))
	h, err := r.Load(t.Context())
	must(t, err)
	must(t, h.Judge(t.Context()))
	must(t, r.KeepJudgements(h))
	must(t, r.SetSeconds(Seconds{Training: 9}))
	must(t, r.SetStatus(Finished, ""))
	must(t, r.Close())
	return r.Dir()
}

// relabelled makes a copy of a run and returns its folder.
func relabelled(t *testing.T, dir string, c Relabelling) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "copy")
	must(t, Relabel(t.Context(), dir, out, c))
	return out
}

// A copy with other labels is counted by them, keeps all else, and says what it doesn't know any more.
func TestRelabel(t *testing.T) {
	dir := labelledRun(t)
	before, err := os.ReadFile(filepath.Join(dir, Database))
	must(t, err)
	labels := []uint16{1, 1, 2, 0, 0, 2}
	out := relabelled(t, dir, Relabelling{Split: MainSplit, Labels: labels, Source: LabelSource{"f.csv", "ee", 2}})
	old, err := Load(t.Context(), dir)
	must(t, err)
	h, err := Load(t.Context(), out) // which counts tables and accuracies again
	must(t, err)
	if !slices.Equal(h.Log.Labels, labels) || !reflect.DeepEqual(h.Log.Predictions, old.Log.Predictions) || !slices.Equal(h.Names, old.Names) {
		t.Errorf("the copy is %+v", h)
	}
	if h.References[0].Accuracy != contingency.Accuracy(labels, h.References[0].Predictions) || h.Log.Accuracies()[1] != 1 {
		t.Errorf("accuracies %v and %v", h.References[0].Accuracy, h.Log.Accuracies())
	}
	if h.Judgements != nil || !math.IsNaN(h.Loss[0]) || !math.IsNaN(h.Values.Loss[0]) || h.Values.Loss[1] != .5 || !math.IsNaN(float64(h.LabelP[0])) || h.LabelP[1] != .25 {
		t.Errorf("judgements %v, losses %v, values %v", h.Judgements, h.Loss, h.Values.Loss)
	}
	want := &Relabelled{Sources: []LabelSource{{"f.csv", "ee", 2}}, GivenHash: old.LabelsHash, Given: []GivenLabel{{0, 0}, {4, 1}}}
	if h.CopyOf != dir || !reflect.DeepEqual(h.Relabelled, want) || h.GivenHash() != old.LabelsHash || h.LabelsHash == old.LabelsHash {
		t.Errorf("it says of itself %+v", h.Meta)
	}
	if h.TestHash != "bb" || h.TrainHash != "aa" || h.Status != Finished || h.Seconds.Training != 9 || !reflect.DeepEqual(h.Initial, old.Initial) || !reflect.DeepEqual(h.Groups, old.Groups) {
		t.Errorf("it lost something: %+v", h)
	}
	checkCopy(t, dir, out)
	if after, err := os.ReadFile(filepath.Join(dir, Database)); err != nil || !slices.Equal(before, after) {
		t.Errorf("the run itself was changed, %v", err)
	}
	// A second correction counts from the labels of the dataset; one that undoes the first leaves none.
	again := relabelled(t, out, Relabelling{Split: MainSplit, Labels: testLabels, Source: LabelSource{"g.csv", "ff", 2}})
	back, err := Load(t.Context(), again)
	must(t, err)
	if back.CopyOf != dir || len(back.Relabelled.Given) != 0 || len(back.Relabelled.Sources) != 2 || back.LabelsHash != old.LabelsHash || !reflect.DeepEqual(back.Log, old.Log) {
		t.Errorf("undone: %+v", back.Meta)
	}
}

// checkCopy: images and the other split are those of the run, and no log is known to be read.
func checkCopy(t *testing.T, dir, out string) {
	t.Helper()
	a, err := Images(t.Context(), dir)
	must(t, err)
	b, err := Images(t.Context(), out)
	must(t, err)
	x, err := LoadSplit(t.Context(), dir, "train")
	must(t, err)
	y, err := LoadSplit(t.Context(), out, "train")
	must(t, err)
	if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(x.Log, y.Log) || y.TestHash != "dd" || y.Relabelled != nil || y.Loss[0] != x.Loss[0] {
		t.Errorf("images %v, other split %+v", b, y)
	}
	r, err := OpenReadOnly(out)
	must(t, err)
	defer r.Close()
	if read, err := r.Sources(); err != nil || len(read) > 0 {
		t.Errorf("sources %v, %v", read, err)
	}
}

// Labels of another split are corrected alone.
func TestRelabelAnotherSplit(t *testing.T) {
	dir := labelledRun(t)
	out := relabelled(t, dir, Relabelling{Split: "train", Labels: []uint16{2, 2}, Source: LabelSource{"f", "e", 1}})
	h, err := Load(t.Context(), out)
	must(t, err)
	s, err := LoadSplit(t.Context(), out, "train")
	must(t, err)
	if h.Relabelled != nil || h.CopyOf != dir || h.Loss[0] != 2 || s.Log.Accuracies()[0] != 1 || s.Relabelled == nil || !math.IsNaN(s.Loss[0]) {
		t.Errorf("main %+v, train %+v", h.Meta, s.Meta)
	}
}

// A run of schema 1 has a copy of this version.
func TestRelabelVersion1(t *testing.T) {
	r := newRun(t, 3)
	_, err := r.AddReference(reference("m", 0, 1, 0, 1, 1, 2))
	must(t, err)
	record(t, r, evaluation(0, 1, 1, 2, 0, 0, 2))
	must(t, r.SetStatus(Finished, ""))
	dir := makeVersion1(t, r)
	labels := []uint16{1, 1, 2, 0, 0, 2}
	out := relabelled(t, dir, Relabelling{Split: MainSplit, Labels: labels, Source: LabelSource{"f.csv", "ee", 2}})
	h, err := Load(t.Context(), out)
	must(t, err)
	if h.Log.Accuracies()[0] != 1 || h.References[0].FactsJSON != `{"n":2}` || len(h.Relabelled.Given) != 2 {
		t.Errorf("the copy is %+v", h)
	}
}

// What can't be counted by labels is refused.
func TestRelabelRefuses(t *testing.T) {
	r := sampleRun(t) // it says itself what is right
	must(t, r.Close())
	out := filepath.Join(t.TempDir(), "copy")
	if err := Relabel(t.Context(), r.Dir(), out, Relabelling{Split: MainSplit, Labels: testLabels}); !errors.Is(err, ErrOwnRight) {
		t.Errorf("error %v, want ErrOwnRight", err)
	}
	dir := labelledRun(t)
	w, err := Open(dir)
	must(t, err)
	must(t, w.Rewind(0))
	must(t, w.Close())
	err = Relabel(t.Context(), dir, filepath.Join(t.TempDir(), "copy"), Relabelling{Split: MainSplit, Labels: testLabels})
	if err == nil || !strings.Contains(err.Error(), "is being repeated") {
		t.Errorf("error %v", err)
	}
}

// What a copy says of the dataset's labels is found out when it was edited, checksum and all.
func TestRelabelledEditsAreFound(t *testing.T) {
	out := relabelled(t, labelledRun(t), Relabelling{Split: MainSplit, Labels: []uint16{1, 1, 2, 0, 0, 2}})
	whole, err := os.ReadFile(filepath.Join(out, Database))
	must(t, err)
	for _, given := range []string{`[]`, `[{"example":0,"label":2},{"example":4,"label":1}]`, `[{"example":9,"label":0}]`, `[{"example":-1,"label":0}]`} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, Database), whole, 0o666))
		db, err := sql.Open("sqlite", filepath.Join(dir, Database))
		must(t, err)
		var text string
		must(t, db.QueryRow("SELECT value FROM meta WHERE key = ?", keyRelabelled).Scan(&text))
		at := strings.Index(text, `"given":`)
		text = text[:at] + `"given":` + given + "}"
		_, err = db.Exec("UPDATE meta SET value = ?, checksum = ? WHERE key = ?", text, checksum("meta", keyRelabelled, text), keyRelabelled)
		must(t, err)
		must(t, db.Close())
		if _, err := Load(t.Context(), dir); err == nil || !strings.Contains(err.Error(), keyRelabelled) {
			t.Errorf("%s: error %v", given, err)
		}
	}
}
