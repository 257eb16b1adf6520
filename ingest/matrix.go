package ingest

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"shoal/internal/atomicfile"
	"shoal/internal/npy"
	"shoal/internal/usage"
	"shoal/predlog"
)

// A matrix is arrays of NumPy, T evaluations of N examples of K classes:
//
//	labels          [N]        true classes
//	predictions     [T, N]     predicted classes, or
//	probabilities   [T, N, K]  whose largest is the prediction, or
//	logits          [T, N, K]  likewise
//	steps           [T]        training steps, increasing; 0, 1, 2, ... without
//	epochs, losses  [T]        passes over the training split, mean losses; NaN where not known
//	right           [T, N]     what is right, where that isn't "the prediction is the label"
//	classes         [K] names, or their number
//	ids             [N]        names of the examples
//
// An .npz has them by these names, and .npy files are called so. Of probabilities and logits the
// values of dynamics.LabelValues are kept as well. Predictions are read row by row.
type matrix struct {
	arrays  arrays
	options Options
	head    *predlog.Header
	scores  string // "predictions", "probabilities" or "logits"
	t, k    int
	steps   []int64
	epochs  []float64
	losses  []float64
}

// arrays are named arrays in files.
type arrays interface {
	has(name string) bool
	names() []string
	open(name string) (*npy.Stream, io.Closer, error)
	path(name string) string // of its file, for messages
	Close() error
}

// zipped are the arrays of an .npz.
type zipped struct {
	*npy.Archive
	file string
}

func openNPZ(path string, o Options) (source, error) {
	z, err := npy.OpenArchive(path)
	if err != nil {
		return nil, err
	}
	return &matrix{arrays: &zipped{z, path}, options: o}, nil
}

func (z *zipped) has(name string) bool { return slices.Contains(z.Names(), name) }

func (z *zipped) names() []string { return z.Names() }

func (z *zipped) path(name string) string { return z.file + ":" + name }

func (z *zipped) open(name string) (*npy.Stream, io.Closer, error) { return z.Open(name) }

// loose are arrays in files of their own.
type loose map[string]string

// openNPY takes files by their names. Of two files, of which one has one dimension, the names don't
// matter.
func openNPY(paths []string, o Options) (source, error) {
	files := loose{}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		if files[name] != "" {
			return nil, usage.Errorf("%q and %q have one name", files[name], path)
		}
		files[name] = path
	}
	if err := files.guess(); err != nil {
		return nil, err
	}
	return &matrix{arrays: files, options: o}, nil
}

// guess names what has no name of a matrix by its dimensions.
func (l loose) guess() error {
	for name := range l {
		if slices.Contains(used, name) {
			continue
		}
		s, file, err := l.open(name)
		if err != nil {
			return fmt.Errorf("%q: %w", l[name], err)
		}
		file.Close()
		as := map[int]string{1: "labels", 2: "predictions", 3: "probabilities"}[len(s.Shape)]
		if as == "" || l.has(as) {
			return usage.Errorf("%q: call it labels.npy, predictions.npy, probabilities.npy, logits.npy, steps.npy, ...", l[name])
		}
		l[as] = l[name]
		delete(l, name)
	}
	return nil
}

func (l loose) has(name string) bool    { return l[name] != "" }
func (l loose) names() []string         { return slices.Sorted(maps.Keys(l)) }
func (l loose) path(name string) string { return cmp.Or(l[name], name+".npy") }
func (l loose) Close() error            { return nil }

func (l loose) open(name string) (*npy.Stream, io.Closer, error) {
	f, err := atomicfile.Open(l[name])
	if err != nil {
		return nil, nil, err
	}
	s, err := npy.NewStream(bufio.NewReaderSize(f, 1<<16))
	if err != nil {
		f.Close()
	}
	return s, f, err
}

func (m *matrix) close() error { return m.arrays.Close() }

// with opens an array, hands it over and wants it to be read to its end.
func (m *matrix) with(name string, use func(*npy.Stream) error) error {
	s, file, err := m.arrays.open(name)
	if err == nil {
		defer file.Close()
		if err = use(s); err == nil {
			err = s.End()
		}
	}
	if err != nil {
		return fmt.Errorf("%q: %w", m.arrays.path(name), err)
	}
	return nil
}

// wantShape checks a shape, in which -1 stands for any length; dims are the letters of its sizes.
func wantShape(s *npy.Stream, dims string, shape ...int) error {
	ok, what := len(s.Shape) == len(shape), "["+dims+"]"
	for k, letter := range strings.Split(dims, ", ") {
		ok = ok && (shape[k] == s.Shape[k] || shape[k] < 0)
		if shape[k] >= 0 {
			what += fmt.Sprintf(", %s = %d", letter, shape[k])
		}
	}
	if !ok {
		return fmt.Errorf("shape %v, want %s", s.Shape, what)
	}
	return nil
}

func (m *matrix) header(ctx context.Context) (*predlog.Header, error) {
	m.head = &predlog.Header{Split: cmp.Or(m.options.Split, predlog.MainSplit), Ranks: 1, Resumed: predlog.NotResumed}
	for _, name := range []string{"predictions", "probabilities", "logits"} {
		if m.arrays.has(name) {
			if m.scores != "" {
				return nil, usage.Errorf("%q and %q: import one of them", m.arrays.path(m.scores), m.arrays.path(name))
			}
			m.scores = name
		}
	}
	if m.scores == "" {
		return nil, fmt.Errorf("%q: there is none, want predictions [T, N] or probabilities [T, N, K]", m.arrays.path("predictions"))
	}
	m.tellUnused()
	if err := m.readLabels(); err != nil {
		return nil, err
	}
	if err := m.readShape(); err != nil {
		return nil, err
	}
	if err := m.readTimes(); err != nil {
		return nil, err
	}
	if err := m.readNames(ctx); err != nil {
		return nil, err
	}
	for i, l := range m.head.Labels {
		if int(l) >= len(m.head.Classes) {
			return nil, fmt.Errorf("%q: label of example %d is %d, want 0 to %d", m.arrays.path("labels"), i, l, len(m.head.Classes)-1)
		}
	}
	return m.head, nil
}

// used are the names of a matrix, and written those that only an export of shoal has.
var (
	used    = []string{"labels", "predictions", "probabilities", "logits", "steps", "epochs", "losses", "loss", "right", "classes", "ids", "names"}
	written = regexp.MustCompile(`^(accuracy|(reference|margin)_.*|aum|el2n|confidence|variability|mean_loss|learned_step|share_learned)$`)
)

// tellUnused names arrays that say nothing here: one may have a wrong name.
func (m *matrix) tellUnused() {
	for _, name := range m.arrays.names() {
		if !slices.Contains(used, name) && !written.MatchString(name) {
			m.options.say("note: %q isn't used: want names of %s", m.arrays.path(name), strings.Join(used, ", "))
		}
	}
}

// readLabels reads the labels, from the arrays or from the file that the options name.
func (m *matrix) readLabels() (err error) {
	given, err := givenLabels(m.options)
	if err != nil {
		return err
	}
	if !m.arrays.has("labels") {
		if m.head.Labels = given; given == nil {
			return fmt.Errorf("%q: there are no labels [N]: add them, or name a file that has them", m.arrays.path("labels"))
		}
		return nil
	}
	err = m.with("labels", func(s *npy.Stream) error {
		if err := wantShape(s, "N", -1); err != nil {
			return err
		}
		m.head.Labels, err = classRow(s, s.Shape[0], "label of example")
		if err == nil && len(m.head.Labels) == 0 {
			err = errors.New("no examples")
		}
		return err
	})
	if err == nil && given != nil && !slices.Equal(given, m.head.Labels) {
		return usage.Errorf("%q are other labels than those in %q: leave one of them out", m.options.Labels, m.arrays.path("labels"))
	}
	return err
}

// classRow reads n classes.
func classRow(s *npy.Stream, n int, what string) ([]uint16, error) {
	if s.Type[0] == 'f' {
		return nil, errors.New("floats instead of classes: save scores.argmax(axis=-1)")
	}
	row := make([]int64, n)
	if err := s.Ints(row); err != nil {
		return nil, err
	}
	out := make([]uint16, n)
	for i, v := range row {
		if v < 0 || v > math.MaxUint16 {
			return nil, fmt.Errorf("%s %d is %d, want 0 to 65535", what, i, v)
		}
		out[i] = uint16(v)
	}
	return out, nil
}

// readShape reads T and K.
func (m *matrix) readShape() error {
	s, file, err := m.arrays.open(m.scores)
	if err != nil {
		return fmt.Errorf("%q: %w", m.arrays.path(m.scores), err)
	}
	defer file.Close()
	n := len(m.head.Labels)
	if m.scores == "predictions" {
		err = wantShape(s, "T, N", -1, n)
		if err == nil && s.Type[0] == 'b' && slices.Max(m.head.Labels) > 1 {
			err = fmt.Errorf("true and false, but labels are up to %d: want the predicted classes; what is right can be an array right besides", slices.Max(m.head.Labels))
		}
	} else if err = wantShape(s, "T, N, K", -1, n, -1); err == nil {
		if m.k = s.Shape[2]; m.k < 2 || m.k > 1<<16 {
			err = fmt.Errorf("%d classes, want 2 to 65536", m.k)
		}
	}
	if err != nil {
		return fmt.Errorf("%q: %w", m.arrays.path(m.scores), err)
	}
	m.t = s.Shape[0]
	return nil
}

// readTimes reads steps, epochs and losses.
func (m *matrix) readTimes() error {
	m.steps, m.epochs, m.losses = make([]int64, m.t), make([]float64, m.t), make([]float64, m.t)
	for t := range m.t {
		m.steps[t], m.epochs[t], m.losses[t] = int64(t), nan, nan
	}
	row := func(name string, read func(*npy.Stream) error) error {
		if !m.arrays.has(name) {
			return nil
		}
		return m.with(name, func(s *npy.Stream) error {
			if err := wantShape(s, "T", m.t); err != nil {
				return err
			}
			return read(s)
		})
	}
	losses := "losses"
	if !m.arrays.has(losses) {
		losses = "loss" // as an export of shoal has it
	}
	return cmp.Or(
		row("steps", func(s *npy.Stream) error { return s.Ints(m.steps) }),
		row("epochs", func(s *npy.Stream) error { return s.Floats(m.epochs) }),
		row(losses, func(s *npy.Stream) error { return s.Floats(m.losses) }))
}

// readNames reads the names of classes and examples.
func (m *matrix) readNames(ctx context.Context) error {
	ids := "ids"
	if !m.arrays.has(ids) {
		ids = "names" // as an export of shoal has it
	}
	if m.arrays.has(ids) {
		err := m.with(ids, func(s *npy.Stream) (err error) {
			if err := wantShape(s, "N", len(m.head.Labels)); err != nil {
				return err
			}
			m.head.IDs, err = s.Texts(len(m.head.Labels))
			return err
		})
		if err != nil {
			return err
		}
	}
	if m.arrays.has("classes") {
		return m.with("classes", m.readClasses)
	}
	if m.scores != "predictions" {
		m.head.Classes = predlog.Numbered(m.k)
		return nil
	}
	return m.countClasses(ctx)
}

// countClasses takes as many classes as labels and predictions have.
func (m *matrix) countClasses(ctx context.Context) error {
	labels := spanOf(m.head.Labels) // which need not have every class
	predicted, all := span{math.MaxInt, 0}, labels
	err := m.rows(ctx, func(_ int, p *predlog.Part) error {
		predicted = predicted.with(spanOf(p.Predictions))
		return nil
	})
	if err != nil {
		return err
	}
	if m.t > 0 {
		all = labels.with(predicted)
		if err := checkCounting(labels, predicted); err != nil && !m.arrays.has("right") {
			return fmt.Errorf("%q: %w, or an array classes with their number", m.arrays.path(m.scores), err)
		}
	}
	m.head.Classes = predlog.Numbered(all.most + 1)
	return nil
}

// readClasses reads names [K], or their number.
func (m *matrix) readClasses(s *npy.Stream) (err error) {
	if len(s.Shape) == 0 {
		var k [1]int64
		if err := s.Ints(k[:]); err != nil {
			return err
		}
		if k[0] < 1 || k[0] > 1<<16 {
			return fmt.Errorf("%d classes, want 1 to 65536", k[0])
		}
		m.head.Classes = predlog.Numbered(int(k[0]))
	} else {
		if len(s.Shape) != 1 || s.Shape[0] < 1 || s.Shape[0] > 1<<16 {
			return fmt.Errorf("shape %v, want [K] names or a number", s.Shape)
		}
		if m.head.Classes, err = s.Texts(s.Shape[0]); err != nil {
			return err
		}
	}
	if m.k > 0 && len(m.head.Classes) != m.k {
		return fmt.Errorf("%d classes, but %s have %d", len(m.head.Classes), m.scores, m.k)
	}
	return nil
}

func (m *matrix) each(ctx context.Context, add func(*predlog.Part) error) error {
	if !m.arrays.has("right") {
		return m.rows(ctx, func(_ int, p *predlog.Part) error { return add(p) })
	}
	n := len(m.head.Labels)
	return m.with("right", func(s *npy.Stream) error {
		if err := wantShape(s, "T, N", m.t, n); err != nil {
			return err
		}
		row := make([]int64, n)
		return m.rows(ctx, func(t int, p *predlog.Part) error {
			if err := s.Ints(row); err != nil {
				return err
			}
			p.Right = make([]bool, n)
			for i, r := range row {
				if r != 0 && r != 1 {
					return fmt.Errorf("evaluation %d, example %d is %d, want 0 or 1", t, i, r)
				}
				p.Right[i] = r == 1
			}
			return add(p)
		})
	})
}

// rows reads the evaluations one after another.
func (m *matrix) rows(ctx context.Context, use func(t int, p *predlog.Part) error) error {
	return m.with(m.scores, func(s *npy.Stream) error {
		for t := range m.t {
			if err := ctx.Err(); err != nil {
				return err
			}
			p := &predlog.Part{Step: int(m.steps[t]), Epoch: m.epochs[t], Loss: m.losses[t], Seconds: nan}
			var err error
			if m.scores == "predictions" {
				p.Predictions, err = classRow(s, len(m.head.Labels), "prediction of example")
				for i, c := range p.Predictions {
					if k := len(m.head.Classes); k > 0 && int(c) >= k {
						err = fmt.Errorf("prediction of example %d is %d, want 0 to %d", i, c, k-1)
						break
					}
				}
			} else {
				err = m.scored(s, p)
			}
			if err != nil {
				return fmt.Errorf("evaluation %d: %w", t, err)
			}
			if err := use(t, p); err != nil {
				return err
			}
		}
		return nil
	})
}
