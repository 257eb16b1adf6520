package runlog

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sampleRun has some of everything: names, images, two references, unknown numbers, right bits and
// values.
func sampleRun(t testing.TB) *Run {
	t.Helper()
	e := Examples{Labels: testLabels, Image: func(i int) ([]byte, error) { return bytes.Repeat([]byte{byte(i)}, 40), nil }}
	for i := range testLabels {
		e.Names = append(e.Names, fmt.Sprintf("class/%d.png", i))
	}
	r, err := Create(filepath.Join(t.TempDir(), "run"), testMeta(3), e)
	must(t, err)
	t.Cleanup(func() { r.Close() })
	m := reference("m", 0, 1, 0, 1, 1, 2)
	m.Margins = []float32{1, 2, 3, 4, 5, 6}
	_, err = r.AddReference(m)
	must(t, err)
	record(t, r, evaluation(0, 0, 0, 2, 0, 0, 2))
	nan := math.NaN()
	record(t, r, Evaluation{Step: 4, Epoch: nan, Loss: nan, Seconds: nan, Predictions: []uint16{0, 1, 2, 0, 0, 2},
		Right: []bool{true, false, true, false, true, false}, Values: map[string][]float32{"loss": {1, .5, 0, 2, 70000, float32(nan)}}})
	n := reference("n", 2, 2, 2, 2, 2, 2)
	n.Right = []bool{true, true, false, false, false, true}
	_, err = r.AddReference(n)
	must(t, err)
	h, err := r.Load(t.Context())
	must(t, err)
	must(t, h.Judge(t.Context()))
	must(t, r.KeepJudgements(h))
	return r
}

// everything is what readers see of the run in dir.
func everything(t testing.TB, dir string) (string, error) {
	h, err := Load(t.Context(), dir)
	if err != nil {
		return "", err
	}
	images, err := Images(t.Context(), dir)
	if err != nil {
		return "", err
	}
	r, err := OpenReadOnly(dir)
	if err != nil {
		return "", err
	}
	defer r.Close()
	text := fmt.Sprintf("%+v %v %q %v %v", h.Meta, h.Names, images, h.Log, h.Loss)
	for _, ref := range h.References {
		tables, err := r.Tables(ref.ID)
		if err != nil {
			return "", err
		}
		text += fmt.Sprintf(" %+v %v", ref, tables)
	}
	judged, err := json.Marshal(h.Judgements)
	if err != nil {
		return "", err
	}
	text += string(judged)
	names, err := r.ValueNames()
	if err != nil {
		return "", err
	}
	for _, name := range names {
		for v, err := range r.Values(name) {
			if err != nil {
				return "", err
			}
			text += fmt.Sprintf(" %s %v", name, v)
		}
	}
	return text, nil
}

func TestRightAndValues(t *testing.T) {
	r := sampleRun(t)
	h, err := Load(t.Context(), r.Dir())
	must(t, err)
	if h.Names[4] != "class/4.png" || h.Log.Accuracies()[1] != .5 || h.References[1].Accuracy != .5 || !math.IsNaN(h.Log.Epochs[1]) {
		t.Errorf("loaded %+v", h)
	}
	names, err := r.ValueNames()
	must(t, err)
	if !slices.Equal(names, []string{"loss"}) {
		t.Errorf("values are %q", names)
	}
	for v, err := range r.Values("loss") {
		must(t, err)
		if v.Step != 4 || !slices.Equal(v.Values[:5], []float32{1, .5, 0, 2, 65504}) || v.Values[5] == v.Values[5] {
			t.Errorf("values are %+v", v)
		}
	}
	must(t, h.Judge(t.Context())) // epochs that are not known can be judged
	for name, bad := range map[string]Evaluation{
		"2 entries": {Step: 9, Predictions: make([]uint16, 6), Right: make([]bool, 2)},
		"2 values":  {Step: 9, Predictions: make([]uint16, 6), Values: map[string][]float32{"x": {1, 2}}},
	} {
		if err := refusal(r, bad); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error is %v, want one with %q", err, name)
		}
	}
	_, err = Create(filepath.Join(t.TempDir(), "run"), testMeta(3), Examples{Labels: testLabels, Names: []string{"one"}})
	if err == nil || !strings.Contains(err.Error(), "1 names of examples, want 6") {
		t.Errorf("error is %v", err)
	}
}

// Whatever single value of the database is changed, readers say so instead of showing it.
func TestEditsAreFound(t *testing.T) {
	r := sampleRun(t)
	must(t, r.Close())
	whole, err := os.ReadFile(filepath.Join(r.Dir(), Database))
	must(t, err)
	for _, edit := range []string{
		"UPDATE example SET label = 1 WHERE id = 0",
		"UPDATE example SET name = 'other' WHERE id = 0",
		"UPDATE example SET image = x'00' WHERE id = 0",
		"UPDATE example SET image = (SELECT image FROM example WHERE id = 1), image_checksum = (SELECT image_checksum FROM example WHERE id = 1) WHERE id = 0",
		"UPDATE reference SET name = 'x' WHERE id = 1",
		"UPDATE reference SET predictions = x'000100010102' WHERE id = 2",
		"UPDATE reference SET margins = zeroblob(24) WHERE id = 1",
		"UPDATE reference SET accuracy = .25 WHERE id = 1",
		"UPDATE reference SET facts_json = '{}' WHERE id = 1",
		"UPDATE reference SET right = x'3f' WHERE id = 2",
		"UPDATE reference SET right = NULL WHERE id = 2",
		"UPDATE evaluation SET accuracy = .25 WHERE step = 0",
		"UPDATE evaluation SET loss = 1 WHERE step = 4",
		"UPDATE evaluation SET epoch = NULL WHERE step = 0",
		"UPDATE evaluation SET step = 5 WHERE step = 4",
		"UPDATE evaluation SET right = x'3f' WHERE step = 4",
		"UPDATE evaluation SET predictions = (SELECT predictions FROM evaluation WHERE step = 4) WHERE step = 0",
		"UPDATE evaluation SET predictions = (SELECT predictions FROM evaluation WHERE step = 4), checksum = (SELECT checksum FROM evaluation WHERE step = 4) WHERE step = 0",
		"UPDATE evaluation SET checksum = 0 WHERE step = 0",
		"UPDATE value SET data = x'00'",
		"UPDATE value SET name = 'margin'",
		"UPDATE contingency SET both = both + 1, neither = neither - 1 WHERE step = 0 AND reference_id = 1",
		"DELETE FROM contingency WHERE step = 4 AND reference_id = 2",
		"PRAGMA foreign_keys=1; DELETE FROM evaluation WHERE step = 4; PRAGMA foreign_keys=0; INSERT INTO contingency VALUES(4, 1, 1, 1, 1, 3)",
		"DELETE FROM example WHERE id = 3",
		"UPDATE meta SET value = 'x' WHERE key = 'dataset'",
		"UPDATE meta SET key = 'x' WHERE key = 'study_toml'",
		"UPDATE meta SET value = value || ' ' WHERE key = 'judgements_json'",
	} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, Database), whole, 0o666))
		db, err := sql.Open("sqlite", filepath.Join(dir, Database))
		must(t, err)
		_, err = db.Exec(edit)
		must(t, err)
		must(t, db.Close())
		if _, err := everything(t, dir); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("after %q: error is %v, want one line", edit, err)
		}
	}
}

// A byte that a disk or a copy spoiled is an error, or changes nothing that is read.
func TestFlippedBytes(t *testing.T) {
	r := sampleRun(t)
	must(t, r.Close())
	whole, err := os.ReadFile(filepath.Join(r.Dir(), Database))
	must(t, err)
	want, err := everything(t, r.Dir())
	must(t, err)
	rng := rand.New(rand.NewPCG(1, 2))
	var used []int // a byte of a small database is mostly zero and unused
	for i, b := range whole {
		if b != 0 {
			used = append(used, i)
		}
	}
	dir, refused := t.TempDir(), 0
	for range 300 {
		at := used[rng.IntN(len(used))]
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1 << rng.IntN(8)
		must(t, os.WriteFile(filepath.Join(dir, Database), flipped, 0o666))
		got, err := everything(t, dir)
		if err != nil {
			refused++
		} else if got != want {
			k := 0
			for k < len(got) && k < len(want) && got[k] == want[k] {
				k++
			}
			t.Errorf("byte %d flipped: read %q where %q was", at, got[max(0, k-20):min(len(got), k+80)], want[max(0, k-20):min(len(want), k+80)])
		}
	}
	if refused < 100 {
		t.Errorf("%d of 300 flips were refused: does the test read what it spoils?", refused)
	}
}

// Other splits are runs of their own in the same file.
func TestSplits(t *testing.T) {
	r := sampleRun(t)
	train, err := r.AddSplit("train", "abc", Examples{Labels: []uint16{2, 2, 1}})
	must(t, err)
	_, err = train.AddReference(reference("m", 2, 1, 1))
	must(t, err)
	record(t, train, evaluation(2, 2, 2, 2))
	_, again := r.AddSplit("train", "", Examples{Labels: []uint16{0}})
	_, reserved := r.AddSplit(MainSplit, "", Examples{Labels: []uint16{0}})
	_, unknown := r.Split("validation")
	if again == nil || reserved == nil || !errors.Is(unknown, ErrNoSplit) {
		t.Errorf("errors are %v, %v and %v, want three", again, reserved, unknown)
	}
	must(t, r.Close())

	r, err = OpenReadOnly(r.Dir())
	must(t, err)
	defer r.Close()
	names, err := r.Splits()
	must(t, err)
	if whole, err := r.Split(""); whole != r || err != nil {
		t.Errorf("split \"\" is %p, %v, want the run, %p", whole, err, r)
	}
	train, err = r.Split("train")
	must(t, err)
	h, err := train.Load(t.Context())
	must(t, err)
	main, err := train.Split(MainSplit)
	must(t, err)
	if !slices.Equal(names, []string{"test", "train"}) || !slices.Equal(h.Log.Labels, []uint16{2, 2, 1}) || !slices.Equal(h.Log.Steps, []int{2}) ||
		h.TestHash != "abc" || h.Study != "test" || len(h.References) != 1 || !slices.Equal(main.Labels(), testLabels) {
		t.Errorf("splits %q; the training split is %+v", names, h)
	}
	if h, err := r.Load(t.Context()); err != nil || len(h.Log.Steps) != 2 || len(h.References) != 2 || h.TestHash != "" {
		t.Errorf("the main split is %+v (%v)", h, err)
	}
}

// What is made again replaces what was there, one by one, and says how it differs; what was not
// reached stays until it is trimmed, across a kill.
func TestRewind(t *testing.T) {
	r := newRun(t, 3)
	_, err := r.AddReference(reference("m", 0, 1, 0, 1, 1, 2))
	must(t, err)
	for step := range 5 {
		record(t, r, evaluation(10*step, 0, 0, 0, 0, 0, uint16(step%3)))
	}
	must(t, r.Rewind(10))
	if have, _ := r.Steps(); !slices.Equal(have, []int{0, 10}) {
		t.Errorf("steps %v stand, want 0 and 10", have)
	}
	if got := steps(t, r, -1); len(got) != 5 {
		t.Errorf("steps %v are read, want all 5", got)
	}
	if s := record(t, r, evaluation(20, 0, 0, 0, 0, 0, 2)); !s.Replaced || s.Differ != 0 {
		t.Errorf("the same evaluation: %+v", s)
	}
	dir := r.Dir()
	must(t, r.db.Close()) // as a kill leaves it
	must(t, release(r.lock))

	r, err = Open(dir)
	must(t, err)
	defer r.Close()
	if m, err := r.Meta(); err != nil || m.RewoundTo != 20 {
		t.Errorf("rewound to %d (%v), want 20", m.RewoundTo, err)
	}
	if last, _ := r.LastStep(); last != 20 {
		t.Errorf("the last step is %d, want 20", last)
	}
	if s := record(t, r, evaluation(35, 0, 0, 0, 0, 1, 1)); s.Replaced {
		t.Errorf("another step: %+v", s)
	}
	if got := steps(t, r, -1); !slices.Equal(got, []int{0, 10, 20, 35, 40}) {
		t.Errorf("steps %v", got)
	}
	if s := record(t, r, evaluation(40, 1, 0, 0, 0, 0, 2)); !s.Replaced || s.Differ != 2 || len(s.Tables) != 1 {
		t.Errorf("another evaluation of step 40: %+v, want 2 that differ", s)
	}
	if m, err := r.Meta(); err != nil || m.RewoundTo != NotRewound {
		t.Errorf("rewound to %d (%v), want not", m.RewoundTo, err)
	}
	must(t, r.Rewind(15))
	must(t, r.Trim())
	h, err := r.Load(t.Context())
	must(t, err)
	if !slices.Equal(h.Log.Steps, []int{0, 10}) || h.RewoundTo != NotRewound {
		t.Errorf("after Trim: %+v", h)
	}
}

// At rest a run is one file, in no write-ahead log, so that it can be read from a read-only disk by
// anybody's SQLite.
func TestOneFileAtRest(t *testing.T) {
	r := sampleRun(t)
	must(t, r.Close())
	names, err := filepath.Glob(filepath.Join(r.Dir(), "*"))
	must(t, err)
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	if !slices.Equal(names, []string{Database, lockFile}) {
		t.Errorf("files are %q", names)
	}
	raw, err := os.ReadFile(filepath.Join(r.Dir(), Database))
	must(t, err)
	if raw[18] != 1 || raw[19] != 1 { // the file format's read and write versions: 1 is a rollback journal
		t.Errorf("the journal's versions are %d and %d, want 1", raw[18], raw[19])
	}
}

// A folder that is moved, replaced or removed while a run writes is noticed.
func TestInPlace(t *testing.T) {
	r := sampleRun(t)
	must(t, r.InPlace())
	moved := new(Moved)
	must(t, os.Rename(r.Dir(), r.Dir()+"2"))
	if err := r.InPlace(); !errors.As(err, &moved) || moved.Dir != r.Dir() {
		t.Errorf("moved: error is %v", err)
	}
	other, err := Create(r.Dir(), testMeta(3), Examples{Labels: testLabels})
	must(t, err)
	defer other.Close()
	if err := r.InPlace(); !errors.As(err, &moved) {
		t.Errorf("replaced: error is %v", err)
	}
}

// Whoever does without locks can.
func TestWithoutLocks(t *testing.T) {
	t.Setenv(NoLocks, "1")
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, testMeta(3), Examples{Labels: testLabels})
	must(t, err)
	record(t, r, evaluation(0, 0, 0, 2, 0, 0, 2))
	if h, err := Load(t.Context(), dir); err != nil || len(h.Log.Steps) != 1 {
		t.Errorf("read %+v (%v)", h, err)
	}
	must(t, r.Close())
	if _, err := os.Stat(filepath.Join(dir, lockFile)); err == nil {
		t.Error("there is a lock")
	}
}

// What keeps a run from being written is named, such as a file that a killed reader of another user
// has left.
func TestWhatIsInTheWay(t *testing.T) {
	r := sampleRun(t)
	must(t, r.Close())
	must(t, os.Mkdir(filepath.Join(r.Dir(), Database+"-wal"), 0o777))
	_, err := Open(r.Dir())
	if err == nil || !strings.Contains(err.Error(), Database+"-wal can't be written") || !strings.Contains(err.Error(), "copy the folder") {
		t.Errorf("error is %v", err)
	}
}
