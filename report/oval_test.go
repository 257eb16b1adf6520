package report

import (
	"context"
	"encoding/binary"
	"math"
	"testing"

	"shoal/report/figure"
)

// The page holds the places that the figures have.
func TestOvalOnThePage(t *testing.T) {
	in := smallInput()
	a, err := analyse(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	page := pageOf(t, in, quick)
	d := pageJSON(t, page)
	raw := inflateBlob(t, page, "data-oval-1")
	marks := figure.OvalMarks(in.References[1].Correct(in.Log.Labels), a.rank, 0)
	if len(raw) != 4*len(in.Log.Labels) || len(marks) != len(in.Log.Labels) {
		t.Fatalf("%d bytes and %d marks for %d examples", len(raw), len(marks), len(in.Log.Labels))
	}
	// The page shrinks the oval by a mark on every side; marks keep their size within it.
	half := d.References[1].HalfMark
	if want := figure.HalfMark(1-2*half, 1-2*half, len(marks)); !(math.Abs(half-want) < 1e-6) {
		t.Errorf("half a mark is %v, want %v", half, want)
	}
	for _, m := range marks {
		for k, want := range []float64{m.X, m.Y} {
			got := float64(int16(binary.LittleEndian.Uint16(raw[4*m.Example+2*k:]))) / placeUnit
			if !(math.Abs(got-want) < 1./placeUnit) {
				t.Fatalf("example %d, coordinate %d: %v, want %v", m.Example, k, got, want)
			}
		}
	}
}

// Beyond the limit examples have no place.
func TestOvalPlacesAreSampled(t *testing.T) {
	in := smallInput()
	for len(in.Log.Labels) <= marksOnPage { // the same examples again and again
		in.Log.Labels = append(in.Log.Labels, in.Log.Labels...)
		for k := range in.References {
			in.References[k].Predictions = append(in.References[k].Predictions, in.References[k].Predictions...)
		}
	}
	a := &analysis{in: in, rank: make([]float64, len(in.Log.Labels))}
	places, _ := a.ovalPlaces(0)
	marks := 0
	for i := range in.Log.Labels {
		if places[2*i] != noPlace {
			marks++
		} else if places[2*i+1] != noPlace {
			t.Fatalf("example %d has half a place", i)
		}
	}
	if marks != marksOnPage {
		t.Errorf("%d of %d examples have a mark, want %d", marks, len(in.Log.Labels), marksOnPage)
	}
}
