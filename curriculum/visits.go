package curriculum

import (
	"iter"
	"math/bits"
	"math/rand/v2"
)

// Visits says which examples each training step learns from: batches of Batch examples from the
// passes of Plan, the last batch of a pass being the rest.
type Visits struct {
	Plan  Plan   // its Then is not empty
	Batch int    // examples of a full batch, 1 or more
	Seed  uint64 // of the sequence within each pass
}

// Steps is the number of batches of a pass over n examples.
func Steps(n, batch int) int { return (n + batch - 1) / batch }

// FirstSteps is the number of steps before the first pass over Plan.Then.
func (v *Visits) FirstSteps() int { return v.Plan.Passes * Steps(len(v.Plan.First), v.Batch) }

// Smallest returns the size of the smallest batch of the first total steps, and how many examples
// the pass has that it belongs to.
func (v *Visits) Smallest(total int) (size, of int) {
	look := func(n, start, passes int) {
		for _, b := range []struct{ size, step int }{{min(n, v.Batch), start}, {(n-1)%v.Batch + 1, start + Steps(n, v.Batch) - 1}} {
			if passes > 0 && b.step < total && (of == 0 || b.size < size) {
				size, of = b.size, n
			}
		}
	}
	look(len(v.Plan.First), 0, v.Plan.Passes)
	look(len(v.Plan.Then), v.FirstSteps(), 1)
	return size, of
}

// From yields, for each training step from `from` to total-1, the pass that it is in, counted from
// 0, and the examples of its batch. The examples may be read until the next step is asked for.
func (v *Visits) From(from, total int) iter.Seq2[int, []int] {
	return func(yield func(int, []int) bool) {
		current, sequence := -1, []int(nil)
		for step := from; step < total; step++ {
			pass, at := v.locate(step)
			if pass != current {
				current, sequence = pass, v.sequence(pass)
			}
			if !yield(pass, sequence[at:min(at+v.Batch, len(sequence))]) {
				return
			}
		}
	}
}

// locate returns the pass, counted from 0, that a training step is in, and where in that pass its
// batch begins.
func (v *Visits) locate(step int) (pass, at int) {
	first := v.FirstSteps()
	if step < first {
		per := Steps(len(v.Plan.First), v.Batch)
		return step / per, step % per * v.Batch
	}
	step -= first
	per := Steps(len(v.Plan.Then), v.Batch)
	return v.Plan.Passes + step/per, step % per * v.Batch
}

// sequence is that of the examples of a pass.
func (v *Visits) sequence(pass int) []int {
	set := v.Plan.Then
	if pass < v.Plan.Passes {
		set = v.Plan.First
	}
	sequence := shuffle(v.Seed, pass, len(set))
	for i, k := range sequence {
		sequence[i] = set[k]
	}
	return sequence
}

// streamShuffle separates the shuffles from whatever else is drawn from a study's seed.
const streamShuffle = 0x6f72646572 // "order"

// shuffle returns the numbers 0..n-1 in a sequence that follows from the seed and the pass alone.
func shuffle(seed uint64, pass, n int) []int {
	source := rand.NewPCG(seed^streamShuffle<<24, uint64(pass))
	perm := count(n)
	// Fisher and Yates, written out: the sequence must outlive changes of the standard library's
	// own.
	for i := n - 1; i > 0; i-- {
		j, _ := bits.Mul64(source.Uint64(), uint64(i+1))
		perm[i], perm[j] = perm[j], perm[i]
	}
	return perm
}

// count returns 0..n-1.
func count(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
