package forest

import "math/bits"

// node is one node of a tree in 64 bits:
//
//	inner: bit 0 is 0; bits 1-8 threshold; bits 9-32 feature; bits 33-63 index
//	       of the left child; the right child follows it
//	leaf:  bit 0 is 1; bits 33-63 index into the leaves
//
// An example goes left when its byte is at most the threshold.
type node uint64

const maxFeatures = 1 << 24

func inner(feature uint32, threshold uint8, left int) node {
	return node(threshold)<<1 | node(feature)<<9 | node(left)<<33
}

func leaf(index int) node { return node(index)<<33 | 1 }

func (n node) isLeaf() bool     { return n&1 != 0 }
func (n node) feature() int     { return int(n >> 9 & (maxFeatures - 1)) }
func (n node) threshold() uint8 { return uint8(n >> 1) }
func (n node) next() int        { return int(n >> 33) }

// child returns the index of the child for a byte, without a branch.
func (n node) child(value byte) int {
	right := uint64(n.threshold()) - uint64(value)
	return n.next() + int(right>>63)
}

// tree is a grown tree. nodes[0] is the root. Leaf i holds the classes class[start[i]:start[i+1]]
// with their shares of the leaf's training weight, which add up to 1.
type tree struct {
	nodes []node
	start []uint32
	class []uint16
	share []float32
}

// leafOf returns the index of the leaf that an example falls into.
func (t *tree) leafOf(row []byte) int {
	n := t.nodes[0]
	for !n.isLeaf() {
		n = t.nodes[n.child(row[n.feature()])]
	}
	return n.next()
}

// shares returns the classes of a leaf, ascending, and their shares.
func (t *tree) shares(leaf uint32) ([]uint16, []float32) {
	from, to := t.start[leaf], t.start[leaf+1]
	return t.class[from:to], t.share[from:to]
}

// add adds the leaf's shares to c sums, one per class.
func (t *tree) add(leaf int, sums []float64) {
	for k := t.start[leaf]; k < t.start[leaf+1]; k++ {
		sums[t.class[k]] += float64(t.share[k])
	}
}

// bytes is what the tree takes.
func (t *tree) bytes() int64 {
	return 8*int64(cap(t.nodes)) + 4*int64(cap(t.start)) + 2*int64(cap(t.class)) + 4*int64(cap(t.share))
}

// addLeaf appends a leaf with the weights of some classes, ascending, in the high halves of table,
// of which total is the sum, and returns its index.
func (t *tree) addLeaf(classes []uint16, table *[1 << 16]uint64, total uint64) int {
	if len(t.start) == 0 {
		t.start = append(t.start, 0)
	}
	for _, class := range classes {
		if w := table[class] >> 32; w > 0 {
			t.class = append(t.class, class)
			t.share = append(t.share, float32(float64(w)/float64(total)))
		}
	}
	t.start = append(t.start, uint32(len(t.class)))
	return len(t.start) - 2
}

// random is SplitMix64 (Steele, Lea & Flood 2014). It is written out because the sequence defines
// the forest: it must not change with a library.
type random uint64

// newRandom returns the stream of tree i under a seed.
func newRandom(seed uint64, i int) random {
	r := random(seed)
	return random(r.next() ^ (uint64(i)+1)*0xd1342543de82ef95)
}

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number in [0, n), uniform to within n/2^64.
func (r *random) below(n int) int {
	high, _ := bits.Mul64(r.next(), uint64(n))
	return int(high)
}

// depth returns the number of edges from the root to the deepest leaf.
func (t *tree) depth() int {
	depth := make([]int, len(t.nodes))
	deepest := 0
	for i, n := range t.nodes { // children come after their parent
		deepest = max(deepest, depth[i])
		if !n.isLeaf() {
			depth[n.next()], depth[n.next()+1] = depth[i]+1, depth[i]+1
		}
	}
	return deepest
}
