package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"shoal/internal/machine"
	"shoal/internal/parallel"
	"shoal/internal/textfmt"
)

const (
	maxClasses  = 1 << 16 // what a label can count
	maxSetBytes = 8 << 30 // pixels of an image folder
)

// A folder is an image folder on its way to a Set.
type folder struct {
	list     *folderList
	name     string
	path     string
	images   Images // as they were asked for, then as they are
	progress func(done, total int, note string)

	broken []brokenPicture
	facts  []string // of the images that are used, for a person
	scaled bool     // an image was resized
	jpegs  bool
	webps  bool
}

// A brokenPicture is an image that can't be used, and why.
type brokenPicture struct {
	folder string // of its class
	err    error
}

// loadFolder reads an image folder; without keep it leaves the pixels out. What can't be read is left
// out and noted, as long as most can.
func loadFolder(ctx context.Context, name, path string, src Source, keep bool) (*Set, error) {
	f, err := openFolder(ctx, name, path, src)
	if err != nil {
		return nil, err
	}
	if err := f.tooMany(); err != nil {
		return nil, err
	}
	if err := f.choose(); err != nil {
		return nil, err
	}
	for {
		before := len(f.list.files)
		set, err := f.read(ctx, keep)
		if err != nil {
			return nil, err
		}
		if len(f.list.files) == before {
			return f.finish(set, keep)
		}
		// Some were damaged after all, which can change the split.
		if err := f.tooMany(); err != nil {
			return nil, err
		}
	}
}

// openFolder lists a folder and looks at the head of every file.
func openFolder(ctx context.Context, name, path string, src Source) (*folder, error) {
	if err := src.Images.Check(); err != nil {
		return nil, err
	}
	list, err := listFolder(name, path)
	if err != nil {
		return nil, err
	}
	f := &folder{list: list, name: name, path: path, images: src.Images, progress: src.Progress}
	if !list.cut && src.Images.Split != 0 {
		return nil, fmt.Errorf("dataset %q %w, in %q", name, ErrHasTest, path)
	}
	looks := make([]look, len(list.files))
	err = f.eachFile(ctx, "looking at files", func(i int) (err error) {
		looks[i], err = probe(list.files[i].path)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range list.files {
		list.files[i].look = looks[i]
	}
	f.sift()
	return f, nil
}

// eachFile does something with every file, on all cores. A file that can't be opened or read ends
// it; what is wrong with others is noted with them, and sift takes them out.
func (f *folder) eachFile(ctx context.Context, what string, do func(i int) error) error {
	var mu sync.Mutex
	var done int
	fatal, at := error(nil), len(f.list.files)
	parallel.For(parallel.Workers(0), len(f.list.files), func(_, i int) {
		if ctx.Err() != nil {
			return
		}
		err := do(i)
		mu.Lock()
		defer mu.Unlock()
		if done++; f.progress != nil && (done%64 == 0 || done == len(f.list.files)) {
			f.progress(done, len(f.list.files), what)
		}
		if err == nil {
			return
		}
		if i < at && errors.As(err, new(*fs.PathError)) {
			fatal, at = err, i
		}
		f.list.files[i].err = err
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fatal
}

// sift takes out the files with an error: what is no image by its name either is junk, the rest
// broken.
func (f *folder) sift() {
	f.list.files = slices.DeleteFunc(f.list.files, func(file folderFile) bool {
		switch {
		case file.err == nil:
			return false
		case imageEndings[ending(file.path)] || file.look.kind != "":
			f.broken = append(f.broken, brokenPicture{f.list.folders[file.class], file.err})
		default:
			f.list.junk[kindOf(file.path)]++
		}
		return true
	})
}

// tooMany is an error where most images are broken, or all of a class.
func (f *folder) tooMany() error {
	good, wrong := len(f.list.files), len(f.broken)
	if wrong > good {
		return fmt.Errorf("%q: %d of %d images can't be read, the first: %w", f.path, wrong, good+wrong, f.broken[0].err)
	}
	trained := make([]int, len(f.list.folders))
	tested := 0
	for _, file := range f.list.files {
		if file.test {
			tested++
		} else {
			trained[file.class]++
		}
	}
	var empty []string
	for class, folder := range f.list.folders {
		if trained[class] > 0 {
			continue
		}
		for _, b := range f.broken {
			if b.folder == folder {
				return fmt.Errorf("no image of class %q can be read, the first: %w", textfmt.PlainName(folder), b.err)
			}
		}
		if slices.ContainsFunc(f.list.files, func(file folderFile) bool { return file.class == class }) {
			return fmt.Errorf("class %q in %q has images to test on and none to train on", textfmt.PlainName(folder), f.path)
		}
		empty = append(empty, folder)
	}
	f.dropClasses(empty)
	switch {
	case len(f.list.folders) < 2:
		return fmt.Errorf("%d classes with images in %q, want 2 or more%s", len(f.list.folders), f.path, f.skipped("; "))
	case !f.list.cut && tested == 0:
		return fmt.Errorf("no image in the test split of %q: add some, or remove its folder", f.path)
	case f.list.cut && len(f.list.files) == len(f.list.folders):
		return fmt.Errorf("every class in %q has one image: nothing is left to test on", f.path)
	}
	return nil
}

// dropClasses takes out classes without an image.
func (f *folder) dropClasses(empty []string) {
	if len(empty) == 0 {
		return
	}
	to, kept := make([]int, len(f.list.folders)), []string{}
	for class, folder := range f.list.folders {
		to[class] = len(kept)
		if !slices.Contains(empty, folder) {
			kept = append(kept, folder)
		}
	}
	for i := range f.list.files {
		f.list.files[i].class = to[f.list.files[i].class]
	}
	f.list.folders = kept
	f.note("no classes, as they have no image: %s", quoted(empty))
}

// choose sets size and colour where nobody has.
func (f *folder) choose() error {
	im, grey := &f.images, 0
	first := f.list.files[0].look
	high, wide := [2]int{first.height, first.height}, [2]int{first.width, first.width} // least and most
	sizes := map[[2]int]bool{}
	for _, file := range f.list.files {
		l := file.look
		sizes[[2]int{l.height, l.width}] = true
		high = [2]int{min(high[0], l.height), max(high[1], l.height)}
		wide = [2]int{min(wide[0], l.width), max(wide[1], l.width)}
		if l.channels == 1 {
			grey++
		}
	}
	if im.Height == 0 {
		switch {
		case len(sizes) > 1:
			im.Height, im.Width = plainSide, plainSide
			f.note("images of %d sizes, %d to %d pixels high and %d to %d wide: all are resized to %d×%d", len(sizes), high[0], high[1], wide[0], wide[1], plainSide, plainSide)
		case first.height > commonSide || first.width > commonSide:
			im.Height, im.Width = plainSide, plainSide
			f.note("images of %d×%d: all are resized to %d×%d", first.height, first.width, plainSide, plainSide)
		default:
			im.Height, im.Width = first.height, first.width
		}
	}
	if im.Colour == "" {
		im.Colour = RGB
		if grey == len(f.list.files) {
			im.Colour = Grey
		}
	}
	if !slices.ContainsFunc(f.list.files, func(file folderFile) bool { return strings.Count(file.name, "/") == 1 }) {
		f.note("no image lies in a class folder itself, all are in folders below: the classes are %s", quoted(f.list.folders))
	}
	if grey > 0 && grey < len(f.list.files) {
		f.note("%d of %d images are grey: all are read as %s", grey, len(f.list.files), im.Colour)
	}
	if f.list.cut && im.Split == 0 {
		im.Split = DefaultSplit
	}
	if f.list.cut && im.SplitSeed == 0 {
		im.SplitSeed = 1
	}
	return f.fits()
}

// quoted lists names of folders, as text.
func quoted(names []string) string {
	var out []string
	for i, name := range names {
		if i == 3 && len(names) > 4 {
			out = append(out, fmt.Sprintf("and %d more", len(names)-i))
			break
		}
		out = append(out, strconv.Quote(textfmt.PlainName(name)))
	}
	return strings.Join(out, ", ")
}

func (f *folder) note(format string, args ...any) {
	f.list.notes = append(f.list.notes, fmt.Sprintf(format, args...))
}

// ErrManyPixels is the cause when the pixels of a folder take more memory than there is.
var ErrManyPixels = errors.New("more than fit in memory")

// fits refuses more pixels than the machine keeps.
func (f *folder) fits() error {
	size := int64(f.images.Height) * int64(f.images.Width) * int64(f.images.channels())
	most := int64(maxSetBytes)
	if free := machine.Available(); free > 0 {
		most = min(most, free/4*3)
	}
	if n := int64(len(f.list.files)); n*size > most {
		return fmt.Errorf("%q: %d images of %d×%d×%d are %s, %w (%s)", f.path, n, f.images.Height, f.images.Width, f.images.channels(),
			textfmt.Bytes(n*size), ErrManyPixels, textfmt.Bytes(most))
	}
	return nil
}

// read splits the files and decodes them. Those that turn out to be damaged are taken out: then the
// set is to be read again.
func (f *folder) read(ctx context.Context, keep bool) (*Set, error) {
	var notes []string
	if f.list.cut {
		var groups [][]int
		if f.images.Together {
			var err error
			before := len(f.list.files)
			if groups, err = f.groups(ctx); err != nil || len(f.list.files) < before {
				return nil, err
			}
			notes = append(notes, alikeNote(groups))
		}
		notes = append(notes, cutTest(f.list.files, f.images.Split, f.images.SplitSeed, groups)...)
	}
	set := f.newSet()
	set.Notes = notes
	at := make([][]byte, len(f.list.files)) // where each goes
	for _, part := range []struct {
		split *Split
		order []int
	}{{&set.Train, inTurns(f.list.files, len(set.Classes), false)}, {&set.Test, inTurns(f.list.files, len(set.Classes), true)}} {
		if keep {
			part.split.Pixels = make([]byte, len(part.order)*set.Features())
		}
		for k, i := range part.order {
			file := &f.list.files[i]
			part.split.Labels = append(part.split.Labels, uint16(file.class))
			part.split.Names = append(part.split.Names, file.name)
			if keep {
				at[i] = part.split.Pixels[k*set.Features():][:set.Features()]
			}
		}
	}
	return set, f.decode(ctx, at)
}

func (f *folder) newSet() *Set {
	set := &Set{
		Name: f.name, Origin: "images in " + f.path, Images: f.images,
		Height: f.images.Height, Width: f.images.Width, Channels: f.images.channels(),
	}
	for _, folder := range f.list.folders {
		set.Classes = append(set.Classes, textfmt.PlainName(folder))
	}
	return set
}

// decode reads all files and puts each in its place.
func (f *folder) decode(ctx context.Context, at [][]byte) error {
	var resized, jpegs, webps atomic.Bool
	looks := make([]look, len(at))
	err := f.eachFile(ctx, "reading images", func(i int) error {
		p, err := readPicture(f.list.files[i].path)
		if err != nil {
			return err
		}
		looks[i] = p.look
		if p.kind == "jpeg" {
			jpegs.Store(true)
		}
		if p.kind == "webp" {
			webps.Store(true)
		}
		if p.height != f.images.Height || p.width != f.images.Width {
			resized.Store(true)
		}
		if channels := f.images.channels(); at[i] != nil {
			copy(at[i], scaled(p.as(channels), p.height, p.width, channels, f.images.Height, f.images.Width))
		}
		return nil
	})
	f.scaled, f.jpegs, f.webps = resized.Load(), jpegs.Load(), webps.Load()
	f.facts = facts(looks)
	f.sift()
	return err
}

// groups finds near duplicates.
func (f *folder) groups(ctx context.Context) ([][]int, error) {
	thumbs := make([]thumbnail, len(f.list.files))
	err := f.eachFile(ctx, "looking for near duplicates", func(i int) error {
		p, err := readPicture(f.list.files[i].path)
		if err == nil {
			thumbs[i] = thumbnailOf(p)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	f.sift()
	return duplicates(thumbs), nil
}

func alikeNote(groups [][]int) string {
	n := 0
	for _, g := range groups {
		n += len(g)
	}
	return fmt.Sprintf("near duplicates: %d images in %d groups, each in one split", n, len(groups))
}
