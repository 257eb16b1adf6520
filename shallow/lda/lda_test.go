package lda

import (
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

func TestConformance(t *testing.T) {
	shallowtest.Run(t, func() model.Model { return New() })
}
