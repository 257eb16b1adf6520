// Package dynamics computes what a prediction log says: which examples of the evaluation split a
// network gets right first, which late and which never, and how that relates to a reference.
//
// It works on a [Log] in memory and on [Reference] vectors of predictions, and knows nothing of
// files, networks or figures.
//
//   - [Curves]: the table of every evaluation against a reference (see package contingency for the
//     statistics).
//   - [Measure]: first-learned, learned-for-good, forgetting, unforgettable and learning speed of
//     every example; [Accumulator] and [ValueAccumulator]: AUM, EL2N, confidence and variability
//     where logits, or values of theirs, were logged too.
//   - [PredictLearning]: how well a reference's right/wrong and its margin predict when an example
//     is learned.
//   - [Agree], [KappaMatrix], [AtEqualAccuracy], [Mutual], [ByClass]: agreement between references,
//     seeds and the network.
//   - [Judge], [JudgeAll]: the paper's claims (1) to (7), each with an [Outcome] ("holds", "fails",
//     "cannot judge" or "not claimed") and the [Numbers] behind it.
//   - [JudgeRegime], [InCompany], [ConstantAssociation]: does the reference stop predicting the order
//     of learning, is that "shallow first", and does R± tell more than accuracy.
//   - [Churn]: what runs miss of a reference, and of each other.
//   - Package easiness: whether easiness is a property of the example, and what a better network misses.
//   - Package orders: runs that differ in the order of training only.
//   - [Resampling]: how whole curves are resampled over examples; [OverSeeds] and [SeedDifference]:
//     intervals over runs; [Sample]: intervals over seeds and examples at once; [Holm].
//
// # Evaluations and time
//
// Evaluations are numbered t = 1..T in the order of the log. Step 0, the untrained network, is an
// evaluation like the others when the log has it: what it gets right counts as learned at t = 1,
// although it is by luck.
//
// # Smoothing
//
// A curve of R± at every step is ragged. Its shape is judged on [Smooth]: the local linear fit of
// ln R± on ln(1 + step), with a tricube kernel one doubling of 1 + step wide on either side, each
// evaluation weighted by the inverse of Katz's variance and by the stretch of ln(1 + step) that it
// stands for, evaluated at 8 points a doubling. The axis is the logarithm of the step because most
// of the change happens in the first few doublings, a small share of the steps; the width is fixed
// because an adaptive one would flatten peaks where evaluations are sparse; the weight is the
// inverse variance because evaluations with a nearly empty cell have little information. Half an
// example is added to every cell, so that an empty one gives a finite value. It is deterministic.
//
// # Verdicts
//
// The shape of a curve is judged from the onset on: the first evaluation at which accuracy has come
// a tenth of the way from the best constant answer to the reference. Before that R± shows only
// which classes the network happens to predict. The reference must be right on 30 examples and
// wrong on 30.
//
//  1. About random initialisations of the network, at least 100: holds when the 95 % interval of the
//     mean of R+ over the mean of R- lies within .8 to 1.25 ([Initialisations]). One untrained network
//     answers a class or a few for nearly everything; its R± is 1 only in the mean over classes.
//  2. Holds when the smoothed curve has one mode, which exceeds 1 and the last value by a factor of
//     1.1 and with intervals that exclude 1, is skewed to the right by .1 or more, and is sharp: at
//     half height at most three doublings of the step and a third of the gained accuracy wide. A mode
//     is a maximum whose prominence is at least a quarter of the greatest and a factor of 1.1.
//     Skewness and width are judged over ln(1 + step) and over accuracy, by their intervals: over
//     steps any long run has a short rise and a long tail.
//  3. Needs convergence: accuracy at least the reference's, and over the last tenth of the steps
//     not more than a fiftieth of the remaining error (or a tenth of a point) above that of the
//     tenth before, with five evaluations in either. Holds when the last R± is above 1 and the fall
//     took 1.25 times as long as the rise, over ln(1 + step) and over accuracy.
//  4. Needs convergence, and seeds: [JudgeLeft] sets what the reference alone gets right against what
//     a network as accurate does. One run can only refute it, where shallow_only is zero.
//  5. Judged where accuracy crosses 20 %, on R+, from which R- follows. Holds when its interval lies
//     within 50-70 %.
//  6. Needs convergence. Holds when the interval of R+ - R- lies above 0.
//  7. Holds when the interval of the epoch of the smoothed peak lies below a fifth.
//
// On a training split nothing is judged ([JudgeOptions]): examples with wrong labels are memorised
// last, which looks like a change in what is learned.
//
// Of a log that may still grow nothing is said of convergence ([JudgeOptions], Unfinished): claims 3, 4 and 6
// can't be judged, and of claim 2 it is only said what the peak looks like so far. Claim 7 can be once the log
// is past its peak ([Judgement.PastPeak]).
//
// The verdict is "cannot judge" where a longer or denser run, or more examples, could still change
// it. But a peak has to show itself: once training is over a curve that doesn't clearly rise or fall, by its
// interval, has none, and claims 2, 3 and 7 fail. The numbers behind a verdict are given whatever it says.
//
// # Uncertainty
//
// Intervals are at 95 % and over examples: the evaluation split is the sample, the trajectory of
// the network is given. Neighbouring evaluations share their examples, so a curve is resampled as a
// whole ([Resampling]), and statistics such as its maximum are recomputed in every replicate. The
// maximum of a noisy curve is too large on average, and the replicates show by how much ([Unbiased]).
// The step of the peak has an interval that reaches to the next points of the smoothed curve, so it
// covers more than 95 %. Variation over seeds is not in any of these intervals: [Headlines] and
// [Sample.Crossed] have both, from three seeds on, and so have differences, [Sample.Minus]; see also
// [OverSeeds] and [SeedDifference]. What no example of the split shows adds a little to each of these
// ([Unseen]), so that equal answers are no proof of equal networks. records/2026-11-27-coverage lists all
// intervals that are printed, with the test that draws how often each covers the truth in simulated
// worlds.
package dynamics
