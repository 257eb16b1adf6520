package deep

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"shoal/deep/safetensors"
	"shoal/internal/parallel"
)

// Save writes the network to path as safetensors with PyTorch's names and layouts, running
// statistics included: safetensors.torch.load_file gives a state dict for the PyTorch module of the
// same name (the network's Go file says which).
func (n *Network) Save(path string) error {
	return safetensors.Write(path, &safetensors.File{
		Tensors:  n.tensors(),
		Metadata: map[string]string{"format": "pt", "network": n.Name},
	})
}

func (n *Network) tensors() []safetensors.Tensor {
	var list []safetensors.Tensor
	for _, p := range n.params {
		list = append(list, safetensors.FromFloat32s(p.name, p.shape, p.values()))
	}
	for _, s := range n.norms {
		c := []int{len(s.runningMean)}
		list = append(list,
			safetensors.FromFloat32s(s.name+".running_mean", c, s.runningMean),
			safetensors.FromFloat32s(s.name+".running_var", c, s.runningVar),
			safetensors.FromInt64s(s.name+".num_batches_tracked", nil, []int64{s.batches}))
	}
	return list
}

// Load replaces the network's weights and running statistics by those of the safetensors file at
// path. Every tensor must be there, F32 (or BF16 or F16, which are converted without loss), of the
// right shape and finite, and none that the network
// doesn't have; otherwise the network stays as it was. num_batches_tracked may be missing, as in
// files of old PyTorch.
func (n *Network) Load(path string) error {
	f, err := safetensors.Read(path)
	if err != nil {
		return fmt.Errorf("load network %q: %w", n.Name, err)
	}
	s := newLoader(f)
	n.take(s)
	if err := s.finish(); err != nil {
		return fmt.Errorf("load network %q from %q: %w", n.Name, path, err)
	}
	n.loads++
	return nil
}

// take asks the loader for every tensor of the network.
func (n *Network) take(s *loader) {
	for _, p := range n.params {
		s.floats(p.name, p.shape, func(v []float32) { p.absorb(n.weights, v) })
	}
	for _, m := range n.norms {
		c := []int{len(m.runningMean)}
		s.floats(m.name+".running_mean", c, func(v []float32) { copy(m.runningMean, v) })
		s.floats(m.name+".running_var", c, func(v []float32) { copy(m.runningVar, v) })
		s.count(m.name+".num_batches_tracked", func(v int64) { m.batches = v })
	}
}

// loader checks all tensors of a file before it uses any.
type loader struct {
	file    *safetensors.File
	taken   map[string]bool
	commit  []func()
	missing []string
	altered bool  // the file's checksum is not that of its tensors
	err     error // the first
}

func newLoader(f *safetensors.File) *loader {
	return &loader{file: f, taken: map[string]bool{}}
}

func (s *loader) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

// floats requires a tensor of the given shape and finite values, F32, BF16 or F16.
func (s *loader) floats(name string, shape []int, use func([]float32)) {
	t := s.file.Find(name)
	if t == nil {
		s.missing = append(s.missing, name)
		return
	}
	s.taken[name] = true
	if !slices.Equal(t.Shape, shape) {
		s.fail("tensor %q has shape %v, want %v", name, t.Shape, shape)
		return
	}
	v, err := t.Float32s()
	if err != nil {
		s.fail("%w", err)
		return
	}
	if !allFinite(v) {
		s.fail("tensor %q has values that aren't finite", name)
		return
	}
	if strings.HasSuffix(name, ".running_var") && slices.Min(v) < 0 {
		s.fail("tensor %q has a negative variance, %v", name, slices.Min(v))
		return
	}
	s.commit = append(s.commit, func() { use(v) })
}

// count requires an I64 scalar, unless it is missing.
func (s *loader) count(name string, use func(int64)) {
	t := s.file.Find(name)
	if t == nil {
		return
	}
	s.taken[name] = true
	v, err := t.Int64s()
	if err != nil || len(v) != 1 || v[0] < 0 {
		s.fail("tensor %q is %s of shape %v, want one count (I64)", name, t.DType, t.Shape)
		return
	}
	s.commit = append(s.commit, func() { use(v[0]) })
}

// finish reports the first problem, or makes all changes.
func (s *loader) finish() error {
	if len(s.missing) > 0 {
		return s.incomplete()
	}
	for _, t := range s.file.Tensors {
		if !s.taken[t.Name] {
			s.fail("tensor %q is not part of the network", t.Name)
		}
	}
	if s.altered { // after what says more
		s.fail("it doesn't have the checksum that it was written with: the file is damaged")
	}
	if s.err != nil {
		return s.err
	}
	for _, f := range s.commit {
		f()
	}
	return nil
}

// incomplete is the error for a file that lacks tensors. Where it has all of them under one prefix, as
// wrappers add it (DataParallel "module.", torch.compile "_orig_mod.", Lightning the name of an
// attribute), the prefix is named.
func (s *loader) incomplete() error {
	first := s.missing[0]
	for _, t := range s.file.Tensors {
		prefix, ok := strings.CutSuffix(t.Name, "."+first)
		if !ok || slices.ContainsFunc(s.missing, func(name string) bool { return s.file.Find(prefix+"."+name) == nil }) {
			continue
		}
		return fmt.Errorf("tensor %q is missing, %q is there: save model.%s.state_dict(), or the same tensors without %q before their names",
			first, t.Name, prefix, prefix+".")
	}
	return fmt.Errorf("tensor %q is missing: is this a checkpoint of another network?", first)
}

const momentumPrefix = "optimizer.momentum."

// SaveState writes all that a resumed training needs to path: the network as Save does, momentum,
// the number of steps, the dropout seed and what is trained.
func (t *Trainer) SaveState(path string) error {
	f := &safetensors.File{Tensors: t.net.tensors(), Metadata: map[string]string{
		"format": "pt", "network": t.net.Name,
		"step": strconv.FormatInt(t.step, 10),
		"seed": strconv.FormatUint(t.options.Seed, 10),
	}}
	if id := t.options.Identity; id != "" {
		f.Metadata["identity"] = id
	}
	t.options.Precision.mark(f.Metadata)
	for _, p := range t.net.params {
		f.Tensors = append(f.Tensors, safetensors.FromFloat32s(momentumPrefix+p.name, p.shape, p.export(t.momentum)))
	}
	f.Metadata[checksumKey] = digest(f)
	return safetensors.Write(path, f)
}

// checksumKey has the digest of a state; tensorsKey, in states of earlier versions, that of the
// tensors alone.
const (
	checksumKey = "checksum"
	tensorsKey  = "sha256"
)

// digest is the SHA-256, in hex, of the metadata, without itself, and of all tensors. Their order
// doesn't matter. A resumed run must have the same bits as one that never stopped, so a state with a
// single damaged bit must be rejected.
func digest(f *safetensors.File) string {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(f.Metadata)) {
		if key != checksumKey {
			fmt.Fprintf(h, "%q %q\n", key, f.Metadata[key])
		}
	}
	io.WriteString(h, digestOfTensors(f.Tensors))
	return hex.EncodeToString(h.Sum(nil))
}

func digestOfTensors(tensors []safetensors.Tensor) string {
	order := slices.SortedFunc(slices.Values(tensors), func(a, b safetensors.Tensor) int { return strings.Compare(a.Name, b.Name) })
	h := sha256.New()
	for _, t := range order {
		fmt.Fprintf(h, "%q %s %v\n", t.Name, t.DType, t.Shape)
		h.Write(t.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// LoadState continues from a file that SaveState wrote: the next steps give the same bits as if
// training had never stopped. The trainer must have the same network, seed, identity and precision;
// where this machine or version sums in another order than the one that wrote the file the error is a
// *TierError. After an error nothing has changed.
func (t *Trainer) LoadState(path string) error { return t.readState(path, false) }

// LoadStateOfAnyTier is LoadState without *TierError: after a state of another tier the numbers are
// not those of a training that never stopped.
func (t *Trainer) LoadStateOfAnyTier(path string) error { return t.readState(path, true) }

func (t *Trainer) readState(path string, anyTier bool) error {
	f, err := safetensors.Read(path)
	if err == nil {
		err = t.loadState(f, anyTier)
	}
	if err != nil {
		return fmt.Errorf("resume network %q from %q: %w", t.net.Name, path, err)
	}
	return nil
}

// loadState is LoadState from a file that was read.
func (t *Trainer) loadState(f *safetensors.File, anyTier bool) error {
	if name := f.Metadata["network"]; name != t.net.Name {
		return fmt.Errorf("it is the state of network %q", name)
	}
	step, err := strconv.ParseInt(f.Metadata["step"], 10, 64)
	if err != nil || step < 0 {
		return fmt.Errorf("its step is %q, want a count", f.Metadata["step"])
	}
	if got, want := f.Metadata["seed"], strconv.FormatUint(t.options.Seed, 10); got != want {
		return fmt.Errorf("its seed is %q, the trainer's %s", got, want)
	}
	if got, want := f.Metadata["identity"], t.options.Identity; got != "" && want != "" && got != want {
		return fmt.Errorf("it is the state of another study or of other data (identity %.12s, want %.12s)", got, want)
	}
	if err := t.sameArithmetic(f.Metadata, anyTier); err != nil {
		return err
	}
	s := newLoader(f)
	s.altered = altered(f)
	t.net.take(s)
	for _, p := range t.net.params {
		s.floats(momentumPrefix+p.name, p.shape, func(v []float32) { p.absorb(t.momentum, v) })
	}
	if err := s.finish(); err != nil {
		return err
	}
	t.refresh()
	t.step = step
	return nil
}

// altered reports whether a state is not what it was when it was written.
func altered(f *safetensors.File) bool {
	if want, ok := f.Metadata[tensorsKey]; ok {
		return digestOfTensors(f.Tensors) != want
	}
	return f.Metadata[checksumKey] != digest(f)
}

// refresh makes what is derived from the network's weights follow them.
func (t *Trainer) refresh() {
	parallel.For(t.workers, len(t.net.params), t.flip)
	t.frozen, t.loads = false, t.net.loads
}

// follow refreshes if the network was loaded since.
func (t *Trainer) follow() {
	if t.loads != t.net.loads {
		t.refresh()
	}
}
