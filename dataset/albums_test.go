package dataset

import (
	"path/filepath"
	"strings"
	"testing"

	"shoal/internal/longtest"
	"shoal/internal/tinydata/albums"
)

// Twelve folders as people have them are read, each with what is to be said of it.
func TestAlbums(t *testing.T) {
	longtest.Only(t, "twelve folders of images")
	want := map[string]struct {
		height, width, channels, classes int
		notes                            []string
	}{
		"grey28": {28, 28, 1, 3, nil}, "colour32": {32, 32, 3, 4, []string{`val" is taken for the test split`}},
		"sizes": {32, 32, 3, 3, []string{"images of 12 sizes, ", "no test split"}},
		"modes": {48, 48, 3, 3, []string{"3 of 12 images are grey", "16 bits", "no test split"}}, "formats": {40, 40, 3, 3, []string{"no test split"}},
		"junk":      {32, 32, 3, 3, []string{"1 × Thumbs.db", "1 × dead link", "1 × link to a folder", "the first of 4, ", `"__MACOSX"`}},
		"tinyclass": {32, 32, 3, 3, nil}, "wide": {40, 96, 3, 3, nil}, "photos": {32, 32, 3, 3, []string{"no image lies in a class folder itself", "EXIF data turn 6 of 12", "300 to 400 pixels high and 300 to 400 wide: all are resized to 32×32"}},
		"manyclasses": {24, 24, 3, 100, nil}, "large224": {224, 224, 3, 3, nil}, "three-thousand": {64, 64, 3, 10, nil},
	}
	for _, a := range albums.All() {
		w, ok := want[a.Name]
		if !ok {
			t.Errorf("nothing is wanted of %s", a.Name)
			continue
		}
		dir := filepath.Join(t.TempDir(), a.Name)
		if err := a.Write(dir, 0); err != nil {
			t.Fatal(err)
		}
		set, err := Load(t.Context(), "folder:"+dir, Source{})
		if err != nil {
			t.Errorf("%s: %v", a.Name, err)
			continue
		}
		if set.Height != w.height || set.Width != w.width || set.Channels != w.channels || len(set.Classes) != w.classes || set.Test.Len() < w.classes {
			t.Errorf("%s: %d×%d×%d, %d classes, %d tested, want %v", a.Name, set.Height, set.Width, set.Channels, len(set.Classes), set.Test.Len(), w)
		}
		for _, note := range w.notes {
			if !strings.Contains(strings.Join(set.Notes, "; "), note) {
				t.Errorf("%s: notes %q, want %q", a.Name, set.Notes, note)
			}
		}
	}
	if len(want) != len(albums.All()) {
		t.Errorf("%d albums, want %d", len(albums.All()), len(want))
	}
}
