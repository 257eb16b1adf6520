package paper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path/filepath"
	"time"

	"shoal/dynamics/easiness"
	"shoal/internal/atomicfile"
	"shoal/internal/textfmt"
	"shoal/report"
	"shoal/track"
)

// How the easiness of a part's examples is asked: see package easiness.
const (
	refits        = 5
	fewestSeeds   = 2 // one seed says nothing about how seeds agree
	easinessLimit = 64 << 20
)

// easinessFolder is the name of the folder of a part's answers.
func (p Part) easinessFolder() string { return p.Name + "-easiness" }

// asks reports whether the answers of a part are still to be made: they belong to all of its seeds, and to
// the rules of this version. Refits come from the cache the second time.
func (x *execution) asks(part Part) bool {
	seeds := x.plan.seeds(part)
	if seeds < fewestSeeds || len(fittedNames(part)) == 0 {
		return false
	}
	r, err := readEasiness(filepath.Join(x.options.Out, part.easinessFolder()))
	return err != nil || r == nil || len(r.Runs) != seeds || r.Rules != easiness.Rules
}

// fittedNames are the M of the part that can be fitted again.
func fittedNames(part Part) []string {
	var names []string
	for _, r := range part.Study.References {
		if r.Fitted() {
			names = append(names, r.Name)
		}
	}
	return names
}

// easiness asks the seeds of a part whether easiness is the example's, and what D misses.
func (x *execution) easiness(ctx context.Context, part Part) error {
	if !x.asks(part) {
		return nil
	}
	x.worked = true
	ask := track.Easiness{References: fittedNames(part), Refits: refits, Seed: part.Study.Seed}
	for k := range x.plan.seeds(part) {
		ask.Runs = append(ask.Runs, filepath.Join(x.options.Out, part.folder(k+1)))
	}
	start := time.Now()
	r, err := ask.Ask(ctx, x.options.Track)
	if err == nil {
		x.state.addRefits(part.Name, time.Since(start))
		err = report.WriteEasiness(filepath.Join(x.options.Out, part.easinessFolder()), r, report.Options{DPI: x.options.DPI})
	}
	if err != nil && !stopped(err) {
		return fmt.Errorf("easiness: %w", err)
	}
	return err
}

// readEasiness reads the answers in a folder; nil where there are none.
func readEasiness(dir string) (*easiness.Report, error) {
	path := filepath.Join(dir, report.EasinessFile)
	text, err := atomicfile.ReadSmall(path, easinessLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	r := &easiness.Report{}
	if err == nil {
		err = json.Unmarshal(text, r)
	}
	if err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	return r, nil
}

// easinessView is a part's answers on the page.
type easinessView struct {
	Title, Folder string
	Figure        template.HTML
	Sentences     []string
}

// easinessViews are the answers of all the paper's networks that have some.
func easinessViews(s *Summary) []easinessView {
	var out []easinessView
	for _, d := range s.Datasets {
		if v := d.easinessView(); v != nil {
			out = append(out, *v)
		}
	}
	return out
}

// easinessView is what the page has of a part's answers; nil for none.
func (d DatasetSummary) easinessView() *easinessView {
	if d.easiness == nil {
		return nil
	}
	v := &easinessView{Title: d.Title, Folder: d.easinessFolder, Figure: report.Inline(report.EasinessFigure(d.easiness))}
	for _, a := range d.Easiness {
		v.Sentences = append(v.Sentences, textfmt.Sentence(d.sharedSentence(a)), textfmt.Sentence(a.Missed.Sentence()))
	}
	return v
}

// sharedSentence says whether easiness is the example's, and what the intervals of an earlier version lack.
func (d DatasetSummary) sharedSentence(a easiness.Answer) string {
	text := a.Shared.Sentence()
	if d.easiness != nil && d.easiness.Rules == 0 && a.Shared.Reason == "" {
		text += "; an earlier version said so, by an interval over examples only"
	}
	return text
}
