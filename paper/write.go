package paper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"shoal/internal/atomicfile"
	"shoal/record"
	"shoal/runlog"
)

// WriteOptions say how to draw. The zero value is the default.
type WriteOptions struct {
	DPI      int // of PNG files; 0 means 200
	Progress func(done, total int, note string)
}

func (o WriteOptions) progress(done int, note string) {
	if o.Progress != nil {
		o.Progress(done, 3, note)
	}
}

// PageFile is the name of the page in a paper's folder.
const PageFile = "report.html"

// Renew judges the seeds of a part in a paper's folder again, in company as Run does, where earlier rules judged
// one of them (runlog.Outdated), and makes the summary of a finished run again that lost it. A part for which
// that fails is left as it is, with a line: Write shows what can be read.
func Renew(ctx context.Context, out string, o record.Options) error {
	s, err := readState(out)
	if err != nil {
		return nil // Write says so
	}
	for _, p := range s.Parts {
		err := p.renew(ctx, out, o)
		if err != nil && stopped(err) {
			return err
		}
		if err != nil {
			o.Tell(fmt.Sprintf("note: %s isn't judged again: %s", p.Name, oneLine(err.Error())))
		}
	}
	return nil
}

// renew is Renew for one part.
func (p partState) renew(ctx context.Context, out string, o record.Options) error {
	var dirs []string
	old := false
	for k := range p.Seeds {
		dir := filepath.Join(out, Part{Name: p.Name}.folder(k+1))
		status, err := runlog.StatusOf(dir)
		if err != nil {
			return err
		}
		if status == "" {
			continue
		}
		outdated, _, err := runlog.Outdated(dir, "")
		if err != nil {
			return err
		}
		if _, err := record.ReadSummary(dir); err != nil && status == runlog.Finished {
			if _, err := record.Summarise(ctx, dir, ""); err != nil {
				return err
			}
		}
		dirs, old = append(dirs, dir), old || outdated
	}
	if !old {
		return nil
	}
	if err := record.JoinSeeds(ctx, dirs, o); err != nil && !errors.Is(err, runlog.ErrLocked) {
		return err
	}
	for _, dir := range dirs { // one without another seed
		if err := record.Renew(ctx, dir, "", o); err != nil {
			return err
		}
	}
	return nil
}

// Write makes figures, summary.json, report.html and the record of a paper's folder from plan.json and the run
// folders alone. Verdicts of finished runs are those that they keep. Equal folders give equal bytes.
func Write(ctx context.Context, out string, o WriteOptions) (*Summary, error) {
	o.DPI = cmp.Or(o.DPI, 200)
	if _, err := readState(out); errors.Is(err, os.ErrNotExist) { // before anything is made there
		return nil, fmt.Errorf("folder %q has no %s: it is no folder of shoal paper", out, PlanFile)
	} else if err != nil {
		return nil, err
	}
	lock, err := takePage(ctx, out)
	if err != nil {
		return nil, err
	}
	defer func() { _ = lock.Discard() }()
	atomicfile.Sweep(out)
	s, err := readState(out) // another call may have written it meanwhile
	if err != nil {
		return nil, err
	}
	o.progress(0, "read the runs")
	parts, err := collect(ctx, out, s)
	if err != nil {
		return nil, err
	}
	o.progress(1, "judge the runs")
	summary, err := summarise(ctx, s, parts)
	if err != nil {
		return nil, err
	}
	o.progress(2, "draw figures and page")
	drawn, err := draw(ctx, out, parts, o)
	if err != nil {
		return nil, err
	}
	html, err := renderPage(summary, drawn)
	if err != nil {
		return nil, err
	}
	if err := atomicfile.WriteJSON(filepath.Join(out, SummaryFile), summary); err != nil {
		return nil, err
	}
	if err := atomicfile.WriteFile(filepath.Join(out, PageFile), html); err != nil {
		return nil, err
	}
	if err := writeRecord(out, summary, parts, drawn); err != nil {
		return nil, err
	}
	o.progress(3, "page written")
	return summary, nil
}
