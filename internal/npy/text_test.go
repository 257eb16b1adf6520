package npy

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
)

// NumPy's texts are read, also those of names that aren't UTF-8 (testdata/make.py).
func TestNumPysTexts(t *testing.T) {
	want := []string{"cat/1.png", "café/22.png", "", "x\xff"}
	for _, path := range []string{"testdata/text/characters.npy", "testdata/text/bytes.npy"} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		a, err := Read(bytes.NewReader(data), 1<<10)
		if err != nil {
			t.Fatal(path, err)
		}
		if got, err := a.Text(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", path, got, err, want)
		}
	}
	archive, err := OpenArchive("testdata/text/archive.npz")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	if got := archive.Names(); !slices.Equal(got, []string{"ids", "predictions", "margin"}) {
		t.Errorf("names %q", got)
	}
	ids, err := archive.Read("ids", 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ids.Text(); err != nil || !slices.Equal(got, want) {
		t.Errorf("ids %q, %v", got, err)
	}
	margins, err := archive.Read("margin", 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := margins.Floats(); err != nil || !slices.Equal(got, []float64{.5, 1, 2, 3}) {
		t.Errorf("margins %v, %v", got, err)
	}
	predictions, err := archive.Read("predictions", 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := predictions.Integers(); err != nil || !slices.Equal(got, []int64{0, 1, 2, 0}) {
		t.Errorf("predictions %v, %v", got, err)
	}
	if _, err := archive.Read("labels", 1<<10); err == nil || !strings.Contains(err.Error(), `no array "labels"`) {
		t.Errorf("an array that isn't there: %v", err)
	}
	if _, err := archive.Read("ids", 10); err == nil || !strings.Contains(err.Error(), "at most 10") {
		t.Errorf("too large an array: %v", err)
	}
}

func TestWriteText(t *testing.T) {
	for _, texts := range [][]string{{"a", "größer", ""}, {}, {"\U0001f642x"}} {
		var b bytes.Buffer
		if err := WriteText(&b, texts); err != nil {
			t.Fatal(err)
		}
		a, err := Read(&b, 1<<10)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := a.Text(); err != nil || len(got) != len(texts) || !slices.Equal(got, texts) {
			t.Errorf("read back %q, %v; want %q", got, err, texts)
		}
	}
	if err := WriteText(&bytes.Buffer{}, []string{"\xff"}); err == nil {
		t.Error("bytes that aren't UTF-8 were written")
	}
}

func TestBadTexts(t *testing.T) {
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"no character", "0x110000 is no character", file(1, dict("<U1", "(1,)"), 0, 0, 0x11, 0)},
		{"half a pair", "0xd800 is no character", file(1, dict("<U1", "(1,)"), 0, 0xd8, 0, 0)},
		{"no bytes", "elements of no bytes", file(1, dict("<U0", "(5,)"))},
		{"endless", "elements of no bytes", file(1, dict("|S0", "(999999999999,)"))},
		{"too long", `another type, "<U99999`, file(1, dict("<U99999", "(1,)"))},
		{"big-endian", "astype('<U2')", file(1, dict(">U2", "(1,)"))},
		{"objects", "astype(str)", file(1, dict("|O", "(1,)"))},
		{"numbers", "want text", file(1, dict("|u1", "(1,)"), 1)},
		{"two dimensions", "one dimension", file(1, dict("|S1", "(1, 1)"), 'a')},
	} {
		a, err := Read(bytes.NewReader(c.data), 1<<20)
		if err == nil {
			_, err = a.Text()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q", c.name, err, c.want)
		}
	}
}

func TestAnArchiveThatIsNone(t *testing.T) {
	path := t.TempDir() + "/x.npz"
	if err := os.WriteFile(path, []byte("PK\x03\x04..."), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenArchive(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names the file", err)
	}
	if _, err := OpenArchive(path + "-none"); err == nil {
		t.Error("a missing file was opened")
	}
}
