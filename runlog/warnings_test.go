package runlog

import (
	"slices"
	"testing"

	"shoal/dynamics"
)

func TestWarningsAreAmongTheFacts(t *testing.T) {
	of := func(name, facts string) Reference {
		return Reference{Reference: dynamics.Reference{Name: name}, FactsJSON: facts}
	}
	h := &History{References: []Reference{
		of("a", `{"n":1,"warnings":["one","two"]}`), of("b", `{"warning":"old"}`), of("c", ""),
		of("d", `{"warnings":7}`), of("e", `{"warnings":[]}`), of("f", "null"),
	}}
	if got, want := h.Warnings(), []string{"a: one", "a: two", "b: old"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
