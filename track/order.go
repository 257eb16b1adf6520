package track

import (
	"math/bits"
	"math/rand/v2"
)

// streamOrder separates the order of the examples from whatever else is drawn
// from a study's seed.
const streamOrder = 0x6f72646572 // "order"

// order is the sequence in which the n examples of the training split are
// visited in an epoch, counted from 0. It follows from its arguments alone.
func order(seed uint64, epoch, n int) []int {
	source := rand.NewPCG(seed^streamOrder<<24, uint64(epoch))
	perm := make([]int, n)
	for i := range perm {
		perm[i] = i
	}
	// Fisher and Yates, written out: the sequence must outlive changes of the
	// standard library's own.
	for i := n - 1; i > 0; i-- {
		j, _ := bits.Mul64(source.Uint64(), uint64(i+1))
		perm[i], perm[j] = perm[j], perm[i]
	}
	return perm
}
