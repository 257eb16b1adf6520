package dataset

import (
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"io/fs"
	"strings"

	"shoal/internal/filekind"
)

// facts says what was done to how many images.
func facts(looks []look) (out []string) {
	for _, fact := range []struct {
		format string
		is     func(l look) bool
	}{
		{"transparent pixels are put on white in %d of %d images", func(l look) bool { return l.transparent }},
		{"16 bits a sample are rounded to 8 in %d of %d images", func(l look) bool { return l.deep }},
		{"CMYK is converted to RGB in %d of %d images", func(l look) bool { return l.cmyk }},
		{"EXIF data turn %d of %d images upright", func(l look) bool { return l.turn > 1 }},
	} {
		n := 0
		for _, l := range looks {
			if fact.is(l) {
				n++
			}
		}
		if n > 0 {
			out = append(out, fmt.Sprintf(fact.format, n, len(looks)))
		}
	}
	return out
}

// finish adds what a person has to know.
func (f *folder) finish(set *Set, keep bool) (*Set, error) {
	var how []string
	if f.jpegs {
		how = append(how, JPEGDecoder())
	}
	if f.webps {
		how = append(how, "golang.org/x/image/webp")
	}
	if f.scaled {
		how = append(how, scaler())
	}
	set.Decoder = strings.Join(how, "; ")
	if text := f.skipped(""); text != "" {
		set.Notes = append(set.Notes, text)
	}
	set.Notes = append(f.list.notes, set.Notes...)
	set.Notes = append(set.Notes, f.facts...)
	if untested := f.untested(); len(untested) > 0 {
		set.Notes = append(set.Notes, "without a test image, so that nothing is said of it: "+quoted(untested))
	}
	if !keep {
		return set, nil
	}
	return set, set.Validate()
}

// untested lists the classes without a test image.
func (f *folder) untested() []string {
	has := map[int]bool{}
	for _, file := range f.list.files {
		has[file.class] = has[file.class] || file.test
	}
	var out []string
	for class, folder := range f.list.folders {
		if !has[class] {
			out = append(out, folder)
		}
	}
	return out
}

// skipped says what was left out, after a word; "" for nothing.
func (f *folder) skipped(after string) string {
	var parts []string
	if len(f.list.junk) > 0 {
		parts = append(parts, fmt.Sprintf("no images, skipped: %s", f.list.junk))
	}
	if n := len(f.broken); n > 0 {
		of := ""
		if n > 1 {
			of = fmt.Sprintf(" of %d", n)
		}
		parts = append(parts, fmt.Sprintf("damaged or unknown images, skipped: the first%s, %v", of, f.broken[0].err))
	}
	if len(parts) == 0 {
		return ""
	}
	return after + strings.Join(parts, "; ")
}

// unreadable is the error for an image file that can't be decoded: what it is or has, where that is
// known, and what otherwise.
func unreadable(path string, f io.ReadSeeker, otherwise string, err error) error {
	if errors.As(err, new(*fs.PathError)) {
		return err
	}
	head := make([]byte, filekind.HeadLen)
	n := 0
	if _, seek := f.Seek(0, io.SeekStart); seek == nil {
		n, _ = io.ReadFull(f, head)
	}
	if what := filekind.Of(head[:n]); what != "" {
		return fmt.Errorf("%q is %s", path, what)
	}
	if _, seek := f.Seek(0, io.SeekStart); seek == nil && errors.As(err, new(jpeg.UnsupportedError)) {
		if feature := jpegFeature(f); feature != "" {
			return fmt.Errorf("%q: a JPEG image with %s, which is not read: save it again as baseline JPEG or as PNG", path, feature)
		}
	}
	return fmt.Errorf("%q: %s (%w)", path, otherwise, err)
}
