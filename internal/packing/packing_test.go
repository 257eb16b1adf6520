package packing

import (
	"slices"
	"testing"
)

func TestRoundTrips(t *testing.T) {
	for _, classes := range []int{1, 256, 257, 1 << 16} {
		want := []uint16{0, uint16(classes - 1), uint16(classes / 2)}
		raw, err := Classes(want, classes)
		if err != nil || len(raw) != 3*Width(classes) {
			t.Fatal(raw, err)
		}
		if got, err := ReadClasses(raw, 3, classes); err != nil || !slices.Equal(got, want) {
			t.Errorf("%d classes: %v, %v", classes, got, err)
		}
		if _, err := ReadClasses(raw, 4, classes); err == nil {
			t.Error("4 classes of 3 were read")
		}
	}
	if _, err := Classes([]uint16{3}, 3); err == nil {
		t.Error("class 3 of 3 was packed")
	}
	if _, err := ReadClasses([]byte{3}, 1, 3); err == nil {
		t.Error("class 3 of 3 was read")
	}
	right := []bool{true, false, false, true, false, false, false, false, true}
	if got, err := ReadBits(Bits(right), 9); err != nil || !slices.Equal(got, right) || Bits(right)[0] != 9 || Bits(nil) != nil {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := ReadBits([]byte{1}, 9); err == nil {
		t.Error("9 bits of a byte were read")
	}
	if got, err := ReadHalves(Halves([]float32{1.5, -2, 1e9}), 3); err != nil || !slices.Equal(got, []float32{1.5, -2, 65504}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := ReadHalves([]byte{1}, 1); err == nil {
		t.Error("a value of one byte was read")
	}
}
