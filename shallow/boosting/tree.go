package boosting

import "unsafe"

// node is one node of a tree: an inner one, whose children are left and left+1, or a leaf.
type node struct {
	feature   uint32 // isLeaf in a leaf
	left      uint32
	value     float32 // that a leaf adds
	threshold uint8   // bytes of at most so much go left
}

const (
	isLeaf    = 1<<32 - 1
	nodeBytes = int64(unsafe.Sizeof(node{}))
)

// tree is a grown tree; nodes[0] is the root, and children come after their parents.
type tree struct{ nodes []node }

// value is what the tree adds to the score of an example.
func (t *tree) value(row []byte) float32 {
	n := &t.nodes[0]
	for n.feature != isLeaf {
		right := uint32((uint64(n.threshold) - uint64(row[n.feature])) >> 63)
		n = &t.nodes[n.left+right]
	}
	return n.value
}

// valueOf is value for example i of a table.
func (t *tree) valueOf(data *table, i uint32) float32 {
	n := &t.nodes[0]
	for n.feature != isLeaf {
		right := uint32((uint64(n.threshold) - uint64(data.value(n.feature, i))) >> 63)
		n = &t.nodes[n.left+right]
	}
	return n.value
}
