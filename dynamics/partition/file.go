package partition

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Write writes the partition as JSON, header first. It refuses one that Check
// refuses.
func (p *Partition) Write(w io.Writer) error {
	if err := p.Check(); err != nil {
		return err
	}
	b, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("partition: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// Read reads what Write wrote, strictly.
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

// Save writes the file at path, by way of a temporary one beside it, so that
// no half-written file is left behind. An existing file is replaced.
func (p *Partition) Save(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("save partition: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close() // closing twice does no harm
			os.Remove(f.Name())
		}
	}()
	if err := p.Write(f); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return fmt.Errorf("save partition: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("save partition: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("save partition: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("save partition: %w", err)
	}
	return nil
}

// Load reads the file at path.
func Load(path string) (*Partition, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load partition: %w", err)
	}
	defer f.Close()
	p, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}
