//go:build amd64 && !purego

package gram

import (
	"golang.org/x/sys/cpu"
)

// useVNNI says that the machine has all that the assembly needs. Tests clear
// it to compare with the portable loops.
var useVNNI = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL &&
	cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VNNI

// Level names the implementation in use.
func Level() string {
	if useVNNI {
		return "avx512-vnni"
	}
	return "portable"
}

func dot(rows int, acc *[maxTile * Lanes]int32, tile, panel []byte, groups int) {
	if !useVNNI {
		dotGo(rows, acc, tile, panel, groups)
		return
	}
	_, _ = tile[:groups*rows*4], panel[:groups*4*Lanes]
	switch rows {
	case maxTile:
		dot14VNNI(&acc[0], &tile[0], &panel[0], groups)
	case 4:
		dot4VNNI(&acc[0], &tile[0], &panel[0], groups)
	default:
		dot1VNNI(&acc[0], &tile[0], &panel[0], groups)
	}
}

func exponential(dst []*float32, column int, acc *[maxTile * Lanes]int32, bias, norms []int32, scale float64) {
	if !useVNNI {
		expGo(dst, column, acc, bias, norms, scale)
		return
	}
	_, _ = bias[:Lanes], norms[:len(dst)]
	expAVX512(&dst[0], 4*column, &acc[0], len(dst), &bias[0], &norms[0], scale)
}

// accumulate gives whole vectors and whole groups of four rows to the
// assembly, and fills the last group up with rows of weight 0.
func accumulate(sum []float64, rows [][]float32, column int, weights []float64) {
	whole := len(sum) &^ 15
	if !useVNNI {
		whole = 0
	}
	if whole > 0 {
		for r := 0; r < len(weights); r += 4 {
			var row [4]*float32
			var w [4]float64
			copy(w[:], weights[r:])
			for k := range row {
				row[k] = &rows[min(r+k, len(weights)-1)][:column+whole][0]
			}
			accumulate4AVX512(&sum[0], whole, &row[0], 4*column, &w[0])
		}
	}
	if whole < len(sum) {
		accumulateGo(sum[whole:], rows, column+whole, weights)
	}
}
