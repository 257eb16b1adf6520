package model

import (
	"errors"
	"fmt"
)

// ErrTooFew is wrapped by the error for examples that do not define a model of a kind, although
// nothing is wrong with any of them: too few of them, or without variation.
var ErrTooFew = errors.New("the examples do not define a model")

// Occurring returns the number of classes that have examples.
func (e Examples) Occurring() int {
	present, _ := e.Present()
	return len(present)
}

// ClassName returns how a message names a class.
func (e Examples) ClassName(class int) string {
	if class < len(e.Names) {
		return fmt.Sprintf("class %d (%q)", class, e.Names[class])
	}
	return fmt.Sprintf("class %d", class)
}

// Warnings are what a reader of any model's predictions has to know about its training examples.
// They must have passed CheckTraining.
func (e Examples) Warnings() []string {
	out := []string{}
	if present, _ := e.Present(); len(present) == 1 {
		return append(out, fmt.Sprintf("all training examples have %s, which is predicted for everything", e.ClassName(int(present[0]))))
	}
	for i := 1; i < e.Len(); i++ {
		if !e.Equal(i, 0) {
			return out
		}
	}
	return append(out, fmt.Sprintf("all %d training examples are equal: there is nothing to learn from", e.Len()))
}

// Unseen are warnings of the classes that occur among the examples to be predicted, and not among
// those of the training: a model never predicts them.
func (e Examples) Unseen(train Examples) []string {
	count := make([]int, e.Classes)
	for _, label := range e.Labels {
		count[label]++
	}
	for _, label := range train.Labels {
		if int(label) < len(count) {
			count[label] = 0
		}
	}
	var out []string
	for class, n := range count {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s has no training example, so all of its examples here, %d, are predicted wrong", e.ClassName(class), n))
		}
	}
	return out
}
