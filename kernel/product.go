package kernel

import "fmt"

// PanelWidth is the number of columns of a panel of B, unless a product says another.
const PanelWidth = 32

// Panel returns the number of columns of a panel of B, of 16 and PanelWidth, that suits k best. AVX2
// holds 16 columns in registers: in panels of 32 it would read every second line of the cache, and
// panels of large weights would fill twice their size.
func (k Kernels) Panel() int {
	if k.level == AVX2 {
		return PanelWidth / 2
	}
	return PanelWidth
}

// Init says what a product starts from.
type Init int

const (
	Zero       Init = iota // C = sum
	Accumulate             // C = C + sum: the sum continues from the value that is there
	Bias                   // C = bias + sum, the same bias[0:N] in every row
)

// Tap is one position of a filter: where its operands start, in elements from the start of the
// slices a and b. Offsets are not negative.
type Tap struct{ A, B int }

// Taps is a list of taps with its extremes, computed once instead of in every call.
type Taps struct {
	list                   []Tap
	minA, maxA, minB, maxB int
}

// OneTap is the list of a product without taps: a single one at offset 0, 0.
var OneTap = NewTaps(Tap{})

// NewTaps returns the list of the given taps, in the order in which they are summed.
func NewTaps(list ...Tap) *Taps {
	t := &Taps{}
	t.Set(list)
	return t
}

// Set makes t the given list without allocating; t keeps the slice.
func (t *Taps) Set(list []Tap) {
	*t = Taps{list: list}
	for i, p := range list {
		if i == 0 {
			t.minA, t.maxA, t.minB, t.maxB = p.A, p.A, p.B, p.B
			continue
		}
		t.minA, t.maxA = min(t.minA, p.A), max(t.maxA, p.A)
		t.minB, t.maxB = min(t.minB, p.B), max(t.maxB, p.B)
	}
}

// Len returns the number of taps.
func (t *Taps) Len() int { return len(t.list) }

// Product is the shape of a small matrix product with free strides:
//
//	for r in 0:Rows, x in 0:Width, j in 0:N
//	    C[r·CRow + x·CCol + j] = init + Σ_t Σ_k
//	        A[tap[t].A + r·ARow + x·ACol + k·AK] · B[tap[t].B + (j/P)·BPanel + k·BK + j%P]
//
// where P is Panel, summed in that order (t, then k) by fused multiply-adds, whatever the level. All strides count
// elements and are not negative. Rows of C must not overlap each other, and C must not overlap A, B
// or bias.
type Product struct {
	Rows, Width int // the positions i = (r, x)
	K, N        int // length of the sum for one tap; columns
	ARow, ACol  int
	AK          int
	BK, BPanel  int // BPanel is not used when N <= P
	Panel       int // 1 to PanelWidth; 0 is PanelWidth
	CRow, CCol  int
	Init        Init
}

// Multiply computes the product p. bias is read only if p.Init is Bias.
//
// A and B are read only where the formula says, and only C[.., 0:N] is read or written: elements
// between and beyond may have any value, even NaN.
//
// A slice too short for p, or a negative size or stride, is an error of the calling package and
// panics, as slicing out of range does.
func (k Kernels) Multiply(p *Product, taps *Taps, c, a, b, bias []float32) {
	if p.Rows == 0 || p.Width == 0 || p.N == 0 {
		return
	}
	p.check(taps, len(c), len(a), len(b), len(bias))
	if k.level == Portable {
		p.portable(taps, c, a, b, bias)
		return
	}
	p.vector(k.level, taps, c, a, b, bias)
}

// panel returns how many columns of B a panel has.
func (p *Product) panel() int {
	if p.Panel == 0 {
		return PanelWidth
	}
	return p.Panel
}

// check panics if p isn't a shape or would leave its slices.
func (p *Product) check(t *Taps, c, a, b, bias int) {
	if p.Panel > PanelWidth {
		panic(fmt.Sprintf("kernel: panels of %d columns, want at most %d, in %+v", p.Panel, PanelWidth, *p))
	}
	if min(p.Rows, p.Width, p.K, p.N, p.ARow, p.ACol, p.AK, p.BK, p.BPanel, p.CRow, p.CCol, p.Panel) < 0 {
		panic(fmt.Sprintf("kernel: negative size or stride in %+v", *p))
	}
	rows, width := p.Rows-1, p.Width-1
	columns := p.panel()
	panels := (p.N - 1) / columns
	if need := rows*p.CRow + width*p.CCol + p.N; need > c {
		panic(fmt.Sprintf("kernel: C has %d elements, want %d for %+v", c, need, *p))
	}
	if p.Init == Bias && bias < p.N {
		panic(fmt.Sprintf("kernel: bias has %d elements, want %d", bias, p.N))
	}
	if p.K == 0 || len(t.list) == 0 {
		return
	}
	if need := t.maxA + rows*p.ARow + width*p.ACol + (p.K-1)*p.AK + 1; need > a || t.minA < 0 {
		panic(fmt.Sprintf("kernel: A has %d elements, want %d, first %d, for %+v", a, need, t.minA, *p))
	}
	last := min(p.N, columns) // a full panel, if there are several
	need := t.maxB + (p.K-1)*p.BK + last
	if panels > 0 {
		need = max(need, need+panels*p.BPanel-last+p.N-panels*columns)
	}
	if need > b || t.minB < 0 {
		panic(fmt.Sprintf("kernel: B has %d elements, want %d, first %d, for %+v", b, need, t.minB, *p))
	}
}

// portable is the definition, with the columns of a panel side by side.
func (p *Product) portable(t *Taps, c, a, b, bias []float32) {
	w := p.panel()
	for j := 0; j < p.N; j += w {
		n := min(p.N-j, w)
		var first []float32
		if p.Init == Bias {
			first = bias[j : j+n]
		}
		panel := j / w * p.BPanel
		for r := range p.Rows {
			for x := range p.Width {
				at := r*p.CRow + x*p.CCol + j
				p.portableRow(t, c[at:at+n], a, r*p.ARow+x*p.ACol, b, panel, first)
			}
		}
	}
}

// portableRow computes one row of one panel.
func (p *Product) portableRow(t *Taps, c, a []float32, aAt int, b []float32, bAt int, bias []float32) {
	var sum [PanelWidth]float32
	switch p.Init {
	case Accumulate:
		copy(sum[:], c)
	case Bias:
		copy(sum[:], bias)
	}
	for _, tap := range t.list {
		ia, ib := tap.A+aAt, tap.B+bAt
		for range p.K {
			x := a[ia]
			row := b[ib : ib+len(c)]
			for j, y := range row {
				sum[j] = fma(x, y, sum[j])
			}
			ia += p.AK
			ib += p.BK
		}
	}
	copy(c, sum[:])
}
