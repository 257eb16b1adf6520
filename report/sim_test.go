package report

import (
	"image"

	"shoal/dynamics"
	"shoal/report/internal/simrun"
	"shoal/runlog"
)

// simulatedInput is a run that never happened, with everything a page can show.
func simulatedInput(dataset, network string, o simrun.Options, side int, colour bool) *Input {
	r := simrun.Simulate(o)
	in := &Input{Study: "simulated", Dataset: dataset, Network: network,
		Log:   dynamics.Log{Labels: r.Labels, Steps: r.Steps, Epochs: r.Epochs, Predictions: r.Predictions},
		Facts: []Fact{{"optimiser", "SGD 0.01, momentum 0.5, batch 64"}, {"seed", "1"}, {"training", "41 s"}, {"evaluation", "93 s"}}}
	for k, ref := range o.References {
		in.References = append(in.References, runlog.Reference{Kind: ref.Name, FitSeconds: 61.5,
			Reference: dynamics.Reference{Name: ref.Name, Predictions: r.References[k], Margins: r.Margins[k]}})
	}
	images := simrun.Images(r.Labels, side, colour, 3)
	in.Image = func(i int) (image.Image, error) { return images[i], nil }
	return in
}
