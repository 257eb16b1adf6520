package report

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"shoal/internal/textfmt"
	"shoal/runlog"
)

// Place is where the report of a split of the run in dir is: in dir that of the main one, which is "",
// and in a folder of its name that of another.
func Place(dir, split string) string { return filepath.Join(dir, split) }

// Write draws the run in the folder dir: figures/*.svg, *.png, *.gif and report.html in the same
// folder, or in that of the split; see Place. It may be called while the run grows; the page then says that it is not finished.
func Write(ctx context.Context, dir string, o Options) error {
	o.progress(0, "read the run")
	in, err := fromSplit(ctx, dir, o)
	if err != nil {
		return err
	}
	if err := WriteInput(ctx, Place(dir, o.Split), in, o); err != nil {
		return fmt.Errorf("draw run %q: %w", dir, err)
	}
	return nil
}

// FromRun reads a run folder: the whole log, references, judgements, images and what was run.
func FromRun(ctx context.Context, dir string) (*Input, error) { return fromSplit(ctx, dir, Options{}) }

// fromSplit is FromRun for the split of the options, and says how far it is.
func fromSplit(ctx context.Context, dir string, o Options) (*Input, error) {
	h, err := runlog.LoadSplit(ctx, dir, o.Split)
	if err != nil {
		return nil, err
	}
	o.progress(0, "judge the claims") // unless the run has the judgements
	if err := h.Judge(ctx); err != nil {
		return nil, err
	}
	in, err := FromHistory(h)
	if err != nil {
		return nil, err
	}
	return in, in.readImages(ctx, h)
}

// FromHistory is FromRun for a run that was read already, without its images. Its judgements are
// those that the history has, and without them it has no ladder.
func FromHistory(h *runlog.History) (*Input, error) {
	in := &Input{
		Study: h.Study, Dataset: h.Dataset, Network: h.Network, Classes: h.Classes, Names: h.Names,
		Log: h.Log, Split: h.Split, Values: h.Values, LabelP: h.LabelP, Groups: h.Groups, LabelErrors: h.KnownErrors(),
		Facts: slices.Concat(studyFacts(h.StudyTOML, h.Dir), logFacts(h.LogJSON), historyFacts(h)), Warnings: append(warnings(h.Meta), referenceWarnings(h)...),
		SoFar: h.Status.Unfinished(),
	}
	in.References, in.Judgements, in.Ladder = withoutLadder(h)
	return in, in.Check()
}

// readImages brings the images that the run of a history keeps.
func (in *Input) readImages(ctx context.Context, h *runlog.History) error {
	pictures, err := h.Images(ctx)
	if err != nil || len(pictures) == 0 {
		return err
	}
	in.Image, err = imagesOf(pictures)
	return err
}

// warnings says that labels were corrected, and that a run failed or is not finished.
func warnings(m runlog.Meta) []string {
	out := append(relabelled(m), rewound(m)...)
	switch m.Status {
	case runlog.Failed:
		return append(out, "This run failed: "+cmp.Or(m.Failure, "no reason was recorded")+". What follows is what it logged before.")
	case runlog.Running, runlog.Interrupted:
		return append(out, "This run is not finished ("+string(m.Status)+"). What follows is what it had logged when the report was drawn.")
	}
	return out
}

// relabelled says which labels were corrected.
func relabelled(m runlog.Meta) []string {
	if m.Relabelled == nil {
		return nil
	}
	var out []string
	for _, s := range m.Relabelled.Sources {
		out = append(out, fmt.Sprintf("%s corrected from %s (SHA-256 %.12s…). All that is counted here is counted with the corrected labels; losses and the values of corrected examples are of the old ones and left out.", textfmt.Number(s.Changed, "label"), s.File, s.SHA256))
	}
	return out
}

// rewound says that a training is being repeated.
func rewound(m runlog.Meta) []string {
	if m.RewoundTo == runlog.NotRewound {
		return nil
	}
	return []string{fmt.Sprintf("The training of this run is being repeated from step %s. Later evaluations are those of the earlier training.", textfmt.Thousands(max(m.RewoundTo, 0)))}
}

// referenceWarnings are those of the fits.
func referenceWarnings(h *runlog.History) []string {
	var out []string
	for _, text := range h.Warnings() {
		out = append(out, "Warning of the reference "+text+".")
	}
	return out
}
