//go:build amd64 && !purego

package gram

import "golang.org/x/sys/cpu"

// available asks the processor and the operating system, which must save the wide registers;
// x/sys/cpu has already done so. The portable level is first.
func available() []level {
	x := &cpu.X86
	switch {
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX512DQ && x.HasAVX512VNNI:
		return []level{portable, avx2, vnni}
	case x.HasAVX2:
		return []level{portable, avx2}
	}
	return []level{portable}
}

// dot gives a tile to the implementation in use. rows is even.
func dot(rows int, acc *[maxTile * Lanes]int32, tile, panel []byte, groups int) {
	_, _ = tile[:groups*rows*4], panel[:groups*4*Lanes]
	switch current {
	case vnni:
		dotVNNI(rows, acc, &tile[0], &panel[0], groups)
	case avx2:
		dotAVX2(rows, acc, tile, panel, groups)
	default:
		dotGo(rows, acc, tile, panel, groups)
	}
}

func dotVNNI(rows int, acc *[maxTile * Lanes]int32, tile, panel *byte, groups int) {
	switch rows {
	case 2:
		dot2VNNI(&acc[0], tile, panel, groups)
	case 4:
		dot4VNNI(&acc[0], tile, panel, groups)
	case 6:
		dot6VNNI(&acc[0], tile, panel, groups)
	case 8:
		dot8VNNI(&acc[0], tile, panel, groups)
	case 10:
		dot10VNNI(&acc[0], tile, panel, groups)
	case 12:
		dot12VNNI(&acc[0], tile, panel, groups)
	default:
		dot14VNNI(&acc[0], tile, panel, groups)
	}
}

// dotAVX2 has registers for four rows and half a panel at a time.
func dotAVX2(rows int, acc *[maxTile * Lanes]int32, tile, panel []byte, groups int) {
	for half := range 2 {
		for r := 0; r < rows; {
			to, from, lanes := &acc[r*Lanes+half*16], &tile[4*r], &panel[half*64]
			if rows-r >= 4 {
				dot4AVX2(to, from, lanes, groups, 4*rows)
				r += 4
			} else {
				dot2AVX2(to, from, lanes, groups, 4*rows)
				r += 2
			}
		}
	}
}

func exponential(dst []*float32, column int, acc *[maxTile * Lanes]int32, bias, norms []int32, scale float64) {
	_, _ = bias[:Lanes], norms[:len(dst)]
	switch current {
	case vnni:
		expAVX512(&dst[0], 4*column, &acc[0], len(dst), &bias[0], &norms[0], scale)
	case avx2:
		expAVX2(&dst[0], 4*column, &acc[0], len(dst), &bias[0], &norms[0], scale)
	default:
		expGo(dst, column, acc, bias, norms, scale)
	}
}

func distances(dst []*int32, column int, acc *[maxTile * Lanes]int32, bias, norms []int32) {
	_, _ = bias[:Lanes], norms[:len(dst)]
	switch current {
	case vnni:
		distancesAVX512(&dst[0], 4*column, &acc[0], len(dst), &bias[0], &norms[0])
	case avx2:
		distancesAVX2(&dst[0], 4*column, &acc[0], len(dst), &bias[0], &norms[0])
	default:
		distancesGo(dst, column, acc, bias, norms)
	}
}

// accumulate4 adds four rows to n sums.
func accumulate4(sum *float64, n int, rows **float32, column int, weights *float64) {
	if current == vnni {
		accumulate4AVX512(sum, n, rows, column, weights)
		return
	}
	accumulate4AVX2(sum, n, rows, column, weights)
}
