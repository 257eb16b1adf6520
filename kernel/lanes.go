package kernel

import "fmt"

// Lanes is the number of partial sums that LaneProduct keeps for an element.
const Lanes = 16

// LaneProduct is the product of two lists of rows whose elements lie side by side in memory, for
// data with images (or any independent index) innermost:
//
//	for i in 0:I, j in 0:J, l in 0:16
//	    C[i·CI + j·CJ + l] += Σ_t Σ_k A[tap[t].A + i·AI + k·AK + l] · B[tap[t].B + j·BJ + k·BK + l]
//
// by fused multiply-adds in that order (t, then k). The lanes stay apart until FoldLanes, so that C
// can collect over any number of calls. Strides count elements and are not negative; C must not
// overlap A or B.
type LaneProduct struct {
	I, J, K int
	AI, AK  int
	BJ, BK  int
	CI, CJ  int // at least Lanes, if there is more than one
}

// Lanes computes the product p. It panics if a slice is too short.
func (k Kernels) Lanes(p *LaneProduct, taps *Taps, c, a, b []float32) {
	if min(p.I, p.J, p.K, len(taps.list)) == 0 {
		return
	}
	p.check(taps, len(c), len(a), len(b))
	if k.level == Portable {
		p.portable(taps, c, a, b)
		return
	}
	p.vector(k.level, taps, c, a, b)
}

// check panics if p isn't a shape or would leave its slices.
func (p *LaneProduct) check(t *Taps, c, a, b int) {
	if min(p.I, p.J, p.K, p.AI, p.AK, p.BJ, p.BK, p.CI, p.CJ, t.minA, t.minB) < 0 {
		panic(fmt.Sprintf("kernel: negative size, stride or tap (%d, %d) in %+v", t.minA, t.minB, *p))
	}
	needC := (p.I-1)*p.CI + (p.J-1)*p.CJ + Lanes
	needA := t.maxA + (p.I-1)*p.AI + (p.K-1)*p.AK + Lanes
	needB := t.maxB + (p.J-1)*p.BJ + (p.K-1)*p.BK + Lanes
	if needC > c || needA > a || needB > b {
		panic(fmt.Sprintf("kernel: C, A, B have %d, %d, %d elements, want %d, %d, %d for %+v",
			c, a, b, needC, needA, needB, *p))
	}
}

func (p *LaneProduct) portable(taps *Taps, c, a, b []float32) {
	for i := range p.I {
		for j := range p.J {
			sum := c[i*p.CI+j*p.CJ:][:Lanes]
			for _, t := range taps.list {
				for k := range p.K {
					x := a[t.A+i*p.AI+k*p.AK:][:Lanes]
					y := b[t.B+j*p.BJ+k*p.BK:][:Lanes]
					for l := range sum {
						sum[l] = fma(x[l], y[l], sum[l])
					}
				}
			}
		}
	}
}

// FoldLanes sets dst[i] to the sum of the 16 lanes src[16i:16i+16], for i < len(dst): lane l takes
// lane l+8, then l+4, l+2, l+1. It panics if src is shorter than 16·len(dst).
func (k Kernels) FoldLanes(dst, src []float32) {
	src = take(src, Lanes*len(dst))
	if len(dst) == 0 {
		return
	}
	if k.level != Portable {
		vectorFoldLanes(dst, src)
		return
	}
	for i := range dst {
		var s [Lanes]float32
		copy(s[:], src[i*Lanes:])
		for h := Lanes / 2; h > 0; h /= 2 {
			for l := range h {
				s[l] += s[l+h]
			}
		}
		dst[i] = s[0]
	}
}
