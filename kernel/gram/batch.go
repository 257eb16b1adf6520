package gram

import (
	"encoding/binary"
	"iter"
)

// maxTile is the number of rows that a dot kernel takes at once: the largest for which the
// generator in _asm writes one.
const maxTile = 14

// tileOf returns the size of the next tile when the given number of rows is left: full, or what is
// left made even. The row that this may add holds anything and is never looked at.
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
	norm, _ := sums(row)
	b.AddNorm(row, norm)
}

// AddNorm is Add for a row whose squared norm is known.
func (b *Batch) AddNorm(row []byte, squaredNorm int32) {
	b.rows, b.norms, b.done = append(b.rows, row), append(b.norms, squaredNorm), 0
}

// Pack prepares the rows for products. Rows does it where it was not done; a batch used by several
// goroutines must be packed before.
func (b *Batch) Pack() {
	if b.done == len(b.rows) {
		return
	}
	size := (len(b.rows) + 1) &^ 1 * b.groups * 4
	if cap(b.packed) < size {
		b.packed = make([]byte, size)
	}
	b.packed = b.packed[:size]
	for r := 0; r < len(b.rows); r += maxTile {
		rows := tileOf(len(b.rows) - r)
		tile := b.packed[r*b.groups*4:]
		for t, row := range b.rows[r:min(r+rows, len(b.rows))] {
			for at, group := range groupsOf(row) {
				binary.LittleEndian.PutUint32(tile[(at*rows+t)*4:], group^0x80808080)
			}
		}
	}
	b.done = len(b.rows)
}

// groupsOf yields a row's groups of 4 bytes, the last one filled up with zeros.
func groupsOf(row []byte) iter.Seq2[int, uint32] {
	return func(yield func(int, uint32) bool) {
		whole := len(row) / 4
		for g := range whole {
			if !yield(g, binary.LittleEndian.Uint32(row[4*g:])) {
				return
			}
		}
		if whole*4 < len(row) {
			var last [4]byte
			copy(last[:], row[whole*4:])
			yield(whole, binary.LittleEndian.Uint32(last[:]))
		}
	}
}

// sums returns the sum of the squares of a row's bytes, and of the bytes.
func sums(row []byte) (squares, plain int32) {
	for _, v := range row {
		squares += int32(v) * int32(v)
		plain += int32(v)
	}
	return squares, plain
}
