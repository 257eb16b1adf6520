package dynamics

import "testing"

func TestOutcomeWords(t *testing.T) {
	for o, want := range map[Outcome]string{
		Holds: "holds", Fails: "does not hold", CannotJudge: "cannot be judged",
		NotToldApart: "not told apart", Better: "better", "differs over seeds": "differs over seeds",
	} {
		if got := o.Words(); got != want {
			t.Errorf("%q reads %q, want %q", o, got, want)
		}
	}
}
