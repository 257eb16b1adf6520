//go:build !purego

package kernel

// vector cuts p into tiles of accumulators that fit the registers.
func (p *LaneProduct) vector(l Level, taps *Taps, c, a, b []float32) {
	if l == AVX512 {
		p.tiles(laneRowsAVX512, laneColumnsAVX512, func(i, j, rows, columns int) {
			lanesAVX512(&c[i*p.CI+j*p.CJ], &a[i*p.AI], &b[j*p.BJ], p.CI*floatBytes, p.CJ*floatBytes,
				&taps.list[0].A, len(taps.list), p.K, p.AI*floatBytes, p.AK*floatBytes,
				p.BJ*floatBytes, p.BK*floatBytes, rows, columns)
		})
		return
	}
	p.tiles(laneRowsAVX2, laneColumnsAVX2, func(i, j, rows, columns int) {
		for l := 0; l < Lanes; l += Lanes / 2 {
			lanesAVX2(&c[i*p.CI+j*p.CJ+l], &a[i*p.AI+l], &b[j*p.BJ+l], p.CI*floatBytes, p.CJ*floatBytes,
				&taps.list[0].A, len(taps.list), p.K, p.AI*floatBytes, p.AK*floatBytes,
				p.BJ*floatBytes, p.BK*floatBytes, rows, columns)
		}
	})
}

func vectorFoldLanes(dst, src []float32) { foldLanesAVX2(&dst[0], &src[0], len(dst)) }
