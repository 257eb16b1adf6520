package shallow

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"shoal/internal/atomicfile"
	"shoal/internal/textfmt"
	"shoal/shallow/model"
)

const (
	cacheKind    = "reference" // of the envelope
	cacheVersion = 1           // of the layout below
	headBytes    = 4096        // hold the envelope and what cached says
)

// entry is the place of one reference in the cache.
type entry struct {
	file string
	key  string
}

// cached is what a file holds beside predictions and model.
type cached struct {
	Key            string
	FitSeconds     float64
	PredictSeconds float64
}

// newEntry derives the key of a reference from everything that defines it.
func newEntry(cacheDir string, m Model, trainHash, testHash string, seed uint64) (entry, error) {
	text, err := json.Marshal(map[string]any{ // json sorts the keys of maps
		"kind": m.Kind(), "version": m.Version(), "params": m.Params(), "seed": seed,
		"train": trainHash, "test": testHash,
	})
	if err != nil {
		return entry{}, fmt.Errorf("parameters: %w", err)
	}
	key := fmt.Sprintf("%x", sha256.Sum256(text))
	return entry{filepath.Join(cacheDir, "models", m.Kind()+"-"+key[:24]+".model"), key}, nil
}

// folder is where the entry's file is.
func (e entry) folder() string { return filepath.Dir(e.file) }

// load returns the reference, or nil and, if there was a file, what is wrong with it. m becomes the
// cached model.
func (e entry) load(m Model, train, test Examples, opt Options) (*Fitted, error) {
	data, err := e.read(opt)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var fitted *Fitted
	if err == nil {
		fitted, err = e.decode(data, m, train, test)
	}
	if err != nil {
		return nil, fmt.Errorf("cached reference %q: %w: fitted again", e.file, err)
	}
	fitted.FromCache = true
	return fitted, nil
}

// read returns the entry's file.
func (e entry) read(opt Options) ([]byte, error) {
	f, err := os.Open(e.file)
	if err != nil {
		return nil, errors.Unwrap(err) // the caller names the file
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return e.whole(f, info.Size(), opt)
}

// whole returns a file of size bytes if its beginning says that it is whole and this reference's.
func (e entry) whole(f io.ReaderAt, size int64, opt Options) ([]byte, error) {
	head := make([]byte, min(size, headBytes))
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, err
	}
	payload, err := model.Peek(cacheKind, cacheVersion, head, size)
	if err != nil {
		return nil, err
	}
	if err := e.mine(model.NewReader(payload)); err != nil {
		return nil, err
	}
	const copies = 2 // the file, and the model made of it
	if room := opt.Room(0); room > 0 && copies*size > room {
		return nil, fmt.Errorf("loading its %s would take more than the %s of memory that are available", textfmt.Bytes(size), textfmt.Bytes(room))
	}
	data := make([]byte, size)
	if _, err := f.ReadAt(data, 0); err != nil {
		return nil, err
	}
	return data, nil
}

// mine returns an error if a payload begins as that of another reference.
func (e entry) mine(r *model.Reader) error {
	var head cached
	r.JSON(&head)
	if err := r.Err(); err != nil {
		return err
	}
	if head.Key != e.key {
		return fmt.Errorf("got key %.12q, want %.12q: another reference's file", head.Key, e.key)
	}
	return nil
}

// Cached reports whether the cache has a reference, whole: FitReference would not fit. m becomes
// the cached model if so.
func Cached(m Model, test Examples, trainHash, testHash, cacheDir string, opt Options) bool {
	if cacheDir == "" || trainHash == "" || testHash == "" {
		return false
	}
	suit(m, test)
	e, err := newEntry(cacheDir, m, trainHash, testHash, opt.Seed)
	if err != nil {
		return false
	}
	fitted, _ := e.load(m, test, test, opt)
	return fitted != nil
}

func (e entry) decode(data []byte, m Model, train, test Examples) (*Fitted, error) {
	payload, err := model.Unseal(cacheKind, cacheVersion, data)
	if err != nil {
		return nil, err
	}
	if err := e.mine(model.NewReader(payload)); err != nil {
		return nil, err
	}
	r := model.NewReader(payload)
	var head cached
	r.JSON(&head)
	p := Prediction{Class: r.Uint16s()}
	r.Skip(4) // scores, which older files have
	p.Margin = r.Float32s()
	saved := r.Bytes()
	if err := r.Close(); err != nil {
		return nil, err
	}
	if len(p.Class) != test.Len() || len(p.Margin) != test.Len() {
		return nil, fmt.Errorf("got %d predictions and %d margins, want %d", len(p.Class), len(p.Margin), test.Len())
	}
	for i, class := range p.Class {
		if int(class) >= test.Classes {
			return nil, fmt.Errorf("prediction %d: got class %d, want below %d", i, class, test.Classes)
		}
	}
	if err := m.UnmarshalBinary(saved); err != nil {
		return nil, err
	}
	return assemble(m, train, test, p, head.FitSeconds, head.PredictSeconds)
}

// store writes the reference. Processes that share the cache never read half a file.
func (e entry) store(f *Fitted) error {
	saved, err := f.Model.MarshalBinary()
	if err != nil {
		return err
	}
	var w model.Writer
	w.JSON(cached{e.key, f.FitSeconds, f.PredictSeconds})
	w.Uint16s(f.Test.Class)
	w.Float32s(nil) // scores: the layout has a place for them
	w.Float32s(f.Test.Margin)
	w.Bytes(saved)
	if w.Err != nil {
		return w.Err
	}
	if err := e.write(model.Seal(cacheKind, cacheVersion, w.Payload)); err != nil {
		return fmt.Errorf("reference not cached: %w", err)
	}
	return nil
}

// write writes the entry's file, in the place of what writers that were killed left half-written: a
// model may be large.
func (e entry) write(data []byte) error {
	if err := os.MkdirAll(e.folder(), 0o755); err != nil {
		return err
	}
	atomicfile.Sweep(e.folder())
	return atomicfile.WriteFile(e.file, data)
}
