//go:build !purego

package kernel

// The conversions need no more than AVX2, and wider registers would gain nothing: their limit is
// memory. They take whole registers of eight numbers and return how many numbers of a row, or of
// the slice, that were.

func vectorWiden(dst View, src View16, pixels, channels int) int {
	whole := channels &^ (maskWords - 1)
	if whole > 0 {
		widenAVX2(&dst.Data[0], dst.Pitch*floatBytes, (*uint16)(&src.Data[0]), src.Pitch*halfBytes, pixels, whole)
	}
	return whole
}

func vectorNarrow(dst View16, src View, pixels, channels int) int {
	whole := channels &^ (maskWords - 1)
	if whole > 0 {
		narrowAVX2((*uint16)(&dst.Data[0]), dst.Pitch*halfBytes, &src.Data[0], src.Pitch*floatBytes, pixels, whole)
	}
	return whole
}

func vectorRound(dst, src []float32) int {
	whole := len(src) &^ (maskWords - 1)
	if whole > 0 {
		roundAVX2(&dst[0], &src[0], whole)
	}
	return whole
}

const halfBytes = 2
