package runlog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"shoal/internal/packing"
)

// Relabelled is what a run whose labels were corrected knows of that; see [Relabel]. It is of one split.
type Relabelled struct {
	Sources []LabelSource `json:"sources"` // the files of corrections, in the order in which they were taken
	// GivenHash is the LabelsHash of the labels that the network was scored with first: those of the
	// dataset.
	GivenHash string `json:"given_labels_sha256"`
	// Given are the labels of the dataset that differ from the run's, ascending by example.
	Given []GivenLabel `json:"given"`
}

// LabelSource is a file of corrected labels.
type LabelSource struct {
	File    string `json:"file"` // as it was named
	SHA256  string `json:"sha256"`
	Changed int    `json:"changed"` // labels that it changed, of those that the run had then
}

// GivenLabel is the label that the dataset gives to an example.
type GivenLabel struct {
	Example int    `json:"example"`
	Label   uint16 `json:"label"`
}

// Given are the labels that the dataset gives to the examples of the split that m is of, whose labels in
// the run are those; the same slice where none was corrected.
func (m Meta) Given(labels []uint16) []uint16 {
	if m.Relabelled == nil || len(m.Relabelled.Given) == 0 {
		return labels
	}
	given := slices.Clone(labels)
	for _, g := range m.Relabelled.Given {
		given[g.Example] = g.Label
	}
	return given
}

// GivenHash is the LabelsHash of the labels that the dataset gives.
func (m Meta) GivenHash() string {
	if m.Relabelled != nil {
		return m.Relabelled.GivenHash
	}
	return m.LabelsHash
}

// Relabelling is how the labels of a split are corrected.
type Relabelling struct {
	Split  string   // by its name
	Labels []uint16 // of all its examples, in their order
	Source LabelSource
}

// ErrOwnRight is wrapped when what is right in a run doesn't follow from labels, so that nothing can be
// counted by other ones.
var ErrOwnRight = errors.New("what is right in it was logged, and doesn't follow from the labels")

// Relabel makes a run in the folder to, which holds none, from the one in the folder from, with other
// labels of one split. It is written as every run is, example by example and evaluation by evaluation,
// so that accuracies and tables are counted by the new labels. The run in from isn't changed: it has
// hours of training in it, and is the way back.
//
// What followed from the old labels and can't be made again is not known in the copy: the loss of every
// evaluation of the split, the values of corrected examples, judgements. The copy keeps hashes of the
// dataset as it was, to verify it by, and which labels it gave ([Relabelled]). It has no checkpoints and
// no log to read on: it can't be trained or imported into.
func Relabel(ctx context.Context, from, to string, c Relabelling) error {
	src, err := OpenReadOnly(from)
	if err != nil {
		return err
	}
	err = src.Snapshot(ctx, func(still *Run) error { return still.relabel(ctx, to, c) })
	return errors.Join(within(fmt.Sprintf("correct labels of run %q", from), err), src.Close())
}

func (r *Run) relabel(ctx context.Context, to string, c Relabelling) (err error) {
	m, err := r.Meta()
	if err != nil {
		return err
	}
	if m.RewoundTo != NotRewound {
		return errors.New("its training is being repeated: finish that first")
	}
	if m.CopyOf == "" {
		m.CopyOf = r.dir
	}
	names, err := r.Splits()
	if err != nil {
		return err
	}
	var dst *Run
	defer func() {
		if dst != nil {
			err = errors.Join(err, dst.Close())
		}
	}()
	for _, name := range names {
		s, err := r.Split(name)
		if err != nil {
			return err
		}
		view, err := s.copySplit(ctx, dst, to, m, c)
		if err != nil {
			return within(fmt.Sprintf("split %q", name), err)
		}
		if dst == nil {
			dst = view
		}
	}
	return errors.Join(dst.SetSeconds(m.Seconds), dst.SetStatus(m.Status, m.Failure))
}

// copySplit writes a split to a new run, which is made in the folder to for the first one, and returns
// the run as seen from it. m is the meta of the run.
func (r *Run) copySplit(ctx context.Context, dst *Run, to string, m Meta, c Relabelling) (*Run, error) {
	images, err := r.images(ctx)
	if err != nil {
		return nil, err
	}
	e := Examples{Labels: r.labels, Names: r.names}
	if images != nil {
		e.Image = func(i int) ([]byte, error) { return images[i], nil }
	}
	changed := r.SplitName() == c.Split
	if changed {
		e.Labels = c.Labels
	}
	own, err := r.Meta() // its hashes are those of the split
	if err != nil {
		return nil, err
	}
	if dst == nil {
		dst, err = Create(to, m, e)
	} else {
		dst, err = dst.AddSplit(r.SplitName(), own.TestHash, e)
	}
	if err != nil {
		return nil, err
	}
	said := own.Relabelled
	if changed {
		if err := r.checkRight(); err != nil {
			return dst, err
		}
		said = own.relabelledBy(r.labels, c)
	}
	err = dst.keepRelabelled(said)
	if err == nil {
		err = r.copyRecords(ctx, dst)
	}
	return dst, err
}

// checkRight refuses a split in which what is right doesn't follow from the labels.
func (r *Run) checkRight() error {
	var own int
	for _, table := range []string{"evaluation", "reference"} {
		if r.version == 1 {
			return nil
		}
		err := r.read.QueryRow("SELECT count(*) FROM " + r.table(table) + " WHERE right IS NOT NULL").Scan(&own)
		if err == nil && own > 0 {
			err = fmt.Errorf("%w (%d rows of table %s)", ErrOwnRight, own, r.table(table))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// relabelledBy is what a split says of its labels once corrections were taken: labels are those before.
func (m Meta) relabelledBy(labels []uint16, c Relabelling) *Relabelled {
	out := &Relabelled{GivenHash: m.GivenHash(), Given: []GivenLabel{}}
	if m.Relabelled != nil {
		out.Sources = slices.Clone(m.Relabelled.Sources)
	}
	out.Sources = append(out.Sources, c.Source)
	for i, given := range m.Given(labels) {
		if given != c.Labels[i] {
			out.Given = append(out.Given, GivenLabel{i, given})
		}
	}
	return out
}

// keepRelabelled stores what a split says of its labels, nil for nothing.
func (r *Run) keepRelabelled(said *Relabelled) error {
	if said == nil {
		return nil
	}
	text, err := json.Marshal(said)
	if err != nil {
		return err
	}
	return r.update(map[string]string{r.key(keyRelabelled): string(text)})
}

// copyRecords writes what a split has beside its examples to the same split of a new run.
func (r *Run) copyRecords(ctx context.Context, dst *Run) error {
	references, err := r.References()
	if err != nil {
		return err
	}
	for _, ref := range references {
		if _, err := dst.AddReference(ref); err != nil {
			return err
		}
	}
	steps, err := r.Steps()
	if err != nil {
		return err
	}
	for _, step := range steps {
		if err := errors.Join(ctx.Err(), r.copyEvaluation(step, dst)); err != nil {
			return err
		}
	}
	attributes, err := r.Groups()
	if err == nil && attributes != nil {
		err = dst.SetGroups(attributes)
	}
	if err != nil {
		return err
	}
	initial, err := r.Initial()
	return errors.Join(err, dst.KeepInitial(initial))
}

// copyEvaluation writes the evaluation of a step to a new run. Where that has other labels, the loss and
// the values of the examples concerned are not known any more.
func (r *Run) copyEvaluation(step int, dst *Run) error {
	for e, err := range r.Evaluations(step - 1) {
		if err == nil {
			e.Values, err = r.valuesAt(step)
		}
		if err != nil {
			return err
		}
		for i, label := range r.labels {
			if dst.labels[i] == label {
				continue
			}
			e.Loss = math.NaN()
			for _, values := range e.Values {
				values[i] = float32(math.NaN())
			}
		}
		_, err = dst.AppendEvaluation(e)
		return err
	}
	return nil
}

// valuesAt reads the values of one evaluation by their names, nil for none.
func (r *Run) valuesAt(step int) (map[string][]float32, error) {
	if r.version == 1 {
		return nil, nil
	}
	out := map[string][]float32{}
	err := r.each(func(rows *sql.Rows) error {
		var name string
		var data []byte
		var sum *int64
		err := rows.Scan(&name, &data, &sum)
		if err == nil {
			err = r.verify(sum, "value", step, name, data)
		}
		if err == nil {
			data, err = r.dec.DecodeAll(data, nil)
		}
		if err == nil {
			out[name], err = packing.ReadHalves(data, len(r.labels))
		}
		return within(fmt.Sprintf("values %q of step %d", name, step), err)
	}, "SELECT name, data, checksum FROM "+r.table("value")+" WHERE step = ?", step)
	return out, err
}

// readRelabelled reads what a split says of its labels; nil where they are the dataset's.
func readRelabelled(text string) (*Relabelled, error) {
	if text == "" {
		return nil, nil
	}
	out := &Relabelled{}
	return out, within(keyRelabelled, json.Unmarshal([]byte(text), out))
}

// checkGiven compares what a split says of the dataset's labels with their hash, given the run's.
func (m Meta) checkGiven(labels []uint16) error {
	if m.Relabelled == nil {
		return nil
	}
	for _, g := range m.Relabelled.Given {
		if g.Example < 0 || g.Example >= len(labels) {
			return fmt.Errorf("%s: example %d, want 0 to %d", keyRelabelled, g.Example, len(labels)-1)
		}
	}
	if got := hashOf(m.Given(labels)); got != m.Relabelled.GivenHash {
		return fmt.Errorf("the dataset's labels have SHA-256 %.12s by %s, want %.12s: %s was changed; restore it from a copy", got, keyRelabelled, m.Relabelled.GivenHash, Database)
	}
	return nil
}
