// Package partition splits a training set into an easy and a hard subset by
// what a reference gets right, and orders training by it (the paper's
// abstract).
//
// The reference's predictions have to be out of fold: on examples that it was
// trained on it is right by memory. An example is easy when the prediction is
// its label.
//
// A partition is kept as one JSON file: a header, which names the dataset by
// the hash of its training split, and the two index arrays, ascending. Reading
// is strict: unknown fields, a wrong count, an index twice or missing, and
// trailing data are errors.
package partition

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// Format is the format field of every file, version included.
const Format = "shoal-partition/1"

// Partition is a split of the training examples 0..Examples-1.
type Partition struct {
	Format      string         `json:"format"`
	Dataset     string         `json:"dataset"`      // its name
	DatasetHash string         `json:"dataset_hash"` // SHA-256 of the training split, hex
	Examples    int            `json:"examples"`
	Reference   string         `json:"reference"` // kind of the shallow model
	Params      map[string]any `json:"params"`    // its parameters
	Folds       int            `json:"folds"`
	Seed        uint64         `json:"seed"` // of the folds
	Easy        []int          `json:"easy"` // ascending
	Hard        []int          `json:"hard"` // ascending
}

// Split fills Examples, Easy and Hard from labels and out-of-fold predictions;
// the caller fills the rest of the header.
func Split(labels, outOfFold []uint16) (*Partition, error) {
	if len(labels) == 0 || len(outOfFold) != len(labels) {
		return nil, fmt.Errorf("partition: %d predictions for %d labels, want one each, and one at least", len(outOfFold), len(labels))
	}
	p := &Partition{Format: Format, Examples: len(labels), Params: map[string]any{}, Easy: []int{}, Hard: []int{}}
	for i, label := range labels {
		if outOfFold[i] == label {
			p.Easy = append(p.Easy, i)
		} else {
			p.Hard = append(p.Hard, i)
		}
	}
	return p, nil
}

// Check returns an error unless the header is complete and Easy and Hard are
// ascending, disjoint and cover 0..Examples-1.
func (p *Partition) Check() error {
	switch {
	case p.Format != Format:
		return fmt.Errorf("partition: format is %q, want %q", p.Format, Format)
	case p.Examples < 1:
		return fmt.Errorf("partition: %d examples, want at least 1", p.Examples)
	case p.Dataset == "" || p.Reference == "":
		return fmt.Errorf("partition: dataset %q and reference %q must both be named", p.Dataset, p.Reference)
	case !isHash(p.DatasetHash):
		return fmt.Errorf("partition: dataset_hash %q is not a SHA-256 in lower-case hex", p.DatasetHash)
	case p.Folds < 2:
		return fmt.Errorf("partition: %d folds, want at least 2: predictions must be out of fold", p.Folds)
	case len(p.Easy)+len(p.Hard) != p.Examples:
		return fmt.Errorf("partition: %d easy and %d hard examples, want %d together", len(p.Easy), len(p.Hard), p.Examples)
	}
	seen := make([]bool, p.Examples)
	for _, set := range []struct {
		name    string
		indices []int
	}{{"easy", p.Easy}, {"hard", p.Hard}} {
		for k, i := range set.indices {
			if i < 0 || i >= p.Examples {
				return fmt.Errorf("partition: %s has index %d, want 0 to %d", set.name, i, p.Examples-1)
			}
			if seen[i] {
				return fmt.Errorf("partition: index %d is there twice", i)
			}
			if k > 0 && i < set.indices[k-1] {
				return fmt.Errorf("partition: %s has index %d after %d, want ascending", set.name, i, set.indices[k-1])
			}
			seen[i] = true
		}
	}
	return nil
}

func isHash(s string) bool {
	if len(s) != 64 {
		return false
	}
	for _, c := range s {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

// Match returns an error unless the partition belongs to the training split
// with this many examples and this hash.
func (p *Partition) Match(examples int, hash string) error {
	if p.Examples != examples || p.DatasetHash != hash {
		return fmt.Errorf("partition is of %s with %d training examples and hash %.12s, but the training split has %d and %.12s: make one for it with shoal partition",
			p.Dataset, p.Examples, p.DatasetHash, examples, hash)
	}
	return nil
}

// Order is a way to train on a partition.
type Order string

// The orders. Training goes in passes, each over one set of examples in a
// sequence of its own, until its steps are used up.
const (
	EasyFirst    Order = "easy-first"     // some passes over the easy examples, then over all
	HardFirst    Order = "hard-first"     // some passes over the hard examples, then over all
	EasyOnly     Order = "easy-only"      // the easy examples
	HardOnly     Order = "hard-only"      // the hard examples
	Random       Order = "random"         // all examples
	RandomAsEasy Order = "random-as-easy" // as many as are easy, drawn once from all
	RandomAsHard Order = "random-as-hard" // as many as are hard, drawn once from all
)

// Orders lists them.
func Orders() []Order {
	return []Order{EasyFirst, HardFirst, EasyOnly, HardOnly, Random, RandomAsEasy, RandomAsHard}
}

// HasFirst reports whether the order begins with passes over a part.
func (o Order) HasFirst() bool { return o == EasyFirst || o == HardFirst }

// Control is the random order to compare with: of the same size.
func (o Order) Control() Order {
	switch o {
	case EasyOnly, RandomAsEasy:
		return RandomAsEasy
	case HardOnly, RandomAsHard:
		return RandomAsHard
	}
	return Random
}

// Plan says which examples a training visits: Passes times First, then Then as
// often as there are steps for. Both are ascending; the sequence within a pass
// is the trainer's to shuffle.
type Plan struct {
	First  []int
	Passes int
	Then   []int
}

// Plan follows an order. passes is the number of passes over the first part of
// easy-first and hard-first, 1 at least, and 0 for all other orders. seed draws
// the examples of random-as-easy and random-as-hard and changes no other order.
// An order that leaves nothing to train on is an error.
func (p *Partition) Plan(o Order, passes int, seed uint64) (Plan, error) {
	if o.HasFirst() && passes < 1 || !o.HasFirst() && passes != 0 {
		return Plan{}, fmt.Errorf("order %q with %d passes over its first part, want 1 or more for %s and %s, and 0 else", o, passes, EasyFirst, HardFirst)
	}
	all := make([]int, p.Examples)
	for i := range all {
		all[i] = i
	}
	plan := Plan{Passes: passes}
	switch o {
	case EasyFirst:
		plan.First, plan.Then = p.Easy, all
	case HardFirst:
		plan.First, plan.Then = p.Hard, all
	case EasyOnly:
		plan.Then = p.Easy
	case HardOnly:
		plan.Then = p.Hard
	case Random:
		plan.Then = all
	case RandomAsEasy:
		plan.Then = draw(all, len(p.Easy), seed)
	case RandomAsHard:
		plan.Then = draw(all, len(p.Hard), seed)
	default:
		return Plan{}, fmt.Errorf("order %q is unknown, want one of %v", o, Orders())
	}
	if len(plan.Then) == 0 || o.HasFirst() && len(plan.First) == 0 {
		return Plan{}, fmt.Errorf("order %q leaves no examples: %d are easy and %d hard", o, len(p.Easy), len(p.Hard))
	}
	return plan, nil
}

// draw takes n of the indices without replacement and sorts them. Written out
// as a partial shuffle of Fisher and Yates, so that the draw outlives changes
// of the standard library's own.
func draw(from []int, n int, seed uint64) []int {
	r := rand.NewPCG(seed, 0x70617274)
	from = slices.Clone(from)
	for i := range n {
		skip, _ := bits.Mul64(r.Uint64(), uint64(len(from)-i))
		j := i + int(skip)
		from[i], from[j] = from[j], from[i]
	}
	return slices.Sorted(slices.Values(from[:n]))
}
