package gram

// maxTile is the number of rows that a dot kernel takes at once: the largest
// for which the generator in _asm writes one.
const maxTile = 14

// tileOf returns the size of the next tile when the given number of rows is
// left: full, or what is left made even, the last row being zeros.
func tileOf(left int) int { return min(maxTile, (left+1)&^1) }

// Batch gathers the rows of one product.
type Batch struct {
	features, groups int
	rows             [][]byte
	norms            []int32
	// packed is tile after tile, each groups×rows×4 signed bytes (byte-128).
	packed []byte
	done   int // rows already packed; all of them or none
}

// NewBatch returns an empty batch of rows of the given number of bytes.
func NewBatch(features int) *Batch {
	return &Batch{features: features, groups: (features + 3) / 4}
}

// Reset empties the batch and keeps its memory.
func (b *Batch) Reset() { b.rows, b.norms, b.done = b.rows[:0], b.norms[:0], 0 }

// Len returns the number of rows.
func (b *Batch) Len() int { return len(b.rows) }

// Add appends a row, which must not change until the product is done.
func (b *Batch) Add(row []byte) {
	var norm int32
	for _, v := range row {
		norm += int32(v) * int32(v)
	}
	b.rows, b.norms, b.done = append(b.rows, row), append(b.norms, norm), 0
}

// Pack prepares the rows for products. Rows does it where it was not done; a
// batch used by several goroutines must be packed before.
func (b *Batch) Pack() {
	if b.done == len(b.rows) {
		return
	}
	size := (len(b.rows) + 1) &^ 1 * b.groups * 4
	if cap(b.packed) < size {
		b.packed = make([]byte, size)
	}
	b.packed = b.packed[:size]
	clear(b.packed)
	for r := 0; r < len(b.rows); {
		rows := tileOf(len(b.rows) - r)
		tile := b.packed[r*b.groups*4:]
		for t := range min(rows, len(b.rows)-r) {
			for k, v := range b.rows[r+t] {
				tile[k>>2*4*rows+t*4+k&3] = v ^ 0x80
			}
		}
		r += rows
	}
	b.done = len(b.rows)
}
