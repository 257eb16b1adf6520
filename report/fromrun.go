package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"path/filepath"
	"strings"

	"shoal/dynamics"
	"shoal/runlog"
)

// Write draws the run in the folder dir: figures/*.svg, *.png, *.gif and report.html in the same folder. It may be called while
// the run goes on; the page then says that it is not finished.
func Write(ctx context.Context, dir string, o Options) error {
	in, err := FromRun(ctx, dir)
	if err != nil {
		return err
	}
	if err := WriteInput(ctx, dir, in, o); err != nil {
		return fmt.Errorf("draw run %q: %w", dir, err)
	}
	return nil
}

// FromRun reads a run folder: the whole log, references, images and what was run.
func FromRun(ctx context.Context, dir string) (*Input, error) {
	r, err := runlog.OpenReadOnly(dir)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	meta, err := r.Meta()
	if err != nil {
		return nil, err
	}
	in := &Input{Study: meta["study"], Dataset: display(meta["dataset"]), Network: meta["network"], Classes: r.Classes(),
		Log: dynamics.Log{Labels: r.Labels()}}
	scoring := 0.0
	for e, err := range r.Evaluations(-1) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		in.Log.Steps = append(in.Log.Steps, e.Step)
		in.Log.Epochs = append(in.Log.Epochs, e.Epoch)
		in.Log.Predictions = append(in.Log.Predictions, e.Predictions)
		scoring += e.Seconds
	}
	references, err := r.References()
	if err != nil {
		return nil, err
	}
	for _, ref := range references {
		in.References = append(in.References, Reference{Kind: ref.Kind, FitSeconds: ref.FitSeconds,
			Reference: dynamics.Reference{Name: ref.Name, Predictions: ref.Predictions, Margins: ref.Margins}})
	}
	if in.Image, err = images(ctx, r); err != nil {
		return nil, err
	}
	in.Facts = append(studyFacts(dir), metaFacts(meta)...)
	if scoring > 0 {
		in.Facts = append(in.Facts, Fact{"time for scoring", seconds(scoring)})
	}
	in.Warnings = warnings(meta)
	return in, nil
}

// images reads all pictures; nil when the run keeps none.
func images(ctx context.Context, r *runlog.Run) (func(int) (image.Image, error), error) {
	var all [][]byte
	for b, err := range r.Images() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	for _, b := range all {
		if b == nil {
			return nil, nil // a gallery with holes would say nothing about which are missing
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return func(i int) (image.Image, error) {
		img, err := png.Decode(bytes.NewReader(all[i]))
		if err != nil {
			return nil, fmt.Errorf("the picture that the run keeps is no PNG: %w", err)
		}
		return img, nil
	}, nil
}

// display is a dataset's name as people write it.
func display(dataset string) string {
	if name, ok := map[string]string{"mnist": "MNIST", "fashion": "Fashion-MNIST", "cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}[dataset]; ok {
		return name
	}
	if path, ok := strings.CutPrefix(dataset, "folder:"); ok {
		return filepath.Base(path)
	}
	return dataset
}

// warnings tells readers of a run that has no proper end.
func warnings(meta map[string]string) []string {
	switch status := runlog.Status(meta["status"]); status {
	case runlog.Failed:
		why := meta["failure"]
		if why == "" {
			why = "no reason was recorded"
		}
		return []string{"This run failed: " + why + ". What follows is what it logged before."}
	case runlog.Running, runlog.Interrupted:
		return []string{"This run is not finished (" + string(status) + "). What follows is what it had logged when the report was drawn."}
	}
	return nil
}

// errNoRuns is returned where several runs are drawn together and none was given.
var errNoRuns = errors.New("no run given; name at least one run folder")
