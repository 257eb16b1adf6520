// Package lda is linear discriminant analysis: every class is a normal distribution with its own
// mean and a covariance that all share, and the most probable class wins.
//
// # What is computed
//
// As in scikit-learn's LinearDiscriminantAnalysis with the svd solver. With n examples, K classes
// that occur, means m_k, overall mean m, priors p_k = n_k/n and the pooled covariance C = 1/n · sum
// of (x-m_k)(x-m_k)ᵀ (older releases of scikit-learn divided by n-K),
//
//	w_k = C⁺ (m_k - m),   score_k(x) = (x-m)·w_k - ½ (m_k-m)·w_k + log p_k
//
// and the probabilities are the softmax of the scores. Images make C singular: some pixels never
// change, some change together. C⁺ is the inverse on what varies: features are divided by their
// standard deviation within the classes, those without any are left out, and so are directions in
// which the examples, so scaled, have a standard deviation of 1e-4 or less. A feature that
// separates the classes but never varies inside one is therefore ignored, as in scikit-learn; facts
// warn of it. As there, too, several classes need more examples than classes, and something that
// varies inside one. Other than there, one class alone is predicted for everything, examples that
// are all equal get their most frequent class, both with a warning, and directions in which the
// means differ little are kept (there they go below 1e-4 of the largest).
//
// # How it is computed
//
// Sums of products of bytes are whole numbers; tiles of 256 rows stay below 2^24, where float32 is
// exact, and are added up in float64. So the covariance is exact up to its last few operations, and
// no bit depends on the number of workers. Numbers are standardised and multiplied in float64, in an
// order that doesn't depend on workers either. C is inverted by Cholesky's decomposition where that is
// safe, and by the eigenvectors of a factor of its rank where it is not: seconds for some hundred,
// minutes for thousands.
//
// Left out on purpose: shrinkage, given priors, the projection onto discriminants.
package lda
