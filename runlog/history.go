package runlog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/dynamics/groups"
	"shoal/internal/machine"
	"shoal/published"
)

// History is everything that a run holds but its images, in memory: what reports, exports,
// comparisons and summaries read.
type History struct {
	Dir string
	Meta
	Names      []string // which example is which; nil where only its index in the official file says so
	Log        dynamics.Log
	Loss       []float64 // of each evaluation, mean over the split; NaN where it is not known
	Scoring    []float64 // seconds that each evaluation took; NaN where they are not known
	References []Reference
	Marks      []Mark             // of the evaluations
	Groups     []groups.Attribute // of the examples; nil where the run was given none
	// Values are the measures over the values that evaluations keep of every example; nil where they
	// keep none.
	Values *dynamics.ValueMeasures
	// LabelP has the network's probability of every label at the last evaluation; NaN for an example of
	// which it isn't known, nil where none is kept.
	LabelP []float32
	// Initial are the answers of other random initialisations of the network, each for the first
	// examples, as many for each; nil where the run keeps none.
	Initial [][]uint16
	// Judgements are the run's own, one a reference in their order; nil where the run keeps none
	// that belong to this log. Judge fills them in.
	Judgements []*dynamics.Judgement
}

// Load reads the run in dir, which may be growing meanwhile. The run may have no evaluation yet.
func Load(ctx context.Context, dir string) (*History, error) {
	return LoadSplit(ctx, dir, "")
}

// LoadSplit is Load of one of the run's evaluation splits, by its name; "" is the main one.
func LoadSplit(ctx context.Context, dir, split string) (h *History, err error) {
	err = withSplit(dir, split, func(r *Run) error { h, err = r.Load(ctx); return err })
	return h, err
}

// withSplit calls f with a split of the run in dir, open for reading.
func withSplit(dir, split string, f func(*Run) error) error {
	r, err := OpenReadOnly(dir)
	if err != nil {
		return err
	}
	view, err := r.Split(split)
	if err == nil {
		err = f(view)
	}
	return errors.Join(err, r.Close())
}

// Load reads the open run as it is at one moment; see the function Load. Tables and accuracies are
// counted again and compared with the stored ones.
func (r *Run) Load(ctx context.Context) (*History, error) {
	var h *History
	err := r.Snapshot(ctx, func(still *Run) error {
		var err error
		h, err = still.load(ctx)
		return err
	})
	return h, err
}

// ErrMemory is wrapped when a log is too large to be held in memory, as Load does.
var ErrMemory = errors.New("the log doesn't fit into memory")

// available is machine.Available, but in tests.
var available = machine.Available

// checkMemory refuses a log whose predictions alone need more memory than there is.
func (r *Run) checkMemory() error {
	var evaluations int64
	if err := r.read.QueryRow("SELECT count(*) FROM " + r.table("evaluation")).Scan(&evaluations); err != nil {
		return err
	}
	need, have := 2*evaluations*int64(len(r.labels)), available()
	if have > 0 && need > have {
		return fmt.Errorf("run %q: %w: %d evaluations of %d examples need %d MB, %d MB are available", r.dir, ErrMemory, evaluations, len(r.labels), need>>20, have>>20)
	}
	return nil
}

func (r *Run) load(ctx context.Context) (*History, error) {
	if err := r.checkMemory(); err != nil {
		return nil, err
	}
	h := &History{Dir: r.dir, Names: r.names, Log: dynamics.Log{Labels: r.labels}}
	for e, err := range r.Evaluations(-1) {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		h.Log.Append(e.Step, e.Epoch, e.Predictions, e.Right)
		h.Loss, h.Scoring = append(h.Loss, e.Loss), append(h.Scoring, e.Seconds)
	}
	var err error
	if h.Marks, err = r.Marks(); err != nil {
		return nil, err
	}
	if h.Groups, err = r.Groups(); err != nil {
		return nil, err
	}
	if h.References, err = r.References(); err != nil {
		return nil, err
	}
	if err := r.checkTables(h); err != nil {
		return nil, err
	}
	if h.Values, err = r.valueMeasures(ctx); err != nil {
		return nil, err
	}
	if h.LabelP, err = r.labelP(h.LastStep()); err != nil {
		return nil, err
	}
	if h.Meta, err = r.Meta(); err != nil {
		return nil, err
	}
	h.Split = r.SplitName()
	if h.Initial, err = r.Initial(); err != nil {
		return nil, err
	}
	h.Judgements, err = r.judgements(h)
	return h, err
}

// valueMeasures reads the values of which measures are made.
func (r *Run) valueMeasures(ctx context.Context) (*dynamics.ValueMeasures, error) {
	a := dynamics.NewValueAccumulator(len(r.labels))
	for _, name := range []string{dynamics.ValueP, dynamics.ValueMargin, dynamics.ValueLoss, dynamics.ValueEL2N} {
		for v, err := range r.Values(name) {
			if err == nil {
				err = errors.Join(a.Add(name, v.Values), ctx.Err())
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return a.Measures(), nil
}

// labelP reads the probabilities of the labels at the last evaluation, whose step that is.
func (r *Run) labelP(step int) ([]float32, error) {
	values, err := r.valuesAt(step)
	if p := values[dynamics.ValueP]; p != nil {
		return p, err
	}
	return values[dynamics.ValueLastP], err
}

// LastStep is the step of the last evaluation, -1 when there is none.
func (h *History) LastStep() int {
	if len(h.Log.Steps) == 0 {
		return -1
	}
	return h.Log.Steps[len(h.Log.Steps)-1]
}

// Reference is the reference of that name, nil when the run has none.
func (h *History) Reference(name string) *Reference {
	for i := range h.References {
		if h.References[i].Name == name {
			return &h.References[i]
		}
	}
	return nil
}

// Table is the table of evaluation t, counted from 0, against a reference.
func (h *History) Table(t int, ref Reference) contingency.Table {
	table, err := contingency.CountRight(ref.Correct(h.Log.Labels), h.Log.Correct(t))
	if err != nil { // Load has checked that the two have one length
		panic(err)
	}
	return table
}

// Vectors are the references as package dynamics has them, in their order.
func (h *History) Vectors() []dynamics.Reference { return vectors(h.References) }

func vectors(list []Reference) []dynamics.Reference {
	out := make([]dynamics.Reference, len(list))
	for i, r := range list {
		out[i] = r.Reference
	}
	return out
}

// Compared are the references that pages compare the network with: those that are there for the order
// of learning alone are not.
func (h *History) Compared() []Reference {
	return slices.DeleteFunc(slices.Clone(h.References), Reference.Control)
}

// about is what judgements belong to: the log, since evaluations may be added or made again; whether its
// training was over, before which nothing is said of its end; and the rules, since a later version may have
// better ones.
type about struct {
	Rules       int  `json:"rules"`
	Evaluations int  `json:"evaluations"`
	LastStep    int  `json:"last_step"`
	Unfinished  bool `json:"unfinished,omitempty"`
}

// kept is the stored form of a run's judgements.
type kept struct {
	about
	Judgements json.RawMessage `json:"judgements"` // []*dynamics.Judgement, of those rules
}

func (h *History) about() about {
	return about{Rules: dynamics.Rules, Evaluations: len(h.Log.Steps), LastStep: h.LastStep(), Unfinished: !h.Over()}
}

// Over reports whether the training came to its end: only then is there anything to say of convergence.
func (h *History) Over() bool { return h.Status == Finished }

// End makes the history that of a run whose training has just come to its end. What was judged before said
// nothing of that.
func (h *History) End() {
	if !h.Over() {
		h.Status, h.Judgements = Finished, nil
	}
}

// judgements reads those that the run keeps about the log of h, one a reference; nil when it keeps
// none, or when a reference has none.
func (r *Run) judgements(h *History) ([]*dynamics.Judgement, error) {
	meta, err := r.metaTable()
	if err != nil || meta[r.key(keyJudgements)] == "" {
		return nil, err
	}
	var k kept
	var all []*dynamics.Judgement
	err = json.Unmarshal([]byte(meta[r.key(keyJudgements)]), &k)
	if err == nil && k.about == h.about() { // judgements by other rules may have another form
		err = json.Unmarshal(k.Judgements, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read judgements of run %q: %w", r.dir, err)
	}
	if all == nil {
		return nil, nil
	}
	byName := map[string]*dynamics.Judgement{}
	for _, j := range all {
		byName[j.Reference] = j
	}
	out := []*dynamics.Judgement{}
	for _, ref := range h.References {
		j := byName[ref.Name]
		if j == nil {
			return nil, nil
		}
		out = append(out, j)
	}
	return out, nil
}

// Outdated reports whether the run in dir, which is finished, keeps judgements of a split, "" for the main
// one, by rules before those of today (dynamics.Rules): whoever loads it judges it again, while its summary
// says what the earlier rules did. seeds is how many runs stood by each other then (dynamics.InCompany), which
// a run that is judged alone doesn't know.
func Outdated(dir, split string) (is bool, seeds int, err error) {
	err = withSplit(dir, split, func(r *Run) error {
		m, err := r.Meta()
		if err != nil || m.Status != Finished {
			return err
		}
		meta, err := r.metaTable()
		if err != nil || meta[r.key(keyJudgements)] == "" {
			return err
		}
		var k kept
		if err := json.Unmarshal([]byte(meta[r.key(keyJudgements)]), &k); err != nil {
			return fmt.Errorf("read judgements of run %q: %w", r.dir, err)
		}
		if is = k.Rules < dynamics.Rules; !is {
			return nil
		}
		var then []struct { // all that is needed of a form that may be another one
			Regime struct{ Seeds int }
		}
		_ = json.Unmarshal(k.Judgements, &then)
		for _, j := range then {
			seeds = max(seeds, j.Regime.Seeds)
		}
		return nil
	})
	return is, seeds, err
}

// Judge fills in the judgements of the history's references, unless the run keeps them: it is the
// one place where a run's claims are judged. It needs at least one evaluation.
func (h *History) Judge(ctx context.Context) error {
	if h.Judgements != nil {
		return nil
	}
	judged, err := dynamics.JudgeAll(ctx, &h.Log, h.Vectors(), dynamics.JudgeOptions{Trained: h.Split == dynamics.TrainSplit, Unfinished: !h.Over(), Initial: h.Initial, Claimed: h.claimed})
	if err != nil {
		return fmt.Errorf("run %q: %w", h.Dir, err)
	}
	h.Judgements = judged
	return nil
}

// CompareGroups compares the groups of the history's examples, nil where it has none.
func (h *History) CompareGroups() (*groups.Comparison, error) {
	if len(h.Groups) == 0 {
		return nil, nil
	}
	c, err := groups.Compare(&h.Log, vectors(h.Compared()), h.Groups)
	return c, within(fmt.Sprintf("groups of run %q", h.Dir), err)
}

// claimed reports whether the paper makes a claim of the run's network and the reference.
func (h *History) claimed(reference string, claim int) bool {
	ref := h.Reference(reference)
	return ref != nil && published.Claim(claim, published.Triplet{Dataset: h.Dataset, Network: h.Network, Reference: ref.Name, Kind: ref.Kind}) != published.NotClaimed
}

// KeepJudgements stores the judgements of a history of this run.
func (r *Run) KeepJudgements(h *History) error {
	judgements, err := json.Marshal(h.Judgements)
	var text []byte
	if err == nil {
		text, err = json.Marshal(kept{h.about(), judgements})
	}
	if err != nil {
		return fmt.Errorf("write judgements of run %q: %w", r.dir, err)
	}
	return r.update(map[string]string{r.key(keyJudgements): string(text)})
}

// Images reads the picture, PNG or JPEG, of every example of the run in dir, in order; nil when the
// run keeps none or lacks some: a gallery with holes would say nothing about which are missing.
func Images(ctx context.Context, dir string) (all [][]byte, err error) {
	err = withSplit(dir, "", func(r *Run) error { all, err = r.images(ctx); return err })
	return all, err
}

// ErrReplaced is wrapped where a folder has another run than the one that was read from it.
var ErrReplaced = errors.New("another run has taken its place")

// Images is the function Images for the examples of a history: an error that wraps ErrReplaced where the
// folder has a run of others by now.
func (h *History) Images(ctx context.Context) (all [][]byte, err error) {
	err = withSplit(h.Dir, h.Split, func(r *Run) error {
		if !slices.Equal(r.labels, h.Log.Labels) || !slices.Equal(r.names, h.Names) {
			return fmt.Errorf("images of run %q: %w", h.Dir, ErrReplaced)
		}
		all, err = r.images(ctx)
		return err
	})
	return all, err
}

func (r *Run) images(ctx context.Context) ([][]byte, error) {
	var all [][]byte
	whole := true
	err := r.each(func(rows *sql.Rows) error {
		var id int
		var picture []byte
		var sum *int64
		err := rows.Scan(&id, &picture, &sum)
		if picture != nil && err == nil {
			err = within(fmt.Sprintf("example %d", id), r.verify(sum, "example", id, picture))
		}
		all, whole = append(all, picture), whole && picture != nil
		return errors.Join(err, ctx.Err())
	}, "SELECT "+r.columns("image")+" FROM "+r.table("example")+" ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("images of run %q: %w", r.dir, err)
	}
	if !whole {
		return nil, nil
	}
	return all, nil
}
