package shallow

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"shoal/internal/atomicfile"
	"shoal/shallow/model"
)

const (
	cacheKind    = "reference" // of the envelope
	cacheVersion = 1           // of the layout below
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
	HasScores      bool
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

// load returns the reference, or nil and, if there was a file, what is wrong with it. m becomes the
// cached model.
func (e entry) load(m Model, test Examples) (*Fitted, error) {
	data, err := os.ReadFile(e.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cached reference: %w: fitted again", err)
	}
	fitted, err := e.decode(data, m, test)
	if err != nil {
		return nil, fmt.Errorf("cached reference %q: %w: fitted again", e.file, err)
	}
	fitted.FromCache = true
	return fitted, nil
}

// Cached reports whether the cache has a reference, whole: FitReference would not fit. m becomes
// the cached model if so.
func Cached(m Model, test Examples, trainHash, testHash, cacheDir string, seed uint64) bool {
	if cacheDir == "" || trainHash == "" || testHash == "" {
		return false
	}
	e, err := newEntry(cacheDir, m, trainHash, testHash, seed)
	if err != nil {
		return false
	}
	fitted, _ := e.load(m, test)
	return fitted != nil
}

func (e entry) decode(data []byte, m Model, test Examples) (*Fitted, error) {
	payload, err := model.Unseal(cacheKind, cacheVersion, data)
	if err != nil {
		return nil, err
	}
	r := model.NewReader(payload)
	var head cached
	r.JSON(&head)
	p := Prediction{Class: r.Uint16s(), Scores: r.Float32s(), Margin: r.Float32s()}
	saved := r.Bytes()
	if !head.HasScores {
		p.Scores = nil
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	if head.Key != e.key {
		return nil, fmt.Errorf("got key %.12q, want %.12q: another reference's file", head.Key, e.key)
	}
	if len(p.Class) != test.Len() || len(p.Margin) != test.Len() {
		return nil, fmt.Errorf("got %d predictions and %d margins, want %d", len(p.Class), len(p.Margin), test.Len())
	}
	if err := m.UnmarshalBinary(saved); err != nil {
		return nil, err
	}
	return assemble(m, test, p, head.FitSeconds, head.PredictSeconds)
}

// store writes the reference. Processes that share the cache never read half a file.
func (e entry) store(f *Fitted) error {
	saved, err := f.Model.MarshalBinary()
	if err != nil {
		return err
	}
	var w model.Writer
	w.JSON(cached{e.key, f.FitSeconds, f.PredictSeconds, f.Test.Scores != nil})
	w.Uint16s(f.Test.Class)
	w.Float32s(f.Test.Scores)
	w.Float32s(f.Test.Margin)
	w.Bytes(saved)
	if w.Err != nil {
		return w.Err
	}
	err = os.MkdirAll(filepath.Dir(e.file), 0o755)
	if err == nil {
		err = atomicfile.WriteFile(e.file, model.Seal(cacheKind, cacheVersion, w.Payload))
	}
	if err != nil {
		return fmt.Errorf("reference not cached: %w", err)
	}
	return nil
}
