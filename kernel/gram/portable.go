package gram

import (
	"math"
	"unsafe"
)

// The plain loops. They are always compiled: other implementations must give the same bits, and the
// tests hold them to it.

// dotGo computes acc[r·32+l] = sum over k of tile[k][r]·panel[k][l], k running over groups of 4
// features, the tile's bytes signed, the panel's not.
func dotGo(rows int, acc *[maxTile * Lanes]int32, tile, panel []byte, groups int) {
	for r := range rows {
		sums := (*[Lanes]int32)(acc[r*Lanes:])
		clear(sums[:])
		for g := range groups {
			t := (*[4]byte)(tile[(g*rows+r)*4:])
			a0, a1, a2, a3 := int32(int8(t[0])), int32(int8(t[1])), int32(int8(t[2])), int32(int8(t[3]))
			p := (*[4 * Lanes]byte)(panel[g*4*Lanes:])
			for l := range sums {
				sums[l] += int32(p[4*l])*a0 + int32(p[4*l+1])*a1 + int32(p[4*l+2])*a2 + int32(p[4*l+3])*a3
			}
		}
	}
}

// The coefficients of f, f², ... f⁶ of 2^f on [-½, ½]: relative error 2e-9, with float32 rounding
// 1e-7.
const (
	c1 = 0.6931471824645996
	c2 = 0.24022647738456726
	c3 = 0.055503323674201965
	c4 = 0.00961843691766262
	c5 = 0.0013398875016719103
	c6 = 0.00015353361959569156
)

// expGo computes dst[r][column+l] = 2^(scale·d²), d² = bias[l] + norms[r] - 2·acc[r·32+l]. Every
// product is rounded before it is added.
func expGo(dst []*float32, column int, acc *[maxTile * Lanes]int32, bias, norms []int32, scale float64) {
	for r := range dst {
		out := lanesOf(dst[r], column)
		for l := range out {
			d2 := bias[l] + norms[r] - 2*acc[r*Lanes+l]
			t := max(float64(d2)*scale, -126)
			n := math.RoundToEven(t)
			f := float32(t - n)
			p := float32(c6*f) + c5
			p = float32(p*f) + c4
			p = float32(p*f) + c3
			p = float32(p*f) + c2
			p = float32(p*f) + c1
			p = float32(p*f) + 1
			out[l] = p * math.Float32frombits(uint32(int32(n)+127)<<23)
		}
	}
}

// distancesGo computes dst[r][column+l] = bias[l] + norms[r] - 2·acc[r·32+l].
func distancesGo(dst []*int32, column int, acc *[maxTile * Lanes]int32, bias, norms []int32) {
	for r := range dst {
		out := lanesOf(dst[r], column)
		for l := range out {
			out[l] = bias[l] + norms[r] - 2*acc[r*Lanes+l]
		}
	}
}

// linear computes dst[r][column+l] = (acc[r·32+l] + sums[l])/255².
func linear(dst [][]float32, column int, acc *[maxTile * Lanes]int32, sums []int32) {
	for r := range dst {
		out := dst[r][column : column+Lanes]
		for l := range out {
			out[l] = float32(float64(acc[r*Lanes+l]+sums[l]) / (255 * 255))
		}
	}
}

// accumulateGo computes sum[i] += weights[0]·rows[0][column+i], then the same for the other rows in
// their order, each product rounded before it is added.
func accumulateGo(sum []float64, rows [][]float32, column int, weights []float64) {
	for r, w := range weights {
		row := rows[r][column : column+len(sum)]
		for i, v := range row {
			sum[i] += float64(float64(v) * w)
		}
	}
}

// lanesOf returns the 32 elements from column on of the row that starts at p, whose length Rows has
// checked.
func lanesOf[T int32 | float32](p *T, column int) []T {
	return unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(p), 4*column)), Lanes)
}
