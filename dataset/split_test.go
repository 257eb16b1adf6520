package dataset

import (
	"fmt"
	"image/color"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// filesOf makes files of two classes, so many of each.
func filesOf(a, b int) []folderFile {
	var files []folderFile
	for class, n := range []int{a, b} {
		for i := range n {
			files = append(files, folderFile{name: fmt.Sprintf("%d/%03d.png", class, i), class: class})
		}
	}
	return files
}

func tested(files []folderFile) (names []string, byClass [2]int) {
	for _, f := range files {
		if f.test {
			names = append(names, f.name)
			byClass[f.class]++
		}
	}
	return names, byClass
}

// The share is of each class; another seed draws others, and one more image moves few.
func TestCutTest(t *testing.T) {
	for _, c := range []struct {
		a, b  int
		share float64
		want  [2]int
	}{{100, 10, .2, [2]int{20, 2}}, {10, 1, .2, [2]int{2, 0}}, {2, 2, .9, [2]int{1, 1}}, {3, 100, .01, [2]int{1, 1}}, {5, 5, .5, [2]int{3, 3}}} {
		files := filesOf(c.a, c.b)
		cutTest(files, c.share, 1, nil)
		if _, got := tested(files); got != c.want {
			t.Errorf("%d and %d: %v are tested on, want %v", c.a, c.b, got, c.want)
		}
	}
	names := func(n int, seed uint64) []string {
		files := filesOf(n, n)
		cutTest(files, .2, seed, nil)
		out, _ := tested(files)
		return out
	}
	first := names(100, 1)
	if !reflect.DeepEqual(first, names(100, 1)) || reflect.DeepEqual(first, names(100, 2)) {
		t.Error("the split isn't that of its seed")
	}
	moved := 0
	for _, name := range names(101, 1) {
		if !slices.Contains(first, name) {
			moved++
		}
	}
	if moved > 2 {
		t.Errorf("another image in each class brings %d others into the test split", moved)
	}
}

// A group is in one split, whatever its classes are.
func TestGroupsStayTogether(t *testing.T) {
	for seed := range uint64(20) {
		files := filesOf(30, 30)
		groups := [][]int{{0, 1, 2}, {5, 35}, {10, 11, 40, 41}}
		cutTest(files, .3, seed+1, groups)
		for _, g := range groups {
			for _, i := range g {
				if files[i].test != files[g[0]].test {
					t.Fatalf("seed %d: %v is in two splits", seed+1, g)
				}
			}
		}
		if _, got := tested(files); got != [2]int{9, 9} {
			t.Errorf("seed %d: %v are tested on, want 9 of each", seed+1, got)
		}
	}
}

// The same picture in another size and quality is near, another picture isn't.
func TestNearDuplicates(t *testing.T) {
	var thumbs []thumbnail
	for _, file := range []string{
		"jpeg/33x7-2x1.jpg", "formats/lossless.webp", "formats/lossy.webp", "formats/turn-1.jpg", "formats/turn-3.jpg", "jpeg/17x13-2x2.jpg", "jpeg/17x13-2x2-progressive.jpg",
	} {
		p, err := readPicture("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		thumbs = append(thumbs, thumbnailOf(p))
	}
	// turn-3 is stored as the others and shown upside down; the last two differ in their noise.
	if got := duplicates(thumbs); !reflect.DeepEqual(got, [][]int{{1, 2, 3}}) {
		t.Errorf("groups %v", got)
	}
}

// Near duplicates stay together where a folder is split by itself, if asked for.
func TestAFolderWithNearDuplicates(t *testing.T) {
	dir := t.TempDir()
	for i := range 12 {
		for k := range 2 { // twins in two files
			for class, c := range []color.NRGBA{{uint8(20 * i), 10, 200, 255}, {10, uint8(20 * i), 0, 255}} {
				putPNG(t, filepath.Join(dir, fmt.Sprint(class), fmt.Sprintf("%02d-%d.png", i, k)), paint("rgb", c))
			}
		}
	}
	split := func(together bool) (apart int, notes string) {
		set, err := Load(t.Context(), "folder:"+dir, Source{Images: Images{Together: together, Split: .25}})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range set.Test.Names {
			twin := strings.Replace(name, "-0", "-1", 1)
			if twin == name {
				twin = strings.Replace(name, "-1", "-0", 1)
			}
			if !slices.Contains(set.Test.Names, twin) {
				apart++
			}
		}
		if set.Test.Len() == 0 || set.Test.Len() > 12 {
			t.Errorf("%d images are tested on", set.Test.Len())
		}
		return apart, strings.Join(set.Notes, "; ")
	}
	if apart, notes := split(true); apart != 0 || !strings.Contains(notes, "near duplicates: ") {
		t.Errorf("%d twins are in two splits; %s", apart, notes)
	}
	if apart, _ := split(false); apart == 0 {
		t.Error("without being asked for, twins stay together: the test shows nothing")
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string][2]int{"32": {32, 32}, "48x64": {48, 64}, "1x1": {1, 1}, "1024x1024": {1024, 1024}, "": {}, "0": {}, "32x": {}, "a": {}, "32x32x3": {}, "1025": {}, "-3": {}, "3.5": {}} {
		h, w, err := ParseSize(text)
		if (err == nil) != (want[0] > 0) || [2]int{h, w} != want {
			t.Errorf("%q is %d×%d, %v, want %v", text, h, w, err, want)
		}
	}
	if s := (Images{Height: 48, Width: 64}).Size(); s != "48x64" {
		t.Errorf("size %q", s)
	}
	for _, bad := range []Images{{Height: 3}, {Colour: "red"}, {Split: 1}, {Split: -.1}, {Height: 2000, Width: 2}} {
		if bad.Check() == nil {
			t.Errorf("%+v is valid", bad)
		}
	}
}
