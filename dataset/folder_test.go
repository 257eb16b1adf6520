package dataset

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// paint makes an image whose every pixel is one colour, 3 rows of 2.
func paint(kind string, c color.NRGBA) image.Image {
	r := image.Rect(0, 0, 2, 3)
	var img interface {
		image.Image
		Set(x, y int, c color.Color)
	}
	switch kind {
	case "grey":
		img = image.NewGray(r)
	case "grey16":
		img = image.NewGray16(r)
	case "rgba":
		img = image.NewRGBA(r)
	case "rgba16":
		img = image.NewNRGBA64(r)
	case "palette":
		img = image.NewPaletted(r, color.Palette{color.Black, c})
	default:
		img = image.NewNRGBA(r)
	}
	for y := range 3 {
		for x := range 2 {
			img.Set(x, y, c)
		}
	}
	return img
}

func putPNG(t *testing.T, path string, img image.Image) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	put(t, path, b.Bytes())
}

// album writes an image folder: 2 classes, 3 and 1 images to train with.
func album(t *testing.T) string {
	dir := t.TempDir()
	for path, v := range map[string]uint8{
		"train/wasp/b.png": 20, "train/wasp/a.png": 10, "train/wasp/c.PNG": 30, "train/ant/z.png": 99,
		"test/wasp/a.png": 40, "test/ant/a.png": 50,
	} {
		putPNG(t, filepath.Join(dir, path), paint("rgb", color.NRGBA{v, v + 1, v + 2, 255}))
	}
	put(t, filepath.Join(dir, "train", ".DS_Store"), []byte("not an image"))
	put(t, filepath.Join(dir, "train", "ant", ".hidden"), []byte("not an image"))
	put(t, filepath.Join(dir, "train", "ant", "._z.png"), []byte("what a copy from another system leaves"))
	putPNG(t, filepath.Join(dir, "train", "ant", ".thumbnail.png"), paint("rgb", color.NRGBA{7, 8, 9, 255}))
	return dir
}

func TestImageFolder(t *testing.T) {
	dir := album(t)
	set, err := Load(context.Background(), "folder:"+dir, Source{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(set.Classes, []string{"ant", "wasp"}) || set.Height != 3 || set.Width != 2 || set.Channels != 3 {
		t.Errorf("classes %q, shape %d×%d×%d; want ant, wasp and 3×2×3", set.Classes, set.Height, set.Width, set.Channels)
	}
	// The classes take turns, the names decide within a class.
	if want := []uint16{0, 1, 1, 1}; !reflect.DeepEqual(set.Train.Labels, want) {
		t.Errorf("labels %v, want %v", set.Train.Labels, want)
	}
	for i, v := range []byte{99, 10, 20, 30} {
		if want := bytes.Repeat([]byte{v, v + 1, v + 2}, 6); !bytes.Equal(set.Train.Image(i), want) {
			t.Errorf("image %d is %v, want %v", i, set.Train.Image(i), want)
		}
	}
	if want := []uint16{0, 1}; !reflect.DeepEqual(set.Test.Labels, want) || set.Test.Image(0)[0] != 50 {
		t.Errorf("test labels %v, want %v", set.Test.Labels, want)
	}
}

func TestImageKinds(t *testing.T) {
	for _, c := range []struct {
		kind     string
		channels int
		want     string // "" when it is read
	}{
		{"grey", 1, ""}, {"rgb", 3, ""}, {"rgba", 3, ""}, {"palette", 3, ""},
		{"grey16", 0, "16 bits"}, {"rgba16", 0, "16 bits"},
	} {
		dir := t.TempDir()
		for _, path := range []string{"train/a/1.png", "train/b/1.png", "test/a/1.png", "test/b/1.png"} {
			putPNG(t, filepath.Join(dir, path), paint(c.kind, color.NRGBA{7, 7, 7, 255}))
		}
		set, err := Load(context.Background(), "folder:"+dir, Source{})
		switch {
		case c.want != "":
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", c.kind, err, c.want)
			}
		case err != nil:
			t.Errorf("%s: %v", c.kind, err)
		case set.Channels != c.channels || !bytes.Equal(set.Test.Pixels, bytes.Repeat([]byte{7}, 2*6*c.channels)):
			t.Errorf("%s: %d channels, pixels %v", c.kind, set.Channels, set.Test.Pixels)
		}
	}
}

func TestJPEG(t *testing.T) {
	dir := album(t)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, paint("rgb", color.NRGBA{200, 10, 10, 255}), &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "test/ant/a.jpg"), b.Bytes())
	set, err := Load(context.Background(), "folder:"+dir, Source{})
	if err != nil {
		t.Fatal(err)
	}
	if set.Decoder != JPEGDecoder() {
		t.Errorf("decoder %q, want %q", set.Decoder, JPEGDecoder())
	}
	if plain, err := Load(context.Background(), "folder:"+album(t), Source{}); err != nil || plain.Decoder != "" {
		t.Errorf("decoder %q, %v of a folder of PNGs, want none", plain.Decoder, err)
	}
	// In byte order of the names a.jpg comes before a.png.
	if p := set.Test.Image(0); p[0] < 197 || p[0] > 203 || p[1] > 13 || p[2] > 13 {
		t.Errorf("red came as %v", p[:3])
	}
}

func TestBadImageFolders(t *testing.T) {
	type change func(dir string) error
	removing := func(path string) change {
		return func(dir string) error { return os.RemoveAll(filepath.Join(dir, path)) }
	}
	writing := func(path, data string) change {
		return func(dir string) error {
			put(t, filepath.Join(dir, path), []byte(data))
			return nil
		}
	}
	painting := func(path string, img image.Image) change {
		return func(dir string) error {
			putPNG(t, filepath.Join(dir, path), img)
			return nil
		}
	}
	for what, c := range map[string]struct {
		want   string
		change change
	}{
		"no such folder": {"is not a folder", removing(".")},
		"no train":       {"want train/<class>/", removing("train")},
		"no test":        {"want train/<class>/", removing("test")},
		"a class not tested": {`differ, first "ant"`, func(dir string) error {
			return os.Rename(filepath.Join(dir, "test/ant"), filepath.Join(dir, "test/bat"))
		}},
		"a class not trained": {"class folders in", removing("train/wasp")},
		"an empty class":      {"no image in the class folder", removing("train/ant/z.png")},
		"a file among":        {"is not a folder: want one folder a class", writing("train/list.txt", "")},
		"another file":        {"is not a .png", writing("train/ant/list.txt", "")},
		"text as an image":    {"not a whole PNG or JPEG", writing("test/wasp/x.png", "hello")},
		"an empty image":      {"not a whole PNG or JPEG", writing("test/wasp/x.png", "")},
		"another size":        {"4×2 pixels, want 3×2", painting("test/wasp/x.png", image.NewNRGBA(image.Rect(0, 0, 2, 4)))},
		"a huge size":         {"want 1 to 1024", painting("train/ant/a.png", image.NewGray(image.Rect(0, 0, 1025, 1)))},
		"grey among colour":   {"grey, the first image is in colour", painting("train/wasp/x.png", paint("grey", color.NRGBA{A: 255}))},
		"transparent":         {"transparent", painting("train/wasp/x.png", paint("rgb", color.NRGBA{1, 1, 1, 128}))},
		"a device": {"is a device, want a file", func(dir string) error { // a pipe would be waited for
			return os.Symlink(os.DevNull, filepath.Join(dir, "train/ant/0.png"))
		}},
		"cut short": {"damaged PNG", func(dir string) error {
			path := filepath.Join(dir, "train/wasp/b.png")
			data := must(os.ReadFile(path))(t)
			return os.WriteFile(path, data[:len(data)-20], 0o600)
		}},
	} {
		dir := album(t)
		if err := c.change(dir); err != nil {
			t.Fatal(err)
		}
		_, err := Load(context.Background(), "folder:"+dir, Source{})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q and the path", what, err, c.want)
		}
	}
}

func TestAnImageFolderStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Load(ctx, "folder:"+album(t), Source{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// The order of an image folder is part of its identity: names say which example is which.
func TestNamesOfAnImageFolder(t *testing.T) {
	dir := album(t)
	set, err := Load(context.Background(), "folder:"+dir, Source{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"ant/z.png", "wasp/a.png", "wasp/b.png", "wasp/c.PNG"}; !reflect.DeepEqual(set.Train.Names, want) {
		t.Errorf("names %q, want %q", set.Train.Names, want)
	}
	if first := set.Train.First(2); !reflect.DeepEqual(first.Names, set.Train.Names[:2]) || cap(first.Names) != 2 {
		t.Errorf("the first two are named %q", first.Names)
	}
	renamed := set.Train
	renamed.Names = []string{"1", "2", "3", "4"}
	if renamed.Hash() != set.Train.Hash() {
		t.Error("the hash depends on the names")
	}
	set.Train.Names = set.Train.Names[1:]
	if err := set.Validate(); err == nil {
		t.Error("three names for four examples are valid")
	}
	listed, err := Contents(context.Background(), "folder:"+dir, Source{})
	if err != nil || !reflect.DeepEqual(listed.Test.Names, set.Test.Names) || !reflect.DeepEqual(listed.Test.Labels, set.Test.Labels) || listed.Features() != 18 {
		t.Errorf("contents %+v, %v; want the names and labels of the set", listed, err)
	}
}

// Names that aren't UTF-8, or that mean something to a terminal, stay distinct and become text.
func TestNamesThatAreNotText(t *testing.T) {
	dir := t.TempDir()
	for _, class := range []string{"caf\xe9", "caf\xea", "a\x1b[31m\nb"} {
		for _, split := range []string{"train", "test"} {
			putPNG(t, filepath.Join(dir, split, class, "\xff.png"), paint("grey", color.NRGBA{A: 255}))
			putPNG(t, filepath.Join(dir, split, class, "\xfe.png"), paint("grey", color.NRGBA{A: 255}))
		}
	}
	set, err := Load(context.Background(), "folder:"+dir, Source{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{`a\x1b[31m\x0ab`, `caf\xe9`, `caf\xea`}; !reflect.DeepEqual(set.Classes, want) {
		t.Errorf("classes %q, want %q", set.Classes, want)
	}
	if want := `caf\xe9/\xfe.png`; set.Test.Names[1] != want || len(set.Test.Names) != 6 {
		t.Errorf("names %q, want the second %q", set.Test.Names, want)
	}
}

// Class folders and files that look the same are refused, whatever makes them look so.
func TestNamesThatLookTheSame(t *testing.T) {
	for what, c := range map[string]struct{ first, second, want string }{
		"two forms of é":       {"café/1.png", "cafe\u0301/1.png", `class folders "cafe\u0301" and "caf\u00e9"`},
		"a byte and its text":  {"a\xff/1.png", `a\xff/1.png`, "look the same"},
		"files in two forms":   {"é/é.png", "é/e\u0301.png", `images "e\u0301.png" and "\u00e9.png"`},
		"a newline and its \\": {"a\n/1.png", `a\x0a/1.png`, "look the same"},
	} {
		dir := t.TempDir()
		for _, split := range []string{"train", "test"} {
			for _, path := range []string{c.first, c.second, "other/1.png"} {
				putPNG(t, filepath.Join(dir, split, path), paint("grey", color.NRGBA{A: 255}))
			}
		}
		if _, err := Load(context.Background(), "folder:"+dir, Source{}); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q", what, err, c.want)
		}
	}
	dir := t.TempDir()
	for _, path := range []string{"train/é/1.png", "train/z/1.png", "test/e\u0301/1.png", "test/z/1.png"} {
		putPNG(t, filepath.Join(dir, path), paint("grey", color.NRGBA{A: 255}))
	}
	if _, err := Load(context.Background(), "folder:"+dir, Source{}); err == nil || !strings.Contains(err.Error(), `"e\u0301" and "\u00e9", which look the same`) {
		t.Errorf("a class in two forms of Unicode: error %v", err)
	}
}

// Verify names every broken image, and says what a good folder holds.
func TestVerifyAnImageFolder(t *testing.T) {
	ctx, dir := context.Background(), album(t)
	statuses, err := Verify(ctx, "folder:"+dir, Source{})
	if err != nil || len(statuses) != 1 || !statuses[0].OK || statuses[0].Problem != "2 classes, 4 training and 2 test images, 3×2×3" {
		t.Errorf("%+v, %v; want one status that counts", statuses, err)
	}
	put(t, filepath.Join(dir, "train/ant/z.png"), []byte("text")) // the first of all
	put(t, filepath.Join(dir, "train/wasp/b.png"), nil)
	putPNG(t, filepath.Join(dir, "test/wasp/b.png"), image.NewNRGBA(image.Rect(0, 0, 9, 9)))
	put(t, filepath.Join(dir, "test/wasp/notes.txt"), nil)
	statuses, err = Verify(ctx, "folder:"+dir, Source{})
	if err == nil || !strings.Contains(err.Error(), "4 problems") || len(statuses) != 4 {
		t.Fatalf("%+v, %v; want four problems", statuses, err)
	}
	for i, want := range []string{"notes.txt", "z.png", "b.png", "b.png"} {
		if statuses[i].OK || !strings.Contains(statuses[i].Problem, want) {
			t.Errorf("status %d is %+v, want it about %s", i, statuses[i], want)
		}
	}
	for i := range maxBroken {
		put(t, filepath.Join(dir, "test/ant", string(rune('a'+i))+".jpg"), nil)
	}
	statuses, err = Verify(ctx, "folder:"+dir, Source{})
	if err == nil || len(statuses) != maxBroken+1 || statuses[maxBroken].Problem != "and 4 problems more" {
		t.Errorf("%d statuses, the last %+v; want %d and a count", len(statuses), statuses[len(statuses)-1], maxBroken)
	}
	statuses, err = Verify(ctx, "folder:"+dir+"-none", Source{})
	if err == nil || len(statuses) != 1 || statuses[0].OK {
		t.Errorf("no folder: %+v, %v", statuses, err)
	}
}

// A data folder beside a folder of images would be overruled without a word: it is an error.
func TestFolderWithADataFolder(t *testing.T) {
	name, src := "folder:"+album(t), Source{DataDir: t.TempDir()}
	for what, load := range map[string]func(context.Context, string, Source) (*Set, error){"Load": Load, "Contents": Contents} {
		if _, err := load(t.Context(), name, src); !errors.Is(err, ErrOwnFolder) {
			t.Errorf("%s: error is %v, want that the name has its folder", what, err)
		}
		if _, err := load(t.Context(), name, Source{}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := Verify(t.Context(), name, src); !errors.Is(err, ErrOwnFolder) {
		t.Errorf("Verify: error is %v", err)
	}
}
