package safetensors

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// raw builds a file from header text and a body of n bytes.
func raw(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, n)...)
}

func example() *File {
	return &File{
		Metadata: map[string]string{"format": "pt", "quote": `"ü`},
		Tensors: []Tensor{
			{Name: "bytes", DType: "U8", Shape: []int{3}, Data: []byte{1, 2, 3}},
			FromFloat32s("matrix", []int{2, 3}, []float32{1, -2, 3, 0, float32(math.Inf(1)), 6}),
			FromInt64s("scalar", nil, []int64{-5}),
			FromFloat32s("empty", []int{0, 7}, nil),
		},
	}
}

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := Write(path, example()); err != nil {
		t.Fatal(err)
	}
	f, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	want := example()
	if !reflect.DeepEqual(f.Metadata, want.Metadata) || len(f.Tensors) != len(want.Tensors) {
		t.Fatalf("got %+v", f)
	}
	for _, w := range want.Tensors {
		g := f.Find(w.Name)
		if g == nil || g.DType != w.DType || !slices.Equal(g.Shape, w.Shape) || !bytes.Equal(g.Data, w.Data) {
			t.Errorf("%q came back as %+v", w.Name, g)
		}
	}
	if v, err := f.Find("scalar").Int64s(); err != nil || v[0] != -5 {
		t.Errorf("scalar: %v, %v", v, err)
	}
	if _, err := f.Find("scalar").Float32s(); err == nil {
		t.Error("an I64 tensor was read as F32")
	}
}

// TestLayout pins the bytes: what other readers see.
func TestLayout(t *testing.T) {
	var b bytes.Buffer
	if err := Encode(&b, &File{Tensors: []Tensor{FromFloat32s("a", []int{1}, []float32{1})}}); err != nil {
		t.Fatal(err)
	}
	want := raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  `, 0)
	want = append(want, 0, 0, 0x80, 0x3f)
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("got %q\nwant %q", b.Bytes(), want)
	}
}

func TestDamagedFiles(t *testing.T) {
	const a = `"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "no header"},
		{[]byte("short"), "no header"},
		{raw("", 0), "not a JSON object"},
		{raw("[]", 0), "not a JSON object"},
		{binary.LittleEndian.AppendUint64(nil, 1<<63), "not a safetensors file"},
		{binary.LittleEndian.AppendUint64(nil, 17<<20), "not a safetensors file"},
		{raw("{"+a+","+a+"}", 4), "duplicate name"},
		{raw(`{"__metadata__":{},"__metadata__":{}}`, 0), "duplicate name"},
		{raw(`{"__metadata__":{"a":1}}`, 0), "metadata"},
		{raw("{"+a+"} {}", 4), "more after"},
		{raw("{"+a, 4), "header"},
		{raw(`{"a":3}`, 0), `"a"`},
		{raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}`, 4), "unknown field"},
		{raw(`{"a":{"dtype":"F32","shape":[1]}}`, 0), "data_offsets"},
		{raw(`{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}`, 4), "unknown dtype"},
		{raw(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4), "want 8"},
		{raw(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), "negative"},
		{raw(`{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}`, 0), "too large"},
		{raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4), "bytes 4 to 0"},
		{raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`, 4), "bytes -4"},
		{raw("{"+a+"}", 3), "byte 4 of 3: the file is cut short"},
		{[]byte("PK\x03\x04 archive/data.pkl and the rest of a zip"), "pickle of torch.save"},
		{[]byte(`{"metadata": {"total_size": 12}, "weight_map": {"a": "model-00001-of-00002.safetensors"}}`), "index of a checkpoint in several files"},
		{[]byte("\x89HDF\r\n\x1a\n and the rest"), "HDF5"},
		{[]byte("<!DOCTYPE html><html>"), "HTML page"},
		{[]byte("\x80\x02 and the rest of a pickle"), "pickle of torch.save"},
		{raw("{"+a+"}", 5), "the tensors have 4"},
		{raw(`{`+a+`,"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4), "start at 4"},
		{raw(`{`+a+`,"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`, 12), "start at 4"},
	} {
		_, err := Decode(c.data)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.data, err, c.want)
		}
	}
}

// TestFailedWriteLeavesNothing also checks that an existing file stays.
func TestFailedWriteLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.safetensors")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []Tensor{
		{Name: "a", DType: "F32", Shape: []int{2}, Data: make([]byte, 4)},
		{Name: "a", DType: "?", Shape: []int{0}},
		{Name: "__metadata__", DType: "U8", Shape: []int{0}},
	} {
		if err := Write(path, &File{Tensors: []Tensor{bad}}); err == nil {
			t.Errorf("wrote %+v", bad)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "before" {
		t.Errorf("the old file is %q, %v", text, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v (%v), want the old file alone", entries, err)
	}
	if err := Write(filepath.Join(dir, "no", "folder"), &File{}); err == nil {
		t.Error("wrote into a folder that isn't there")
	}
}

// FuzzDecode checks that nothing panics and that what is read is written unchanged.
func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := Encode(&b, example()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(raw("{}", 0))
	f.Add(raw(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := Decode(data)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := Encode(&b, x); err != nil {
			t.Fatalf("can't write what was read: %v", err)
		}
		y, err := Decode(b.Bytes())
		if err != nil {
			t.Fatalf("can't read what was written: %v", err)
		}
		if len(x.Tensors) != len(y.Tensors) || !maps.Equal(x.Metadata, y.Metadata) {
			t.Fatalf("%d tensors and %v came back as %d and %v", len(x.Tensors), x.Metadata, len(y.Tensors), y.Metadata)
		}
		for i := range x.Tensors {
			a, b := &x.Tensors[i], y.Find(x.Tensors[i].Name)
			if b == nil || a.DType != b.DType || !slices.Equal(a.Shape, b.Shape) || !bytes.Equal(a.Data, b.Data) {
				t.Fatalf("%q changed", a.Name)
			}
		}
	})
}
