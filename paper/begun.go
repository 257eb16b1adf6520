package paper

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/runlog"
)

// What a run counts for whose training isn't over. As long as no run of a part is over, all count, and what
// they say is "so far". Beside runs that are over, it counts against an M once it is past its peak of R±
// (dynamics.Judgement.PastPeak), for what the beginning of a training decides: the first R±, the height and
// the place of the peak, claims 5 and 7. It counts for nothing at the end: no accuracy, no claim on
// convergence, no order of learning.

// counts reports whether a run counts for all that the part says: it is over, or none of the part is.
func (c collected) counts(r *run) bool { return r.Over() || c.soFar() }

// counted are the runs that count for all.
func (c collected) counted() []*run {
	return slices.DeleteFunc(slices.Clone(c.runs), func(r *run) bool { return !c.counts(r) })
}

// soFar reports whether what the part shows is of trainings that aren't over: none of them is.
func (c collected) soFar() bool {
	return len(c.runs) > 0 && !slices.ContainsFunc(c.runs, func(r *run) bool { return r.Over() })
}

// early are the runs that count for the beginning against an M: those that count for all, and those that are
// past their peak.
func (c collected) early(ctx context.Context, ref string) ([]*run, error) {
	var out []*run
	for _, r := range c.runs {
		if r.Reference(ref) == nil {
			continue
		}
		j, err := r.judgement(ctx, ref)
		if err != nil {
			return nil, err
		}
		if c.counts(r) || j.PastPeak() {
			out = append(out, r)
		}
	}
	return out, nil
}

// headlines are the numbers of runs over their seeds; those that don't count for all add to the numbers of the
// beginning only.
func (c collected) headlines(ctx context.Context, runs []*run, ref dynamics.Reference) ([]dynamics.Headline, error) {
	var whole, all []*dynamics.Log
	for _, r := range runs {
		if all = append(all, &r.Log); c.counts(r) {
			whole = append(whole, &r.Log)
		}
	}
	o := dynamics.Resampling{Replicates: 200}
	out, err := dynamics.Headlines(ctx, whole, ref, o)
	if err != nil || len(all) == len(whole) {
		return out, err
	}
	more, err := dynamics.Headlines(ctx, all, ref, o)
	for k, h := range more {
		if earlyHeadline(h.Name) {
			out[k] = h
		}
	}
	return out, err
}

// earlyHeadline reports whether a headline is decided before a training is over.
func earlyHeadline(name string) bool {
	return name == dynamics.HeadlineFirst || name == dynamics.HeadlinePeak
}

// beside are the seeds against one M that count beside those that are over, for the beginning only.
func (t Triplet) beside() []uint64 {
	var out []uint64
	for _, e := range t.Evidence {
		if e.SoFar {
			out = append(out, e.Seed)
		}
	}
	if len(out) == len(t.Evidence) {
		return nil // none is over
	}
	return out
}

// beside are the same of all M, each once.
func (d DatasetSummary) beside() []uint64 {
	var out []uint64
	for _, t := range d.Triplets {
		for _, seed := range t.beside() {
			if !slices.Contains(out, seed) {
				out = append(out, seed)
			}
		}
	}
	return out
}

// begun says for what seeds that aren't over count beside those that are, "" where there are none.
func (d DatasetSummary) begun() string {
	var out []string
	for _, seed := range d.beside() {
		var against []string
		for _, t := range d.Triplets {
			if slices.Contains(t.beside(), seed) {
				against = append(against, t.Reference)
			}
		}
		at := ""
		if k := slices.IndexFunc(d.Runs, func(r RunSummary) bool { return r.Seed == seed }); k >= 0 {
			at = ", at epoch " + d.Runs[k].Passes() + ","
		}
		out = append(out, fmt.Sprintf("Seed %d%s is past the peak of R± against %s: there it counts for the first R± and the peak (claims 5 and 7), and for nothing at the end.",
			seed, at, textfmt.List(against)))
	}
	return strings.Join(out, " ")
}

// soFar says how far a part is of which no training is over, "" for any other.
func (d DatasetSummary) soFar() string {
	if !d.SoFar {
		return ""
	}
	var at []string
	for _, r := range d.Runs {
		at = append(at, r.Passes())
	}
	if len(at) == 1 {
		return "so far, at epoch " + at[0]
	}
	return "so far, at epochs " + textfmt.List(at)
}

// over reports whether the run came to its end.
func (r RunSummary) over() bool { return r.Status == string(runlog.Finished) }

// Passes is the number of epochs of a run, for people: of one that isn't over how many of those that are planned.
func (r RunSummary) Passes() string {
	epochs, planned := r.Epochs.Known(), r.PlannedEpochs.Known()
	switch {
	case epochs == nil:
		return "–"
	case r.over():
		return textfmt.PassCount(*epochs)
	case cmp.Or(known(planned), *epochs) <= *epochs:
		return textfmt.Epochs(*epochs)
	}
	return textfmt.Epochs(*epochs) + " of " + textfmt.PassCount(*planned)
}
