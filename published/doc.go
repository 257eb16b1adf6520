// Package published holds what the paper prints: the accuracies of its models and what it claims,
// by dataset.
//
// The paper is Mangalam & Prabhu, "Do deep neural networks learn shallow learnable examples first?"
// (ICML 2019 workshop on deep phenomena). Datasets are named as package dataset names them.
// Accuracies are shares of one, on the test split; M is a support vector machine with RBF kernel
// ("svm") or an early-stopped random forest ("forest").
//
// [LabelErrorsOf] has what others published on test splits: which labels people found to be wrong.
package published
