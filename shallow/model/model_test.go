package model

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestSealRefusesEverythingButWhatItWrote(t *testing.T) {
	payload := []byte("a payload")
	good := Seal("knn", 3, payload)
	got, err := Unseal("knn", 3, good)
	if err != nil || string(got) != string(payload) {
		t.Fatalf("Unseal = %q, %v, want %q", got, err, payload)
	}
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 0x10
		if _, err := Unseal("knn", 3, bad); err == nil {
			t.Errorf("byte %d flipped: accepted", i)
		}
		if _, err := Unseal("knn", 3, good[:i]); err == nil {
			t.Errorf("cut to %d bytes: accepted", i)
		}
	}
	for name, c := range map[string]struct {
		kind    string
		version int
		data    []byte
		want    string
	}{
		"kind":    {"svm", 3, good, `got kind "knn", want "svm"`},
		"version": {"knn", 4, good, "got version 3, want 4"},
		"longer":  {"knn", 3, append(append([]byte(nil), good...), 0), "truncated or altered"},
		"foreign": {"knn", 3, []byte("<!DOCTYPE html> and so on"), "no model of shoal"},
		"empty":   {"knn", 3, nil, "no model of shoal"},
	} {
		if _, err := Unseal(c.kind, c.version, c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestWinner(t *testing.T) {
	for _, c := range []struct {
		scores []float32
		class  uint16
		margin float32
	}{
		{[]float32{.5}, 0, .5},
		{[]float32{-1}, 0, 0},
		{[]float32{1, 1, 0}, 0, 0},
		{[]float32{0, 2, 2}, 1, 0},
		{[]float32{3, 1, 2}, 0, 1},
		{[]float32{1, 5, 2}, 1, 3},
		{[]float32{-5, -3, -4}, 1, 1},
		{[]float32{math.MaxFloat32, -math.MaxFloat32}, 0, math.MaxFloat32},
	} {
		if class, margin := Winner(c.scores); class != c.class || margin != c.margin {
			t.Errorf("Winner(%v) = %d, %v, want %d, %v", c.scores, class, margin, c.class, c.margin)
		}
	}
}

func TestChecksNameWhatIsWrong(t *testing.T) {
	good := Examples{Pixels: make([]byte, 6), Labels: []uint16{0, 1}, Features: 3, Classes: 2}
	if err := good.CheckTraining(); err != nil {
		t.Fatal(err)
	}
	change := func(f func(*Examples)) Examples { e := good; f(&e); return e }
	for want, e := range map[string]Examples{
		"no training examples":            change(func(e *Examples) { e.Pixels, e.Labels = nil, nil }),
		"features of an example: got 0":   change(func(e *Examples) { e.Features = 0 }),
		"multiple of 3":                   change(func(e *Examples) { e.Pixels = e.Pixels[:5] }),
		"got 1 for 2 examples":            change(func(e *Examples) { e.Labels = e.Labels[:1] }),
		"classes: got 0":                  change(func(e *Examples) { e.Classes = 0 }),
		"training example 1: got 7, want": change(func(e *Examples) { e.Labels = []uint16{0, 7} }),
	} {
		if err := e.CheckTraining(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := good.CheckShape(4); err == nil || !strings.Contains(err.Error(), "got 3, want 4") {
		t.Errorf("got %v, want a message on 3 and 4 features", err)
	}
}

func TestSelectAndFirst(t *testing.T) {
	e := Examples{Pixels: []byte{1, 2, 3, 4, 5, 6}, Labels: []uint16{7, 8, 9}, Features: 2, Classes: 10}
	s := e.Select([]int{2, 0})
	if string(s.Pixels) != "\x05\x06\x01\x02" || s.Labels[0] != 9 || s.Labels[1] != 7 {
		t.Errorf("Select = %v %v", s.Pixels, s.Labels)
	}
	for n, want := range map[int]int{0: 3, 2: 2, 5: 3} {
		if f := e.First(n); f.Len() != want || len(f.Labels) != want {
			t.Errorf("First(%d) has %d examples, want %d", n, f.Len(), want)
		}
	}
}

func TestAccuracy(t *testing.T) {
	p := Prediction{Class: []uint16{1, 2, 3, 4}}
	if a, err := p.Accuracy([]uint16{1, 2, 3, 0}); err != nil || a != .75 {
		t.Errorf("Accuracy = %v, %v, want 0.75", a, err)
	}
	if _, err := p.Accuracy([]uint16{1}); err == nil {
		t.Error("labels of another length accepted")
	}
}

func TestPresent(t *testing.T) {
	e := Examples{Labels: []uint16{4, 1, 4, 0}, Classes: 6}
	classes, index := e.Present()
	if !slices.Equal(classes, []uint16{0, 1, 4}) || !slices.Equal(index, []uint16{2, 1, 2, 0}) {
		t.Errorf("classes %v, examples %v", classes, index)
	}
	if err := CheckPresent(classes, e.Classes); err != nil {
		t.Error(err)
	}
	for _, bad := range []struct {
		present []uint16
		classes int
	}{{nil, 6}, {[]uint16{0}, 0}, {[]uint16{0, 6}, 6}, {[]uint16{1, 0}, 6}, {[]uint16{1, 1}, 6}, {[]uint16{0}, 1<<16 + 1}} {
		if CheckPresent(bad.present, bad.classes) == nil {
			t.Errorf("%v of %d classes: no error", bad.present, bad.classes)
		}
	}
}
