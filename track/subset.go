package track

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"shoal/dynamics/partition"
	"shoal/internal/atomicfile"
	"shoal/internal/usage"
	"shoal/record"
)

// Subset says which part of the training split D learns from, and when. The
// zero value is all of it, in passes over the whole split.
//
// With a partition training goes in passes as well: each visits one set of
// examples once, in batches, in a sequence that follows from (seed, pass).
//
//	easy-only, hard-only             every pass visits the easy or the hard examples
//	random-as-easy, random-as-hard   every pass visits the same examples, as many as
//	                                 are easy or hard, drawn from all by the seed
//	random                           every pass visits all: the study without a partition, bit for bit
//	easy-first, hard-first           Passes passes visit the easy or the hard
//	                                 examples, all later ones visit all
//
// An epoch stays as many steps as a pass over the whole split takes, so that
// studies that differ in nothing but the order take equally many steps, at the
// same learning rates, and are scored at the same steps. The last pass may end
// early.
type Subset struct {
	Partition string `toml:"partition"` // file that `shoal partition` wrote; "" for none
	Order     string `toml:"order"`     // see package partition
	Passes    int    `toml:"passes"`    // of easy-first and hard-first over their first part; 0 is 1 for those
	SHA256    string `toml:"sha256"`    // of the file; filled in when the study runs
}

// fill writes out what a person may leave out.
func (s *Subset) fill() {
	if s.Partition != "" && s.Order == "" {
		s.Order = string(partition.Random)
	}
	if partition.Order(s.Order).HasFirst() && s.Passes == 0 {
		s.Passes = 1
	}
}

func (s Subset) check() error {
	s.fill()
	if s.Partition == "" {
		if s != (Subset{}) {
			return usage.Errorf("order %q without a partition: name its file with --partition, or make one with shoal partition", s.Order)
		}
		return nil
	}
	o := partition.Order(s.Order)
	switch {
	case !slices.Contains(partition.Orders(), o):
		return usage.Errorf("unknown order %q: want one of %v", s.Order, partition.Orders())
	case o.HasFirst() && s.Passes < 1:
		return usage.Errorf("order %q with %d passes: want 1 or more", s.Order, s.Passes)
	case !o.HasFirst() && s.Passes != 0:
		return usage.Errorf("%d passes mean nothing to order %q: they are for %s and %s", s.Passes, s.Order, partition.EasyFirst, partition.HardFirst)
	}
	return nil
}

// readSubset reads the study's partition, makes sure that it is the one the study was made with and
// of this training split, and plans the visits.
func (x *training) readSubset() (*visits, error) {
	s := &x.study.Subset
	s.fill()
	text, err := atomicfile.ReadFile(s.Partition)
	if err != nil {
		return nil, fmt.Errorf("read partition: %w", err)
	}
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:])
	if s.SHA256 != "" && s.SHA256 != hash {
		return nil, fmt.Errorf("partition %q has SHA-256 %.12s, the study was made with %.12s: bring that file back", s.Partition, hash, s.SHA256)
	}
	s.SHA256 = hash
	p, err := partition.Read(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", s.Partition, err)
	}
	if err := p.Match(x.splits.Train.Len(), x.splits.TrainHash); err != nil {
		return nil, fmt.Errorf("%q: %w", s.Partition, err)
	}
	plan, err := p.Plan(partition.Order(s.Order), s.Passes, x.study.Seed)
	if err != nil {
		return nil, &usage.Error{Err: fmt.Errorf("%q: %w", s.Partition, err)}
	}
	x.subset = &record.SubsetSummary{
		Order: s.Order, Passes: s.Passes, Partition: s.Partition, SHA256: hash, Reference: p.Reference, Folds: p.Folds,
		Easy: len(p.Easy), Hard: len(p.Hard), First: len(plan.First), Then: len(plan.Then), DatasetHash: p.DatasetHash,
		FirstSteps: min(x.loop.Total, plan.Passes*steps(len(plan.First), x.study.Training.Batch)),
	}
	return &visits{plan: plan, size: x.study.Training.Batch, seed: x.study.Seed}, nil
}

// visits says which examples each training step learns from.
type visits struct {
	plan partition.Plan
	size int // examples of a full batch
	seed uint64
}

// plainVisits are those of a study without a partition: passes over all n.
func plainVisits(n, size int, seed uint64) *visits {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return &visits{plan: partition.Plan{Then: all}, size: size, seed: seed}
}

// steps is the number of batches of a pass over n examples.
func steps(n, size int) int { return (n + size - 1) / size }

// locate returns the pass, counted from 0, that training step `step` is in, and
// where in that pass its batch begins.
func (v *visits) locate(step int) (pass, at int) {
	per := steps(len(v.plan.First), v.size)
	if step < v.plan.Passes*per {
		return step / per, step % per * v.size
	}
	step -= v.plan.Passes * per
	per = steps(len(v.plan.Then), v.size)
	return v.plan.Passes + step/per, step % per * v.size
}

// pass is the sequence of the examples of a pass.
func (v *visits) pass(pass int) []int {
	set := v.plan.Then
	if pass < v.plan.Passes {
		set = v.plan.First
	}
	sequence := order(v.seed, pass, len(set))
	for i, k := range sequence {
		sequence[i] = set[k]
	}
	return sequence
}
