package dataset

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// What is read of every format is what Pillow reads. Lossy ones may round differently: JPEG in its
// transform, and WebP with its chroma, which libwebp interpolates by other weights at its ends.
func TestFormats(t *testing.T) {
	wants, err := filepath.Glob("testdata/formats/*.want.png")
	if err != nil || len(wants) < 19 {
		t.Fatalf("%d fixtures, %v", len(wants), err)
	}
	for _, path := range wants {
		want := libjpeg(t, path)
		got, err := readPicture(strings.TrimSuffix(path, ".want.png"))
		if err != nil {
			t.Error(err)
			continue
		}
		tolerance := 0
		switch got.kind {
		case "jpeg":
			tolerance = 3
		case "webp":
			if strings.Contains(path, "lossy") || strings.Contains(path, "/alpha.webp") {
				tolerance = 3
			}
		}
		if strings.Contains(path, "alpha") {
			tolerance++ // Pillow composes premultiplied colours
		}
		if len(got.pixels) != len(want.pixels) || got.channels != want.channels {
			t.Errorf("%s: %d pixels of %d channels, want %d of %d", path, len(got.pixels), got.channels, len(want.pixels), want.channels)
			continue
		}
		worst := 0
		for i, v := range got.pixels {
			d := int(v) - int(want.pixels[i])
			worst = max(worst, d, -d)
		}
		if worst > tolerance {
			t.Errorf("%s: a pixel is %d levels from Pillow's, want at most %d", path, worst, tolerance)
		}
	}
}

// The first frame of a GIF may be a part of its screen, and not the only one.
func TestFirstFrameOfAGIF(t *testing.T) {
	red := color.Palette{color.Transparent, color.NRGBA{200, 0, 0, 255}}
	part := image.NewPaletted(image.Rect(1, 1, 2, 3), red)
	part.Pix = []byte{1, 1}
	second := image.NewPaletted(image.Rect(0, 0, 3, 3), red)
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{part, second}, Delay: []int{1, 1}, Config: image.Config{ColorModel: red, Width: 3, Height: 3}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := decodePicture("frames", bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	w, r := []byte{255, 255, 255}, []byte{200, 0, 0}
	want := bytes.Join([][]byte{w, w, w, w, r, w, w, r, w}, nil)
	if !bytes.Equal(p.pixels, want) || !p.transparent || p.height != 3 {
		t.Errorf("%d×%d, transparent %v: %v, want %v", p.height, p.width, p.transparent, p.pixels, want)
	}
}

// A file that says it is larger than anything a camera makes is refused before its pixels take memory.
func TestGiantPictures(t *testing.T) {
	path := filepath.Join(t.TempDir(), "giant.png")
	putPNG(t, path, image.NewGray(image.Rect(0, 0, 1, 1)))
	data := must(os.ReadFile(path))(t)
	copy(data[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // width and height of IHDR: 65536
	put(t, path, repairPNG(data))
	if _, err := probe(path); err == nil || !strings.Contains(err.Error(), "65536×65536 pixels, want at least 1 and at most 64 million") {
		t.Errorf("error %v", err)
	}
}

// Shrinking takes the mean of what a pixel covers: it doesn't skip over rows and columns.
func TestShrinkingIsAntialiased(t *testing.T) {
	const n = 64
	stripes := make([]byte, n*n)
	for i := range stripes {
		if i%2 == 1 {
			stripes[i] = 255
		}
	}
	small := scaled(stripes, n, n, 1, 8, 4)
	for i, v := range small {
		if v < 124 || v > 131 {
			t.Fatalf("pixel %d of stripes is %d, want their mean", i, v)
		}
	}
	colours := bytes.Repeat([]byte{10, 120, 250}, 20)
	if got := scaled(colours, 4, 5, 3, 2, 7); !bytes.Equal(got, bytes.Repeat([]byte{10, 120, 250}, 14)) {
		t.Errorf("one colour becomes %v", got)
	}
	if got := scaled(colours, 4, 5, 3, 4, 5); &got[0] != &colours[0] {
		t.Error("an image of the wanted size is resized")
	}
}

func TestShrunk(t *testing.T) {
	set := &Set{Height: 100, Width: 50, Channels: 3, Classes: []string{"a", "b"}}
	set.Train = Split{Pixels: bytes.Repeat([]byte{9}, 2*100*50*3), Labels: []uint16{0, 1}, Names: []string{"a/1", "b/1"}}
	set.Test = Split{Pixels: bytes.Repeat([]byte{7}, 100*50*3), Labels: []uint16{1}}
	small := set.Shrunk(32)
	if small.Height != 32 || small.Width != 16 || set.Height != 100 {
		t.Errorf("%d×%d, and the set is %d high", small.Height, small.Width, set.Height)
	}
	if err := small.Validate(); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(small.Test.Pixels, bytes.Repeat([]byte{7}, 32*16*3)) || !reflect.DeepEqual(small.Train.Names, set.Train.Names) {
		t.Error("its pixels or names differ")
	}
	if set.Shrunk(100) != set {
		t.Error("a set that is small enough is copied")
	}
}

// repairPNG gives the header of an edited PNG its checksum.
func repairPNG(data []byte) []byte {
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}
