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
		want     string // what is noted
	}{
		{"grey", 1, ""}, {"rgb", 3, ""}, {"rgba", 3, ""}, {"palette", 1, ""},
		{"grey16", 1, "16 bits a sample are rounded to 8 in 4 of 4 images"}, {"rgba16", 3, "16 bits a sample are rounded"},
	} {
		dir := t.TempDir()
		for _, path := range []string{"train/a/1.png", "train/b/1.png", "test/a/1.png", "test/b/1.png"} {
			putPNG(t, filepath.Join(dir, path), paint(c.kind, color.NRGBA{7, 7, 7, 255}))
		}
		set, err := Load(context.Background(), "folder:"+dir, Source{})
		switch {
		case err != nil:
			t.Errorf("%s: %v", c.kind, err)
		case set.Channels != c.channels || !bytes.Equal(set.Test.Pixels, bytes.Repeat([]byte{7}, 2*6*c.channels)):
			t.Errorf("%s: %d channels, pixels %v", c.kind, set.Channels, set.Test.Pixels)
		case (c.want == "") != (len(set.Notes) == 0) || !strings.Contains(strings.Join(set.Notes, "; "), c.want):
			t.Errorf("%s: notes %q, want %q", c.kind, set.Notes, c.want)
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

// A change makes an album another folder.
type change func(t *testing.T, dir string)

func removing(path string) change {
	return func(t *testing.T, dir string) {
		if err := os.RemoveAll(filepath.Join(dir, path)); err != nil {
			t.Fatal(err)
		}
	}
}

func writing(path, data string) change {
	return func(t *testing.T, dir string) { put(t, filepath.Join(dir, path), []byte(data)) }
}

func painting(path string, img image.Image) change {
	return func(t *testing.T, dir string) { putPNG(t, filepath.Join(dir, path), img) }
}

func renaming(from, to string) change {
	return func(t *testing.T, dir string) {
		if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
}

func linking(to, path string) change {
	return func(t *testing.T, dir string) {
		if err := os.Symlink(to, filepath.Join(dir, path)); err != nil {
			t.Fatal(err)
		}
	}
}

func cutting(path string) change {
	return func(t *testing.T, dir string) {
		data := must(os.ReadFile(filepath.Join(dir, path)))(t)
		put(t, filepath.Join(dir, path), data[:len(data)-20])
	}
}

func changes(all ...change) change {
	return func(t *testing.T, dir string) {
		for _, c := range all {
			c(t, dir)
		}
	}
}

func TestBadImageFolders(t *testing.T) {
	for what, c := range map[string]struct {
		want   string
		change change
	}{
		"no such folder":        {"is not a folder", removing(".")},
		"no train":              {"want train/<class>/", removing("train")},
		"a class not trained":   {"1 class folder in", removing("train/wasp")},
		"a class of one split":  {`differ, first "ant"`, renaming("test/ant", "test/bat")},
		"an empty class":        {`class "ant" in`, removing("train/ant/z.png")},
		"a damaged class":       {`no image of class "ant" can be read, the first: `, writing("train/ant/z.png", "hello")},
		"one class":             {"1 class folder in", changes(removing("train/ant"), removing("test/ant"))},
		"images in no folder":   {"0 class folders in", changes(removing("train"), removing("test"), writing("a.png", ""))},
		"nothing to test on":    {"no image in the test split", changes(removing("test/ant/a.png"), removing("test/wasp/a.png"))},
		"one image a class":     {"nothing is left to test on", changes(removing("test"), removing("train/wasp/a.png"), removing("train/wasp/b.png"))},
		"most images damaged":   {"3 of 6 images can't be read", nil},
		"a folder too high":     {`did you mean the folders in "`, changes(removing("test"), renaming("train", "all"))},
		"only unknown formats":  {"is a HEIC or AVIF image: save it again", writing("train/ant/z.png", "\x00\x00\x00\x1cftypheic")},
		"a share beside a test": {"has a test split already", func(*testing.T, string) {}},
	} {
		dir := album(t)
		src := Source{}
		switch what {
		case "most images damaged":
			c.want = "4 of 7 images can't be read, the first: "
			c.change = changes(writing("train/wasp/a.png", ""), writing("train/wasp/b.png", "x"), writing("test/wasp/a.png", "x"), writing("test/wasp/b.jpg", "x"))
		case "a share beside a test":
			src.Images.Split = .3
		}
		c.change(t, dir)
		_, err := Load(t.Context(), "folder:"+dir, src)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q and the path", what, err, c.want)
		}
	}
}

// Folders as people have them are read, and what was done to them is noted.
func TestRealImageFolders(t *testing.T) {
	for what, c := range map[string]struct {
		want        string // a note, "" for none
		train, test int
		shape       [3]int
		change      change
	}{
		"as it should be": {"", 4, 2, [3]int{3, 2, 3}, changes()},
		"junk": {"no images, skipped: 2 × .txt, 1 × Thumbs.db, 1 × no ending", 4, 2, [3]int{3, 2, 3},
			changes(writing("train/list.txt", ""), writing("train/ant/list.TXT", "a"), writing("test/ant/Thumbs.db", "b"), writing("test/wasp/README", ""))},
		"images beside the folders": {"1 × image beside the class folders", 4, 2, [3]int{3, 2, 3}, writing("train/x.png", "")},
		"an empty image":            {`damaged or unknown images, skipped: the first, "`, 4, 2, [3]int{3, 2, 3}, writing("test/wasp/x.png", "")},
		"two damaged":               {`the first of 2, "`, 3, 2, [3]int{3, 2, 3}, changes(cutting("train/wasp/b.png"), writing("test/wasp/x.png", "hello"))},
		"another format's ending":   {"", 4, 2, [3]int{3, 2, 3}, renaming("train/ant/z.png", "train/ant/z.jpg")},
		"no ending":                 {"", 4, 2, [3]int{3, 2, 3}, renaming("train/ant/z.png", "train/ant/z")},
		"many sizes": {"images of 2 sizes, 3 to 9 pixels high and 2 to 9 wide: all are resized to 32×32", 4, 3, [3]int{32, 32, 3},
			painting("test/wasp/x.png", image.NewNRGBA(image.Rect(0, 0, 9, 9)))},
		"grey among colour": {"1 of 7 images are grey: all are read as rgb", 5, 2, [3]int{3, 2, 3}, painting("train/wasp/x.png", paint("grey", color.NRGBA{A: 255}))},
		"transparent":       {"transparent pixels are put on white in 1 of 7 images", 5, 2, [3]int{3, 2, 3}, painting("train/wasp/x.png", paint("rgb", color.NRGBA{1, 1, 1, 128}))},
		"a device":          {"1 × special file", 4, 2, [3]int{3, 2, 3}, linking(os.DevNull, "train/ant/0.png")}, // a pipe would be waited for
		"a dead link":       {"1 × dead link", 4, 2, [3]int{3, 2, 3}, linking("nowhere", "train/ant/0.png")},
		"a loop of links": {"2 × link to a folder that is read already, 1 × dead link", 4, 2, [3]int{3, 2, 3},
			changes(linking("..", "train/ant/up"), linking(".", "train/ant/here"), linking("self", "train/ant/self"))},
		"folders in a class":  {"", 5, 2, [3]int{3, 2, 3}, painting("train/wasp/day 1/a/b.png", paint("rgb", color.NRGBA{A: 255}))},
		"a class not tested":  {`without a test image, so that nothing is said of it: "ant"`, 4, 1, [3]int{3, 2, 3}, removing("test/ant")},
		"no class":            {`no classes, as they have no image: "empty", "junk"`, 4, 2, [3]int{3, 2, 3}, changes(writing("train/junk/a.txt", ""), writing("train/empty/.x", ""))},
		"val for test":        {`" is taken for the test split`, 4, 2, [3]int{3, 2, 3}, renaming("test", "Val")},
		"val beside test":     {`val" is not used: the test split is "`, 4, 2, [3]int{3, 2, 3}, writing("val/ant/1.png", "")},
		"no test":             {"no test split: 20 % of each class are held out, 1 of 4 images (seed 1)", 3, 1, [3]int{3, 2, 3}, removing("test")},
		"classes on top":      {"no test split: 20 % of each class are held out, 1 of 4 images (seed 1)", 3, 1, [3]int{3, 2, 3}, onTop},
		"a class named train": {"no test split", 4, 1, [3]int{3, 2, 3}, changes(onTop, painting("train/1.png", paint("rgb", color.NRGBA{A: 255})))},
	} {
		dir := album(t)
		c.change(t, dir)
		set, err := Load(t.Context(), "folder:"+dir, Source{})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if got := [3]int{set.Height, set.Width, set.Channels}; got != c.shape || set.Train.Len() != c.train || set.Test.Len() != c.test {
			t.Errorf("%s: %d training and %d test images of %v, want %d and %d of %v", what, set.Train.Len(), set.Test.Len(), got, c.train, c.test, c.shape)
		}
		notes := strings.Join(set.Notes, "; ")
		if !strings.Contains(notes, c.want) || c.want == "" && notes != "" || strings.Contains(notes, "\n") {
			t.Errorf("%s: notes %q, want %q", what, notes, c.want)
		}
		// Read again with what was chosen it is the same, and so are its names without the pixels.
		again, err := Load(t.Context(), "folder:"+dir, Source{Images: set.Images})
		if err != nil || again.Train.Hash() != set.Train.Hash() || again.Test.Hash() != set.Test.Hash() {
			t.Errorf("%s: with %+v it is another set, %v", what, set.Images, err)
		}
		listed, err := Contents(t.Context(), "folder:"+dir, Source{})
		if err != nil || !reflect.DeepEqual(listed.Train.Names, set.Train.Names) || !reflect.DeepEqual(listed.Test.Labels, set.Test.Labels) {
			t.Errorf("%s: contents %v, %v", what, listed, err)
		}
	}
}

// onTop puts the classes of an album's training split into its own folder.
func onTop(t *testing.T, dir string) {
	changes(renaming("train/ant", "ant"), renaming("train/wasp", "wasp"), removing("train"), removing("test"))(t, dir)
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
	if err == nil || !strings.Contains(err.Error(), "2 problems") || len(statuses) != 2 {
		t.Fatalf("%+v, %v; want two problems", statuses, err)
	}
	for i, want := range []string{"z.png", "b.png"} {
		if statuses[i].OK || !strings.Contains(statuses[i].Problem, want) {
			t.Errorf("status %d is %+v, want it about %s", i, statuses[i], want)
		}
	}
	for i := range maxBroken {
		put(t, filepath.Join(dir, "test/ant", string(rune('a'+i))+".jpg"), nil)
	}
	statuses, err = Verify(ctx, "folder:"+dir, Source{})
	if err == nil || len(statuses) != maxBroken+1 || statuses[maxBroken].Problem != "and 2 problems more" {
		t.Errorf("%d statuses, the last %+v; want %d and a count", len(statuses), statuses[len(statuses)-1], maxBroken)
	}
	statuses, err = Verify(ctx, "folder:"+dir+"-none", Source{})
	if err == nil || len(statuses) != 0 {
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
