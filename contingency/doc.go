// Package contingency holds the table T of one network D against one reference M, and the
// statistics computed from it.
//
// Every example of the evaluation split falls into one of four cells:
//
//	              M right        M wrong
//	D right       Both   T11     DeepOnly  T10
//	D wrong       ShallowOnly T01   Neither   T00
//
// (in the paper's symbols the first index is D, the second M). From the four counts follow, with n
// their sum,
//
//	m   = (Both + ShallowOnly)/n       accuracy of M
//	d   = (Both + DeepOnly)/n          accuracy of D
//	R+  = Both/(Both + ShallowOnly)    accuracy of D on what M gets right
//	R-  = DeepOnly/(DeepOnly + Neither)  accuracy of D on what M gets wrong
//	R±  = R+/R-                        a risk ratio; 1 when D and M are independent
//
// and d = R+·m + R-·(1-m), always.
//
// # The ratio, and a slip in print
//
// The paper's poster defines R± as the ratio R+/R-, and says that it starts at 1.0. A slide prints
// T11·T10/(T11·T10 + T11·T00 + T01·T10 + T01·T00) instead. The denominator factors into
// (T11+T01)·(T10+T00), so the printed formula is the PRODUCT R+·R-: for an independent D it is d²,
// not 1. It is a slip, and this package computes the ratio.
//
// # What a large ratio does and does not say
//
// R± falls by arithmetic alone as D improves: given the two accuracies it is at most (1-m)/(d-m)
// once d > m, so it goes to 1 with d whatever D learns first. [Table.AttainableMax] is that bound,
// from the integer margins. [Table.Nestedness] rescales the table between independence (0) and the
// most that the margins allow (1), and [Table.Kappa] is Cohen's kappa of the two right/wrong
// vectors (error consistency). Both still move with the accuracies at one constant association, so
// that neither compares between steps, networks or datasets. [Table.LogOddsRatio] and
// [Table.Tetrachoric] don't follow from the accuracies, but answers that are right by a guess dilute them:
// of one difficulty with 10 classes the correlation is .15 at 12 % accuracy and .84 at 90 %. So whether
// association changes while a network learns can't be read from any table at a step; package regime
// reads it from the order of learning.
//
// # Numbers that do not exist
//
// R± needs M to be right somewhere and wrong somewhere, and D to be right somewhere. No method
// returns NaN or an infinity: every result says whether it is defined, its float fields are 0 where
// they mean nothing, and JSON has null there. An infinite R± (R- = 0 < R+) keeps a one-sided lower
// bound, a zero R± a one-sided upper bound.
//
// # Intervals
//
// All are at 95 %. R+ and R-: Wilson's score interval. R±: Katz's interval of a log risk ratio, with
// Wilson's limit for a group that is all right (R+ = 1 or R- = 1; see [RiskRatio]). Katz is an
// approximation for large counts: where a group has one to five errors it covers 85 to 94 %, and with
// fewer than about five examples in Both or DeepOnly it is too narrow, too.
// All intervals treat the evaluation split as a sample of examples and the two models as given;
// they say nothing about another seed.
package contingency
