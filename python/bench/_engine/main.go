// Command main trains a study's network in shoal's engine and prints the loss of every step, for
// gate.py to compare.
//
// usage: main STUDY DATA-DIR WEIGHTS STEPS
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"shoal/curriculum"
	"shoal/deep"
	"shoal/record"
	"shoal/track"
)

func main() {
	losses, err := train(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(losses)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// train returns the losses of the first steps.
func train(arguments []string) ([]float64, error) {
	if len(arguments) != 4 {
		return nil, errors.New("usage: main STUDY DATA-DIR WEIGHTS STEPS")
	}
	s, err := track.ReadStudy(arguments[0])
	if err != nil {
		return nil, err
	}
	steps, err := strconv.Atoi(arguments[3])
	if err != nil {
		return nil, err
	}
	splits, err := s.Data.Load(context.Background(), record.Options{DataDir: arguments[1], Offline: true, AllowModified: true})
	if err != nil {
		return nil, err
	}
	net, err := deep.Build(s.Network.Name, deep.Shape{Height: splits.Height, Width: splits.Width, Channels: splits.Channels}, len(splits.Classes), s.Seed)
	if err != nil {
		return nil, err
	}
	if err := net.Load(arguments[2]); err != nil {
		return nil, err
	}
	t := s.Training
	trainer, err := deep.NewTrainer(net, deep.Options{
		Batch: t.Batch, Seed: s.Seed, Normalisation: deep.Normalisation{Mean: t.Mean, Std: t.Std},
		SGD: deep.SGD{Momentum: t.Momentum, WeightDecay: t.WeightDecay, Nesterov: t.Nesterov}, LabelSmoothing: t.LabelSmoothing,
	})
	if err != nil {
		return nil, err
	}
	rate, err := track.ParseRate(t.Schedule, t.LearningRate)
	if err != nil {
		return nil, err
	}
	n, size := splits.Train.Len(), splits.Height*splits.Width*splits.Channels
	visits := &curriculum.Visits{Plan: curriculum.Everything(n), Batch: t.Batch, Seed: s.Seed}
	var losses []float64
	for _, examples := range visits.From(0, steps) {
		var pixels []byte
		var labels []uint16
		for _, e := range examples {
			pixels, labels = append(pixels, splits.Train.Pixels[e*size:(e+1)*size]...), append(labels, splits.Train.Labels[e])
		}
		loss, err := trainer.Step(pixels, labels, rate(len(losses), curriculum.Steps(n, t.Batch), steps))
		if err != nil {
			return nil, err
		}
		losses = append(losses, loss)
	}
	return losses, nil
}
