package gram

// Accumulate adds weights[r]·rows[r][column+i] to sum[i] for every i, row after row, in float64.
// Elements do not mix, so the work may be split over i in any way; rows may be split over calls.
func Accumulate(sum []float64, rows [][]float32, column int, weights []float64) {
	if len(sum) == 0 || len(weights) == 0 {
		return
	}
	accumulate(sum, rows[:len(weights)], column, weights)
}
