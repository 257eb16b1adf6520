package runlog

import (
	"slices"

	"shoal/dynamics"
	"shoal/published"
)

// Suspects are the examples whose labels look wrong, by the references that pages compare with; see
// dynamics.Suspects. The history needs at least one evaluation.
func (h *History) Suspects() ([]dynamics.Suspect, error) {
	learned, err := h.Log.Learning()
	if err != nil {
		return nil, err
	}
	return dynamics.Suspects(&h.Log, learned, vectors(h.Compared()), h.LabelP), nil
}

// KnownErrors are the published errors among the labels that the dataset gives, without those that the
// run has corrected; nil where nothing is known.
func (h *History) KnownErrors() *published.LabelErrors {
	known := published.LabelErrorsOf(h.Given(h.Log.Labels))
	if known == nil || h.Relabelled == nil {
		return known
	}
	left := *known
	left.Examples = slices.DeleteFunc(slices.Clone(known.Examples), func(i int) bool {
		return slices.ContainsFunc(h.Relabelled.Given, func(g GivenLabel) bool { return g.Example == i })
	})
	return &left
}

// FoundErrors says how many of the known label errors of a split a ranking of suspects finds.
type FoundErrors struct {
	Known   int     `json:"known"`   // labels that people found to be wrong
	Checked int     `json:"checked"` // labels that they looked at: nothing is known of any other
	Listed  int     `json:"listed"`  // known errors anywhere among the suspects
	Among   []Found `json:"among"`   // by how many suspects one looks at, ascending
}

// Found is how many known errors are among the first suspects.
type Found struct {
	First  int `json:"first"`
	Errors int `json:"errors"`
}

// FindErrors counts the known errors among suspects, the likeliest first; nil where none are known.
func FindErrors(suspects []dynamics.Suspect, known *published.LabelErrors) *FoundErrors {
	if known == nil {
		return nil
	}
	out := &FoundErrors{Known: len(known.Examples), Checked: known.Checked, Among: []Found{}}
	lengths := []int{out.Known, 50, 100, 500}
	slices.Sort(lengths)
	for k, s := range suspects {
		if known.Has(s.Example) {
			out.Listed++
		}
		if slices.Contains(lengths, k+1) {
			out.Among = append(out.Among, Found{k + 1, out.Listed})
		}
	}
	return out
}
