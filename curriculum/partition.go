package curriculum

import "fmt"

// Format is the format field of every file, version included.
const Format = "shoal-partition/1"

// Partition is a cut of the training examples 0..Examples-1 into two parts.
type Partition struct {
	Format      string         `json:"format"`
	Dataset     string         `json:"dataset"`      // its name
	DatasetHash string         `json:"dataset_hash"` // SHA-256 of the training split, hex
	Examples    int            `json:"examples"`
	Reference   string         `json:"reference"` // kind of the shallow model
	Params      map[string]any `json:"params"`    // its parameters
	Folds       int            `json:"folds"`
	Seed        uint64         `json:"seed"`               // of the folds
	Easy        []int          `json:"easy"`               // ascending
	Hard        []int          `json:"hard"`               // ascending
	Warnings    []string       `json:"warnings,omitempty"` // of the folds' fits
}

// Cut fills Examples, Easy and Hard from labels and out-of-fold predictions, one each; the caller
// fills the rest of the header.
func Cut(labels, outOfFold []uint16) (*Partition, error) {
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

// Check returns an error unless the header is complete and Easy and Hard are ascending, disjoint
// and cover 0..Examples-1.
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

// ByClass counts the examples of each class, by its label. labels are those of the training split,
// one for each example.
func (p *Partition) ByClass(labels []uint16) map[uint16]Counts {
	out := map[uint16]Counts{}
	for _, i := range p.Easy {
		c := out[labels[i]]
		c.Easy++
		out[labels[i]] = c
	}
	for _, i := range p.Hard {
		c := out[labels[i]]
		c.Hard++
		out[labels[i]] = c
	}
	return out
}

// Counts are the numbers of easy and hard examples of one class.
type Counts struct {
	Easy int `json:"easy"`
	Hard int `json:"hard"`
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

// Match returns an error unless the partition belongs to the training split with this many examples
// and this hash.
func (p *Partition) Match(examples int, hash string) error {
	if p.Examples != examples || p.DatasetHash != hash {
		return fmt.Errorf("partition is of %s with %d training examples and hash %.12s, but the training split has %d and %.12s: make a partition of this training split",
			p.Dataset, p.Examples, p.DatasetHash, examples, hash)
	}
	return nil
}
