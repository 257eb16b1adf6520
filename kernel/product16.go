package kernel

import "fmt"

// Product16 is the shape of a small matrix product of bfloat16 with float32 sums. Both operands
// have their k in pairs:
//
//	for r in 0:Rows, x in 0:Width, j in 0:N
//	    C[r·CRow + x·CCol + j] = init + Σ_t Σ_q Σ_e
//	        A[tap[t].A + r·ARow + x·ACol + 2q + e] · B[tap[t].B + (j/32)·BPanel + q·BK + 2(j%32) + e]
//
// for the pairs q in 0:Pairs and e in 0:2: a row of A lies in one piece, two rows of B are
// interleaved. A sum of an odd length has a zero in A and in B at its end. Strides count elements
// and are not negative. Rows of C must not overlap each other, and C must not overlap bias.
//
// The order of the sum is the tier's:
//
//	Widened      t, q, e ascending: acc = A·B + acc, rounded once
//	AVX512BF16   t, q ascending, then e = 1 before e = 0; denormals are zeros
//	AMX          t ascending, 16 pairs at a time (at the end of a tap fewer): the products of e = 0
//	             and those of e = 1 each summed from 0, q ascending, then acc + (both added);
//	             denormals are zeros
type Product16 struct {
	Rows, Width int // the positions i = (r, x)
	Pairs, N    int // length of the sum for one tap, in pairs; columns
	ARow, ACol  int
	BK, BPanel  int // BPanel is not used when N <= 32
	CRow, CCol  int
	Init        Init
}

// Multiply computes the product p; see Kernels.Multiply for what is read, written and an error.
func (m Products) Multiply(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32) {
	if p.Rows == 0 || p.Width == 0 || p.N == 0 {
		return
	}
	p.check(taps, len(c), len(a), len(b), len(bias))
	if !m.twin && m.assembled(p, taps, c, a, b, bias) {
		return
	}
	p.portable(m.tier, taps, c, a, b, bias)
}

// check panics if p isn't a shape or would leave its slices.
func (p *Product16) check(t *Taps, c, a, b, bias int) {
	if min(p.Rows, p.Width, p.Pairs, p.N, p.ARow, p.ACol, p.BK, p.BPanel, p.CRow, p.CCol) < 0 {
		panic(fmt.Sprintf("kernel: negative size or stride in %+v", *p))
	}
	rows, width := p.Rows-1, p.Width-1
	panels := (p.N - 1) / PanelWidth
	if need := rows*p.CRow + width*p.CCol + p.N; need > c {
		panic(fmt.Sprintf("kernel: C has %d elements, want %d for %+v", c, need, *p))
	}
	if p.Init == Bias && bias < p.N {
		panic(fmt.Sprintf("kernel: bias has %d elements, want %d", bias, p.N))
	}
	if p.Pairs == 0 || len(t.list) == 0 {
		return
	}
	if need := t.maxA + rows*p.ARow + width*p.ACol + 2*p.Pairs; need > a || t.minA < 0 {
		panic(fmt.Sprintf("kernel: A has %d elements, want %d, first %d, for %+v", a, need, t.minA, *p))
	}
	first := t.maxB + (p.Pairs-1)*p.BK
	need := first + 2*min(p.N, PanelWidth)
	if panels > 0 {
		need = max(need, first+panels*p.BPanel+2*(p.N-panels*PanelWidth))
	}
	if need > b || t.minB < 0 {
		panic(fmt.Sprintf("kernel: B has %d elements, want %d, first %d, for %+v", b, need, t.minB, *p))
	}
}

// portable is the definition, with the columns of a panel side by side.
func (p *Product16) portable(tier Tier, t *Taps, c []float32, a, b []BF16, bias []float32) {
	for j := 0; j < p.N; j += PanelWidth {
		n := min(p.N-j, PanelWidth)
		panel := j / PanelWidth * p.BPanel
		for r := range p.Rows {
			for x := range p.Width {
				at := r*p.CRow + x*p.CCol + j
				sum := c[at : at+n]
				switch p.Init {
				case Zero:
					clear(sum)
				case Bias:
					copy(sum, bias[j:])
				}
				for _, tap := range t.list {
					p.portableTap(tier, sum, a[tap.A+r*p.ARow+x*p.ACol:], b[tap.B+panel:])
				}
			}
		}
	}
}

// portableTap adds one tap's products to a row of one panel.
func (p *Product16) portableTap(tier Tier, sum []float32, a, b []BF16) {
	if tier == AMX {
		for from := 0; from < p.Pairs; from += chunkPairs {
			pairs := min(chunkPairs, p.Pairs-from)
			p.portableChunk(sum, a[2*from:][:2*pairs], b[from*p.BK:], pairs)
		}
		return
	}
	for q := range p.Pairs {
		u := a[2*q:][:2]
		for j := range sum {
			v := b[q*p.BK+2*j:][:2]
			if tier == AVX512BF16 {
				sum[j] = dotVDP(sum[j], u, v)
				continue
			}
			sum[j] = fma(u[0].Float32(), v[0].Float32(), sum[j])
			sum[j] = fma(u[1].Float32(), v[1].Float32(), sum[j])
		}
	}
}

// portableChunk is a row of TDPBF16PS, for up to 16 pairs.
func (p *Product16) portableChunk(sum []float32, a, b []BF16, pairs int) {
	for j := range sum {
		var even, odd float32
		for q := range pairs {
			v := b[q*p.BK+2*j:][:2]
			even = fmaFlush(a[2*q].Float32(), v[0].Float32(), even)
			odd = fmaFlush(a[2*q+1].Float32(), v[1].Float32(), odd)
		}
		sum[j] = addFlush(sum[j], addFlush(even, odd))
	}
}
