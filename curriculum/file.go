package curriculum

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"shoal/internal/atomicfile"
)

// MaxFileBytes is more than the partition of a split of twenty million examples takes.
const MaxFileBytes = 256 << 20

// Save checks the partition and writes it to the file at path as JSON, header first, whole or not
// at all. An existing file is replaced.
func (p *Partition) Save(path string) error {
	if err := p.Check(); err != nil {
		return err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("partition: %w", err)
	}
	if err := atomicfile.WriteFile(path, append(text, '\n')); err != nil {
		return fmt.Errorf("save partition: %w", err)
	}
	return nil
}

// Read reads the text of a file that Save wrote, strictly.
func Read(r io.Reader) (*Partition, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	p := new(Partition)
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("partition: not a partition file: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("partition: data after the end")
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	return p, nil
}
