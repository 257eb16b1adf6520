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
//   - [Judge], [JudgeAll]: the paper's claims (1) to (5), each with an [Outcome] ("holds", "fails"
//     or "cannot judge") and the [Numbers] behind it.
//   - [JudgeRegime], [InCompany], [ConstantAssociation]: does the reference stop predicting the order
//     of learning, is that "shallow first", and does R± tell more than accuracy.
//   - [Churn]: what runs miss of a reference, and of each other.
//   - Package easiness: whether easiness is a property of the example, and what a better network misses.
//   - Package orders: runs that differ in the order of training only.
//   - [Resampling]: how whole curves are resampled over examples; [OverSeeds] and [SeedDifference]:
//     intervals over runs.
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
//  1. Holds when Katz's interval of the untrained network's R± contains 1. The class-adjusted ratio
//     ([ClassAdjusted]) is reported with it, since a network that predicts one class for everything
//     may have an R± other than 1 for that reason alone.
//  2. Holds when the smoothed curve has one mode, which exceeds 1 and the last value by a factor of
//     1.1 and with intervals that exclude 1, is skewed to the right over steps (third moment, and
//     half widths), and is at most a fifth of the run wide at half height. A mode is a maximum
//     whose prominence is at least a quarter of the greatest and a factor of 1.1.
//  3. Needs convergence: accuracy at least the reference's, and over the last tenth of the steps
//     not more than a fiftieth of the remaining error (or a tenth of a point) above that of the
//     tenth before. Holds when the last R± excludes 1 and the fall took at least twice as long as
//     the rise.
//  4. Needs convergence. Holds when shallow_only is above zero at every one of the last K
//     evaluations; the persistent core is counted beside it.
//  5. Judged where accuracy is nearest to 20 %. Holds when the intervals of R+ and R- reach into
//     50-70 % and 10-20 %.
//
// On a training split nothing is judged ([JudgeOptions]): examples with wrong labels are memorised
// last, which looks like a change in what is learned.
//
// The verdict is "cannot judge" where a longer or denser run, or more examples, could still change
// it. The numbers behind a verdict are given whatever it says.
//
// # Uncertainty
//
// Intervals are at 95 % and over examples: the evaluation split is the sample, the trajectory of
// the network is given. Neighbouring evaluations share their examples, so a curve is resampled as a
// whole ([Resampling]), and statistics such as its maximum are recomputed in every replicate. The
// maximum of a noisy curve is too large on average, and the replicates show by how much; the basic
// (reflected) interval 2·estimate - quantile corrects for that selection, which the percentile
// interval would count twice. Variation over seeds is not in any of these intervals: compare runs
// for it, by [OverSeeds] and [SeedDifference].
package dynamics
