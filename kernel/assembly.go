//go:build (amd64 || arm64) && !purego

package kernel

// What the calls of the assembly of both architectures share.

const floatBytes = 4

// bit returns b if on, else 0.
func bit(on bool, b int) int {
	if on {
		return b
	}
	return 0
}

// at returns the address of the view's first element and its pitch in bytes.
func (v View) at() (*float32, int) {
	if v.Data == nil {
		return nil, 0
	}
	return &v.Data[0], v.Pitch * floatBytes
}

// line returns the addresses of the line, or of something as long that is not looked at.
func (n *Normalised) line(other []float32) (scale, shift *float32) {
	if n.Linear {
		return &other[0], &other[0]
	}
	return &n.Scale[0], &n.Shift[0]
}

// factors returns the address of the scales, or of something as long that is not used, and the
// flags.
func (p *Pool) factors(other []float32) (*float32, int) {
	flags := bit(p.ReLU, flagReLU)
	if p.Scale == nil {
		return &other[0], flags
	}
	return &p.Scale[0], flags | flagScale
}

// tiles calls f for tiles of about equal size, at most rows × columns.
func (p *LaneProduct) tiles(rows, columns int, f func(i, j, rows, columns int)) {
	for i := 0; i < p.I; {
		h := even(p.I-i, rows)
		for j := 0; j < p.J; {
			w := even(p.J-j, columns)
			f(i, j, h, w)
			j += w
		}
		i += h
	}
}

// even returns the size of the first of the fewest parts of n of at most size.
func even(n, size int) int {
	parts := (n + size - 1) / size
	return (n + parts - 1) / parts
}

// factors are those of FromBytes for a period of whole registers.
type factors struct{ scale, shift [64]float32 }

// repeat repeats the channels to a period of 48 or 64 values, which most numbers of channels divide,
// and returns how many whole periods n bytes have.
func (f *factors) repeat(n int, scale, shift []float32) (rows, period int) {
	for _, p := range []int{48, 64} {
		if p%len(scale) == 0 {
			period = p
		}
	}
	if period == 0 || n < period {
		return 0, 0
	}
	for i := range period {
		f.scale[i], f.shift[i] = scale[i%len(scale)], shift[i%len(scale)]
	}
	return n / period, period
}

// vectorFromBytes converts the largest part of src that it can, if the channels have a short period,
// and returns its length.
func vectorFromBytes(l Level, dst []float32, src []byte, scale, shift []float32) int {
	var f factors
	rows, period := f.repeat(len(src), scale, shift)
	if rows > 0 {
		fromBytesRows(l, &dst[0], &src[0], &f.scale[0], &f.shift[0], rows, period)
	}
	return rows * period
}

// vectorFromBytesRow converts a row with a scale and a shift for each byte; its length is a multiple
// of fromBytesColumns.
func vectorFromBytesRow(l Level, dst []float32, src []byte, scale, shift []float32) {
	fromBytesRows(l, &dst[0], &src[0], &scale[0], &shift[0], 1, len(src))
}
