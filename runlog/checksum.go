package runlog

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
)

// checksum is what a row of a table carries beside its values: the first 8 bytes, as a little-endian
// integer, of the SHA-256 over the name of the table and the values in the order of their columns,
// each with its type and length. It covers the keys too, so that a value that was moved to another
// row is found. Values are those of SQLite: nil, int64, float64, string and []byte; an int is an
// int64, and a nil []byte is nil.
func checksum(table string, values ...any) int64 {
	h := sha256.New()
	var buf []byte
	text := func(kind byte, s []byte) {
		buf = binary.LittleEndian.AppendUint64(append(buf[:0], kind), uint64(len(s)))
		h.Write(buf)
		h.Write(s)
	}
	text('T', []byte(table))
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			h.Write([]byte{'n'})
		case int:
			h.Write(binary.LittleEndian.AppendUint64([]byte{'i'}, uint64(v)))
		case float64:
			h.Write(binary.LittleEndian.AppendUint64([]byte{'f'}, math.Float64bits(v)))
		case string:
			text('s', []byte(v))
		case []byte:
			if v == nil {
				h.Write([]byte{'n'})
				continue
			}
			text('b', v)
		default:
			panic(fmt.Sprintf("checksum of a %T", v)) // a fault of this package
		}
	}
	return int64(binary.LittleEndian.Uint64(h.Sum(nil)))
}

// verify compares the checksum that a row of the split's table carries with that of its values. The runs of schema 1
// have none.
func (r *Run) verify(stored *int64, table string, values ...any) error {
	return r.verifyIn(stored, r.table(table), values...)
}

// verifyIn is verify for a table by its full name.
func (r *Run) verifyIn(stored *int64, table string, values ...any) error {
	if r.version == 1 || stored != nil && *stored == checksum(table, values...) {
		return nil
	}
	return fmt.Errorf("the row of table %s doesn't fit its checksum: %s was changed or is damaged; restore it from a copy", table, Database)
}

// nullable is the form of a number in the database, NULL for NaN; known its reverse. Schema 1 had no
// NULL: there the numbers that are not known are infinite.
func nullable(x float64) any {
	if math.IsNaN(x) {
		return nil
	}
	return x
}

func known(x *float64) float64 {
	if x == nil || math.IsInf(*x, 1) {
		return math.NaN()
	}
	return *x
}

// optional is a text in the database, NULL for "".
func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// hashOf is the SHA-256, hex, of labels, 2 bytes each, little-endian.
func hashOf(labels []uint16) string {
	h := sha256.New()
	for _, l := range labels {
		h.Write(binary.LittleEndian.AppendUint16(nil, l))
	}
	return hex.EncodeToString(h.Sum(nil))
}
