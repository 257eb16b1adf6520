package runlog

import (
	"encoding/json"
	"fmt"
	"slices"

	"shoal/internal/packing"
)

// initial is the stored form of what networks of other random initialisations answer.
type initial struct {
	Count    int    `json:"count"`
	Examples int    `json:"examples"` // the first of the split
	Answers  []byte `json:"answers"`  // one network after the other, packed and compressed as evaluations are
}

// KeepInitial stores what networks of other random initialisations answer, untrained: each for the
// first examples of the split, as many for each.
func (r *Run) KeepInitial(answers [][]uint16) error {
	if len(answers) == 0 {
		return nil
	}
	examples := len(answers[0])
	for k, a := range answers {
		if len(a) != examples || examples > len(r.labels) {
			return fmt.Errorf("write initialisations of run %q: number %d has %d answers, the first %d, of %d examples", r.dir, k+1, len(a), examples, len(r.labels))
		}
	}
	packed, err := packing.Classes(slices.Concat(answers...), len(r.classes))
	var text []byte
	if err == nil {
		text, err = json.Marshal(initial{len(answers), examples, r.enc.EncodeAll(packed, nil)})
	}
	if err != nil {
		return fmt.Errorf("write initialisations of run %q: %w", r.dir, err)
	}
	return r.update(map[string]string{r.key(keyInitial): string(text)})
}

// Initial reads what KeepInitial stored; nil where the run keeps none.
func (r *Run) Initial() ([][]uint16, error) {
	meta, err := r.metaTable()
	if err != nil || meta[r.key(keyInitial)] == "" {
		return nil, err
	}
	var in initial
	err = json.Unmarshal([]byte(meta[r.key(keyInitial)]), &in)
	if err == nil && (in.Count < 1 || in.Examples < 1 || in.Examples > len(r.labels) || in.Count > 1<<20) {
		err = fmt.Errorf("%d networks and %d examples", in.Count, in.Examples)
	}
	var all []uint16
	var raw []byte
	if err == nil {
		raw, err = r.dec.DecodeAll(in.Answers, nil)
	}
	if err == nil {
		all, err = packing.ReadClasses(raw, in.Count*in.Examples, len(r.classes))
	}
	if err != nil {
		return nil, fmt.Errorf("read initialisations of run %q: %w", r.dir, err)
	}
	return slices.Collect(slices.Chunk(all, in.Examples)), nil
}
