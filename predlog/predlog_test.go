package predlog

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/zlib"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sample() Header {
	return Header{Split: "val", Classes: []string{"a", "b", "c"}, Labels: []uint16{0, 2, 1, 1}, Dataset: "d", Network: "n", Seed: "-3",
		Framework: "torch 2.9", Rank: 1, Ranks: 2, Resumed: 4, IDs: []string{"w", "x", "y", "z"}, More: `{"lr":0.1}`}
}

func plainPart(step int) Part {
	return Part{Step: step, Epoch: math.NaN(), Loss: math.NaN(), Seconds: math.NaN(), Predictions: []uint16{1, 2, 0, 1}}
}

// What the writer wrote the reader reads.
func TestRoundTrip(t *testing.T) {
	for _, classes := range []int{3, 256, 257, 1 << 16} {
		h := sample()
		h.Classes = Numbered(classes)
		h.Labels[1] = uint16(classes - 1)
		w, err := Create(t.TempDir(), h)
		must(t, err)
		a := plainPart(4)
		b := Part{Step: 9, Epoch: 1.5, Loss: .25, Seconds: 3, Predictions: []uint16{2, uint16(classes - 1)}, Right: []bool{true, false},
			Index: []int{3, 0}, Values: map[string][]float32{"margin": {-1.5, 65504}, "loss": {0, 2}}}
		must(t, w.Log(a))
		must(t, w.Log(b))
		must(t, w.Close())
		f, err := Open(w.Path())
		must(t, err)
		defer f.Close()
		if !reflect.DeepEqual(*f.Header, h) {
			t.Errorf("header is %+v, want %+v", f.Header, h)
		}
		for _, want := range []Part{a, b} {
			l, err := f.Peek()
			must(t, err)
			got, err := l.Part()
			must(t, err)
			if fmt.Sprint(*got) != fmt.Sprint(want) { // which NaNs equal
				t.Errorf("%+v, want %+v", *got, want)
			}
			f.Pass()
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	bad := sample()
	bad.Labels = []uint16{3}
	if _, err := Create(t.TempDir(), bad); err == nil {
		t.Error("a label without a class was taken")
	}
	dir := t.TempDir()
	w, err := Create(dir, sample())
	must(t, err)
	must(t, w.Log(plainPart(5)))
	before, err := os.ReadFile(w.Path())
	must(t, err)
	for want, p := range map[string]Part{
		"step 5 follows step 5":                  plainPart(5),
		"1 predictions, want 4":                  {Step: 6, Predictions: []uint16{1}},
		"prediction 0 is class 3":                {Step: 6, Predictions: []uint16{3, 0, 0, 0}},
		"right has 1 entries":                    {Step: 6, Predictions: []uint16{1, 0, 0, 0}, Right: []bool{true}},
		`1 values of "x", want 4`:                {Step: 6, Predictions: []uint16{1, 0, 0, 0}, Values: map[string][]float32{"x": {1}}},
		"want finite numbers":                    {Step: 6, Predictions: []uint16{1, 0, 0, 0}, Loss: math.Inf(1)},
		"epoch -1":                               {Step: 6, Predictions: []uint16{1, 0, 0, 0}, Epoch: -1},
		"before step 4, from which the training": {Step: 3, Predictions: []uint16{1, 0, 0, 0}},
	} {
		w.last = 5
		if p.Step == 3 {
			w.last = -1
		}
		if err := w.Log(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	after, err := os.ReadFile(w.Path())
	must(t, err)
	if !bytes.Equal(before, after) {
		t.Error("what was refused was written")
	}
	// The names of a rank's logs are in the order in which they were begun.
	next, err := Create(dir, sample())
	must(t, err)
	if filepath.Base(next.Path()) <= filepath.Base(w.Path()) {
		t.Errorf("%s was begun after %s", next.Path(), w.Path())
	}
}

func TestBadHeaders(t *testing.T) {
	good, err := sample().encode()
	must(t, err)
	edit := func(old, new string) string {
		if !strings.Contains(string(good), old) {
			t.Fatalf("%s is not in %s", old, good)
		}
		return strings.Replace(string(good), old, new, 1)
	}
	for _, c := range []struct{ line, want string }{
		{"", "not the header of a log"},
		{"hello", "not the header of a log: it doesn't begin with {"},
		{"[1]", "not the header of a log"},
		{`{"step":1,"predictions":"x"}`, `no "shoal_log"`},
		{edit(`"shoal_log":1`, `"shoal_log":2`), "the log is of version 2, this shoal reads version 1"},
		{`{"shoal_log":2,"n":"of another form"}`, "version 2"},
		{`{"shoal_log":99,"classes":{}}`, "version 99"},
		{`{"shoal_log":1,"n":"x"}`, "the header is damaged"},
		{edit(`"n":4`, `"n":0`), "n is 0"},
		{edit(`"n":4`, `"n":99999999999`), "n is 99999999999"},
		{edit(`"n":4`, `"n":5`), "labels: 4 bytes, want 5"},
		{edit(`"n":4`, `"n":3`), "labels: more than 3 bytes"},
		{edit(`["a","b","c"]`, `2`), "labels: example 1 has class 2, want one below 2"},
		{edit(`["a","b","c"]`, `0`), "classes is 0"},
		{edit(`["a","b","c"]`, `[]`), "classes is []"},
		{edit(`["a","b","c"]`, `null`), "classes is null"},
		{edit(`["a","b","c"]`, `99999`), "classes is 99999"},
		{edit(`"rank":1`, `"rank":2`), "rank 2 of 2"},
		{edit(`"rank":1`, `"rank":-1`), "rank -1 of 2"},
		{edit(`"resumed_from":4`, `"resumed_from":-4`), "resumed_from is -4"},
		{edit(`,"z"]`, `]`), "3 ids, want 4"},
		{edit(`,"z"]`, `,"x"]`), `ids 1 and 3 are both "x"`},
		{edit(`"seed":-3`, `"seed":1.5`), `seed is "1.5"`},
		{edit(`"split":"val"`, `"split":"../x"`), `split is "../x"`},
	} {
		path := filepath.Join(t.TempDir(), "a.jsonl")
		must(t, os.WriteFile(path, []byte(c.line+"\n"), 0o666))
		_, err := Open(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), fmt.Sprintf("log %q, line 1: ", path)) {
			t.Errorf("%.60s: error %v, want one line with %q", c.line, err, c.want)
		}
	}
}

// A blob that claims more than it should is read no further than it may be.
func TestBombs(t *testing.T) {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	for range 64 {
		_, err := w.Write(make([]byte, 1<<20))
		must(t, err)
	}
	must(t, w.Close())
	bomb := base64.StdEncoding.EncodeToString(packed.Bytes())
	allocated := testing.AllocsPerRun(1, func() {
		if _, err := inflate(bomb, 4); err == nil || err.Error() != "more than 4 bytes" {
			t.Errorf("error %v", err)
		}
	})
	if allocated > 1000 {
		t.Errorf("%v allocations", allocated)
	}
	trailing := base64.StdEncoding.EncodeToString(append(packed.Bytes(), 0))
	if _, err := inflate(trailing, 64<<20); err == nil || !strings.Contains(err.Error(), "1 bytes follow its end") {
		t.Errorf("error %v", err)
	}
}

// A line without an end is refused when it is longer than any line of the log can be.
func TestLongLine(t *testing.T) {
	w, err := Create(t.TempDir(), sample())
	must(t, err)
	_, err = w.file.Write(bytes.Repeat([]byte("x"), 3<<20))
	must(t, err)
	f, err := Open(w.Path())
	must(t, err)
	defer f.Close()
	if _, err := f.Peek(); err == nil || !strings.Contains(err.Error(), "line 2: it is longer than ") {
		t.Errorf("error %v", err)
	}
}

// FuzzLog reads whatever there is: it must end, and a part that is read must fit its header.
func FuzzLog(f *testing.F) {
	head, err := sample().encode()
	if err != nil {
		f.Fatal(err)
	}
	h := sample()
	h.Resumed = NotResumed
	for _, p := range []Part{plainPart(4), {Step: 9, Predictions: []uint16{2}, Index: []int{3}, Right: []bool{true}, Values: map[string][]float32{"x": {1}}}} {
		line, err := p.encode(&h)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(head) + "\n" + string(line) + "\n")
		f.Add(string(head) + "\n" + string(line[:len(line)/2]))
	}
	f.Add("{}\n{}\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "a.jsonl")
		must(t, os.WriteFile(path, []byte(text), 0o666))
		file, err := Open(path)
		if err != nil {
			return
		}
		defer file.Close()
		for last := -1; ; file.Pass() {
			l, err := file.Peek()
			if err != nil {
				return
			}
			if l.Step <= last || l.End > int64(len(text)) {
				t.Fatalf("step %d after %d, up to byte %d", l.Step, last, l.End)
			}
			last = l.Step
			p, err := l.Part()
			if err != nil {
				continue
			}
			if err := p.check(file.Header); err != nil {
				t.Fatal(err)
			}
			if joined, whole, err := Join([]*Line{l}); err == nil && whole && len(joined.Predictions) != len(file.Labels) {
				t.Fatalf("%d predictions of %d", len(joined.Predictions), len(file.Labels))
			}
		}
	})
}
