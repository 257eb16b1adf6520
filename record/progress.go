package record

import "shoal/contingency"

// Part is what a run is busy with.
type Part string

// The parts of a run, in their order; training and evaluation alternate.
const (
	PartData     Part = "data"
	PartMeasure  Part = "measure" // for an estimate: Name says what
	PartFit      Part = "fit"
	PartInitial  Part = "score" // untrained networks of other initialisations
	PartTrain    Part = "train"
	PartEvaluate Part = "evaluate"
	PartReport   Part = "report"
)

// Progress says how far a run is.
type Progress struct {
	Part        Part
	Name        string // the reference that is fitted, the file that is fetched
	Done, Total int    // units of work: steps of training, what the model counts for a fit; Total 0 when unknown
	Note        string

	Left     float64      // while training: seconds to the end, with the evaluations to come; 0 while unknown
	Epoch    float64      // while training
	Loss     float64      // of the last batch; NaN before the first
	Fitted   bool         // PartFit: the fit is over
	Accuracy float64      // PartEvaluate: of the network, 0 to 1; of the reference that is Fitted
	Tables   []NamedTable // PartEvaluate: one a reference
}

// NamedTable is the table against one reference.
type NamedTable struct {
	Reference string
	contingency.Table
}
