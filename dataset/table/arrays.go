package table

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"shoal/internal/atomicfile"
	"shoal/internal/npy"
)

// ErrSparse is wrapped for a sparse matrix.
var ErrSparse = errors.New("holds a sparse matrix: save it dense, x.toarray().astype(\"float32\"), with fewer columns if it doesn't fit (max_features, TruncatedSVD)")

// An Archive is an .npz file that is read for features and labels.
type Archive struct {
	*npy.Archive
	path string
	o    Options
}

// OpenArchive opens an .npz file; the caller closes it. That of a scipy.sparse matrix is refused.
func OpenArchive(path string, o Options) (*Archive, error) {
	a, err := npy.OpenArchive(path)
	if err != nil {
		return nil, err
	}
	names := a.Names()
	if slices.Contains(names, "indptr") || slices.Contains(names, "format") && slices.Contains(names, "data") {
		a.Close()
		return nil, fmt.Errorf("%q %w", path, ErrSparse)
	}
	return &Archive{a, path, o}, nil
}

// First returns the first of the names that the archive has an array of, "" for none.
func (a *Archive) First(names ...string) string {
	have := a.Names()
	for _, name := range names {
		if slices.Contains(have, name) {
			return name
		}
	}
	return ""
}

// Shape returns the type and the shape of an array.
func (a *Archive) Shape(name string) (kind string, shape []int, err error) {
	s, closer, err := a.Open(name)
	if err != nil {
		return "", nil, fmt.Errorf("%q: %s: %w", a.path, name, err)
	}
	defer closer.Close()
	return s.Type, s.Shape, nil
}

// Features reads an array as n×d numbers; what is beyond the first dimension is laid side by side.
func (a *Archive) Features(name string) (*Table, error) {
	s, closer, err := a.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%q: %s: %w", a.path, name, err)
	}
	defer closer.Close()
	t, err := features(s, a.o)
	if err != nil {
		return nil, fmt.Errorf("%q: %s: %w", a.path, name, err)
	}
	return t, nil
}

// Labels reads an array of one dimension, or n×1, as labels.
func (a *Archive) Labels(name string) (*Labels, error) {
	s, closer, err := a.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%q: %s: %w", a.path, name, err)
	}
	defer closer.Close()
	l, err := labels(s)
	if err != nil {
		return nil, fmt.Errorf("%q: %s: %w", a.path, name, err)
	}
	return l, nil
}

// ReadArray reads the features of an .npy file.
func ReadArray(path string, o Options) (t *Table, err error) {
	err = withArray(path, func(s *npy.Stream) error {
		t, err = features(s, o)
		return err
	})
	return t, err
}

// ReadLabels reads the labels of an .npy file.
func ReadLabels(path string) (l *Labels, err error) {
	err = withArray(path, func(s *npy.Stream) error {
		l, err = labels(s)
		return err
	})
	return l, err
}

func withArray(path string, use func(*npy.Stream) error) error {
	if err := known(path); err != nil {
		return err
	}
	f, err := atomicfile.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s, err := npy.NewStream(bufio.NewReaderSize(f, 1<<16))
	if err == nil {
		err = use(s)
	}
	if err != nil {
		return fmt.Errorf("%q: %w", path, err)
	}
	return nil
}

// features reads n×d numbers, as many at a time as fit a small buffer: no more is kept of an array
// than is there, whatever its header says.
func features(s *npy.Stream, o Options) (*Table, error) {
	if len(s.Shape) < 2 {
		return nil, fmt.Errorf("shape %v, want examples × features", s.Shape)
	}
	if s.Type[0] == 'U' || s.Type[0] == 'S' {
		return nil, fmt.Errorf("an element of type %s %w", s.Type, ErrText)
	}
	n, d := s.Shape[0], 1
	for _, size := range s.Shape[1:] {
		d *= size // whose product the stream has checked
	}
	if n == 0 || d == 0 {
		return nil, fmt.Errorf("shape %v has no numbers", s.Shape)
	}
	if err := o.room(int64(n), int64(d), fmt.Sprintf("shape %v", s.Shape)); err != nil {
		return nil, err
	}
	const atOnce = 1 << 28 // a header may claim more than is there
	t := newTable(d)
	t.Values, t.kind, t.shape = make([]float32, 0, min(n*d, atOnce)), s.Type, s.Shape[1:]
	const piece = 1 << 16
	buf := make([]float64, min(piece, n*d))
	for at := 0; at < n*d; at += len(buf) {
		buf = buf[:min(len(buf), n*d-at)]
		if err := s.Floats(buf); err != nil {
			return nil, err
		}
		for i, v := range buf {
			kept, err := t.take((at+i)%d, v)
			if err != nil {
				return nil, fmt.Errorf("feature %d of example %d: %w", (at+i)%d, (at+i)/d, err)
			}
			t.Values = append(t.Values, kept)
		}
	}
	return t, s.End()
}

// labels reads whole numbers, true and false, or texts.
func labels(s *npy.Stream) (*Labels, error) {
	if len(s.Shape) == 0 || len(s.Shape) > 2 || len(s.Shape) == 2 && s.Shape[1] != 1 {
		return nil, fmt.Errorf("shape %v, want one label an example (of one-hot rows the argmax)", s.Shape)
	}
	n := s.Shape[0]
	if n == 0 {
		return nil, errors.New("no labels in it")
	}
	out := &Labels{Text: s.Type[0] == 'U' || s.Type[0] == 'S'}
	const piece = 1 << 12
	for at := 0; at < n; at += piece {
		count := min(piece, n-at)
		texts, err := someLabels(s, count)
		if err != nil {
			return nil, err
		}
		for _, text := range texts {
			if err := out.Add(text); err != nil {
				return nil, err
			}
		}
	}
	return out, s.End()
}

func someLabels(s *npy.Stream, count int) ([]string, error) {
	if s.Type[0] != 'f' {
		return s.Texts(count)
	}
	numbers, texts := make([]float64, count), make([]string, count)
	if err := s.Floats(numbers); err != nil {
		return nil, err
	}
	for i, v := range numbers {
		var err error
		if texts[i], err = floatLabel(v, int(s.Type[1]-'0')); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

var _ io.Closer = (*Archive)(nil)
