// Package groups asks which groups of examples a network, or a reference, gets wrong more often than
// others: groups by attributes that the classes don't show, such as a background, a camera or a source.
// It is what the literature on spurious correlations does by hand when it looks at the errors of a
// network that was stopped early (Liu et al., Just Train Twice, ICML 2021).
//
// # What is compared
//
// Each group of an [Attribute] with all other examples that have a value of it, in four ways: the
// network's errors early, at the first evaluation that is half way from its first accuracy to its best;
// its errors at the last evaluation; the errors of each reference; and when it learns its examples for
// good. Groups are compared within classes, by the Mantel-Haenszel risk ratio: a group of hard classes
// isn't left behind for that. Where no class has examples both in and out of the group, that can't be,
// and the comparison is with all others ([Errors].Within is false).
//
// # Errors by chance
//
// With twenty groups one in twenty is worse than others by chance at 5 %. The p-value of a ratio is
// exact: given each class's errors, those in the group are a hypergeometric number, if groups don't
// matter (two-sided by doubling; by a normal approximation, with correction for continuity, where the
// counts are large). The evaluation called early is chosen by all examples, whatever their group, so
// that this is so for early errors, too. Holm's correction is over everything that [Compare] tests: all
// groups of all attributes, early, at the end and of each reference. Whether a group stands out
// ([Errors].Verdict) follows from the corrected value at 5 %, so that in a table of groups that don't
// matter nothing stands out 19 times in 20, or more often. Intervals of ratios are Greenland and
// Robins', at the level of Bonferroni's correction over the same tests: all of them hold together, at
// 95 %.
//
// Intervals and tests are over examples, of one training run.
package groups
