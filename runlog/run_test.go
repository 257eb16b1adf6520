package runlog

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"shoal/contingency"
	"shoal/dynamics"
)

var testLabels = []uint16{0, 1, 2, 0, 1, 2}

func testMeta(classes int) Meta {
	m := Meta{Study: "test", Dataset: "toy", Network: "tiny", StudyTOML: "seed = 1"}
	for range classes {
		m.Classes = append(m.Classes, "class")
	}
	return m
}

func newRun(t *testing.T, classes int) *Run {
	t.Helper()
	r, err := Create(filepath.Join(t.TempDir(), "run"), testMeta(classes), Examples{Labels: testLabels, Image: func(i int) ([]byte, error) { return []byte{byte(i)}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func evaluation(step int, predictions ...uint16) Evaluation {
	return Evaluation{Step: step, Epoch: float64(step) / 10, Loss: 2, Accuracy: 0.5, Seconds: 0.1, Predictions: predictions}
}

func reference(name string, predictions ...uint16) Reference {
	return Reference{Reference: dynamics.Reference{Name: name, Predictions: predictions}, Kind: "svm", ParamsJSON: `{"c":1}`, FactsJSON: `{"n":2}`, FitSeconds: 1}
}

func record(t testing.TB, r *Run, e Evaluation) Scored {
	t.Helper()
	scored, err := r.AppendEvaluation(e)
	must(t, err)
	return scored
}

// refusal is the error of an evaluation that the run doesn't take.
func refusal(r *Run, e Evaluation) error {
	_, err := r.AppendEvaluation(e)
	return err
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func steps(t *testing.T, r *Run, after int) []int {
	t.Helper()
	var all []int
	for e, err := range r.Evaluations(after) {
		must(t, err)
		all = append(all, e.Step)
	}
	return all
}

// Predictions and margins come back as they went in, at one byte a class and at two.
func TestRoundTrip(t *testing.T) {
	for _, classes := range []int{3, 256, 257, 1000} {
		r := newRun(t, classes)
		high := uint16(classes - 1)
		want := evaluation(0, 0, 1, high, 0, high, 2)
		ref := reference("svm", 0, high, 2, 2, 1, 0)
		ref.Margins = []float32{0.5, 0, 1, 2, -3, 4}
		id, err := r.AddReference(ref)
		must(t, err)
		record(t, r, want)
		dir := r.Dir()
		must(t, r.Close())

		r, err = Open(dir)
		must(t, err)
		defer r.Close()
		for got, err := range r.Evaluations(-1) {
			must(t, err)
			if !slices.Equal(got.Predictions, want.Predictions) || got.Epoch != want.Epoch || got.Loss != want.Loss {
				t.Errorf("classes %d: evaluation is %+v, want %+v", classes, got, want)
			}
		}
		refs, err := r.References()
		must(t, err)
		if len(refs) != 1 || refs[0].ID != id || !slices.Equal(refs[0].Predictions, ref.Predictions) || !slices.Equal(refs[0].Margins, ref.Margins) {
			t.Errorf("classes %d: references are %+v, want one like %+v", classes, refs, ref)
		}
		if !slices.Equal(r.Labels(), testLabels) || len(r.Classes()) != classes {
			t.Errorf("classes %d: labels %v, %d classes", classes, r.Labels(), len(r.Classes()))
		}
		if pictures, err := Images(t.Context(), dir); err != nil || string(pictures[4]) != "\x04" {
			t.Errorf("images are %q (%v)", pictures, err)
		}
	}
}

// A table is the same whether its evaluation or its reference came last.
func TestTablesFollowEitherOrder(t *testing.T) {
	r := newRun(t, 3)
	first, err := r.AddReference(reference("before", 0, 1, 0, 1, 1, 2))
	must(t, err)
	record(t, r, evaluation(0, 0, 0, 2, 0, 0, 2))
	record(t, r, evaluation(3, 1, 1, 1, 1, 1, 1))
	second, err := r.AddReference(reference("after", 0, 1, 0, 1, 1, 2))
	must(t, err)
	want := []StepTable{{0, contingency.Table{Both: 2, ShallowOnly: 2, DeepOnly: 2}}, {3, contingency.Table{Both: 2, ShallowOnly: 2, Neither: 2}}}
	for _, id := range []int{first, second} {
		got, err := r.Tables(id)
		must(t, err)
		if !slices.Equal(got, want) {
			t.Errorf("tables of reference %d are %v, want %v", id, got, want)
		}
	}
	must(t, r.Rewind(0))
	must(t, r.Trim())
	if got, _ := r.Tables(first); len(got) != 1 || len(steps(t, r, -1)) != 1 {
		t.Errorf("after Rewind(0): tables %v, steps %v, want those of step 0", got, steps(t, r, -1))
	}
}

func TestRefusals(t *testing.T) {
	impatient(t)
	r := newRun(t, 3)
	record(t, r, evaluation(5, 0, 0, 0, 0, 0, 0))
	nan := evaluation(6, 0, 0, 0, 0, 0, 0)
	nan.Loss = math.Inf(1)
	long := reference("long", 0, 0, 0, 0, 0, 0)
	long.Margins = make([]float32, 7)
	_, tooLong := r.AddReference(long)
	_, short := r.AddReference(reference("short", 0))
	_, foreign := r.AddReference(reference("foreign", 0, 0, 0, 0, 0, 3))
	_, locked := Open(r.Dir())
	_, taken := Create(r.Dir(), testMeta(3), Examples{Labels: testLabels})
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"same step", refusal(r, evaluation(5, 0, 0, 0, 0, 0, 0)), "at step 5 already"},
		{"few predictions", refusal(r, evaluation(6, 0)), "1 predictions, want 6"},
		{"foreign class", refusal(r, evaluation(6, 0, 0, 0, 0, 0, 7)), "class 7, want one below 3"},
		{"infinite loss", refusal(r, nan), "want finite numbers"},
		{"short reference", short, "1 predictions, want 6"},
		{"foreign reference", foreign, "class 3, want one below 3"},
		{"long margins", tooLong, "7 margins, want 6"},
		{"two writers", locked, "being written by another process"},
		{"taken folder", taken, "being written by another process"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: error is %v, want one with %q", c.name, c.err, c.want)
		}
	}
	if got := steps(t, r, -1); !slices.Equal(got, []int{5}) {
		t.Errorf("refused evaluations left steps %v, want [5]", got)
	}
	if refs, _ := r.References(); len(refs) != 0 {
		t.Errorf("refused references left %d", len(refs))
	}
}

func TestCreateRefusesARun(t *testing.T) {
	r := newRun(t, 3)
	dir := r.Dir()
	must(t, r.Close())
	if _, err := Create(dir, testMeta(3), Examples{Labels: testLabels}); !errors.Is(err, ErrExists) {
		t.Errorf("error is %v, want ErrExists", err)
	}
}

func TestCreateLeavesNothingWhenItFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	_, err := Create(dir, testMeta(3), Examples{Labels: testLabels, Image: func(i int) ([]byte, error) { return nil, errors.New("no picture") }})
	if err == nil || !strings.Contains(err.Error(), "no picture") {
		t.Fatalf("error is %v, want the image's", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was left behind: %v", err)
	}
	r, err := Create(dir, testMeta(3), Examples{Labels: testLabels})
	must(t, err)
	must(t, r.Close())
}

// Damaged, foreign and missing databases are one clear line each.
func TestOpenRefuses(t *testing.T) {
	whole := func(t *testing.T) string {
		r := newRun(t, 3)
		record(t, r, evaluation(0, 0, 0, 0, 0, 0, 0))
		must(t, r.Close())
		return r.Dir()
	}
	edit := func(t *testing.T, dir, query string) {
		db, err := sql.Open("sqlite", filepath.Join(dir, Database))
		must(t, err)
		_, err = db.Exec(query)
		must(t, err)
		must(t, db.Close())
	}
	for _, c := range []struct {
		name, want string
		break_     func(t *testing.T, dir string)
	}{
		{"no file", "not a run of shoal", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, Database))) }},
		{"empty file", "is empty", func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, Database), 0)) }},
		{"not a database", "not a run of shoal", func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, Database), []byte(strings.Repeat("hello ", 1000)), 0o666))
		}},
		{"truncated", "open run", func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, Database), 5000)) }},
		{"foreign", "another program", func(t *testing.T, dir string) { edit(t, dir, "PRAGMA application_id=7") }},
		{"newer", "schema is version 99", func(t *testing.T, dir string) { edit(t, dir, "PRAGMA user_version=99") }},
		{"label out of range", "want 0 to 2", func(t *testing.T, dir string) { edit(t, dir, "UPDATE example SET label=3 WHERE id=2") }},
		{"another label", "example 2: the row of table example doesn't fit its checksum", func(t *testing.T, dir string) { edit(t, dir, "UPDATE example SET label=0 WHERE id=2") }},
		{"missing example", "example 2 is missing", func(t *testing.T, dir string) { edit(t, dir, "DELETE FROM example WHERE id=2") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := whole(t)
			c.break_(t, dir)
			for _, open := range []func(string) (*Run, error){Open, OpenReadOnly} {
				r, err := open(dir)
				if err == nil {
					r.Close()
					t.Fatal("it opened")
				}
				if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("error is %q, want one line with %q", err, c.want)
				}
			}
		})
	}
}

// At rest a run is read without a file being made beside it, as a read-only disk wants.
func TestAtRest(t *testing.T) {
	r := newRun(t, 3)
	record(t, r, evaluation(0, 0, 0, 0, 0, 0, 0))
	must(t, r.Close())
	before, _ := filepath.Glob(filepath.Join(r.Dir(), "*"))
	db, err := connect(filepath.Join(r.Dir(), Database), atRest, place{})
	must(t, err)
	defer db.Close()
	var n int
	must(t, db.QueryRow("SELECT count(*) FROM evaluation").Scan(&n))
	if after, _ := filepath.Glob(filepath.Join(r.Dir(), "*")); n != 1 || !slices.Equal(before, after) {
		t.Errorf("%d evaluations, want 1; files %v, before %v", n, after, before)
	}
	if _, err := db.Exec("DELETE FROM evaluation"); err == nil {
		t.Error("it was written to")
	}
}

// Decoders that want the size first, such as Python's zstandard.decompress, read the predictions of
// few examples, too.
func TestPredictionsSayTheirSize(t *testing.T) {
	r := newRun(t, 3)
	record(t, r, evaluation(0, 0, 0, 0, 0, 0, 0))
	var blob []byte
	must(t, r.db.QueryRow("SELECT predictions FROM evaluation").Scan(&blob))
	var header zstd.Header
	must(t, header.Decode(blob))
	if !header.HasFCS || header.FrameContentSize != 6 {
		t.Errorf("the frame says it has %d bytes (%v), want 6", header.FrameContentSize, header.HasFCS)
	}
}

func TestDamagedPredictions(t *testing.T) {
	r := newRun(t, 3)
	record(t, r, evaluation(0, 0, 0, 0, 0, 0, 0))
	for _, blob := range [][]byte{{}, []byte("garbage"), r.enc.EncodeAll([]byte{0, 0}, nil), r.enc.EncodeAll([]byte{0, 0, 0, 0, 0, 9}, nil)} {
		_, err := r.db.Exec("UPDATE evaluation SET predictions = ?", blob)
		must(t, err)
		failed := false
		for _, err := range r.Evaluations(-1) {
			failed = failed || err != nil
		}
		if !failed {
			t.Errorf("predictions %q were read", blob)
		}
	}
}

func TestStatusAndMeta(t *testing.T) {
	r := newRun(t, 3)
	must(t, r.SetStatus(Failed, "step 3, layer conv1"))
	must(t, r.SetSeconds(Seconds{Training: 2}))
	m, err := r.Meta()
	must(t, err)
	want := testMeta(3)
	want.RewoundTo = NotRewound
	want.Status, want.Failure, want.Seconds = Failed, "step 3, layer conv1", Seconds{Training: 2}
	want.LabelsHash = "12902621e009b3157b1142a67a552835a62d1794646dd4102a63f7fbd0d7bd90"
	if !reflect.DeepEqual(m, want) {
		t.Errorf("meta is\n%+v, want\n%+v", m, want)
	}
	if last, err := r.LastStep(); err != nil || last != -1 {
		t.Errorf("last step is %d (%v), want -1", last, err)
	}
}

// A disk that takes no more ends an append with one clear line, and the run stays as it was.
func TestDiskFull(t *testing.T) {
	r := newRun(t, 3)
	record(t, r, evaluation(0, 0, 1, 2, 0, 1, 2))
	r.db.SetMaxOpenConns(1) // the pragma holds for one connection
	var pages int
	must(t, r.db.QueryRow("PRAGMA page_count").Scan(&pages))
	if _, err := r.db.Exec(fmt.Sprintf("PRAGMA max_page_count=%d", pages)); err != nil {
		t.Fatal(err)
	}
	err := r.SetStatus(Failed, strings.Repeat("x", 1<<20))
	if err == nil || !strings.Contains(err.Error(), "disk is full (13)") || strings.Contains(err.Error(), "is the disk full?") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error is %v", err)
	}
	if got := steps(t, r, -1); len(got) != 1 {
		t.Errorf("steps %v", got)
	}
}

// A transaction reads through its own connection: with a rollback journal another one would wait for it,
// and it for that one.
func TestWritingNeedsOneConnection(t *testing.T) {
	r := newRun(t, 3)
	r.db.SetMaxIdleConns(1) // a second one would be closed, and counted
	before := r.db.Stats().MaxIdleClosed
	record(t, r, evaluation(0, 0, 1, 2, 0, 1, 2))
	_, err := r.AddReference(reference("svm", 0, 1, 2, 0, 0, 0))
	must(t, err)
	must(t, r.Rewind(-1))
	record(t, r, evaluation(0, 0, 0, 2, 0, 1, 2))
	must(t, r.Trim())
	_, err = r.AddSplit("train", "", Examples{Labels: testLabels})
	must(t, err)
	must(t, r.SetImages(func(int) ([]byte, error) { return nil, nil }))
	if more := r.db.Stats().MaxIdleClosed - before; more > 0 {
		t.Errorf("writing took %d more connections, want none", more)
	}
}

// What a killed writer left beside a database that was removed alone doesn't become the next run's.
func TestCreateBesideAnOldLog(t *testing.T) {
	r := newRun(t, 3)
	for step := range 5 {
		record(t, r, evaluation(step, 0, 1, 2, 0, 1, 2))
	}
	killed := copyOf(t, r.Dir())
	if left := besides(killed); !slices.Contains(left, "-wal") {
		t.Fatalf("the killed run has %v, want a write-ahead log", left)
	}
	must(t, os.Remove(filepath.Join(killed, Database)))
	again, err := Create(killed, testMeta(2), Examples{Labels: []uint16{0, 1}})
	must(t, err)
	defer again.Close()
	if got := steps(t, again, -1); len(got) > 0 || len(again.Labels()) != 2 {
		t.Errorf("the new run has steps %v and %d labels, want none and 2", got, len(again.Labels()))
	}
}

// A run whose folder was replaced leaves what stands there now when it is discarded.
func TestDiscardOfAMovedRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a folder with open files can't be moved")
	}
	r := newRun(t, 3)
	must(t, os.Rename(r.Dir(), r.Dir()+"-moved"))
	now, err := Create(r.Dir(), testMeta(3), Examples{Labels: testLabels})
	must(t, err)
	var moved *Moved
	if err := r.Discard(); !errors.As(err, &moved) {
		t.Errorf("error %v, want that it was moved", err)
	}
	must(t, now.InPlace())
	must(t, now.Close())
}

// A glance is of one moment: the step isn't one that came after what the run says about itself.
func TestGlanceIsOfOneMoment(t *testing.T) {
	r := newRun(t, 3)
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for step := 0; ; step++ {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			err := r.SetStatus(Running, fmt.Sprint(step))
			if err == nil {
				_, err = r.AppendEvaluation(evaluation(step, 0, 1, 2, 0, 1, 2))
			}
			if err != nil {
				ended <- err
				return
			}
		}
	}()
	for range 300 {
		g, err := Glance(r.Dir())
		if err != nil {
			t.Error(err)
			break
		}
		if about, err := strconv.Atoi(g.Failure); err == nil && g.Step > about {
			t.Errorf("step %d, while the run is about to come to step %d", g.Step, about)
			break
		}
	}
	close(stop)
	must(t, <-ended)
}
