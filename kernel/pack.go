package kernel

import "unsafe"

// Aligned returns n zeros that start at a multiple of 64 bytes, the size of a cache line and of the
// widest register. The kernels accept any start, but a load that crosses a line costs two.
func Aligned(n int) []float32 {
	const line = 16 // floats
	buf := make([]float32, n+line-1)
	if n == 0 {
		return buf[:0]
	}
	skip := int(-(uintptr(unsafe.Pointer(&buf[0])) / 4) % line)
	buf = buf[skip : skip+n : skip+n]
	wantHugePages(buf)
	return buf
}

// Aligned16 is Aligned for bfloat16.
func Aligned16(n int) []BF16 {
	words := Aligned((n + 1) / 2)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*BF16)(unsafe.Pointer(&words[0])), n)
}

// PackedLen is the length of k×n elements packed into panels of 32 columns: k·32 for each panel,
// the last one filled up with zeros.
func PackedLen(k, n int) int { return (n + PanelWidth - 1) / PanelWidth * PanelWidth * k }

// Pack copies the k×n matrix whose element (l, j) is src[l·rowStride + j·colStride] into panels:
// (l, j) goes to dst[(j/32)·32k + 32l + j%32], zeros fill the rest. Weights packed so are the B of
// a Product with BK = 32 and BPanel = 32k. It panics if a slice is too short.
func Pack(dst, src []float32, k, n, rowStride, colStride int) {
	dst = take(dst, PackedLen(k, n))
	for j := 0; j < n; j += PanelWidth {
		panel := dst[j*k:][: k*PanelWidth : k*PanelWidth]
		w := min(PanelWidth, n-j)
		for l := range k {
			row := panel[l*PanelWidth:][:PanelWidth]
			at := l*rowStride + j*colStride
			for c := range w {
				row[c] = src[at]
				at += colStride
			}
			clear(row[w:])
		}
	}
}
