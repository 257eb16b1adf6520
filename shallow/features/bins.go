package features

import (
	"fmt"
	"math"
	"slices"

	"shoal/internal/parallel"
	"shoal/shallow/model"
)

// MaxBins is how many bins a feature has at most: the values of a byte.
const MaxBins = 256

// Bins cut each feature into at most MaxBins intervals. Where the training examples have no more
// values than that, each has a bin of its own, and nothing is lost; else a value that many examples
// share has one, and the others are shared out evenly.
type Bins struct {
	// Edges are the largest values of the bins of every feature but the last, ascending: halfway
	// between the values of two bins.
	Edges [][]float32
}

// Sampled is how many examples say where the bins are, spread evenly over all of them.
const Sampled = 200_000

// Quantiles cuts the features of training examples, which must be numbers.
func Quantiles(train model.Examples, workers int) *Bins {
	b := &Bins{make([][]float32, train.Features)}
	n := min(train.Len(), Sampled)
	scratch := make([]*sorter, parallel.Workers(workers))
	parallel.For(workers, train.Features, func(worker, f int) {
		if scratch[worker] == nil {
			scratch[worker] = newSorter(n)
		}
		s := scratch[worker]
		for k := range n {
			i := int(int64(k) * int64(train.Len()) / int64(n))
			s.values[k] = train.Values[i*train.Features+f]
		}
		b.Edges[f] = edges(s.sort())
	})
	return b
}

// edges returns those of sorted values.
func edges(sorted []float32) []float32 {
	var value []float32 // the different ones
	var count []int
	for i, v := range sorted {
		if i == 0 || v != sorted[i-1] {
			value, count = append(value, v), append(count, 0)
		}
		count[len(count)-1]++
	}
	var out []float32
	left, bins := len(sorted), MaxBins // that are not shared out: examples and bins
	big := func(k int) bool { return count[k]*MaxBins > len(sorted) }
	for k := range value {
		if big(k) {
			left -= count[k]
			bins--
		}
	}
	inBin := 0
	for k := range len(value) - 1 {
		inBin += count[k]
		if len(value) > MaxBins && !big(k) && !big(k+1) && inBin*max(1, bins) < left {
			continue
		}
		if len(out) == MaxBins-1 {
			break
		}
		if !big(k) {
			left -= inBin
			bins--
		}
		inBin = 0
		out = append(out, halfway(value[k], value[k+1]))
	}
	return out
}

// halfway is at least a and below b.
func halfway(a, b float32) float32 {
	if m := float32((float64(a) + float64(b)) / 2); m < b {
		return m
	}
	return a
}

// Of returns the bin of a value of a feature.
func (b *Bins) Of(feature int, v float32) byte { return place(b.Edges[feature], v) }

// place returns how many edges are below v. There are at most 255.
func place(edges []float32, v float32) byte {
	at, n := 0, len(edges)
	for n > 0 {
		half := (n + 1) / 2
		if edges[at+half-1] < v {
			at += half
			n -= half
		} else {
			n = half - 1
		}
	}
	return byte(at)
}

// Apply returns examples that share all but their features with e: the bins, as bytes.
func (b *Bins) Apply(e model.Examples, workers int) model.Examples {
	from := e
	e.Values, e.Pixels = nil, make([]byte, len(from.Values))
	const rows = 1024
	parallel.For(workers, (from.Len()+rows-1)/rows, func(_, part int) {
		first, last := part*rows, min(from.Len(), (part+1)*rows)
		for f, edges := range b.Edges { // the edges of one feature stay in the cache
			for at := first*from.Features + f; at < last*from.Features; at += from.Features {
				e.Pixels[at] = place(edges, from.Values[at])
			}
		}
	})
	return e
}

// Save appends the bins.
func (b *Bins) Save(w *model.Writer) {
	var counts []uint16
	var all []float32
	for _, edges := range b.Edges {
		counts, all = append(counts, uint16(len(edges))), append(all, edges...)
	}
	w.Uint16s(counts)
	w.Float32s(all)
}

// LoadBins reads what Save wrote.
func LoadBins(r *model.Reader) *Bins {
	b := &Bins{}
	counts, all := r.Uint16s(), r.Float32s()
	for _, n := range counts {
		if int(n) > len(all) || n >= MaxBins || !slices.IsSorted(all[:n]) {
			r.Fail(fmt.Errorf("got %d edges of bins, want at most %d, ascending", n, MaxBins-1))
			return b
		}
		b.Edges, all = append(b.Edges, all[:n:n]), all[n:]
	}
	if len(all) > 0 {
		r.Fail(fmt.Errorf("got %d edges of bins too many", len(all)))
	}
	return b
}

// Features is the number of features that they were made of.
func (b *Bins) Features() int { return len(b.Edges) }

// sorter sorts numbers by their bits, eleven at a time.
type sorter struct {
	values    []float32
	keys, out []uint32
}

func newSorter(n int) *sorter {
	return &sorter{make([]float32, n), make([]uint32, n), make([]uint32, n)}
}

// sort sorts the values in place and returns them.
func (s *sorter) sort() []float32 {
	const bits, passes = 11, 3
	var counts [passes][1 << bits]int
	for i, v := range s.values {
		k := math.Float32bits(v)
		k ^= uint32(int32(k)>>31) | 1<<31 // in the order of the numbers
		s.keys[i] = k
		for p := range passes {
			counts[p][k>>(p*bits)&(1<<bits-1)]++
		}
	}
	from, to := s.keys, s.out
	for p := range passes {
		before := 0
		for b, n := range counts[p] {
			counts[p][b] = before
			before += n
		}
		for _, k := range from {
			b := k >> (p * bits) & (1<<bits - 1)
			to[counts[p][b]] = k
			counts[p][b]++
		}
		from, to = to, from
	}
	for i, k := range from {
		if k>>31 == 1 {
			k ^= 1 << 31
		} else {
			k = ^k
		}
		s.values[i] = math.Float32frombits(k)
	}
	return s.values
}
