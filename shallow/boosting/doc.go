// Package boosting fits gradient-boosted trees by histograms (Friedman 2001; Ke et al. 2017), the
// usual strong reference for tables and embeddings.
//
// # What is computed
//
// As scikit-learn's HistGradientBoostingClassifier, features being bytes: bins of numbers (package
// features) or pixels. Every iteration adds a tree for each class (one tree where there are two
// classes) that takes a Newton step of the log loss. A node's gradients g and Hessians h are summed
// for each byte of each feature; the split with the largest
//
//	gain = G_l²/(H_l+l2) + G_r²/(H_r+l2) - G²/(H+l2)
//
// is taken, the node of the largest gain first, until a tree has Leaves leaves, a leaf would have
// fewer than MinLeaf examples or a Hessian below 1e-3, or nothing is gained. The lowest threshold
// of the first feature wins among equals; it is halfway between two bytes of the node (in
// scikit-learn the lower one, which tells training examples apart in the same way). A leaf adds
// -Shrinkage·G/(H+l2) to the score of its class. Scores begin at the logarithms of the classes'
// shares.
//
// # Early stopping
//
// With Patience above 0, a Validation share of the training examples, with its classes in proportion,
// is left out of the trees; the fit ends when none of the last Patience iterations has a lower log loss
// on it than the one before them. The trees of those iterations stay, as in scikit-learn: accuracy
// still rises where the loss no longer falls. Patience Auto is 10 from EarlyFrom examples on and 0
// below, as in scikit-learn.
//
// # How it is computed
//
// Gradients and Hessians become whole numbers first (a gradient in units of 2^-30; Hessians in 64
// bits less those that count the examples), so sums are exact: any number of workers, any split of
// the work and the histogram of a node as its parent's less its sibling's give the same bits. The
// bytes of eight features lie side by side, so that one load serves eight histograms. Where there
// are many classes their trees are grown side by side, else the features of a node are shared out.
//
// Left out on purpose: missing values (they are refused before), categories (one column each),
// constraints, weights, regression, samples of rows or columns.
package boosting
