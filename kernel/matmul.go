package kernel

import "unsafe"

// Aligned returns n zeros that start at a multiple of 64 bytes, the size of a
// cache line and of the widest register. The kernels accept any start, but a
// load that crosses a line costs two.
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

// PackedLen is the length of k×n elements packed into panels of 32 columns:
// k·32 for each panel, the last one filled up with zeros.
func PackedLen(k, n int) int { return (n + PanelWidth - 1) / PanelWidth * PanelWidth * k }

// Pack copies the k×n matrix whose element (l, j) is src[l·rowStride + j·colStride]
// into panels: (l, j) goes to dst[(j/32)·32k + 32l + j%32], zeros fill the rest.
// Weights packed so are the B of a Product with BK = 32 and BPanel = 32k.
// It panics if a slice is too short.
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

// MatMul computes C = A·B from A (m×k, row pitch lda) and B (k×n) packed by
// Pack, into C (m×n, row pitch ldc), on the calling goroutine. To multiply by
// the transpose of a row-major n×k matrix, as dot products of examples do,
// pack it with rowStride 1 and colStride its pitch. It panics if a slice is
// too short.
func (k Kernels) MatMul(c, a, packed []float32, m, depth, n, lda, ldc int) {
	p := Product{
		Rows: 1, Width: m, N: n,
		ACol: lda, AK: 1, BK: PanelWidth, BPanel: PanelWidth * depth, CCol: ldc,
	}
	// Long sums go in parts that keep the operands of a tile in the cache;
	// continuing from C gives the same bits as one sum.
	parts := max(1, (depth+depthBlock-1)/depthBlock)
	for i := range parts {
		from, to := i*depth/parts, (i+1)*depth/parts
		p.K = to - from
		k.Multiply(&p, OneTap, c, a[min(from, len(a)):], packed[min(from*PanelWidth, len(packed)):], nil)
		p.Init = Accumulate
	}
}

// depthBlock is the longest sum that MatMul computes at once.
const depthBlock = 512
