package runlog

import (
	"encoding/json"

	"shoal/internal/textfmt"
)

// Warnings are what the fit of a reference warned of, which is among its facts.
func (r Reference) Warnings() []string {
	var facts struct {
		Warnings []string
		Warning  string // of runs before there was a list
	}
	if json.Unmarshal([]byte(r.FactsJSON), &facts) != nil {
		return nil // none, or those of another program
	}
	if facts.Warning != "" {
		facts.Warnings = append(facts.Warnings, facts.Warning)
	}
	return facts.Warnings
}

// Warnings are those of all references, each with the name of its reference.
func (h *History) Warnings() []string {
	var out []string
	for _, r := range h.References {
		for _, text := range r.Warnings() {
			out = append(out, textfmt.Line(r.Name+": "+text))
		}
	}
	return out
}
