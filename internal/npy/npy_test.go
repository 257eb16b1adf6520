package npy

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// file builds a .npy file around a header, as it is.
func file(version byte, dict string, data ...byte) []byte {
	out := append([]byte(magic), version, 0)
	if version == 1 {
		out = binary.LittleEndian.AppendUint16(out, uint16(len(dict)))
	} else {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(dict)))
	}
	return append(append(out, dict...), data...)
}

func dict(descr, shape string) string {
	return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n"
}

func roundTrip[T Element](t *testing.T, wantType string, data []T, shape ...int) {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, data, shape...); err != nil {
		t.Fatal(err)
	}
	raw, err := binary.Append(nil, binary.LittleEndian, data)
	if err != nil {
		t.Fatal(err)
	}
	if start := b.Len() - len(raw); start%64 != 0 {
		t.Errorf("%s: elements begin at byte %d, want a multiple of 64", wantType, start)
	}
	a, err := Read(&b, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if len(shape) == 0 {
		shape = []int{len(data)}
	}
	if a.Type != wantType || !slices.Equal(a.Shape, shape) || !bytes.Equal(a.Raw, raw) {
		t.Errorf("%s: read back type %s, shape %v, %d bytes; want shape %v and %d bytes", wantType, a.Type, a.Shape, len(a.Raw), shape, len(raw))
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	roundTrip(t, "u1", []uint8{0, 1, 255})
	roundTrip(t, "u2", []uint16{0, 1, 65535})
	roundTrip(t, "u4", []uint32{0, math.MaxUint32})
	roundTrip(t, "u8", []uint64{0, math.MaxUint64})
	roundTrip(t, "i1", []int8{-128, 127})
	roundTrip(t, "i2", []int16{-1, 1})
	roundTrip(t, "i4", []int32{-1, 1})
	roundTrip(t, "i8", []int64{math.MinInt64, math.MaxInt64})
	roundTrip(t, "f4", []float32{1.5, -2, 0, 4, 5, 6}, 2, 3)
	roundTrip(t, "f8", []float64{math.Pi}, 1, 1, 1)
	roundTrip(t, "u2", []uint16{})
	roundTrip(t, "u2", make([]uint16, 1<<16+1))
	roundTrip(t, "i4", make([]int32, 0), 0, 7)
}

func TestWriteRefusesAWrongShape(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, []uint8{1, 2, 3}, 2, 2); err == nil || b.Len() > 0 {
		t.Errorf("error %v and %d bytes written, want an error and nothing written", err, b.Len())
	}
}

// TestNumPysFiles reads what NumPy wrote (testdata/make.py) of 0, 1, 2, 9, 100.
func TestNumPysFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/numpy/*.npy")
	if err != nil || len(paths) < 11 {
		t.Fatalf("%d files of NumPy (%v), want at least 11", len(paths), err)
	}
	want := []uint16{0, 1, 2, 9, 100}
	for _, path := range paths {
		got, err := ReadClasses(path, 5, 101)
		if err != nil {
			t.Error(err)
		} else if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

func TestWriteAgreesWithNumPy(t *testing.T) {
	want, err := os.ReadFile("testdata/numpy/uint16.npy")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Write(&b, []uint16{0, 1, 2, 9, 100}); err != nil {
		t.Fatal(err)
	}
	got := b.Bytes()
	// NumPy leaves more room in the header for growing files.
	trim := func(b []byte) string { return strings.TrimRight(string(b[10:len(b)-10]), " \n") }
	if trim(got) != trim(want) || !bytes.Equal(got[len(got)-10:], want[len(want)-10:]) {
		t.Errorf("wrote %q, NumPy writes %q", got, want)
	}
}

func TestBadFiles(t *testing.T) {
	five := []byte{0, 1, 2, 9, 100}
	long := strings.Repeat(" ", maxHeader+1)
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "not a .npy file", nil},
		{"text", "not a .npy file", []byte("3\n4\n5\n")},
		{"a zip", "not a .npy file", []byte("PK\x03\x04aaaaaaaaaaaaa")},
		{"version 4", "version 4.0", file(4, dict("|u1", "(5,)"), five...)},
		{"cut in the length", "cut short in the header", file(1, "")[:9]},
		{"cut in the header", "cut short in the header", file(1, dict("|u1", "(5,)"))[:30]},
		{"a huge header", "header of 10001 bytes", file(2, long)},
		{"a header of 4 GB", "header of 4294967295 bytes", append([]byte(magic), 2, 0, 255, 255, 255, 255)},
		{"cut in the elements", "cut short: 4 bytes", file(1, dict("|u1", "(5,)"), five[:4]...)},
		{"trailing bytes", "more bytes follow", file(1, dict("|u1", "(5,)"), 0, 1, 2, 9, 100, 7)},
		{"too few", "5 predictions, want one for each of the 6", file(1, dict("|u1", "(5,)"), five...)},
		{"two dimensions", "shape [5 1], want one dimension", file(1, dict("|u1", "(5, 1)"), five...)},
		{"a scalar", "want one dimension", file(1, dict("|u1", "()"), 1)},
		{"no tuple", "no tuple", file(1, dict("|u1", "(5)"), five...)},
		{"a negative dimension", "want a dimension", file(1, dict("|u1", "(-5,)"), five...)},
		{"a shape beyond memory", "beyond any memory", file(1, dict("<u8", "(4294967296, 4294967296)"))},
		{"a shape beyond int", "want a dimension", file(1, dict("<u8", "(99999999999999999999,)"))},
		{"a bomb", "want at most", file(1, dict("<u8", "(9999999999,)"))},
		{"big-endian", "save a.astype('<u2')", file(1, dict(">u2", "(1,)"), 0, 1)},
		{"objects", `another type, "|O"`, file(1, dict("|O", "(5,)"), five...)},
		{"bools", `another type, "|b1"`, file(1, dict("|b1", "(5,)"), five...)},
		{"text", "text (U1) instead of the numbers of classes", file(1, dict("<U1", "(1,)"), 'a', 0, 0, 0)},
		{"a structure", "structured", file(1, "{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (5,), }")},
		{"floats", "argmax", file(1, dict("<f4", "(1,)"), 0, 0, 0, 0)},
		{"Fortran order", "Fortran order", file(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (5, 1), }", five...)},
		{"a key twice", `"shape" twice`, file(1, "{'shape': (5,), 'shape': (5,), 'descr': '|u1', 'fortran_order': False}", five...)},
		{"another key", `unknown key "x"`, file(1, "{'x': 1}")},
		{"a key missing", "lacks", file(1, "{'descr': '|u1', 'shape': (5,)}", five...)},
		{"code", "want True or False", file(1, "{'fortran_order': print()}")},
		{"more code", "follows the dictionary", file(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (5,)} + 1")},
		{"no end", "damaged header", file(1, "{'descr': '|u1")},
		{"class -1", "class -1 predicted for example 1", file(1, dict("|i1", "(6,)"), 0, 255, 0, 0, 0, 0)},
		{"class 101", "class 101 predicted for example 5, want 0 to 100", file(1, dict("|u1", "(6,)"), 0, 1, 2, 3, 4, 101)},
		{"class 2^32", "at most 65535", file(1, dict("<u8", "(1,)"), 0, 0, 0, 0, 1, 0, 0, 0)},
	} {
		got, err := readClasses(bytes.NewReader(c.data), 6, 101)
		if err == nil {
			t.Errorf("%s: read as %v, want an error", c.name, got)
		} else if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %q, want one line with %q", c.name, err, c.want)
		}
	}
}

// Classes take a byte where all fit, two otherwise, and come back the same.
func TestWriteClasses(t *testing.T) {
	for classes, kind := range map[int]string{256: "u1", 257: "u2"} {
		rows, top := [][]uint16{{1, 2}, {3, uint16(classes - 1)}}, uint16(classes-1)
		var b bytes.Buffer
		if err := WriteClasses(&b, rows, classes); err != nil {
			t.Fatal(err)
		}
		a, err := Read(&b, 1<<10)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := a.Classes(); err != nil || a.Type != kind || !slices.Equal(got, []uint16{1, 2, 3, top}) {
			t.Errorf("%d classes: %v as %q (%v), want what was written as %q", classes, got, a.Type, err, kind)
		}
		b.Reset()
		if err := WriteClasses(&b, rows, classes, 2, 2); err != nil {
			t.Fatal(err)
		}
		if a, err := Read(&b, 1<<10); err != nil || !slices.Equal(a.Shape, []int{2, 2}) {
			t.Errorf("shape %v (%v), want 2 by 2", a.Shape, err)
		}
	}
}

func TestReadClassesNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.npy")
	if _, err := ReadClasses(path, 5, 10); err == nil {
		t.Error("a missing file was read")
	}
	if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadClasses(path, 5, 10); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want it to name %q", err, path)
	}
}

// FuzzRead wants that no input makes Read panic or take more memory than the input is long, and
// that what it accepts survives being written again.
func FuzzRead(f *testing.F) {
	f.Add(file(1, dict("|u1", "(5,)"), 0, 1, 2, 9, 100))
	f.Add(file(2, dict("<i8", "(1, 1)"), 1, 0, 0, 0, 0, 0, 0, 0))
	f.Add(file(3, dict("<f4", "()"), 0, 0, 128, 63))
	f.Add(file(1, dict("<u8", "(9999999999,)")))
	f.Add(file(1, dict("<U2", "(1,)"), 'a', 0, 0, 0, 0xff, 0xdc, 0, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Read(bytes.NewReader(data), 1<<20)
		if err != nil {
			return
		}
		if len(a.Raw) > len(data) {
			t.Fatalf("%d bytes of elements from a file of %d", len(a.Raw), len(data))
		}
		var again bytes.Buffer
		if text, err := a.Text(); err == nil && len(text) != a.Len() {
			t.Fatalf("%d texts of %d elements", len(text), a.Len())
		}
		if a.Type != "u1" || len(a.Shape) == 0 {
			return
		}
		if err := Write(&again, a.Raw, a.Shape...); err != nil {
			t.Fatal(err)
		}
		b, err := Read(&again, 1<<20)
		if err != nil || !slices.Equal(a.Shape, b.Shape) || !bytes.Equal(a.Raw, b.Raw) {
			t.Fatalf("written again it is another array (%v)", err)
		}
	})
}
