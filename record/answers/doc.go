// Package answers reads predictions that another program made, and brings them into the order of an
// evaluation split, or says why it can't.
//
// # Files
//
//	.npy  one class number an example, in the order of the split
//	.npz  an array predictions; if there are any, ids, labels and margin
//	CSV   a header with the column prediction; if there are any, name, id or index, label and margin
//
// The names may be in the plural; file, filename and path are names, too, and y_pred and y_true what
// scikit-learn calls so. Classes are numbers, counted from 0 in the order of the dataset's
// classes, or their names. Where names of classes are numbers themselves, text can mean either: what
// the labels agree with is taken, and without labels a file that can be read both ways is refused.
//
// [Groups] reads attributes of the examples from CSV in the same way.
//
// # Order
//
// Rows with ids are matched to examples: every example of the split has to be there once. An id is an
// index or a name. Of names, more folders before them, backslashes, and another form of Unicode are
// accepted, and a name without its folder or ending as long as only one example has it. Ids of
// examples that the run leaves out, beyond its limit, are skipped.
//
// Labels are compared with the split's, after matching. Without ids that say more than the rows'
// places, and without labels, the order can only be guessed at: a file that is much better right in
// another order that people's loaders have is refused. The guess sees labels only: images that
// changed places within their class need ids. In the same way a file of numbers is refused that fits
// much better when they stand for other classes; names of classes, or labels, leave no doubt.
package answers
