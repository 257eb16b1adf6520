package dynamics

// Outcome is how a question about runs ended. Its text is what files keep.
type Outcome string

const (
	// A claim of the paper holds or fails.
	Holds       Outcome = "holds"
	Fails       Outcome = "fails"
	CannotJudge Outcome = "cannot judge"
	// NotClaimed: the paper doesn't claim it of this network and reference.
	NotClaimed Outcome = "not claimed"

	// A difference of accuracies over seeds.
	Better Outcome = "better"
	Worse  Outcome = "worse"

	// NotToldApart is the outcome of differences whose interval ranks neither side first.
	NotToldApart Outcome = "~"
)

// Words is the outcome as people read it: "does not hold" for Fails.
func (o Outcome) Words() string {
	switch o {
	case Fails:
		return "does not hold"
	case CannotJudge:
		return "cannot be judged"
	case NotToldApart:
		return "not told apart"
	}
	return string(o)
}
