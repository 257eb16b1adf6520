package runlog

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/contingency"
	"shoal/dynamics"
)

// What a learner doesn't know of an evaluation comes back as not known; what follows from the
// predictions is not taken from it.
func TestEvaluationWithoutNumbers(t *testing.T) {
	r := newRun(t, 3)
	_, err := r.AddReference(reference("m", 0, 1, 0, 1, 1, 2))
	must(t, err)
	nan := math.NaN()
	scored := record(t, r, Evaluation{Step: 4, Epoch: nan, Loss: nan, Seconds: nan, Accuracy: .9, Predictions: []uint16{0, 0, 2, 0, 0, 2}})
	if want := (contingency.Table{Both: 2, ShallowOnly: 2, DeepOnly: 2}); scored.Accuracy != 4./6 || len(scored.Tables) != 1 || scored.Tables[0] != want {
		t.Errorf("scored %+v, want accuracy 4/6 and table %+v", scored, want)
	}
	for e, err := range r.Evaluations(-1) {
		must(t, err)
		if !math.IsNaN(e.Epoch) || !math.IsNaN(e.Loss) || !math.IsNaN(e.Seconds) || e.Accuracy != 4./6 {
			t.Errorf("read %+v", e)
		}
	}
}

// The door gives everything at once, and the judgements that were kept as long as they belong to
// the log.
func TestLoad(t *testing.T) {
	r := newRun(t, 3)
	record(t, r, evaluation(0, 0, 0, 2, 0, 0, 2))
	record(t, r, evaluation(7, 0, 1, 2, 0, 0, 2))
	_, err := r.AddReference(reference("m", 0, 1, 0, 1, 1, 2))
	must(t, err)
	h, err := Load(t.Context(), r.Dir())
	must(t, err)
	if h.Judgements != nil || h.LastStep() != 7 || h.Reference("m").FactsJSON != `{"n":2}` || h.Reference("n") != nil || len(h.Loss) != 2 || h.Study != "test" {
		t.Errorf("loaded %+v", h)
	}
	must(t, h.Judge(t.Context()))
	h.Judgements[0].LastK = 77 // so that it is told from one made again
	must(t, r.KeepJudgements(h))
	lastK := func(name string) int {
		h, err := Load(t.Context(), r.Dir())
		must(t, err)
		must(t, h.Judge(t.Context()))
		for i, j := range h.Judgements {
			if h.References[i].Name != j.Reference {
				t.Errorf("judgement %d is of %q", i, j.Reference)
			}
			if j.Reference == name {
				return j.LastK
			}
		}
		return -1
	}
	if got := lastK("m"); got != 77 {
		t.Errorf("the kept judgement was not read: last_k is %d", got)
	}
	mine := fmt.Sprintf(`"rules":%d`, dynamics.Rules)
	for stored, read := range map[string]bool{mine: true, `"rules":0`: false, `"rules":99,"other":1`: false} {
		text := strings.Replace(keptText(t, r), mine, stored, 1)
		if !read { // in a form that this version doesn't know
			text = strings.Replace(text, `"judgements":[`, `"judgements":[7,`, 1)
		}
		must(t, r.update(map[string]string{keyJudgements: text}))
		if got := lastK("m"); (got == 77) != read {
			t.Errorf("judgements stored with %s: last_k is %d", stored, got)
		}
		for _, status := range []Status{Running, Finished} { // what runs has no summary that could be outdated
			must(t, r.SetStatus(status, ""))
			outdated, _, err := Outdated(r.Dir(), "")
			if want := status == Finished && strings.Contains(stored, `:0`); outdated != want || err != nil {
				t.Errorf("judgements stored with %s of a run that is %s: outdated %v, %v, want %v", stored, status, outdated, err, want)
			}
		}
		must(t, r.SetStatus(Running, ""))
		must(t, r.KeepJudgements(h))
	}
	record(t, r, evaluation(9, 0, 1, 2, 0, 0, 2))
	if got := lastK("m"); got == 77 {
		t.Error("a judgement of another log was read")
	}
	must(t, r.Rewind(7))
	must(t, r.Trim())
	_, err = r.AddReference(reference("n", 0, 1, 0, 1, 1, 2))
	must(t, err)
	if got := lastK("n"); got <= 0 {
		t.Errorf("the new reference has no judgement: last_k is %d", got)
	}
}

// keptText is the stored form of the run's judgements.
func keptText(t *testing.T, r *Run) string {
	t.Helper()
	meta, err := r.metaTable()
	must(t, err)
	return meta[keyJudgements]
}

func TestFolder(t *testing.T) {
	r := newRun(t, 3)
	dir := r.Dir()
	if s, err := StatusOf(dir); s != Running || err != nil || !Exists(dir) {
		t.Errorf("status %q (%v), want running", s, err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o666))
	must(t, r.Discard())
	left, err := os.ReadDir(dir)
	must(t, err)
	if s, err := StatusOf(dir); s != "" || err != nil || len(left) != 1 || left[0].Name() != "mine.txt" {
		t.Errorf("discarded: status %q (%v), files %v, want mine.txt alone", s, err, left)
	}
}

// A reader that looks while a writer appends never sees an evaluation without its table: it counts
// the evaluations first and the tables after them, and the writer writes between the two.
func TestReaderFollowsWriter(t *testing.T) {
	r := newRun(t, 3)
	id, err := r.AddReference(reference("m", 0, 1, 2, 0, 1, 2))
	must(t, err)
	reader, err := OpenReadOnly(r.Dir())
	must(t, err)
	defer reader.Close()
	const evaluations = 400
	written := make(chan error, 1)
	go func() {
		for step := range evaluations {
			if _, err := r.AppendEvaluation(evaluation(step, 0, 0, 0, 0, 0, 0)); err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	looks, seen := 0, 0
	for seen < evaluations {
		select {
		case err := <-written:
			must(t, err)
		default:
		}
		now := len(steps(t, reader, -1))
		tables, err := reader.Tables(id)
		must(t, err)
		if len(tables) < now {
			t.Fatalf("a reader sees %d evaluations and %d tables", now, len(tables))
		}
		if now > seen {
			looks++
		}
		seen = now
	}
	if looks < 5 {
		t.Errorf("the reader saw the run grow %d times only: nothing was written meanwhile", looks)
	}
	if got := steps(t, reader, evaluations-2); !slices.Equal(got, []int{evaluations - 1}) {
		t.Errorf("steps after %d are %v", evaluations-2, got)
	}
	if err := refusal(reader, evaluation(evaluations, 0, 0, 0, 0, 0, 0)); err == nil {
		t.Error("a read-only run took an evaluation")
	}
}

// Claim 5 is of ResNet-101 on CIFAR-100 against the paper's support vector machine alone.
func TestClaimedKnowsNetworkAndReference(t *testing.T) {
	h := &History{Meta: Meta{Dataset: "cifar100", Network: "resnet101"}, References: []Reference{
		{Kind: "svm", Reference: dynamics.Reference{Name: "svm"}}, {Kind: "svm", Reference: dynamics.Reference{Name: "svm-strong"}}}}
	if !h.claimed("svm", 5) || h.claimed("svm-strong", 5) || h.claimed("nobody", 5) {
		t.Error("want claim 5 of svm alone")
	}
	if h.Network = "resnet20"; h.claimed("svm", 5) {
		t.Error("claim 5 of a network that the paper didn't train")
	}
}
