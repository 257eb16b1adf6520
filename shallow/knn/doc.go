// Package knn classifies by the k nearest neighbours (Fix & Hodges 1951): the classes of the k
// training examples at the least Euclidean distance vote.
//
// There is nothing to fit: the model is the training examples. All distances are computed, as
// matrix products of bytes (kernel/gram); nothing is approximate. Squared distances between bytes
// are whole numbers, so equal distances are exactly equal, and ties are settled as in
// scikit-learn's brute force: among equal distances the earlier training example is nearer, among
// equal votes the lower class wins.
//
// Left out on purpose: other metrics, votes weighted by distance, search trees (useless at hundreds
// of dimensions).
package knn
