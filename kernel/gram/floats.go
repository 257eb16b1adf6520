package gram

import (
	"math"

	"shoal/internal/parallel"
	"shoal/kernel"
)

// FloatPanels are n rows of float32, packed for products as Panels are. Their inner products are
// float32 sums in the order of the features, and so is |x|²: a row's distance to itself is exactly 0,
// other squared distances are off by some 1e-7 of |x|² + |y|². Centre the features first: that makes
// these least. Read only.
type FloatPanels struct {
	n, features int
	data        []float32 // panel, feature, lane
	norms       []float32 // |x|² of every lane
	halves      []float32 // -|x|²/2
	largest     []float32 // |x|² of every panel
}

// PackFloats packs n rows, which row returns by index.
func PackFloats(row func(i int) []float32, n, features, workers int) *FloatPanels {
	p := &FloatPanels{n: n, features: features}
	p.data, p.norms = kernel.Aligned(p.Width()*features), make([]float32, p.Width())
	p.halves, p.largest = make([]float32, p.Width()), make([]float32, p.Panels())
	parallel.For(workers, p.Panels(), func(_, k int) {
		panel := p.panel(k)
		for lane := range min(Lanes, n-k*Lanes) {
			x := row(k*Lanes + lane)
			for f, v := range x {
				panel[f*Lanes+lane] = v
			}
			norm := SquaredNorm(x)
			p.norms[k*Lanes+lane], p.halves[k*Lanes+lane] = norm, -norm/2
			p.largest[k] = max(p.largest[k], norm)
		}
	})
	return p
}

// SquaredNorm is |x|², summed as the products of rows are.
func SquaredNorm(x []float32) float32 {
	var sum [1]float32
	kernel.Best().Multiply(&kernel.Product{Rows: 1, Width: 1, K: len(x), N: 1, AK: 1, BK: 1, CCol: 1}, kernel.OneTap, sum[:], x, x, nil)
	return sum[0]
}

// Len returns n.
func (p *FloatPanels) Len() int { return p.n }

// Panels returns the number of panels, n/32 rounded up.
func (p *FloatPanels) Panels() int { return (p.n + Lanes - 1) / Lanes }

// Width is n rounded up to whole panels; see Panels.Width.
func (p *FloatPanels) Width() int { return p.Panels() * Lanes }

// SquaredNorm returns |x|² of row i.
func (p *FloatPanels) SquaredNorm(i int) float64 { return float64(p.norms[i]) }

func (p *FloatPanels) panel(k int) []float32 {
	size := p.features * Lanes
	return p.data[k*size : (k+1)*size]
}

// FloatBatch gathers the rows of one product, copied side by side.
type FloatBatch struct {
	features int
	rows     []float32
	norms    []float32
}

// NewFloatBatch returns an empty batch of rows of the given number of features.
func NewFloatBatch(features int) *FloatBatch { return &FloatBatch{features: features} }

// Reset empties the batch and keeps its memory.
func (b *FloatBatch) Reset() { b.rows, b.norms = b.rows[:0], b.norms[:0] }

// Len returns the number of rows.
func (b *FloatBatch) Len() int { return len(b.norms) }

// Add appends a copy of a row.
func (b *FloatBatch) Add(row []float32) {
	b.rows, b.norms = append(b.rows, row...), append(b.norms, SquaredNorm(row))
}

// SquaredNorm returns |x|² of row r.
func (b *FloatBatch) SquaredNorm(r int) float64 { return float64(b.norms[r]) }

// Rows computes dst[r][j] = K(row r of b, row j of p) as Panels.Rows does; gamma and the linear
// kernel are in the units of the rows.
func (p *FloatPanels) Rows(k Kernel, b *FloatBatch, dst [][]float32, first, last int) {
	gamma := float32(k.gamma)
	p.tiles(b, first, last, kernel.Zero, func(r, q int, dots []float32) {
		out := dst[r][q*Lanes : (q+1)*Lanes]
		copy(out, dots)
		if k.rbf {
			kernel.Best().RBF(out, out, p.norms[q*Lanes:], b.norms[r], gamma)
		}
	})
}

// Distances computes dst[r][j] = |row r of b - row j of p|², rounded as FloatPanels says and never
// below 0.
func (p *FloatPanels) Distances(b *FloatBatch, dst [][]float32, first, last int) {
	p.tiles(b, first, last, kernel.Zero, func(r, q int, dots []float32) {
		out, norms := dst[r][q*Lanes:(q+1)*Lanes], p.norms[q*Lanes:(q+1)*Lanes]
		for l, dot := range dots {
			out[l] = max(0, float32(float64(b.norms[r])+float64(norms[l])-float64(2*float64(dot))))
		}
	})
}

// Nearness hands over, for every row r of b and every panel q of [first, last), how near the rows of
// the panel are to it: x·y - |y|²/2, which is greater the nearer y is. The squared distance is
// |x|² - 2·near[l], within NearnessError. near has only the rows that there are, fewer than Lanes in
// the last panel, and is overwritten after use returns. Panels come in order.
func (p *FloatPanels) Nearness(b *FloatBatch, first, last int, use func(r, q int, near []float32)) {
	p.tiles(b, first, last, kernel.Bias, func(r, q int, near []float32) { use(r, q, near[:min(Lanes, p.n-q*Lanes)]) })
}

// floatTile is how many rows are multiplied with a panel at once.
const floatTile = 64

// tiles computes the inner products of every row r of the batch with the 32 lanes of every panel q,
// beginning at zero or at -|y|²/2, and hands them over.
func (p *FloatPanels) tiles(b *FloatBatch, first, last int, init kernel.Init, use func(r, q int, dots []float32)) {
	k := kernel.Best()
	var acc [floatTile * Lanes]float32
	for q := first; q < last; q++ {
		panel := p.panel(q)
		for r := 0; r < b.Len(); r += floatTile {
			rows := min(floatTile, b.Len()-r)
			k.Multiply(&kernel.Product{
				Rows: 1, Width: rows, K: p.features, N: Lanes, ACol: p.features, AK: 1, BK: Lanes, CCol: Lanes, Init: init,
			}, kernel.OneTap, acc[:], b.rows[r*p.features:], panel, p.halves[q*Lanes:])
			for t := range rows {
				use(r+t, q, acc[t*Lanes:(t+1)*Lanes])
			}
		}
	}
}

// NearnessError bounds how far |x|² - 2·near of Nearness is from the squared distance for a row of
// squared norm a and every row of panel q: the error of sums of so many products, each rounded once,
// and of products too small for float32. It is at least twice what it has to be.
func (p *FloatPanels) NearnessError(a float64, q int) float64 {
	const unit = 1. / (1 << 24)
	n, b := 2*float64(p.features+4), float64(p.largest[q]) // 2·|x·y| is at most a + b
	return float64(n*unit*(float64(2*a)+float64(3*b))) + float64(n*math.SmallestNonzeroFloat32)
}
