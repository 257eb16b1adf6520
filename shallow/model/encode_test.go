package model

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestReaderReadsWhatWriterWrote(t *testing.T) {
	type head struct{ A, B int }
	var w Writer
	w.JSON(head{1, 2})
	w.Bytes([]byte("pixels"))
	w.Uint16s([]uint16{1, 65535})
	w.Uint32s(nil)
	w.Uint64s([]uint64{1 << 63})
	w.Float32s([]float32{-0.5, math.SmallestNonzeroFloat32})
	w.Float64s([]float64{math.Pi})
	if w.Err != nil {
		t.Fatal(w.Err)
	}
	read := func(payload []byte) ([]any, error) {
		r := NewReader(payload)
		var h head
		r.JSON(&h)
		got := []any{h, string(r.Bytes()), r.Uint16s(), r.Uint32s(), r.Uint64s(), r.Float32s(), r.Float64s()}
		return got, r.Close()
	}
	got, err := read(w.Payload)
	want := []any{head{1, 2}, "pixels", []uint16{1, 65535}, []uint32{}, []uint64{1 << 63},
		[]float32{-0.5, math.SmallestNonzeroFloat32}, []float64{math.Pi}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for n := range w.Payload {
		if _, err := read(w.Payload[:n]); err == nil {
			t.Errorf("cut to %d bytes: no error", n)
		}
	}
	if _, err := read(append(w.Payload, 0)); err == nil || !strings.Contains(err.Error(), "after the end") {
		t.Errorf("one byte too many: got %v", err)
	}
}

func TestReaderRefusesWhatIsNotFinite(t *testing.T) {
	var w Writer
	w.Float64s([]float64{math.NaN()})
	r := NewReader(w.Payload)
	r.Float64s()
	if r.Close() == nil {
		t.Error("NaN was read without an error")
	}
	w = Writer{}
	w.Float32s([]float32{float32(math.Inf(1))})
	r = NewReader(w.Payload)
	r.Float32s()
	if r.Close() == nil {
		t.Error("infinity was read without an error")
	}
}

func TestWriterKeepsItsFirstError(t *testing.T) {
	var w Writer
	w.JSON(math.Inf(1))
	w.JSON(1)
	if w.Err == nil {
		t.Error("an infinity was marshalled to JSON")
	}
}
