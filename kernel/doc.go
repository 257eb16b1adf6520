// Package kernel holds shoal's arithmetic: one strided small-matrix product behind every pass of
// every convolution and dense layer, and the passes over memory between the products. Each has an
// AVX-512, an AVX2, a NEON and a portable implementation, and all return the same bits.
//
//	k := kernel.Best()            // or kernel.Select(kernel.AVX2): same bits, other speed
//	k.Multiply(&product, taps, c, a, b, bias)
//
// # What there is
//
//	Multiply            C[r,x,0:N] (+)= Σ_t Σ_k A·B, free strides: Product, Taps
//	Pack, PackedLen     a matrix as the panels of B that Multiply reads
//	Lanes, FoldLanes    products of rows with images (or anything) innermost: LaneProduct
//	ScaleShift          BatchNorm + residual + ReLU over pixels × channels
//	ChannelSums         sum and sum of squares of each channel
//	BackwardSums        the sums that BatchNorm's backward pass needs
//	Backward            the gradient through ReLU and BatchNorm
//	Narrow, Widen       float32 to bfloat16 and back; Round does both
//	Products.Multiply   products of bfloat16 with float32 sums: Product16
//	ScaleShift16, ...   passes over bfloat16: AddLines16, NarrowAddLines16, AverageLines16, NarrowSums, Sums16,
//	                    Backward16, Owed16
//	Couple, Turn        layouts for sums over pixels; PackPairs, TransposePairs: of weights
//	MaxPool(Backward)   2×2, with ReLU and dropped channels
//	ConvPool            convolution, max pool and ReLU with images innermost: a ConvPool
//	ReLU(Backward), AddScaled, Update (SGD), Exp, RBF, SquaredNorm, FromBytes
//	Peak                the machine's limit, for shares of it
//
// # Which product
//
// Letters: ip, ir the pixel and row pitch of the input tile (with its zero border), op, or those of
// the output, s the stride, kw×kh the filter.
//
// Forward, Rows × Width output pixels:
//
//	ARow = s·ir, ACol = s·ip, AK = 1, K = Cin
//	taps[ky,kx] = {A: ky·ir + kx·ip, B: (ky·kw+kx)·Cin·32}
//	B = weights as panels of [tap][Cin][32 of Cout]: BK = 32, BPanel = kh·kw·Cin·32
//	N = Cout, CRow = or, CCol = op
//
// Gradient of the input: the same with flipped taps and transposed weights.
//
// Gradient of the weights for tap (ky, kx): i is the input channel, k a pixel, and the taps of the
// product are the rows of pixels, of one or many images:
//
//	Rows = 1, Width = Cin, ACol = 1, AK = s·ip, K = pixels in a row
//	taps[y] = {A: (y·s+ky)·ir + kx·ip, B: y·or}
//	B = gradient of the output in place: BK = op, BPanel = 32, N = Cout
//	C = gradient of the weights [Cin][Cout]; Init = Accumulate
//
// Few channels waste lanes. Then put 32 images innermost, [channel][y][x][32]: a row of output
// pixels is one product with A = weights (i = output channel), K = kw (AK = 1, BK = 32), a tap for
// every (ci, ky), and N = 32·Width with BPanel = 32; the gradient of the weights is a LaneProduct.
//
// # What makes it fast or slow
//
//   - The tile is 12 rows × 32 columns in 24 registers (AVX2: 6 × 16 in 12; NEON: 6 × 16 in 24).
//     Rows come in three groups of 4 (2), each with its own base address, so that images 4 or 8
//     wide fill tiles, too. Widths that are multiples of 4 are best.
//   - A call costs about 40 ns beside its arithmetic: give it a whole tile of pixels. Every tile
//     loads and stores C: give weight gradients at least some 64 pixels a call.
//   - Rows of A at a multiple of 4096 bytes share cache sets. Where channels are a power of two
//     from 512 on, add 16 to the pixel pitch of scratch tiles.
//   - NEON has no masks: a last vector overlaps the one before it, and columns that are less than
//     a vector are computed one by one. It reads A by four k (AK = 1) or by two rows (ACol = 1).
//   - AVX2's masks are slow, so columns that are full vectors have code without them.
//   - Up to 16 columns (AVX2: 8) need one vector a row, and loads are then the limit.
//   - Aligned panels of B save a second access for each load of a line.
//
// # bfloat16
//
// Products of bfloat16 have their k in pairs and come in tiers that sum in different orders:
//
//	p, err := k.SelectTier(kernel.Widened) // float32 multiply-adds of widened operands: no faster
//	p = kernel.Twin(kernel.AMX)            // the portable twin of any tier: exact to the bit, slow
//
// The tiers AVX512BF16 and AMX are assembly whose instructions _asm encodes itself. The encodings
// are tested against GNU as; the twins' sums, to the bit, against those of an emulator of the processor
// (Bochs: records/2026-11-27-emulated); the functions against the twins, on machines without the
// instructions by carrying these out in their place (TestTiersByEmulation). A Xeon with both has run and
// timed them (records/2026-11-27-amx). A process that is to use a tier still looks first: a few
// products with remainders, denormal numbers, infinity and NaN have to have the twin's bits, or the
// tier is refused, as it is where the operating system doesn't allow its instructions (RefusedError).
//
// AMX takes blocks of 32 rows and 32 columns: four products for four tiles that are loaded, the most that
// eight tile registers allow. Loads are the limit: without them the loop reaches the processor's, with
// them six tenths of it, and a fifth where another machine uses the core's other thread. Rows of A an odd
// number of lines apart are a seventh faster than at a power of two; prefetching, sums in pieces that
// fit the first-level cache, and loading all four tiles first were each slower.
//
// Passes over bfloat16 (ScaleShift16 and others in half.go) and the layouts that products read (Couple,
// Turn, PackPairs, TransposePairs) have assembly where the processor rounds by an instruction.
//
// # The same bits
//
// Every element is summed by one lane in the order of the formula, by fused multiply-adds that
// round once; the portable code computes them exactly through float64, or on arm64 by the
// instruction. So levels agree, and any number of workers does as long as work is split by output
// elements, never by k. Tiers of bfloat16 agree only with their twins. Of NaN only the fact is
// promised, not the payload.
//
// # Errors
//
// This is an internal layer: a size that is negative or a slice that is too short is a mistake of
// the calling package and panics, as slicing does, before anything is read or written. Nothing
// allocates, apart from Aligned, NewTaps, Peak and panics, and no slice escapes.
//
// # Files
//
// x.go is the portable code and the definition, x_amd64.go and x_arm64.go call the assembly,
// x_noasm.go stands in elsewhere and with the tag purego. The assembly, its stubs and the shared constants are written
// by the program in _asm (a module of its own, with avo): go generate ./kernel.
//
// Left out on purpose: Winograd's 3×3 convolution; bfloat16 on arm64, which has the portable code.
package kernel
