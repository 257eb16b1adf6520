//go:build !purego

package gram

import "golang.org/x/sys/cpu"

// available asks whether the processor has SDOT, as those since 2018 have. The portable level is
// first.
func available() []level {
	if cpu.ARM64.HasASIMDDP {
		return []level{portable, neon}
	}
	return []level{portable}
}

// dot gives a tile to the implementation in use. rows is even. There are registers for six rows and
// half a panel at a time.
func dot(rows int, acc *[maxTile * Lanes]int32, tile, panel []byte, groups int) {
	_, _ = tile[:groups*rows*4], panel[:groups*4*Lanes]
	if current == portable {
		dotGo(rows, acc, tile, panel, groups)
		return
	}
	for half := range 2 {
		for r := 0; r < rows; {
			to, from, lanes := &acc[r*Lanes+half*16], &tile[4*r], &panel[half*64]
			switch left := rows - r; {
			case left == 6 || left >= 10: // 8 are better two times 4
				dot6NEON(to, from, lanes, groups, 4*rows)
				r += 6
			case left >= 4:
				dot4NEON(to, from, lanes, groups, 4*rows)
				r += 4
			default:
				dot2NEON(to, from, lanes, groups, 4*rows)
				r += 2
			}
		}
	}
}

func exponential(dst []*float32, column int, acc *[maxTile * Lanes]int32, bias, norms []int32, scale float64) {
	_, _ = bias[:Lanes], norms[:len(dst)]
	if current == portable {
		expGo(dst, column, acc, bias, norms, scale)
		return
	}
	expNEON(&dst[0], 4*column, &acc[0], len(dst), &bias[0], &norms[0], scale)
}

func distances(dst []*int32, column int, acc *[maxTile * Lanes]int32, bias, norms []int32) {
	_, _ = bias[:Lanes], norms[:len(dst)]
	if current == portable {
		distancesGo(dst, column, acc, bias, norms)
		return
	}
	distancesNEON(&dst[0], 4*column, &acc[0], len(dst), &bias[0], &norms[0])
}

// accumulate4 adds four rows to n sums.
func accumulate4(sum *float64, n int, rows **float32, column int, weights *float64) {
	accumulate4NEON(sum, n, rows, column, weights)
}
