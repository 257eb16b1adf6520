// Package forest grows random forests (Breiman 2001) on bytes.
//
// A tree is grown on a bootstrap sample. At every node, features are drawn without replacement, the
// square root of d of them; the best split of each by Gini impurity is found exactly, and the best
// of all divides the node. Growth ends at pure nodes, or at MaxDepth or MinLeaf. As in
// scikit-learn, features that are constant in the node count as drawn, but the search continues
// until one has varied; a leaf keeps the shares of all its classes, and the forest averages the
// shares.
//
// # Exact and fast
//
// A byte has 256 values, so a node's examples can be brought into the order of a feature by
// counting, and all its thresholds are tried: nothing is binned or approximated. split.go has the
// three ways, grow.go chooses between them by the size of the node. Pixels are kept by example and
// by feature: nodes whose rows fit into a core's cache read rows, larger ones columns. Knowledge
// that a feature is constant passes from a node to its children, and a search ends early at a split
// that leaves both sides pure.
//
// # Out-of-bag error and early stopping
//
// The examples that a bootstrap leaves out, about 37 %, travel down the tree while it grows; the
// shares of the leaves in which they end are summed in the order of the trees. After every round of
// trees, the share of examples that this sum gets wrong is a point of the curve; with Patience
// above 0, it ends the growth. A tree depends on its seed alone and the curve on the order of
// trees, so neither depends on how many workers grow them, and trees that were not finished when it
// was decided to stop are dropped.
//
// Left out on purpose: regression, missing values, weights of classes, criteria other than Gini,
// pruning after growth.
package forest
