//go:build (!amd64 && !arm64) || purego

package gram

func available() []level { return []level{portable} }

func dot(rows int, acc *[maxTile * Lanes]int32, tile, panel []byte, groups int) {
	dotGo(rows, acc, tile, panel, groups)
}

func exponential(dst []*float32, column int, acc *[maxTile * Lanes]int32, bias, norms []int32, scale float64) {
	expGo(dst, column, acc, bias, norms, scale)
}

func distances(dst []*int32, column int, acc *[maxTile * Lanes]int32, bias, norms []int32) {
	distancesGo(dst, column, acc, bias, norms)
}

func accumulate(sum []float64, rows [][]float32, column int, weights []float64) {
	accumulateGo(sum, rows, column, weights)
}
