//go:build !purego

package kernel

// vector cuts p into tiles of accumulators that fit the registers, four lanes at a time.
func (p *LaneProduct) vector(_ Level, taps *Taps, c, a, b []float32) {
	p.tiles(laneRowsNEON, laneColumnsNEON, func(i, j, rows, columns int) {
		for l := 0; l < Lanes; l += neonLanes {
			lanesNEON(&c[i*p.CI+j*p.CJ+l], &a[i*p.AI+l], &b[j*p.BJ+l], p.CI*floatBytes, p.CJ*floatBytes,
				&taps.list[0].A, len(taps.list), p.K, p.AI*floatBytes, p.AK*floatBytes,
				p.BJ*floatBytes, p.BK*floatBytes, rows, columns)
		}
	})
}

func vectorFoldLanes(dst, src []float32) { foldLanesNEON(&dst[0], &src[0], len(dst)) }
