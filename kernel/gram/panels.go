package gram

import (
	"encoding/binary"
	"fmt"
	"math"

	"shoal/internal/parallel"
)

// Lanes is the number of rows packed side by side in a panel. Rows of kernel values are this much
// longer than asked for, at most, less one.
const Lanes = 32

// MaxFeatures is the longest row whose squared distances fit an int32: 33,025·255² < 2³¹ (104×104
// pixels in three colours).
const MaxFeatures = math.MaxInt32 / (255 * 255)

// Panels is a set of n byte rows, packed for products. Read only.
type Panels struct {
	n, features, groups int
	// data is, for every panel and every group of 4 features, 4 bytes of each of the 32 lanes:
	// panels×groups×32×4.
	data []byte
	// norms is |x|² a lane, sums 128 times the sum of its bytes: what the signed side of the
	// product, shifted by 128, misses.
	norms, sums, bias []int32
}

// Pack packs n rows of the given number of bytes, which row returns by index. It panics beyond
// MaxFeatures, which callers check.
func Pack(row func(i int) []byte, n, features, workers int) *Panels {
	if features < 1 || features > MaxFeatures {
		panic(fmt.Sprintf("gram: got rows of %d bytes, want 1 to %d", features, MaxFeatures))
	}
	p := &Panels{n: n, features: features, groups: (features + 3) / 4}
	width := p.Width()
	p.data = make([]byte, width*p.groups*4)
	p.norms, p.sums, p.bias = make([]int32, width), make([]int32, width), make([]int32, width)
	parallel.For(workers, p.Panels(), func(_, k int) {
		panel := p.panel(k)
		for lane := range min(Lanes, n-k*Lanes) {
			p.pack(panel, k*Lanes, lane, row(k*Lanes+lane))
		}
	})
	return p
}

func (p *Panels) pack(panel []byte, first, lane int, row []byte) {
	for at, group := range groupsOf(row) {
		binary.LittleEndian.PutUint32(panel[at*4*Lanes+lane*4:], group)
	}
	norm, sum := sums(row)
	i := first + lane
	p.norms[i], p.sums[i], p.bias[i] = norm, 128*sum, norm-256*sum
}

// Len returns n.
func (p *Panels) Len() int { return p.n }

// Panels returns the number of panels, n/32 rounded up.
func (p *Panels) Panels() int { return (p.n + Lanes - 1) / Lanes }

// Width returns n rounded up to whole panels: the length of a row of kernel values. Those beyond n
// are finite and mean nothing.
func (p *Panels) Width() int { return p.Panels() * Lanes }

// SquaredNorm returns |x|² of row i in units of bytes.
func (p *Panels) SquaredNorm(i int) int32 { return p.norms[i] }

func (p *Panels) panel(k int) []byte {
	size := p.groups * 4 * Lanes
	return p.data[k*size : (k+1)*size]
}

// Kernel is a kernel function of two rows.
type Kernel struct {
	rbf   bool
	scale float64 // of the RBF kernel, -gamma·log2(e)/255²
	gamma float64
}

// RBF returns exp(-gamma·|x-y|²), x and y being bytes/255 or rows of float32 as they are. gamma
// must be positive and finite. Values below 2^-126 are given as 2^-126.
func RBF(gamma float64) Kernel { return Kernel{true, -gamma / (255 * 255) * math.Log2E, gamma} }

// Linear returns x·y, x and y being bytes/255 or rows of float32 as they are.
func Linear() Kernel { return Kernel{} }

// Rows computes dst[r][j] = K(row r of b, row j of p) for the rows j of the panels first to last-1.
// Every dst[r] has at least p.Width() elements. Calls on different panels may run at once when the
// batch was packed before.
func (p *Panels) Rows(k Kernel, b *Batch, dst [][]float32, first, last int) {
	out := starts(dst, b, p)
	p.tiles(b, first, last, func(r, rows, lanes int, acc *[maxTile * Lanes]int32) {
		if k.rbf {
			exponential(out[r:r+rows], lanes, acc, p.bias[lanes:], b.norms[r:], k.scale)
		} else {
			linear(dst[r:r+rows], lanes, acc, p.sums[lanes:])
		}
	})
}

// Distances computes dst[r][j] = |row r of b - row j of p|² in units of bytes, exactly, for the
// rows j of the panels first to last-1, as Rows does.
func (p *Panels) Distances(b *Batch, dst [][]int32, first, last int) {
	out := starts(dst, b, p)
	p.tiles(b, first, last, func(r, rows, lanes int, acc *[maxTile * Lanes]int32) {
		distances(out[r:r+rows], lanes, acc, p.bias[lanes:], b.norms[r:])
	})
}

// starts returns where the rows of dst begin, having made sure that they are long enough for all
// panels.
func starts[T any](dst [][]T, b *Batch, p *Panels) []*T {
	if b.features != p.features {
		panic(fmt.Sprintf("gram: batch has %d features, panels have %d", b.features, p.features))
	}
	b.Pack()
	out := make([]*T, b.Len())
	for r := range out {
		out[r] = &dst[r][:p.Width()][0]
	}
	return out
}

// tiles computes the inner products of every tile of the batch with every panel and hands them on.
// r is the tile's first row, lanes the panel's.
func (p *Panels) tiles(b *Batch, first, last int, use func(r, rows, lanes int, acc *[maxTile * Lanes]int32)) {
	var acc [maxTile * Lanes]int32
	for q := first; q < last; q++ {
		panel := p.panel(q)
		for r := 0; r < b.Len(); r += maxTile {
			tile := tileOf(b.Len() - r)
			dot(tile, &acc, b.packed[r*p.groups*4:], panel, p.groups)
			use(r, min(tile, b.Len()-r), q*Lanes, &acc)
		}
	}
}
