// Package easiness asks two questions of several fits of a reference M and several seeds of a network
// D, all scored on the same examples: is easiness a property of the example, which models as different
// as M and D share ([Compare]); and does a far better D miss examples that M gets right, more than
// equally good networks miss of each other ([Miss]).
//
// # The latent scale
//
// Model k of family f is taken to be right on example i of class c where
//
//	example_i + family_fi + noise_fki > threshold_kc
//
// all three normal. Two models of one family then correlate by the example's and the family's share of
// the variance, two of different families by the example's alone. What is seen are tables of right and
// wrong, and the correlations are tetrachoric: with a threshold of every model in every class and one
// correlation for all of them, which is where the number of examples that both get right is as
// expected, summed over classes and pairs of models. Thresholds by class keep "this class is easier"
// out of it, which would look like agreement about examples.
//
// M and D are compared where they are equally accurate, each seed at its evaluation nearest to the
// mean accuracy of the refits: a correlation corrected for its reliability depends on accuracies all
// the same, .31 at accuracies of .41 and .95 in a world of one difficulty where it is .99 at equal ones.
//
// # The ratio and the shares
//
// The ratio is ρ between M and D over √(ρ between refits of M · ρ between seeds of D): 1 where all that
// either repeats is the example's. The shares of the variance of M are
//
//	example  ratio · ρ between refits of M
//	family   the rest of that ρ: what refits repeat and D doesn't
//	noise    1 - that ρ: what changes from refit to refit
//
// and alike for D. That the example has the same part of what either repeats is an assumption: one
// correlation between two families can't tell how much of it is due to which.
//
// # Like for like
//
// "Right for M, wrong for every seed of D" is compared with what an equally good network gets right
// that the same seeds miss: for each seed a and each refit, the examples that the refit gets right and
// the other seeds all miss at their ends, less those that seed a gets right, where it is as accurate as
// M, and the same other seeds all miss. It is [dynamics.SurplusOf], which judges the paper's claim on
// shallow_only, too, by the one fit of M that a study has. Independence would be the wrong null, since seeds miss the same
// hard examples, and so would be seed a at its end, which is more accurate than M.
//
// # Intervals
//
// Those of correlations, ratio and shares are for other refits, seeds and examples together, at 95 %.
// Variances are added: of the refits and of the seeds, each by the jackknife, which leaves out one of them
// at a time, and what the examples give to all of them alike. That is the variance of the influences of
// the examples, of which each is drawn with all its answers, less what the same jackknife says of those
// influences: chance in an answer of one seed is in the variance over seeds already. The interval is
// Student's with Satterthwaite's degrees of freedom ([dynamics.Combined]), of correlations on Fisher's
// scale. Two are too few to tell how they vary: of two seeds there are both, each with an interval over
// examples, and two refits are taken as given. Refits are other parts of one training split; seeds of the
// network share all of it.
//
// That of what is missed is for other seeds and examples, the refits being given. The long test has their
// coverage in simulated worlds.
package easiness
