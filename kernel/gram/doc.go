// Package gram computes kernel values between rows of bytes, many at a time.
//
// Pixels are bytes, so inner products are integers. They are computed as such (four products an
// instruction lane where the machine has VNNI) and are exact: no order of summation, no vector
// width and no number of workers can change them. Squared distances follow exactly as |x|² + |y|² -
// 2xy, without the cancellation that floats would suffer, and one float32 rounding chain, the same
// in every implementation, turns them into exp(-gamma d²).
//
// One side of a product is Panels: all rows of a class, say, packed once, 32 rows side by side. The
// other is a Batch of a few hundred rows, gathered when they are needed. Panels.Rows fills one row
// of float32 kernel values for each row of the batch.
//
//	p := gram.Pack(rows, n, features, workers)
//	b := gram.NewBatch(features); b.Add(row); b.Add(another)
//	p.Rows(gram.RBF(gamma), b, dst, 0, p.Panels())   // dst[r][j] = K(b_r, p_j)
//	p.Distances(b, integers, 0, p.Panels())         // |b_r - p_j|², exactly
//
// FloatPanels and FloatBatch are the same for rows of float32, by the products of package kernel: not
// exact, and with the same bits for every level and number of workers, too.
//
// Accumulate is the other half of a solver's work: float64 sums of float32 rows, each element added
// up in the order of the rows.
//
// Bytes stand for byte/255: gamma and the linear kernel are in those units.
//
// # What it leaves out
//
// Rows of more than MaxFeatures bytes, whose squared distances would not fit an int32.
package gram

//go:generate sh -c "cd _asm && go run . -out ../gram_amd64.s -stubs ../gram_amd64.go -pkg gram"
//go:generate sh -c "cd _asm && go run . -neon"
