package contingency

// A Statistic is a number that is read off a table. Exports, charts, the report page and
// docs/statistics.md iterate Statistics: a new one is added there and nowhere else.
type Statistic struct {
	Name    string // of columns and scalars: lower-case letters and underscores
	Title   string // for people
	Meaning string // what it says, in a few words that follow the title
	Formula string // in the symbols of the package comment
	Unit    Unit
	Of      Subject
	Form    Form
	Places  Place
	At      func(Table) Reading
}

// Unit is what a statistic is measured in.
type Unit string

// The units.
const (
	Share Unit = "share" // of examples, from 0 to 1; people see per cent
	Times Unit = "times" // one share over another, from 0 up
	Index Unit = "index" // at most 1, and 0 for independence
	Logs  Unit = "log"   // a natural logarithm, 0 for independence
)

// Subject is what a statistic depends on.
type Subject string

// The subjects. What is of the network exists without a reference.
const (
	OfNetwork   Subject = "network"
	OfReference Subject = "reference"
	OfBoth      Subject = "both"
)

// Form says what a statistic has besides its value; each includes those before.
type Form int

// The forms. Columns are NAME, NAME_lo, NAME_hi and NAME_state.
const (
	ValueOnly    Form = iota
	WithInterval      // at 95 %
	WithState         // "defined", "infinite" or "undefined"
)

// Place is a set of places where a statistic is shown besides the tables of an export, which have
// all.
type Place uint

// The places.
const (
	Chart    Place = 1 << iota // a chart over the steps, as in TensorBoard
	Readouts                   // the numbers under the slider of the report page
)

// Reading is the value of a statistic at one table. Lo and Hi are those of Proportion or Ratio;
// they mean nothing in a statistic without an interval.
type Reading struct {
	Number
	Lo, Hi   float64
	OneSided bool
}

func ofNumber(x Number) Reading { return Reading{Number: x} }

func ofProportion(p Proportion) Reading {
	return Reading{Number: p.Number(), Lo: p.Lo, Hi: p.Hi}
}

func ofRatio(r Ratio) Reading {
	return Reading{Number: r.Number(), Lo: r.Lo, Hi: r.Hi, OneSided: r.OneSided}
}

func ofLogOdds(x LogOdds) Reading {
	if !x.Defined {
		return Reading{}
	}
	return Reading{Number: Number{Value: x.Value, Defined: true}, Lo: x.Lo, Hi: x.Hi}
}

// Ratio is the reading as a ratio, whose intervals it has.
func (r Reading) Ratio() Ratio {
	return Ratio{Value: r.Value, Lo: r.Lo, Hi: r.Hi, Defined: r.Defined, Infinite: r.Infinite, OneSided: r.OneSided}
}

// State is "defined", "infinite" or "undefined".
func (r Reading) State() string {
	if r.Defined {
		return "defined"
	}
	return stateName(false, r.Infinite)
}

// diluted is what the measures of association don't say: they don't follow from the accuracies alone, as R±
// does, but what is right by a guess is associated with nothing, and early on that is much. Of one
// difficulty with 10 classes the tetrachoric correlation is .15 at 12 % accuracy, and .84 at 90 %.
const diluted = "right guesses dilute it early, so whether it changes between steps is told by the order of learning, not by it"

// Statistics lists all statistics in the order in which they are shown.
func Statistics() []Statistic {
	return []Statistic{
		{Name: "accuracy", Title: "accuracy", Meaning: "of the network on the evaluation split",
			Formula: "d = (both + deep_only)/n", Unit: Share, Of: OfNetwork, Form: WithInterval, Places: Chart | Readouts,
			At: func(t Table) Reading { return ofProportion(t.DeepAccuracy()) }},
		{Name: "reference_accuracy", Title: "reference's accuracy", Meaning: "of the reference on the evaluation split",
			Formula: "m = (both + shallow_only)/n", Unit: Share, Of: OfReference,
			At: func(t Table) Reading { return ofProportion(t.ShallowAccuracy()) }},
		{Name: "r_plus", Title: "R+", Meaning: "accuracy of the network on what the reference gets right",
			Formula: "both/(both + shallow_only)", Unit: Share, Of: OfBoth, Form: WithInterval, Places: Chart | Readouts,
			At: func(t Table) Reading { return ofProportion(t.RPlus()) }},
		{Name: "r_minus", Title: "R-", Meaning: "accuracy of the network on what the reference gets wrong",
			Formula: "deep_only/(deep_only + neither)", Unit: Share, Of: OfBoth, Form: WithInterval, Places: Chart | Readouts,
			At: func(t Table) Reading { return ofProportion(t.RMinus()) }},
		{Name: "ratio", Title: "R±", Meaning: "R+/R-",
			Formula: "r_plus/r_minus", Unit: Times, Of: OfBoth, Form: WithState, Places: Chart | Readouts,
			At: func(t Table) Reading { return ofRatio(t.Ratio()) }},
		{Name: "independence", Title: "independence", Meaning: "R± of a network that is right independently of the reference",
			Formula: "1", Unit: Times, Of: OfBoth,
			At: func(t Table) Reading { return ofNumber(t.Independence()) }},
		{Name: "attainable_max", Title: "attainable max.", Meaning: "the largest R± that the two accuracies allow",
			Formula: "(1-m)/(d-m) where d > m, else infinite", Unit: Times, Of: OfBoth, Places: Readouts,
			At: func(t Table) Reading { return ofNumber(t.AttainableMax()) }},
		{Name: "log_odds_ratio", Title: "ln odds ratio", Meaning: "association of network and reference, 0 for independence; " + diluted,
			Formula: "ln((both + ½)·(neither + ½)/((shallow_only + ½)·(deep_only + ½)))", Unit: Logs, Of: OfBoth, Form: WithInterval, Places: Chart | Readouts,
			At: func(t Table) Reading { return ofLogOdds(t.LogOddsRatio()) }},
		{Name: "tetrachoric", Title: "tetrachoric correlation", Meaning: "correlation of two normal scores of which each model's right answers are those above a threshold; " + diluted,
			Formula: "ρ of the bivariate normal distribution with the table's margins and both/n", Unit: Index, Of: OfBoth, Places: Chart | Readouts,
			At: func(t Table) Reading { return ofNumber(t.Tetrachoric()) }},
		{Name: "nestedness", Title: "nestedness", Meaning: "0 for independence, 1 for as nested as the accuracies allow; moves with the accuracies, so not comparable between steps",
			Formula: "(both/n - m·d)/(min(m, d) - m·d)", Unit: Index, Of: OfBoth, Places: Chart | Readouts,
			At: func(t Table) Reading { return ofNumber(t.Nestedness()) }},
		{Name: "kappa", Title: "kappa", Meaning: "error consistency of network and reference",
			Formula: "(agreement - e)/(1 - e) with e = m·d + (1-m)·(1-d)", Unit: Index, Of: OfBoth, Places: Chart | Readouts,
			At: func(t Table) Reading { return ofNumber(t.Kappa()) }},
		{Name: "agreement", Title: "agreement", Meaning: "share of examples on which both are right or both wrong",
			Formula: "(both + neither)/n", Unit: Share, Of: OfBoth,
			At: func(t Table) Reading { return ofProportion(t.Agreement()) }},
	}
}

// StatisticsIn lists those shown at a place.
func StatisticsIn(place Place) []Statistic {
	return pick(func(s Statistic) bool { return s.Places&place != 0 })
}

// StatisticsOf lists those of a subject.
func StatisticsOf(subject Subject) []Statistic {
	return pick(func(s Statistic) bool { return s.Of == subject })
}

func pick(keep func(Statistic) bool) []Statistic {
	var out []Statistic
	for _, s := range Statistics() {
		if keep(s) {
			out = append(out, s)
		}
	}
	return out
}
