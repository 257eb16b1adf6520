package model

import (
	"fmt"
	"math"

	"shoal/internal/elementary"
)

// Prediction is the output of a model for n examples.
type Prediction struct {
	// Class is the predicted class of each example.
	Class []uint16
	// Scores is n×c; larger is likelier: probabilities, votes or decision values, as the kind
	// documents. Nil without Options.Scores: 65,536 classes would make them gigabytes.
	Scores []float32
	// Margin is, for each example, the winner's score minus the runner-up's: how clear the decision
	// was. It is never negative.
	Margin []float32
}

// Winner returns the first index of the largest score, and by how much it leads the next one. A
// single class has the margin of its own score.
func Winner(scores []float32) (class uint16, margin float32) {
	if len(scores) == 1 {
		return 0, max(0, scores[0])
	}
	best, second := 0, -1
	for k := 1; k < len(scores); k++ {
		switch {
		case scores[k] > scores[best]:
			best, second = k, best
		case second < 0 || scores[k] > scores[second]:
			second = k
		}
	}
	margin = scores[best] - scores[second]
	// The difference of two finite floats can overflow; a margin must not.
	return uint16(best), min(margin, math.MaxFloat32)
}

// Softmax sets p to the probabilities of scores, which may be p itself, and returns the logarithm of
// the sum of their exponentials.
func Softmax[S float32 | float64](p []float64, scores []S) float64 {
	most := float64(scores[0])
	for _, s := range scores[1:] {
		most = math.Max(most, float64(s))
	}
	sum := 0.0
	for k, s := range scores {
		p[k] = elementary.Exp(float64(s) - most)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return most + elementary.Log(sum)
}

// Accuracy returns the share of labels that were predicted, 0 to 1.
func (p Prediction) Accuracy(labels []uint16) (float64, error) {
	if len(labels) != len(p.Class) {
		return 0, fmt.Errorf("accuracy: got %d labels for %d predictions, want one each", len(labels), len(p.Class))
	}
	if len(labels) == 0 {
		return 0, fmt.Errorf("accuracy: no predictions to score")
	}
	right := 0
	for i, label := range labels {
		if p.Class[i] == label {
			right++
		}
	}
	return float64(right) / float64(len(labels)), nil
}
