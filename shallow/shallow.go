package shallow

import "shoal/shallow/model"

// The types that all kinds share; see package model.
type (
	Model      = model.Model
	Examples   = model.Examples
	Options    = model.Options
	Prediction = model.Prediction
	Memory     = model.Memory

	MemoryError = model.MemoryError
)
