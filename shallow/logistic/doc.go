// Package logistic fits multinomial logistic regression: a linear score for every class, the
// softmax of which is the probability of the class.
//
// # What is minimised
//
// As in scikit-learn's LogisticRegression(C) with the lbfgs solver (fixtures from 1.9), x being
// bytes/255 or numbers as they are, n examples, W the d×c weights, b the c intercepts:
//
//	f(W, b) = 1/n · sum over examples of -log p(label | x) + |W|²/(2·C·n)
//
// With two classes the penalty is |w|²/(2·C·n) of the difference w = w₁ - w₀, the one vector of
// weights that the usual regression of two classes has. At the minimum w₁ = w/2 = -w₀, so it is
// twice the penalty above. The intercepts are not penalised. Classes without an example take no part
// and have probability 0. A class that occurs alone is predicted for everything, with a warning,
// where scikit-learn refuses it.
//
// f is convex, so there is one minimum; L-BFGS (Nocedal 1980) walks there from zero until no
// element of the gradient exceeds Tolerance, or for Iterations steps. Facts say which. Meanwhile
// features are centred: intercepts compensate for it, and L-BFGS takes several times fewer steps.
//
// # How it is computed
//
// One evaluation reads the bytes once: tiles of rows become float32 in the cache, are multiplied
// with the weights (kernel), turned into residuals and multiplied back into the gradient. The
// examples are cut into a fixed number of parts whose sums are added in order, so the number of
// workers does not show in any bit. Sums over many rows, and L-BFGS itself, are float64.
//
// Left out on purpose: one against the rest, L1 penalties, weights of classes.
package logistic
