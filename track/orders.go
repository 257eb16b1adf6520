package track

import (
	"fmt"
	"path/filepath"
	"slices"

	"shoal/dynamics"
	"shoal/dynamics/partition"
)

// OrderRow is what the runs of one order came to.
type OrderRow struct {
	Order    string            `json:"order"`
	Passes   int               `json:"passes,omitempty"` // of easy-first and hard-first
	Examples int               `json:"examples"`         // that a run sees at least once, if it is long enough
	Seeds    []uint64          `json:"seeds"`
	Values   []float64         `json:"accuracies"` // of the last evaluation, in the order of Seeds
	Accuracy dynamics.Estimate `json:"accuracy"`   // mean over seeds, Student's interval
	// Differences are the mean accuracies minus those of random, and of the
	// random order that sees as many examples.
	ToRandom  OrderDifference `json:"to_random"`
	ToControl OrderDifference `json:"to_control"`
}

// OrderDifference is a difference of mean accuracies, order minus control.
type OrderDifference struct {
	Control    string            `json:"control"`
	Difference dynamics.Estimate `json:"difference"`
	Paired     bool              `json:"paired"` // the same seeds on both sides
	// Verdict is "better", "worse", "~" when the interval contains 0, or ""
	// when there is nothing to compare.
	Verdict string `json:"verdict"`
}

// OrderTable compares the orders of runs that differ in nothing else.
type OrderTable struct {
	Dataset   string     `json:"dataset"`
	Network   string     `json:"network"`
	Steps     int        `json:"steps"`
	Epochs    float64    `json:"epochs"`
	Reference string     `json:"reference"` // that cut the partition
	Easy      int        `json:"easy"`
	Hard      int        `json:"hard"`
	Rows      []OrderRow `json:"orders"`
}

// CompareOrders tabulates the final accuracy of runs by their order, with 95 %
// intervals over seeds. It refuses runs whose studies differ in more than order
// and seed, and two runs of one order and seed. A difference is that of
// pairs when both orders have the same seeds (Student's interval of the
// differences), else that of two groups (Welch's). Each interval stands for
// itself: of twenty that contain 0 in truth one misses it.
func CompareOrders(dirs []string) (*OrderTable, error) {
	if len(dirs) < 2 {
		return nil, Usagef("%d runs: want the folders of 2 or more", len(dirs))
	}
	groups := map[string]*OrderRow{}
	out := &OrderTable{}
	var first map[string]string
	for _, dir := range dirs {
		s, rest, err := readOrdered(dir)
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = rest
			out.Dataset, out.Network, out.Steps, out.Epochs = s.Dataset, s.Network, s.Steps, s.Epochs
			out.Reference, out.Easy, out.Hard = s.Subset.Reference, s.Subset.Easy, s.Subset.Hard
		}
		for _, key := range sortedKeys(first, rest) {
			if first[key] != rest[key] {
				return nil, fmt.Errorf("runs %q and %q differ in %s (%s and %s): only order and seed may differ", dirs[0], dir, key, orNone(first[key]), orNone(rest[key]))
			}
		}
		key := fmt.Sprintf("%s %d", s.Subset.Order, s.Subset.Passes)
		row := groups[key]
		if row == nil {
			row = &OrderRow{Order: s.Subset.Order, Passes: s.Subset.Passes, Examples: s.Subset.Then}
			groups[key] = row
		}
		at, twice := slices.BinarySearch(row.Seeds, s.Seed)
		if twice {
			return nil, fmt.Errorf("run %q has order %s and seed %d, which another run has too: give each once", dir, s.Subset.Order, s.Seed)
		}
		row.Seeds, row.Values = slices.Insert(row.Seeds, at, s.Seed), slices.Insert(row.Values, at, s.Accuracy)
	}
	out.Rows = compared(groups)
	return out, nil
}

// readOrdered returns a run's summary, and all of its study but what may
// differ: order, seed, and where its files were.
func readOrdered(dir string) (*Summary, map[string]string, error) {
	s, err := ReadSummary(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("run %q has no summary, is it finished? %w", dir, err)
	}
	if s.Subset == nil {
		return nil, nil, fmt.Errorf("run %q was made without a partition: give --partition and --order random for a control", dir)
	}
	study, err := ReadStudy(filepath.Join(dir, StudyFile))
	if err != nil {
		return nil, nil, err
	}
	study.Name, study.Seed, study.References = "", 0, nil
	study.Subset = Subset{Partition: "-", SHA256: s.Subset.SHA256}
	rest, err := study.flat()
	if err != nil {
		return nil, nil, err
	}
	delete(rest, "name")
	rest["training split"] = s.Subset.DatasetHash
	rest["steps"] = fmt.Sprint(s.Steps)
	return s, rest, nil
}

func sortedKeys(a, b map[string]string) []string {
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// compared fills in the estimates, in the sequence of partition.Orders.
func compared(groups map[string]*OrderRow) []OrderRow {
	var rows []OrderRow
	for _, o := range partition.Orders() {
		var of []OrderRow
		for _, row := range groups {
			if row.Order == string(o) {
				of = append(of, *row)
			}
		}
		slices.SortFunc(of, func(a, b OrderRow) int { return a.Passes - b.Passes })
		rows = append(rows, of...)
	}
	find := func(o partition.Order) *OrderRow { return groups[fmt.Sprintf("%s 0", o)] }
	for i := range rows {
		r := &rows[i]
		r.Accuracy = dynamics.OverSeeds(r.Values)
		r.ToRandom = r.minus(find(partition.Random), partition.Random)
		control := partition.Order(r.Order).Control()
		r.ToControl = r.minus(find(control), control)
	}
	return rows
}

// minus compares with a control, which may be missing.
func (r *OrderRow) minus(control *OrderRow, name partition.Order) OrderDifference {
	out := OrderDifference{Control: string(name)}
	if control == nil || control.Order == r.Order {
		return out
	}
	if slices.Equal(r.Seeds, control.Seeds) {
		out.Paired = true
		pairs := make([]float64, len(r.Values))
		for i, v := range r.Values {
			pairs[i] = v - control.Values[i]
		}
		out.Difference = dynamics.OverSeeds(pairs)
	} else {
		out.Difference = dynamics.SeedDifference(r.Values, control.Values)
	}
	switch d := out.Difference; {
	case !d.Defined:
	case d.Lo > 0:
		out.Verdict = "better"
	case d.Hi < 0:
		out.Verdict = "worse"
	default:
		out.Verdict = "~"
	}
	return out
}
