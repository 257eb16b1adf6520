// Package kernel holds shoal's vector kernels, each with a portable twin that
// returns the same bits.
//
// # Use
//
//	k := kernel.Best()            // or kernel.Select(kernel.AVX2): same bits, other speed
//	k.Multiply(&product, taps, c, a, b, bias)
//
// Product is the one strided small-matrix product behind convolutions (every
// pass) and dense layers; MatMul is the same for plain matrices. The rest are
// passes over pixels × channels (View) and over flat slices.
//
// # Which product
//
// Forward convolution over a tile of Rows × Width output pixels, from an input
// tile with its zero border (pixel pitch ip, row pitch ir, stride s):
//
//	ARow = s·ir, ACol = s·ip, AK = 1, taps[ky,kx] = {A: ky·ir + kx·ip, B: (ky·kw+kx)·Cin·32}
//	B = weights packed as panels of [tap][Cin][32]: BK = 32, BPanel = taps·Cin·32
//	K = Cin, N = Cout, CRow, CCol = row and pixel pitch of the output
//
// Gradient of the input: the same with the taps flipped and weights transposed.
// Gradient of the weights, for one tap: i = input channel, k = pixel, one Tap a
// row of pixels, so that the sum runs over a whole tile:
//
//	Rows = 1, Width = Cin, ACol = 1, AK = s·ip, K = pixels in a row,
//	taps[y] = {A: (y·s+ky)·ir + kx·ip, B: y·row pitch of the gradient}
//	B = output gradient in place: BK = pixel pitch, BPanel = 32
//	C = weight gradient [Cin][Cout]: CCol = its pitch; Init = Accumulate
//
// Split work by output elements, never by k, and any number of workers gives
// the same bits.
//
// # Errors
//
// This is an internal layer: a size that is negative or a slice that is too
// short is a mistake of the calling package and panics, as slicing does. No
// function allocates, apart from Aligned, NewTaps and panics.
package kernel
