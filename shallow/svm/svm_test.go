package svm_test

import (
	"math"
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
	"shoal/shallow/svm"
)

func refusal(want string, change func(*svm.Params)) shallowtest.Refusal {
	return shallowtest.Refusal{Want: want, New: func() (model.Model, error) {
		params := svm.Defaults()
		change(&params)
		return svm.New(params)
	}}
}

func TestConformance(t *testing.T) {
	for _, kernel := range []string{"rbf", "linear"} {
		t.Run(kernel, func(t *testing.T) {
			shallowtest.Run(t, func() model.Model {
				params := svm.Defaults()
				params.Kernel = kernel
				m, err := svm.New(params)
				if err != nil {
					t.Fatal(err)
				}
				return m
			},
				refusal("c: got 0", func(c *svm.Params) { c.C = 0 }),
				refusal("c: got NaN", func(c *svm.Params) { c.C = math.NaN() }),
				refusal("c: got +Inf", func(c *svm.Params) { c.C = math.Inf(1) }),
				refusal("tolerance: got -1", func(c *svm.Params) { c.Tolerance = -1 }),
				refusal("tolerance: got NaN", func(c *svm.Params) { c.Tolerance = math.NaN() }),
				refusal(`gamma: got "NaN"`, func(c *svm.Params) { c.Gamma = "NaN" }),
				refusal(`gamma: got "0"`, func(c *svm.Params) { c.Gamma = "0" }),
				refusal(`gamma: got "-2"`, func(c *svm.Params) { c.Gamma = "-2" }),
				refusal(`gamma: got "1e999"`, func(c *svm.Params) { c.Gamma = "1e999" }),
				refusal(`gamma: got "large"`, func(c *svm.Params) { c.Gamma = "large" }),
				refusal(`kernel: got "poly"`, func(c *svm.Params) { c.Kernel = "poly" }),
				refusal("iterations: got -3", func(c *svm.Params) { c.MaxIterations = -3 }),
			)
		})
	}
}
