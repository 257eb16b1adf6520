package answers

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"shoal/internal/atomicfile"
)

// A Split is the evaluation split that predictions are read for.
type Split struct {
	Classes []string
	Labels  []uint16 // of all examples that are known, in order
	Names   []string // as long as Labels; nil for examples that are known by their index only
	// N is the number of examples that are scored: the first. 0 stands for all.
	N int
	// Cut says that there are more examples than are known, which the run left out.
	Cut bool
	// Other is the folder of the split that these examples are not of, "" for unknown: a name below
	// it is another example.
	Other string
}

func (s *Split) scored() int {
	if s.N <= 0 {
		return len(s.Labels)
	}
	return min(s.N, len(s.Labels))
}

// example names example i for a person.
func (s *Split) example(i int) string {
	if i < len(s.Names) {
		return fmt.Sprintf("example %d (%q)", i, s.Names[i])
	}
	return fmt.Sprintf("example %d", i)
}

func (s *Split) class(c uint16) string {
	if int(c) < len(s.Classes) {
		return fmt.Sprintf("%d (%q)", c, s.Classes[c])
	}
	return fmt.Sprint(c)
}

// Answers are the predictions of the scored examples, in the order of the split.
type Answers struct {
	Classes []uint16
	Margins []float32 // nil when the file has none
	By      string    // what their order rests on: "ids", "labels" or "order"
	Notes   []string  // what a person should know
}

// Read reads a file of predictions for the split.
func Read(path string, s Split) (*Answers, error) {
	t, err := readTable(path, &s)
	if err != nil {
		return nil, err // names the file
	}
	a, err := t.answer(&s)
	if err != nil {
		return nil, about(path, err)
	}
	return a, nil
}

// readTable reads a file by its first bytes and, where those say nothing, its ending.
func readTable(path string, s *Split) (*table, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 6)
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	ending := strings.ToLower(filepath.Ext(path))
	switch {
	case bytes.HasPrefix(head, []byte("PK")) || ending == ".npz":
		return readArchive(path, s)
	case bytes.HasPrefix(head, []byte("\x93NUMPY")) || ending == ".npy":
		return readVector(path, s)
	}
	for magic, format := range foreign {
		if bytes.HasPrefix(head, []byte(magic)) {
			return nil, fmt.Errorf("%q: %s: want .npy, .npz, or CSV with a header", path, format)
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	t, err := readCSV(f, largest(s))
	if err != nil {
		return nil, about(path, err)
	}
	return t, nil
}

// foreign are formats that are not read, by how their files begin.
var foreign = map[string]string{
	"\x1f\x8b": "compressed by gzip, unpack it", "\x28\xb5\x2f\xfd": "compressed by zstd, unpack it", "BZh": "compressed by bzip2, unpack it",
	"PAR1": "a Parquet file", "{": "a JSON file", "[": "a JSON file", "\x80": "a pickle or a file of PyTorch", "\x89HDF": "an HDF5 file",
}

// largest is how many bytes one array, or a CSV file, may have.
func largest(s *Split) int64 { return 64<<20 + 4<<10*int64(len(s.Labels)) }

// answer brings the rows into the order of the split.
func (t *table) answer(s *Split) (*Answers, error) {
	if t.margins != nil {
		if err := t.checkMargins(); err != nil {
			return nil, err
		}
	}
	n := s.scored()
	rows, outside, certain, err := t.rows(s) // the row of every scored example
	if err != nil {
		return nil, err
	}
	a := &Answers{By: "order"}
	if certain {
		a.By = "ids"
	}
	if outside > 0 {
		a.Notes = append(a.Notes, fmt.Sprintf("%d of %d rows are of examples beyond the first %d, which are scored: left out", outside, t.predictions.len(), n))
	}
	if a.Classes, err = t.decode(s, rows); err != nil {
		return nil, err
	}
	for _, row := range rows {
		if t.margins != nil {
			a.Margins = append(a.Margins, float32(t.margins[row]))
		}
	}
	switch {
	case t.labels != nil: // they say what the order is, and how classes are numbered
		if !certain {
			a.By = "labels"
		}
		return a, nil
	case !certain:
		note, err := s.checkOrder(a.Classes)
		if note != "" {
			a.Notes = append(a.Notes, note)
		}
		if err != nil {
			return nil, err
		}
	}
	return a, s.checkNumbers(t.predictions, a.Classes)
}
