package report

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/png"

	"shoal/internal/textfmt"
	"shoal/runlog"
)

// Write draws the run in the folder dir: figures/*.svg, *.png, *.gif and report.html in the same
// folder. It may be called while the run grows; the page then says that it is not finished.
func Write(ctx context.Context, dir string, o Options) error {
	o.progress(0, "read the run")
	in, err := FromRun(ctx, dir)
	if err != nil {
		return err
	}
	if err := WriteInput(ctx, dir, in, o); err != nil {
		return fmt.Errorf("draw run %q: %w", dir, err)
	}
	return nil
}

// FromRun reads a run folder: the whole log, references, judgements, images and what was run.
func FromRun(ctx context.Context, dir string) (*Input, error) {
	h, err := runlog.Load(ctx, dir)
	if err != nil {
		return nil, err
	}
	in := &Input{
		Study: h.Study, Dataset: h.Dataset, Network: h.Network, Classes: h.Classes, Names: h.Names,
		Log: h.Log, References: h.References,
		Facts: append(studyFacts(h.StudyTOML, dir), historyFacts(h)...), Warnings: append(warnings(h.Meta), referenceWarnings(h)...),
	}
	if err := in.Check(); err != nil {
		return nil, err
	}
	if err := h.Judge(ctx); err != nil {
		return nil, err
	}
	in.Judgements = h.Judgements
	pictures, err := runlog.Images(ctx, dir)
	if err != nil || len(pictures) == 0 {
		return in, err
	}
	in.Image = func(i int) (image.Image, error) {
		img, err := png.Decode(bytes.NewReader(pictures[i]))
		if err != nil {
			return nil, fmt.Errorf("the picture that the run keeps is no PNG: %w", err)
		}
		return img, nil
	}
	return in, nil
}

// warnings says that a run failed or is not finished.
func warnings(m runlog.Meta) []string {
	var out []string
	if m.RewoundTo != runlog.NotRewound {
		out = append(out, fmt.Sprintf("The training of this run is being repeated from step %s. Later evaluations are those of the earlier training.", textfmt.Thousands(max(m.RewoundTo, 0))))
	}
	switch m.Status {
	case runlog.Failed:
		return append(out, "This run failed: "+cmp.Or(m.Failure, "no reason was recorded")+". What follows is what it logged before.")
	case runlog.Running, runlog.Interrupted:
		return append(out, "This run is not finished ("+string(m.Status)+"). What follows is what it had logged when the report was drawn.")
	}
	return out
}

// referenceWarnings are those of the fits.
func referenceWarnings(h *runlog.History) []string {
	var out []string
	for _, text := range h.Warnings() {
		out = append(out, "Warning of the reference "+text+".")
	}
	return out
}
