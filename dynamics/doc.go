// Package dynamics computes what a prediction log says: which examples of the
// evaluation split a network gets right first, which late and which never, and
// how that relates to a reference.
//
// It works on a [Log] in memory and on [Reference] vectors of predictions, and
// knows nothing of files, networks or figures.
//
//   - [Curves]: the table of every evaluation against a reference (see package
//     contingency for the statistics), [Overview] for a first look.
//   - [Measure]: first-learned, learned-for-good, forgetting, unforgettable and
//     learning speed of every example; [Accumulator]: AUM, EL2N, confidence
//     and variability when logits were logged too.
//   - [PredictLearning]: how well a reference's right/wrong and its margin
//     predict when an example is learned.
//   - [Agree], [AtEqualAccuracy], [Mutual], [ByClass]: agreement between
//     references, seeds and the network.
//   - [Judge]: the paper's claims (1) to (5), each "holds", "fails" or "cannot
//     judge" with the numbers behind.
//   - [CompareControl], [Churn]: is it "shallow first" or merely "easy first",
//     and is shallow_only at the end more than churn.
//   - [Bootstrap]: whole curves resampled over examples.
//
// # Evaluations and time
//
// Evaluations are numbered t = 1..T in the order of the log. Step 0, the
// untrained network, is an evaluation like the others when the log has it:
// what it gets right counts as learned at t = 1, although it is luck.
// [Log.Trained] leaves it out for whoever wants that.
//
// # Smoothing
//
// A curve of R± at every step is ragged. What is said about its shape is said
// about [Smooth]: the local linear fit of ln R± on ln(1 + step), with a tricube
// kernel one doubling of 1 + step wide on either side, each evaluation weighted
// by the inverse of Katz's variance and by the stretch of ln(1 + step) that it
// stands for, evaluated at 8 points a doubling. In the logarithm of the step
// because the early phase, where everything happens, takes a few doublings and
// a small share of the steps; a fixed width because an adaptive one would flatten
// peaks where evaluations are sparse; by the inverse variance because
// evaluations with a nearly empty cell are nearly empty of information. Half an
// example is added to every cell, so that an empty one gives a finite value. It
// is deterministic.
//
// # Uncertainty
//
// Intervals are at 95 % and over examples: the evaluation split is the sample,
// the trajectory of the network is given. Neighbouring evaluations share their
// examples, so a curve is resampled as a whole ([Bootstrap]), and statistics
// such as its maximum are recomputed in every replicate. The maximum of a noisy
// curve is too large on average, and the replicates show by how much; the basic
// (reflected) interval 2·estimate - quantile takes that selection back out,
// where the percentile interval would count it twice. Variation over seeds is
// not in any of these intervals: compare runs for it.
package dynamics
