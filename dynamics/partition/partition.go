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

// The orders. Within each set the sequence is shuffled.
const (
	EasyFirst    Order = "easy-first"     // all easy examples, then all hard ones
	HardFirst    Order = "hard-first"     // all hard examples, then all easy ones
	EasyOnly     Order = "easy-only"      // the easy examples
	HardOnly     Order = "hard-only"      // the hard examples
	Random       Order = "random"         // all examples
	RandomAsEasy Order = "random-as-easy" // as many as are easy, drawn from all
	RandomAsHard Order = "random-as-hard" // as many as are hard, drawn from all
)

// Orders lists them.
func Orders() []Order {
	return []Order{EasyFirst, HardFirst, EasyOnly, HardOnly, Random, RandomAsEasy, RandomAsHard}
}

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

// Indices is the training examples in the given order, shuffled by seed: what
// one epoch goes through. An order that leaves nothing to train on is an error.
func (p *Partition) Indices(o Order, seed uint64) ([]int, error) {
	r := rand.New(rand.NewPCG(seed, 0x70617274))
	easy, hard := shuffled(r, p.Easy), shuffled(r, p.Hard)
	all := make([]int, p.Examples)
	for i := range all {
		all[i] = i
	}
	all = shuffled(r, all)
	var out []int
	switch o {
	case EasyFirst:
		out = append(easy, hard...)
	case HardFirst:
		out = append(hard, easy...)
	case EasyOnly:
		out = easy
	case HardOnly:
		out = hard
	case Random:
		out = all
	case RandomAsEasy:
		out = all[:len(easy)]
	case RandomAsHard:
		out = all[:len(hard)]
	default:
		return nil, fmt.Errorf("order %q is unknown, want one of %v", o, Orders())
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("order %q leaves no examples: %d are easy and %d hard", o, len(easy), len(hard))
	}
	return out, nil
}

func shuffled(r *rand.Rand, x []int) []int {
	x = slices.Clone(x)
	r.Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
	return x
}
