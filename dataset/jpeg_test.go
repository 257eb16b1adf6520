package dataset

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The fixtures in testdata/jpeg are what libjpeg-turbo decodes, by way of Pillow. All that comes
// after the inverse cosine transform is to be the same; the transform itself rounds a little
// differently, and a level of chroma is up to 1.8 of blue.
func TestJPEGsAreDecodedAsByLibjpeg(t *testing.T) {
	files, err := filepath.Glob("testdata/jpeg/[0-9]*.jpg")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	largest, sum, count := 0, 0, 0
	for _, path := range files {
		got, err := readPicture(path)
		if err != nil {
			t.Error(err)
			continue
		}
		want := libjpeg(t, strings.TrimSuffix(path, ".jpg")+".png")
		if got.kind != "jpeg" || len(got.pixels) != len(want.pixels) {
			t.Errorf("%s: %d pixels of a %s, want %d", path, len(got.pixels), got.kind, len(want.pixels))
			continue
		}
		worst := 0
		for i, v := range got.pixels {
			d := int(v) - int(want.pixels[i])
			d = max(d, -d)
			worst, sum, count = max(worst, d), sum+d, count+1
		}
		if largest = max(largest, worst); worst > 3 {
			t.Errorf("%s: a pixel is %d levels from libjpeg's", path, worst)
		}
	}
	t.Logf("largest difference %d levels, mean %.4f, over %d values", largest, float64(sum)/float64(count), count)
	if !(float64(sum)/float64(count) < .055) {
		t.Errorf("pixels are %.3f levels from libjpeg's in the mean", float64(sum)/float64(count))
	}
}

func libjpeg(t *testing.T, path string) *picture {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	p := &picture{}
	if p.flatten(img); p.pixels == nil {
		t.Fatal(err)
	}
	return p
}

// What can't be read is named, with a way; what is cut short is not blamed on a feature.
func TestUnreadableImagesAreNamed(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.jpg")
	put(t, page, []byte("<!DOCTYPE html><title>Sign in</title>"))
	pointer := filepath.Join(t.TempDir(), "lfs.png")
	put(t, pointer, []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"))
	cut := func(fixture string, keep int) string {
		path := filepath.Join(t.TempDir(), "cut.jpg")
		data := must(os.ReadFile(fixture))(t)
		put(t, path, data[:len(data)*keep/100])
		return path
	}
	for path, want := range map[string]string{
		"testdata/jpeg/no-arithmetic.jpg":          "arithmetic coding, which is not read: save it again",
		"testdata/jpeg/no-sampling.jpg":            "the sampling factors 3x1, 1x1, 1x1, which is not read: save it again",
		"testdata/jpeg/no-12-bits.jpg":             "12 bits a sample, which is not read: save it again",
		"testdata/jpeg/no-lossless.jpg":            "lossless compression, which is not read: save it again",
		page:                                       "an HTML page",
		"testdata/formats/no-animated.webp":        "a WebP image: save it again",
		pointer:                                    "a git-lfs pointer",
		cut("testdata/jpeg/17x13-2x2.jpg", 90):     "damaged JPEG image",
		cut("testdata/jpeg/17x13-2x2.jpg", 10):     "not a whole image",
		cut("testdata/jpeg/no-arithmetic.jpg", 10): "not a whole image",
		cut("testdata/jpeg/17x13-4x1.jpg", 95):     "damaged JPEG image",
	} {
		_, err := readPicture(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q and the path", path, err, want)
		}
	}
}
