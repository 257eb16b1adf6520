// Package svm is the usual support vector machine: C-SVC with one machine for each pair of classes,
// as LIBSVM defines it, and so scikit-learn's SVC.
//
// # The same as LIBSVM
//
// For each pair of classes a < b, y = +1 for a and -1 for b, the dual problem
//
//	minimise ½ Σ αᵢαⱼyᵢyⱼK(xᵢ, xⱼ) - Σ αᵢ   with 0 <= αᵢ <= C and Σ yᵢαᵢ = 0
//
// is solved until the optimality conditions are violated by less than Tolerance (1e-3): the largest
// score y - Σ yαK among the variables whose yα may grow exceeds the smallest among those whose yα
// may shrink by no more. The decision function is Σ yαK(x) - rho, rho being the mean over the free
// variables; above 0 it votes for a, else for b; most votes win, the lowest class among equals (so
// in scikit-learn, which sorts the classes; LIBSVM itself has them in the order of their first
// examples). A class that occurs alone is predicted for everything, with a warning; scikit-learn
// refuses that. See
// C.-C. Chang and C.-J. Lin, "LIBSVM: a library for support vector machines", and for the choice of
// two variables R.-E. Fan, P.-H. Chen and C.-J. Lin, "Working set selection using second order
// information".
//
// # Different from LIBSVM
//
// The way to the solution. Bytes have exact integer inner products, so kernel values come from
// package gram, hundreds of rows at a time. A round picks a working set of the worst violators of a
// pair (as Z. Wen et al. publish for ThunderSVM), computes their kernel rows by one product, solves
// the small problem among them by LIBSVM's two-variable steps, and updates all scores by one pass
// over the rows that changed. Rows against their own class serve all pairs of that class. The
// solution differs from LIBSVM's by as much as the tolerance allows, which is as much as LIBSVM's
// differs from the optimum.
//
// Scores are float64 sums of float32 kernel values; before a pair counts as solved they are
// computed again from α. The violation in Facts is from these.
//
// # Promises
//
//   - Neither workers nor memory change a bit of the model: kernel values do not depend on which
//     worker computes them and when, and all sums have one order. Pairs are solved side by side; a
//     single pair shares its products.
//   - Options.MemoryBytes bounds the cache of kernel rows, 2 GiB by default or half of what is left
//     where that is less, four segments of a row at least. What is not kept is computed again. The packed pixels (n·d bytes), the support
//     vectors and a few numbers an example come on top.
//   - A pair ends after MaxIterations steps at the latest, LIBSVM's bound by default, or after a
//     working set for every 1000 of them (100 at least), and Facts warn of the one that was hit.
//
// # Cost
//
// At most n²·d products of bytes for all pairs together, however many classes, if the rows against
// own classes fit the memory; less where few examples become violators. Prediction takes support
// vectors·d an example.
//
// # What it leaves out
//
// Other kernels, class weights, probabilities by Platt's method (Scores say what there is instead),
// shrinking (rows are cheap here), regression.
package svm
