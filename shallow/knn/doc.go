// Package knn classifies by the k nearest neighbours (Fix & Hodges 1951): the classes of the k
// training examples at the least Euclidean distance vote.
//
// There is nothing to fit: the model is the training examples. All distances are computed, as
// matrix products of bytes (kernel/gram); nothing is approximate. Squared distances between bytes
// are whole numbers, so equal distances are exactly equal: among them the earlier training example
// is nearer, and among equal votes the lower class wins. Where the k nearest are the only ones at
// their distances, shares and classes are those of scikit-learn's KNeighborsClassifier with
// algorithm "brute"; which of several equally far examples are the last of the k it leaves to the
// order of its heap. Where there are fewer than k examples all of them vote, with a warning;
// scikit-learn refuses that.
//
// Numbers have distances, too: products in float32 say which examples can be among the nearest, and
// sums in float64 which are.
//
// Left out on purpose: other metrics, votes weighted by distance, search trees (useless at hundreds
// of dimensions).
package knn
