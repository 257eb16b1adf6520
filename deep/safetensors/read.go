package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"shoal/internal/atomicfile"
	"shoal/internal/filekind"
)

// maxHeader bounds the JSON header: 100,000 tensors fit.
const maxHeader = 16 << 20

// MaxFile bounds the whole file: the largest network's state, with room for fifty more.
const MaxFile = 16 << 30

// Read reads the file at path.
func Read(path string) (*File, error) {
	data, err := atomicfile.ReadSmall(path, MaxFile)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	f, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %q: %w", path, err)
	}
	return f, nil
}

// Decode parses the bytes of a file. The tensors' Data are parts of data.
func Decode(data []byte) (*File, error) {
	if len(data) < 8 || binary.LittleEndian.Uint64(data) > uint64(len(data)-8) {
		if what := filekind.Of(data); what != "" {
			return nil, fmt.Errorf("it is %s", what)
		}
	}
	if len(data) < 8 {
		return nil, fmt.Errorf("file of %d bytes has no header; it is damaged or not a safetensors file", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > maxHeader || n > uint64(len(data)-8) {
		return nil, fmt.Errorf("header of %d bytes in a file of %d, at most %d are read; it is damaged or not a safetensors file",
			n, len(data), maxHeader)
	}
	f, places, err := header(data[8 : 8+n])
	if err != nil {
		return nil, err
	}
	body := data[8+n:]
	if err := f.place(places, body); err != nil {
		return nil, err
	}
	return f, nil
}

// entry is a tensor in the header.
type entry struct {
	DType   *string `json:"dtype"`
	Shape   *[]int  `json:"shape"`
	Offsets *[]int  `json:"data_offsets"`
}

// header parses the JSON object by hand at its top level, to detect duplicate names.
func header(text []byte) (*File, [][]int, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, fmt.Errorf("header is not a JSON object")
	}
	f, seen := &File{}, map[string]bool{}
	var places [][]int
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("header: %w", err)
		}
		name, _ := t.(string)
		if seen[name] {
			return nil, nil, fmt.Errorf("duplicate name %q", name)
		}
		seen[name] = true
		if name == "__metadata__" {
			if err := d.Decode(&f.Metadata); err != nil {
				return nil, nil, fmt.Errorf("metadata: %w", err)
			}
			continue
		}
		tensor, place, err := readEntry(d, name)
		if err != nil {
			return nil, nil, err
		}
		f.Tensors, places = append(f.Tensors, tensor), append(places, place)
	}
	if _, err := d.Token(); err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, nil, fmt.Errorf("header has more after its JSON object")
	}
	return f, places, nil
}

func readEntry(d *json.Decoder, name string) (Tensor, []int, error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return Tensor{}, nil, fmt.Errorf("tensor %q: %w", name, err)
	}
	var e entry
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&e); err != nil {
		return Tensor{}, nil, fmt.Errorf("tensor %q: %w", name, err)
	}
	if e.DType == nil || e.Shape == nil || e.Offsets == nil || len(*e.Offsets) != 2 {
		return Tensor{}, nil, fmt.Errorf("tensor %q: want dtype, shape and two data_offsets, got %.80s", name, raw)
	}
	size := Size(*e.DType)
	if size == 0 {
		return Tensor{}, nil, fmt.Errorf("tensor %q: unknown dtype %q", name, *e.DType)
	}
	n, err := elements(*e.Shape)
	if err != nil {
		return Tensor{}, nil, fmt.Errorf("tensor %q: %w", name, err)
	}
	from, to := (*e.Offsets)[0], (*e.Offsets)[1]
	if from < 0 || to < from || to-from != n*size {
		return Tensor{}, nil, fmt.Errorf("tensor %q: bytes %d to %d, want %d for shape %v of %s", name, from, to, n*size, *e.Shape, *e.DType)
	}
	return Tensor{Name: name, DType: *e.DType, Shape: *e.Shape}, *e.Offsets, nil
}

// place gives every tensor its bytes and checks that they cover body.
func (f *File) place(places [][]int, body []byte) error {
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if places[a][0] != places[b][0] {
			return places[a][0] - places[b][0]
		}
		return places[a][1] - places[b][1]
	})
	at := 0
	for _, i := range order {
		from, to := places[i][0], places[i][1]
		if from != at {
			return fmt.Errorf("tensor %q: bytes %d to %d, want them to start at %d", f.Tensors[i].Name, from, to, at)
		}
		if to > len(body) {
			return fmt.Errorf("tensor %q ends at byte %d of %d: the file is cut short", f.Tensors[i].Name, to, len(body))
		}
		f.Tensors[i].Data = body[from:to:to]
		at = to
	}
	if at != len(body) {
		return fmt.Errorf("%d bytes of data, the tensors have %d", len(body), at)
	}
	return nil
}
