package track

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"shoal/curriculum"
	"shoal/dynamics/orders"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/runlog"
)

// CompareOrders tabulates runs by their order (orders.Compare), with 95 % intervals over seeds. It
// refuses runs whose studies differ in more than order and seed, and two runs of one order and
// seed.
func CompareOrders(dirs []string) (*orders.Comparison, error) {
	if len(dirs) < 2 {
		return nil, usage.Errorf("%s: want the folders of 2 or more", textfmt.Count(len(dirs), "run"))
	}
	out := &orders.Comparison{}
	var first map[string]string
	var runs []orders.Outcome
	for _, dir := range dirs {
		s, rest, err := readOrdered(dir)
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = rest
			out.Dataset, out.Network, out.Steps, out.Epochs = s.Dataset, s.Network, s.Steps, float64(s.Epochs)
			out.Reference, out.Easy, out.Hard = s.Subset.Reference, s.Subset.Easy, s.Subset.Hard
		}
		if keys := differing(first, rest); len(keys) > 0 {
			a, b := cmp.Or(first[keys[0]], "none"), cmp.Or(rest[keys[0]], "none")
			return nil, fmt.Errorf("runs %q and %q differ in %s (%s and %s): only order and seed may differ", dirs[0], dir, keys[0], a, b)
		}
		o, err := outcomeOf(dir, s)
		if err != nil {
			return nil, err
		}
		runs = append(runs, o)
	}
	var err error
	out.Rows, err = orders.Compare(runs, knownOrders(), string(curriculum.Random))
	return out, err
}

// knownOrders are the orders of package curriculum with their controls.
func knownOrders() []orders.Order {
	var out []orders.Order
	for _, o := range curriculum.Orders() {
		out = append(out, orders.Order{Name: string(o), Control: string(o.Control())})
	}
	return out
}

// outcomeOf reads a run's curve of accuracy.
func outcomeOf(dir string, s *record.Summary) (orders.Outcome, error) {
	o := orders.Outcome{Run: dir, Order: s.Subset.Order, Passes: s.Subset.Passes, Examples: s.Subset.Then, Seed: *s.Seed}
	run, err := runlog.Load(context.Background(), dir)
	if err != nil {
		return o, err
	}
	o.Steps, o.Epochs, o.Accuracy = run.Log.Steps, run.Log.Epochs, run.Log.Accuracies()
	return o, nil
}

// ErrNotOrdered is wrapped when a run that is to be compared by its order has none.
var ErrNotOrdered = errors.New("was made without a partition")

// unfinished is why a run has no summary: it isn't one, it isn't finished, or its file can't be read.
func unfinished(dir string, err error) error {
	status, other := runlog.StatusOf(dir)
	switch {
	case !runlog.Exists(dir):
		return fmt.Errorf("run %q: %w", dir, runlog.ErrNotRun)
	case other != nil:
		return other
	case errors.Is(err, fs.ErrNotExist) && status != runlog.Finished:
		return fmt.Errorf("run %q is not finished: it has no summary yet", dir)
	}
	return fmt.Errorf("run %q has no summary: %w", dir, err)
}

// readOrdered returns a run's summary, and all of its study but what may differ: order, seed, and
// where its files were.
func readOrdered(dir string) (*record.Summary, map[string]string, error) {
	s, err := record.ReadSummary(dir)
	if err != nil {
		return nil, nil, unfinished(dir, err)
	}
	if s.Subset == nil || s.Seed == nil {
		return nil, nil, fmt.Errorf("run %q %w", dir, ErrNotOrdered)
	}
	study, err := ReadStudy(filepath.Join(dir, StudyFile))
	if err != nil {
		return nil, nil, err
	}
	study.Name, study.Seed, study.References = "", 0, nil
	study.Subset = Subset{Partition: "-", SHA256: s.Subset.SHA256}
	if strings.HasPrefix(study.Data.Dataset, "folder:") { // its hash, below, says more than its path
		study.Data.Dataset = "folder:"
	}
	rest, err := study.flat()
	if err != nil {
		return nil, nil, err
	}
	run, err := runlog.Glance(dir)
	if err != nil {
		return nil, nil, err
	}
	delete(rest, "name")
	rest["labels of the evaluation split"] = run.LabelsHash[:min(12, len(run.LabelsHash))] // which may have been corrected
	rest["training split"] = s.Subset.DatasetHash
	rest["steps"] = fmt.Sprint(s.Steps)
	return s, rest, nil
}
