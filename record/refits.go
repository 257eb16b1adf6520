package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"shoal/runlog"
	"shoal/shallow"
	"shoal/shallow/knn"
)

// DataOf loads the data that the run in dir was made with, and the seed of its references; see
// Compare for which those are. Data that differ are an *OtherData error.
func DataOf(ctx context.Context, dir string, o Options) (*Splits, uint64, error) {
	run, err := runlog.OpenReadOnly(dir)
	if err != nil {
		return nil, 0, err
	}
	defer run.Close()
	m, err := run.Meta()
	if err != nil {
		return nil, 0, err
	}
	r := &Recorder{run: run, options: o}
	return r.data(ctx, m, true, false)
}

// Again is the reference of a study that fits what a run has as ref, which must be fitted: its
// parameters are those that the run keeps.
func Again(ref runlog.Reference, dataset string) (Reference, error) {
	out := Reference{Name: ref.Name, Kind: ref.Kind, Preset: "default", Parameters: Parameters{}}
	bad := func(err error) error {
		return fmt.Errorf("reference %q can't be fitted again from what the run keeps of it: %w", ref.Name, err)
	}
	var kept map[string]any
	d := json.NewDecoder(strings.NewReader(ref.ParamsJSON))
	d.UseNumber()
	if err := d.Decode(&kept); err != nil {
		return out, bad(err)
	}
	if kept[featuresFrom] != nil {
		return out, bad(errors.New("it was fitted to features in files of their own"))
	}
	delete(kept, "bins") // of numbers, for which there is no choice
	text, err := json.Marshal(kept)
	if err != nil {
		return out, bad(err)
	}
	names := shallow.Parameters(ref.Kind)
	for name, value := range kept {
		flag := strings.TrimPrefix(name, "max_") // max_iterations of the SVM
		if !slices.Contains(names, name) && slices.Contains(names, flag) {
			name = flag
		}
		out.Parameters[name] = fmt.Sprint(value)
	}
	m, err := out.Model(dataset)
	if err != nil {
		return out, bad(err)
	}
	now, err := json.Marshal(m.Params())
	if err != nil || !sameJSON(now, text) {
		return out, bad(fmt.Errorf("its parameters are %s, and would be %s", ref.ParamsJSON, now))
	}
	return out, nil
}

// sameJSON reports whether two texts hold the same numbers, texts and tables.
func sameJSON(a, b []byte) bool {
	var x, y map[string]json.RawMessage
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return maps.EqualFunc(x, y, func(p, q json.RawMessage) bool { return bytes.Equal(p, q) })
}

// Refits fits a reference to count bags of the training split, drawn by a seed, and returns what each
// predicts for the evaluation split; see shallow.Refit.
func (s *Splits) Refits(ctx context.Context, r Reference, count int, seed uint64, o Options) ([][]uint16, error) {
	f := s.Fitter(o, seed)
	out := make([][]uint16, count)
	for k := range out {
		m, err := r.Model(s.preset())
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%s, refit %d of %d", r.Name, k+1, count)
		classes, _, err := shallow.Refit(ctx, m, k, s.Examples(s.Train), s.Examples(s.Test), s.TrainHash, s.TestHash, f.cacheDir, f.progress(name))
		if err != nil {
			return nil, fmt.Errorf("reference %q: %w", r.Name, err)
		}
		out[k] = classes
	}
	return out, nil
}

// MissingRefits counts the refits of Refits that the cache doesn't have.
func (s *Splits) MissingRefits(r Reference, count int, seed uint64, o Options) (int, error) {
	missing := 0
	for k := range count {
		m, err := r.Model(s.preset())
		if err != nil {
			return 0, err
		}
		if !shallow.RefitCached(m, k, s.Examples(s.Test), s.TrainHash, s.TestHash, o.CacheFolder(), shallow.Options{Seed: seed}) {
			missing++
		}
	}
	return missing, nil
}

// Distances are how far examples of the evaluation split, by their indices, are from the nearest
// training example of their class and of any other; see knn.Nearest.
func (s *Splits) Distances(ctx context.Context, examples []int, o Options) (knn.Distances, error) {
	return knn.Nearest(ctx, s.Examples(s.Train), s.Examples(s.Test).Select(examples), shallow.Options{Workers: o.Workers})
}
