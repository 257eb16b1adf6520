// Package regime asks whether there is a point from which a reference no longer predicts what a
// network learns next: the change from a shallow-learnable to a deep-learnable regime.
//
// R±, nestedness and every other statistic of the table at one step move with the accuracies alone.
// The answer is read from the order in which the network learns instead.
//
// # Order of learning
//
// [Learned] reads it from the evaluations after the network has left chance, as the share of all
// examples that are learned before an example. The main reading is by the share of evaluations that
// are right, the check by the switch time. Others were tried and rejected: by "learned for good" 2 %
// of flips make a false change, by "first learned" guessing makes everything early.
//
// # The test
//
// [Order.Against] fits "the reference is right" on the normal score of the order, early being high,
// by probit regression with an effect of each class. Under one difficulty, on which both depend, that
// is a straight line. Against it stands the best line with a break: two slopes and a jump at a share
// of a grid. [Fit.Answer] says that the reference stops predicting the order (the broken line is
// clearly better, the slope after is flat, and the reference is right more often before), that it
// predicts it up to some share, or that neither can be told. A difficulty with a long tail bends the
// line without being a change, so that a better fit alone is not enough.
//
// Fit.From and Fit.To are an interval of the place to print. The points within 1.92 of the best log
// likelihood, Fit.Lo and Fit.Hi, cover it in two of three draws where the association is weak; these, of
// both orders together, covered all 150 changes that were found in twelve draws of each world; more and
// fresh draws have to confirm that.
//
// The association that is printed is the straight slope less Fit.Bias, with an interval of Fit.RobustSE.
// With a hundred classes the slope is too steep by half a standard error or more, and the line's own
// standard error is too small wherever the line is bent or steep: shares learned are ranks, which vary with
// the examples. The test keeps to Slope and SlopeSE, with which its thresholds were chosen.
//
// The test is of examples that the network did not train on: wrong labels of a training split are
// memorised last and look like a change.
package regime
