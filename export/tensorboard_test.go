package export

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"shoal/contingency"
)

// point is a scalar as read back from an event file.
type point struct {
	step  int
	value float32
}

// readEvents reads a file of TFRecords, checks both checksums of each by a bitwise CRC-32C, and
// returns the points by tag.
func readEvents(t *testing.T, path string) map[string][]point {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]point{}
	for n := 0; len(b) > 0; n++ {
		if len(b) < 16 {
			t.Fatalf("%q: %d bytes after record %d", path, len(b), n)
		}
		size := binary.LittleEndian.Uint64(b)
		if !unmasks(binary.LittleEndian.Uint32(b[8:]), b[:8]) || uint64(len(b)) < 16+size {
			t.Fatalf("%q: record %d: length %d or its checksum is wrong", path, n, size)
		}
		event := b[12 : 12+size]
		if !unmasks(binary.LittleEndian.Uint32(b[12+size:]), event) {
			t.Fatalf("%q: record %d: its checksum is wrong", path, n)
		}
		b = b[16+size:]
		fields := message(t, event)
		if n == 0 {
			if string(fields[3][0]) != "brain.Event:2" {
				t.Fatalf("%q: the first record has version %q", path, fields[3])
			}
			continue
		}
		step := 0
		if len(fields[2]) > 0 {
			v, _ := protowire.ConsumeVarint(fields[2][0])
			step = int(v)
		}
		for _, value := range message(t, fields[5][0])[1] {
			v := message(t, value)
			tag := string(v[1][0])
			out[tag] = append(out[tag], point{step, math.Float32frombits(binary.LittleEndian.Uint32(v[2][0]))})
			if described := len(v[9]) > 0; described != (len(out[tag]) == 1) {
				t.Errorf("%q: tag %q is described %v at point %d", path, tag, described, len(out[tag]))
			}
		}
	}
	return out
}

// message splits a protobuf into its fields; numbers stay encoded.
func message(t *testing.T, b []byte) map[protowire.Number][][]byte {
	t.Helper()
	out := map[protowire.Number][][]byte{}
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatalf("bad tag: %v", protowire.ParseError(n))
		}
		b = b[n:]
		size := protowire.ConsumeFieldValue(number, kind, b)
		if size < 0 {
			t.Fatalf("bad field %d: %v", number, protowire.ParseError(size))
		}
		value := b[:size]
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(b)
		}
		out[number] = append(out[number], value)
		b = b[size:]
	}
	return out
}

// unmasks undoes the mask and computes the checksum bit by bit.
func unmasks(masked uint32, data []byte) bool {
	rotated := masked - 0xa282ead8
	want := rotated<<15 | rotated>>17
	crc := ^uint32(0)
	for _, b := range data {
		crc ^= uint32(b)
		for range 8 {
			crc = crc>>1 ^ crc&1*0x82f63b78
		}
	}
	return ^crc == want
}

func TestTensorBoard(t *testing.T) {
	f := newFixture(t, 2)
	out := f.export(t, TensorBoard)
	own := readEvents(t, filepath.Join(out, "network", eventFile))
	if len(own) != 2 || len(own["accuracy"]) != 6 || len(own["loss"]) != 6 || own["loss"][5] != (point{16, float32(1. / 6)}) {
		t.Errorf("of the network: %v", own)
	}
	for k, name := range []string{"svm", "run_.._a_b_3"} {
		got := readEvents(t, filepath.Join(out, name, eventFile))
		charts := contingency.StatisticsIn(contingency.Chart)
		if len(got) != len(charts) {
			t.Errorf("%s: %d tags, want %d", name, len(got), len(charts))
		}
		for _, s := range charts {
			if len(got[s.Name]) == 0 {
				t.Errorf("%s: no points of %q", name, s.Name)
			}
		}
		var want []point
		for e, p := range f.predictions {
			table, err := contingency.Count(f.labels, f.references[k].Predictions, p)
			if err != nil {
				t.Fatal(err)
			}
			if r := table.Ratio(); r.Defined {
				want = append(want, point{f.steps[e], float32(r.Value)})
			}
		}
		if !slices.Equal(got["ratio"], want) || len(want) == 6 {
			t.Errorf("%s: ratio %v, want %v", name, got["ratio"], want)
		}
	}
}

// The published check value of CRC-32C, and one of masked ones.
func TestMaskedChecksum(t *testing.T) {
	if crc := crc32.Checksum([]byte("123456789"), crc32.MakeTable(crc32.Castagnoli)); crc != 0xe3069283 {
		t.Errorf("crc-32c %#x", crc)
	}
	for _, s := range []string{"", "123456789"} {
		if !unmasks(masked([]byte(s)), []byte(s)) || unmasks(masked([]byte(s))+1, []byte(s)) {
			t.Errorf("mask of %q", s)
		}
	}
}
