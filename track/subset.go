package track

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"shoal/curriculum"
	"shoal/internal/atomicfile"
	"shoal/internal/usage"
	"shoal/record"
)

// Subset says which part of the training split D learns from, and when; see package curriculum for
// the orders. The zero value is all of it, in passes over the whole split, which is also what the
// order random visits, bit for bit.
//
// An epoch stays as many steps as a pass over the whole split takes, so that studies that differ in
// nothing but the order take equally many steps, at the same learning rates, and are scored at the
// same steps. The last pass may end early.
type Subset struct {
	Partition string `toml:"partition"`          // file that `shoal partition` wrote; "" for none
	Order     string `toml:"order"`              // a curriculum.Order
	Passes    int    `toml:"passes"`             // of easy-first and hard-first over their first part; 0 is 1 for those
	SHA256    string `toml:"sha256"`             // of the file; filled in when the study runs
	Absolute  string `toml:"absolute,omitempty"` // path of the file from everywhere; filled in as well
}

// fill sets the defaults of what may be left out.
func (s *Subset) fill() {
	if s.Partition != "" && s.Order == "" {
		s.Order = string(curriculum.Random)
	}
	if curriculum.Order(s.Order).HasFirst() && s.Passes == 0 {
		s.Passes = 1
	}
}

// ErrNoPartition is wrapped when a study has an order of training and no partition to train by.
var ErrNoPartition = errors.New("without a partition")

func (s Subset) check() error {
	s.fill()
	if s.Partition == "" {
		switch {
		case s.Order != "":
			return usage.Errorf("order %q %w", s.Order, ErrNoPartition)
		case s != (Subset{}):
			return usage.Errorf("%d passes over the first part of an order %w", s.Passes, ErrNoPartition)
		}
		return nil
	}
	if err := curriculum.Order(s.Order).Check(s.Passes); err != nil {
		return &usage.Error{Err: err}
	}
	return nil
}

// present reports a file of the study that isn't there, before anything is fetched for it.
func (s Study) present() error {
	for _, f := range []struct{ what, path string }{
		{initialWeights, cmp.Or(s.Network.InitAbsolute, s.Network.Init)},
		{"partition", cmp.Or(s.Subset.Absolute, s.Subset.Partition)},
	} {
		if _, err := os.Stat(f.path); f.path != "" && errors.Is(err, fs.ErrNotExist) {
			return notThere(f.what, f.path)
		}
	}
	return s.References.Present()
}

// notThere is the error of such a file.
func notThere(what, path string) error {
	return fmt.Errorf("%s %q: %w%s", what, path, fs.ErrNotExist, usage.DidYouMean(filepath.Base(path), beside(path)))
}

// beside are the names of the files of a path's kind in its folder, to suggest one for a name with a spelling mistake.
func beside(path string) []string {
	found, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*"+filepath.Ext(path))) // none for a folder whose name is a pattern
	for k := range found {
		found[k] = filepath.Base(found[k])
	}
	return found
}

// sameFile reads a file that a study names. Its SHA-256 has to be that of the file which the study
// was made with, "" for any; it has at most limit bytes.
func sameFile(what, path, want string, limit int64) (data []byte, hash string, err error) {
	data, err = atomicfile.ReadSmall(path, limit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", notThere(what, path)
	}
	if err != nil {
		return nil, "", fmt.Errorf("read %s: %w", what, err)
	}
	sum := sha256.Sum256(data)
	hash = hex.EncodeToString(sum[:])
	if want != "" && want != hash {
		return nil, "", fmt.Errorf("%s %q has SHA-256 %.12s, the study was made with %.12s: bring that file back", what, path, hash, want)
	}
	return data, hash, nil
}

// readSubset reads the study's partition, checks that it is the one that the study was made with
// and that it belongs to this training split, and plans the visits.
func (x *training) readSubset() (*curriculum.Visits, error) {
	s := &x.study.Subset
	s.fill()
	text, hash, err := sameFile("partition", cmp.Or(s.Absolute, s.Partition), s.SHA256, curriculum.MaxFileBytes)
	if err != nil {
		return nil, err
	}
	s.SHA256 = hash
	p, err := curriculum.Read(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", s.Partition, err)
	}
	if err := p.Match(x.splits.Train.Len(), x.splits.TrainHash); err != nil {
		return nil, fmt.Errorf("%q: %w", s.Partition, err)
	}
	x.options.Warn("partition "+s.Partition, p.Warnings)
	plan, err := p.Plan(curriculum.Order(s.Order), s.Passes, x.study.Seed)
	if err != nil {
		return nil, &usage.Error{Err: fmt.Errorf("%q: %w", s.Partition, err)}
	}
	v := &curriculum.Visits{Plan: plan, Batch: x.study.Training.Batch, Seed: x.study.Seed}
	x.subset = &record.SubsetSummary{
		Order: s.Order, Passes: s.Passes, Partition: s.Partition, SHA256: hash, Reference: p.Reference, Folds: p.Folds,
		Easy: len(p.Easy), Hard: len(p.Hard), First: len(plan.First), Then: len(plan.Then), DatasetHash: p.DatasetHash,
		FirstSteps: min(x.loop.Total, v.FirstSteps()),
	}
	return v, nil
}
