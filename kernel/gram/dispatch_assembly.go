//go:build (amd64 || arm64) && !purego

package gram

// accumulate gives whole vectors and whole groups of four rows to the assembly, and fills the last
// group up with rows of weight 0.
func accumulate(sum []float64, rows [][]float32, column int, weights []float64) {
	whole := len(sum) &^ 15
	if current == portable {
		whole = 0
	}
	for r := 0; whole > 0 && r < len(weights); r += 4 {
		var row [4]*float32
		var w [4]float64
		copy(w[:], weights[r:])
		for k := range row {
			row[k] = &rows[min(r+k, len(weights)-1)][:column+whole][0]
		}
		accumulate4(&sum[0], whole, &row[0], 4*column, &w[0])
	}
	if whole < len(sum) {
		accumulateGo(sum[whole:], rows, column+whole, weights)
	}
}
