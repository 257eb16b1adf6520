package report

import (
	"math"

	"shoal/report/figure"
)

// The page draws the oval of every evaluation itself, on a canvas, but where the marks are is said
// here alone.

// marksOnPage is how many marks the page's oval holds at most.
const marksOnPage = 20000

// Places on the page are in units of 1/placeUnit of a half axis; noPlace, which is none of them,
// stands for an example without a mark.
const (
	placeUnit = math.MaxInt16
	noPlace   = math.MinInt16
)

// ovalPlaces are x and y of each example's mark, against a reference, and half the length of a mark
// where both half axes are 1.
func (a *analysis) ovalPlaces(ref int) (places []int16, half float64) {
	labels := a.in.Log.Labels
	places = make([]int16, 2*len(labels))
	for i := range places {
		places[i] = noPlace
	}
	marks := figure.OvalMarks(a.in.References[ref].Correct(labels), a.rank, marksOnPage)
	for _, m := range marks {
		places[2*m.Example], places[2*m.Example+1] = int16(math.Round(m.X*placeUnit)), int16(math.Round(m.Y*placeUnit))
	}
	half = figure.HalfMark(1, 1, len(marks))
	return places, half / (1 + half + half) // the page keeps the centres two halves of a mark from the edge
}
