package paper

import (
	"fmt"
	"slices"
	"strings"

	"shoal/dynamics"
	"shoal/internal/textfmt"
)

// answer is what all seeds of a part say of one M, in words for pages and records.
type answer struct {
	Reference string
	Seeds     int
	Accuracy  string // of M
	Order     string // whether M predicts the order of learning
	First     string // whether that is shallow first
	Starved   string // what the starved control of M says
	Shared    string // whether easiness is the example's
	Missed    string // whether D misses what M gets right
}

// answers are those of a part, one for each M.
func (d DatasetSummary) answers() []answer {
	var out []answer
	for _, t := range d.Triplets {
		a := answer{Reference: t.Reference, Seeds: len(t.Regimes), Accuracy: textfmt.Percent(t.Accuracy), Order: orderText(t.Regimes), First: firstText(t.Regimes), Starved: joined("; see ", "there is no starved control", d.stand)}
		if d.SoFar { // what is learned later may still be another thing
			a.Order, a.First = d.soFar()+": "+a.Order, "can't be told: the training isn't over"
		}
		name := dynamics.StarvedPrefix + t.Reference
		if k := slices.IndexFunc(d.Ladder, func(r RungSummary) bool { return r.Name == name }); k >= 0 {
			a.Starved = fmt.Sprintf("at %.2f %%: %s", 100*d.Ladder[k].Accuracy, d.Ladder[k].Regime.Reason)
		}
		for _, e := range d.Easiness {
			if e.Shared.Reference == t.Reference {
				a.Shared, a.Missed = d.sharedSentence(e), e.Missed.Sentence()
			}
		}
		if a.Shared == "" {
			a.Shared, a.Missed = d.notAsked(), d.notAsked()
		}
		out = append(out, a.sentences())
	}
	return out
}

// notAsked says why a part has no answers on easiness: they take two seeds, and refits after them.
func (d DatasetSummary) notAsked() string {
	why := "not asked: one seed"
	switch over := d.finished(); {
	case d.Planned >= fewestSeeds && over >= fewestSeeds:
		why = "not asked yet: it takes refits, which come after the trainings"
	case d.Planned >= fewestSeeds:
		why = "not asked yet: it takes two finished seeds"
	}
	return joined("; see ", why, d.stand)
}

// sentences is the answer with each text as a sentence.
func (a answer) sentences() answer {
	for _, text := range []*string{&a.Order, &a.First, &a.Starved, &a.Shared, &a.Missed} {
		*text = textfmt.Sentence(*text)
	}
	return a
}

// orderText counts the seeds by whether M predicts their order of learning, with the shares of the
// examples up to which it does, or at which it stops, and says how well it does so in each seed.
func orderText(seeds []SeedRegime) string {
	var none, changes []string
	open, straight := 0, 0
	for _, s := range seeds {
		switch r := s.Regime; {
		case r.Found == nil:
			open++
		case *r.Found:
			changes = append(changes, fmt.Sprintf("%.0f %% [%.0f, %.0f]", 100*known(r.Share), 100*known(r.Lo), 100*known(r.Hi)))
		case known(r.UpTo) > 0:
			none = append(none, fmt.Sprintf("%.0f %%", 100*known(r.UpTo)))
		default:
			straight++
		}
	}
	var parts []string
	if len(none) > 0 {
		parts = append(parts, fmt.Sprintf("no regime change in %s: M predicts the order up to %s", ofSeeds(len(none), len(seeds)), strings.Join(none, ", ")))
	}
	if straight > 0 {
		parts = append(parts, fmt.Sprintf("no regime change in %s, where M predicts the order as one straight line, clear at no share by itself", ofSeeds(straight, len(seeds))))
	}
	if len(changes) > 0 {
		parts = append(parts, fmt.Sprintf("M stops predicting the order in %s, at %s of the examples", ofSeeds(len(changes), len(seeds)), strings.Join(changes, ", ")))
	}
	if open > 0 {
		parts = append(parts, fmt.Sprintf("it can't be told in %s", ofSeeds(open, len(seeds))))
	}
	if rho := associations(seeds); rho != "" {
		parts = append(parts, "over all examples M and the order are correlated by ρ = "+rho)
	}
	return strings.Join(parts, "; ")
}

// associations lists how M and the order of learning are correlated, seed by seed, with 95 % intervals; "" where
// nothing could be fitted.
func associations(seeds []SeedRegime) string {
	var all []string
	for _, s := range seeds {
		if a := s.Association; a.Rho != nil && a.Lo != nil && a.Hi != nil {
			all = append(all, textfmt.Signs(fmt.Sprintf("%.2f [%.2f, %.2f]", *a.Rho, *a.Lo, *a.Hi)))
		}
	}
	return strings.Join(all, ", ")
}

// firstText counts the seeds by whether what was found is shallow first. Where M predicts the order, nothing is:
// as far as it does, which may be less than half of the examples.
func firstText(seeds []SeedRegime) string {
	yes, no, open := 0, 0, 0
	var reach []string
	for _, s := range seeds {
		switch r := s.Regime; {
		case r.Found != nil && !*r.Found, r.ShallowFirst != nil && !*r.ShallowFirst:
			if no++; known(r.UpTo) > 0 && known(r.UpTo) < halfOfThem {
				reach = append(reach, fmt.Sprintf("%.0f %%", 100**r.UpTo))
			}
		case r.ShallowFirst != nil:
			yes++
		default:
			open++
		}
	}
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{{yes, "yes"}, {no, "no"}, {open, "can't be told"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%s in %s", p.text, ofSeeds(p.n, len(seeds))))
		}
	}
	text := strings.Join(parts, ", ")
	if len(reach) > 0 {
		text += "; but that reaches only up to " + textfmt.List(reach)
	}
	return text
}

// ofSeeds is "2 of 3 seeds", and "all 3 seeds", "both seeds" or "the one seed" where that is all.
func ofSeeds(n, all int) string {
	switch {
	case all == 1:
		return "the one seed"
	case n == all && all == 2:
		return "both seeds"
	case n == all:
		return fmt.Sprintf("all %d seeds", all)
	}
	return fmt.Sprintf("%d of %d seeds", n, all)
}

// halfOfThem is the share of the examples below which the reach of an answer is said with it.
const halfOfThem = .5

// known is a number that is there, and 0 for none.
func known(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}
