package sweep

import (
	"fmt"
	"path/filepath"
	"slices"

	"shoal/internal/textfmt"
	"shoal/record"
)

// LeftOut are references that aren't compared although runs have them, and why.
type LeftOut struct {
	References []string `json:"references"`
	Runs       []string `json:"only_in,omitempty"` // that have them, where others lack them
	Why        string   `json:"why"`
}

// String is a sentence without its full stop.
func (l LeftOut) String() string {
	what := "reference"
	if len(l.References) > 1 {
		what += "s"
	}
	return fmt.Sprintf("%s %s %s left out: %s", what, textfmt.List(l.References), textfmt.Are(len(l.References)), l.Why)
}

// commonReferences lists the names of the references that can be compared, in the order in which the runs have
// them: all runs of all groups have them, and within each group they are one M (record.ReferenceDiffers), since
// a mean over its seeds would be of two otherwise. left has the others. differ says of which of the names
// groups have other M: what is set against each other is theirs, too.
func commonReferences(groups []*group) (names []string, left []LeftOut, differ []string) {
	called := runNames(groups)
	for _, name := range referencesOf(groups) {
		l := absent(groups, called, name)
		if l == nil {
			l = mixed(groups, called, name)
		}
		if l == nil {
			names = append(names, name)
			if text := otherwise(groups, name); text != "" {
				differ = append(differ, text)
			}
			continue
		}
		if k := slices.IndexFunc(left, func(o LeftOut) bool { return o.Why == l.Why }); k >= 0 {
			left[k].References = append(left[k].References, name)
			continue
		}
		left = append(left, *l)
	}
	return names, left, differ
}

// referencesOf lists the names of the references that any run has.
func referencesOf(groups []*group) (names []string) {
	for _, g := range groups {
		for _, run := range g.runs {
			for _, ref := range run.references {
				if !slices.Contains(names, ref.name) {
					names = append(names, ref.name)
				}
			}
		}
	}
	return names
}

// runNames names runs by their folders, without what leads to them where that tells them apart.
func runNames(groups []*group) map[*outcome]string {
	count := map[string]int{}
	for _, g := range groups {
		for _, run := range g.runs {
			count[filepath.Base(run.folder)]++
		}
	}
	out := map[*outcome]string{}
	for _, g := range groups {
		for _, run := range g.runs {
			if out[run] = filepath.Base(run.folder); count[out[run]] > 1 {
				out[run] = run.folder
			}
		}
	}
	return out
}

// absent says which runs alone have a reference, nil where all have it.
func absent(groups []*group, called map[*outcome]string, name string) *LeftOut {
	var have, lack []string
	for _, g := range groups {
		for _, run := range g.runs {
			if run.reference(name) != nil {
				have = append(have, called[run])
			} else {
				lack = append(lack, called[run])
			}
		}
	}
	if len(lack) == 0 {
		return nil
	}
	why := fmt.Sprintf("in %d of %s, not in %s", len(have), textfmt.Number(len(have)+len(lack), "run"), some(lack))
	if len(have) <= len(lack) {
		why = fmt.Sprintf("of %s only in %s", textfmt.Number(len(have)+len(lack), "run"), some(have))
	}
	return &LeftOut{References: []string{name}, Runs: have, Why: why}
}

// mixed says in which group a reference is two, nil where it is one in each.
func mixed(groups []*group, called map[*outcome]string, name string) *LeftOut {
	for _, g := range groups {
		for _, run := range g.runs[1:] {
			first := g.runs[0]
			if what := record.ReferenceDiffers(first.reference(name).kept, run.reference(name).kept, called[first], called[run]); what != "" {
				return &LeftOut{References: []string{name}, Why: what + ", and a mean over the seeds of a setting would be of two references"}
			}
		}
	}
	return nil
}

// otherwise says which groups have another M of a name than the first one, "" for none.
func otherwise(groups []*group, name string) string {
	var all []string
	for _, g := range groups[1:] {
		if what := record.ReferenceDiffers(groups[0].runs[0].reference(name).kept, g.runs[0].reference(name).kept, groups[0].name, g.name); what != "" {
			all = append(all, what)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf("reference %s isn’t the same in all that is compared, so that differences are its own, too: %s", name, some(all))
}

// ReferenceNotes say, a sentence each without its full stop, which references are left out, and which aren't the same
// in all settings.
func (s *Summary) ReferenceNotes() (out []string) {
	for _, f := range s.Families {
		before := ""
		if len(s.Families) > 1 {
			before = f.Dataset + ": "
		}
		for _, l := range f.LeftOut {
			out = append(out, before+l.String())
		}
		for _, text := range f.Differ {
			out = append(out, before+text)
		}
	}
	return out
}
