package ingest

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/predlog"
	"shoal/runlog"
)

var labels = []uint16{2, 0, 1, 1, 2, 0}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// header is that of a rank of ranks.
func header(rank, ranks int) predlog.Header {
	return predlog.Header{Classes: []string{"a", "b", "c"}, Labels: labels, Dataset: "tiny", Network: "net", Rank: rank, Ranks: ranks, Resumed: predlog.NotResumed}
}

func resumed(h predlog.Header, step int) predlog.Header { h.Resumed = step; return h }

// whole is a part with all examples, whose predictions depend on the training and the step.
func whole(training, step int) predlog.Part {
	p := predlog.Part{Step: step, Epoch: float64(step) / 10, Loss: 1 / float64(step+1), Seconds: math.NaN()}
	for i := range labels {
		p.Predictions = append(p.Predictions, uint16(i+step*7+training*5)%3)
	}
	return p
}

// share is what a rank of ranks has of a part; the last rank repeats example 0.
func share(p predlog.Part, rank, ranks int) predlog.Part {
	all := p.Predictions
	p.Predictions, p.Index = nil, []int{}
	for i := rank; i < len(all); i += ranks {
		p.Index = append(p.Index, i)
	}
	if rank == ranks-1 && rank > 0 {
		p.Index = append(p.Index, 0)
	}
	for _, i := range p.Index {
		p.Predictions = append(p.Predictions, all[i])
	}
	return p
}

// writeLog writes a log and returns its path.
func writeLog(t *testing.T, dir string, h predlog.Header, parts ...predlog.Part) string {
	t.Helper()
	w, err := predlog.Create(dir, h)
	must(t, err)
	for _, p := range parts {
		must(t, w.Log(p))
	}
	must(t, w.Close())
	return w.Path()
}

func refresh(t *testing.T, dir string) *Result {
	t.Helper()
	r, err := Refresh(t.Context(), dir, Options{})
	must(t, err)
	return r
}

// tables is all that a run says of a split, but for how far files were read.
func tables(t *testing.T, dir, split string) string {
	t.Helper()
	run, err := runlog.OpenReadOnly(dir)
	must(t, err)
	defer run.Close()
	view, err := run.Split(split)
	must(t, err)
	h, err := view.Load(t.Context())
	must(t, err)
	text := fmt.Sprintf("%+v %v %v %v %v", h.Meta, h.Names, h.Log, h.Loss, h.Scoring)
	names, err := view.ValueNames()
	must(t, err)
	for _, name := range names {
		for v, err := range view.Values(name) {
			must(t, err)
			text += fmt.Sprintf(" %s %v", name, v)
		}
	}
	return text
}

// again imports the log of dir into another folder, from nothing.
func again(t *testing.T, dir string) string {
	t.Helper()
	fresh := filepath.Join(t.TempDir(), filepath.Base(dir))
	must(t, os.CopyFS(filepath.Join(fresh, predlog.Folder), os.DirFS(filepath.Join(dir, predlog.Folder))))
	refresh(t, fresh)
	return fresh
}

// want checks which trainings the evaluations of a run are of: "step:training ...".
func want(t *testing.T, dir, steps string) {
	t.Helper()
	for _, d := range []string{dir, again(t, dir)} {
		h, err := runlog.Load(t.Context(), d)
		must(t, err)
		var got []string
		for k, step := range h.Log.Steps {
			training := slices.IndexFunc([]int{0, 1, 2}, func(x int) bool {
				return slices.Equal(h.Log.Predictions[k], whole(x, step).Predictions)
			})
			got = append(got, fmt.Sprintf("%d:%d", step, training))
		}
		if text := strings.Join(got, " "); text != steps {
			t.Errorf("evaluations are %s, want %s", text, steps)
		}
	}
	if a, b := tables(t, dir, runlog.MainSplit), tables(t, again(t, dir), runlog.MainSplit); a != b {
		t.Errorf("imported again it is another run:\n%s\n%s", a, b)
	}
}

func TestImportGrows(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	w, err := predlog.Create(dir, header(0, 1))
	must(t, err)
	if r := refresh(t, dir); r.Added != 0 || r.Total != 0 {
		t.Errorf("%+v of a log without evaluations", r)
	}
	must(t, w.Log(whole(0, 0)))
	p := whole(0, 3)
	p.Right = []bool{true, true, false, false, true, false}
	p.Values = map[string][]float32{"margin": {1, 2, 3, -4, .5, 1e9}}
	p.Epoch, p.Loss = math.NaN(), math.NaN()
	must(t, w.Log(p))
	if r := refresh(t, dir); r.Added != 2 || r.Total != 2 {
		t.Errorf("%+v, want 2 evaluations", r)
	}
	run, err := runlog.Open(dir) // a reference's tables grow with the log
	must(t, err)
	_, err = run.AddReference(runlog.Reference{Kind: "file", ParamsJSON: "{}", Reference: dynamics.Reference{Name: "m", Predictions: labels}})
	must(t, err)
	must(t, run.Close())
	must(t, w.Log(whole(0, 10)))
	for _, added := range []int{1, 0} {
		if r := refresh(t, dir); r.Added != added || r.Total != 3 {
			t.Errorf("%+v, want %d evaluations more", r, added)
		}
	}
	must(t, w.Close())
	h, err := runlog.Load(t.Context(), dir)
	must(t, err)
	if h.Status != runlog.Finished || h.Network != "net" || h.Dataset != "tiny" || !math.IsNaN(h.Log.Epochs[1]) || h.Log.Accuracies()[1] != .5 {
		t.Errorf("run is %+v", h)
	}
}

func TestResumedSessions(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	writeLog(t, dir, header(0, 1), whole(0, 0), whole(0, 10), whole(0, 20), whole(0, 30))
	refresh(t, dir)
	want(t, dir, "0:0 10:0 20:0 30:0")
	writeLog(t, dir, resumed(header(0, 1), 10)) // died before its first evaluation: nothing is replaced
	refresh(t, dir)
	want(t, dir, "0:0 10:0 20:0 30:0")
	w, err := predlog.Create(dir, resumed(header(0, 1), 10))
	must(t, err)
	must(t, w.Log(whole(1, 10))) // made again where it resumed
	must(t, w.Log(whole(1, 15)))
	refresh(t, dir)
	want(t, dir, "0:0 10:0 15:1")
	must(t, w.Log(whole(1, 25)))
	must(t, w.Close())
	writeLog(t, dir, resumed(header(0, 1), 20), whole(2, 21))
	refresh(t, dir)
	want(t, dir, "0:0 10:0 15:1 21:2")
}

func TestSplits(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	train := header(0, 1)
	train.Split, train.Labels, train.IDs = "train", []uint16{0, 1}, []string{"x", "y"}
	part := predlog.Part{Step: 4, Epoch: math.NaN(), Loss: math.NaN(), Seconds: math.NaN(), Predictions: []uint16{0, 0}}
	writeLog(t, dir, train, part)
	writeLog(t, dir, header(0, 1), whole(0, 0))
	refresh(t, dir)
	if a, b := tables(t, dir, "train"), tables(t, again(t, dir), "train"); a != b || !strings.Contains(a, "[x y]") {
		t.Errorf("the training split is %s, and again %s", a, b)
	}
	want(t, dir, "0:0")
	only := filepath.Join(t.TempDir(), "run") // a run of a training split alone
	writeLog(t, only, train, part)
	refresh(t, only)
	h, err := runlog.Load(t.Context(), only)
	must(t, err)
	if h.Split != "train" || len(h.Log.Labels) != 2 {
		t.Errorf("%+v", h.Meta)
	}
}

// What is wrong is one line that names it, and what came before is imported.
func TestRefused(t *testing.T) {
	t.Parallel()
	other := func(change func(*predlog.Header)) predlog.Header {
		h := header(0, 1)
		change(&h)
		return h
	}
	short := predlog.Part{Step: 1, Predictions: []uint16{0, 1}}
	for name, c := range map[string]struct {
		second predlog.Header
		part   predlog.Part
		want   string
	}{
		"n":         {other(func(h *predlog.Header) { h.Labels = labels[:2] }), short, "of two runs: n is 2 and 6"},
		"labels":    {other(func(h *predlog.Header) { h.Labels = []uint16{2, 0, 1, 2, 1, 0} }), whole(0, 1), "labels differ first at index 3: 2 and 1"},
		"classes":   {other(func(h *predlog.Header) { h.Classes = predlog.Numbered(4) }), whole(0, 1), "classes are 4 and 3"},
		"names":     {other(func(h *predlog.Header) { h.Classes = predlog.Numbered(3) }), whole(0, 1), "classes have other names"},
		"dataset":   {other(func(h *predlog.Header) { h.Dataset = "else" }), whole(0, 1), `dataset is "else" and "tiny"`},
		"a restart": {header(0, 1), whole(0, 1), "doesn't say from which step it resumed"},
	} {
		dir := filepath.Join(t.TempDir(), "run")
		writeLog(t, dir, header(0, 1), whole(0, 0), whole(0, 5))
		refresh(t, dir)
		writeLog(t, dir, c.second, c.part)
		_, err := Refresh(t.Context(), dir, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q", name, err, c.want)
		}
		if h, err := runlog.Load(t.Context(), dir); err != nil || len(h.Log.Steps) != 2 {
			t.Errorf("%s: the run has %v (%v), want its 2 evaluations", name, h, err)
		}
	}
}

// A bad line ends the import after the lines before it, and when it is mended the rest follows.
func TestBadLine(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	path := writeLog(t, dir, header(0, 1), whole(0, 0), whole(0, 1), whole(0, 2))
	text, err := os.ReadFile(path)
	must(t, err)
	lines := strings.SplitAfter(string(text), "\n")
	var record map[string]any
	must(t, json.Unmarshal([]byte(lines[2]), &record))
	edit := func(key string, value any) string {
		old := record[key]
		record[key] = value
		text, err := json.Marshal(record)
		must(t, err)
		record[key] = old
		return string(text) + "\n"
	}
	for _, c := range []struct{ line, want string }{
		{"\n", "not an evaluation"},
		{"garbage\n", "not an evaluation"},
		{"[]\n", "not an evaluation"},
		{lines[2][:40] + "\n", "not an evaluation"},
		{`{"epoch": 1}` + "\n", `no "step"`},
		{`{"step": 1}` + "\n", `no "predictions"`},
		{edit("step", -1), "step is -1"},
		{edit("step", 0), "step 0 follows step 0"},
		{edit("step", 1.5), "not an evaluation"},
		{edit("epoch", -1.), "epoch -1"},
		{edit("predictions", "x"), "predictions: not base64"},
		{edit("predictions", "AAAA"), "predictions: not zlib"},
		{edit("predictions", record["predictions"].(string)[:8]), "predictions: damaged"},
		{edit("predictions", lineOf(t, predlog.Part{Step: 1, Index: []int{0}, Predictions: []uint16{0}})["predictions"]), "predictions: 1 bytes, want 6"},
		{edit("right", "AAAA"), "right: "},
		{edit("index", record["predictions"]), "index: 6 bytes, want 4 an example"},
		{edit("values", map[string]string{"x": record["predictions"].(string)}), `values "x": 6 bytes, want 12`},
		{lines[0], "not an evaluation"},
	} {
		must(t, os.WriteFile(path, []byte(lines[0]+lines[1]+c.line+lines[3]), 0o666))
		must(t, os.RemoveAll(filepath.Join(dir, runlog.Database)))
		_, err := Refresh(t.Context(), dir, Options{})
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("log %q, line 3: ", path)) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want one line with %q", c.line, err, c.want)
		}
		h, err := runlog.Load(t.Context(), dir)
		if err != nil || !reflect.DeepEqual(h.Log.Steps, []int{0}) {
			t.Errorf("%q: %v (%v), want the evaluation before it", c.line, h, err)
		}
	}
	must(t, os.WriteFile(path, text, 0o666))
	if r := refresh(t, dir); r.Added != 2 || r.Total != 3 {
		t.Errorf("%+v after the line was mended", r)
	}
}

// lineOf is the JSON of a part.
func lineOf(t *testing.T, p predlog.Part) map[string]any {
	t.Helper()
	text, err := os.ReadFile(writeLog(t, t.TempDir(), header(0, 1), p))
	must(t, err)
	var record map[string]any
	must(t, json.Unmarshal([]byte(strings.Split(string(text), "\n")[1]), &record))
	return record
}

// A log that was cut or replaced since it was imported is noticed.
func TestReplacedLog(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	path := writeLog(t, dir, header(0, 1), whole(0, 0), whole(0, 1))
	refresh(t, dir)
	text, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, text[:len(text)-30], 0o666))
	if _, err := Refresh(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "cut or replaced") {
		t.Errorf("error %v", err)
	}
}

func TestTwoModels(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	a, b := whole(0, 1), whole(0, 1)
	b.Predictions = slices.Clone(b.Predictions)
	b.Predictions[2] = (b.Predictions[2] + 1) % 3
	writeLog(t, dir, header(1, 2), b)
	writeLog(t, dir, header(0, 2), a)
	refresh(t, dir)
	want(t, dir, "1:0") // rank 0's answer
	b.Predictions[3] = (b.Predictions[3] + 1) % 3
	dir = filepath.Join(t.TempDir(), "run")
	writeLog(t, dir, header(1, 2), b)
	writeLog(t, dir, header(0, 2), a)
	if _, err := Refresh(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "2 of 6 examples that several ranks have are predicted differently") {
		t.Errorf("error %v", err)
	}
}

func TestRunsOfShoalTakeNoLog(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	run, err := runlog.Create(dir, runlog.Meta{Classes: header(0, 1).Classes}, runlog.Examples{Labels: labels})
	must(t, err)
	must(t, run.Close())
	writeLog(t, dir, header(0, 1), whole(0, 0))
	if _, err := Refresh(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "was recorded by shoal") {
		t.Errorf("error %v", err)
	}
}

// A training that resumes with larger steps an epoch counts epochs back: they are not known from there on,
// and all else of the run is.
func TestEpochsThatGoBack(t *testing.T) {
	t.Parallel()
	at := func(step int, epoch float64) predlog.Part {
		return predlog.Part{Step: step, Epoch: epoch, Loss: nan, Seconds: nan, Predictions: whole(0, 1).Predictions}
	}
	dir := filepath.Join(t.TempDir(), "run")
	writeLog(t, dir, header(0, 1), at(0, 0), at(400, 4), at(500, 5))
	writeLog(t, dir, resumed(header(0, 1), 500), at(510, 2.55), at(520, 2.6), at(1010, 5.05))
	var said []string
	if _, err := Refresh(t.Context(), dir, Options{Say: func(line string) { said = append(said, line) }}); err != nil {
		t.Fatal(err)
	}
	h, err := runlog.Load(t.Context(), dir)
	must(t, err)
	if got := fmt.Sprint(h.Log.Epochs); got != "[0 4 5 NaN NaN 5.05]" || h.Log.Check() != nil {
		t.Errorf("epochs are %s", got)
	}
	if len(said) != 1 || said[0] != "note: step 510 has epoch 2.55, step 500 epoch 5: epochs that go back are taken as not known" {
		t.Errorf("said %q", said)
	}
}

// Logs that were replaced by those of another training don't go into the run of the first.
func TestLogsReplaced(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	path := writeLog(t, dir, header(0, 1), whole(0, 0), whole(0, 10))
	refresh(t, dir)
	must(t, os.Remove(path))
	writeLog(t, dir, header(0, 1), whole(0, 5), whole(0, 15))
	if _, err := Refresh(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "of a training that begins") {
		t.Errorf("got error %v", err)
	}
	must(t, os.Remove(filepath.Join(dir, runlog.Database)))
	refresh(t, dir)
}
