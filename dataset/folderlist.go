package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"shoal/internal/textfmt"
)

// A folderList is what an image folder holds, before any file is opened.
type folderList struct {
	folders []string // of the classes, in byte order
	files   []folderFile
	cut     bool     // there is no test split: it is to be cut off
	junk    tally    // what is no image, by its kind
	notes   []string // for a person
}

// A folderFile is a file that may be an image.
type folderFile struct {
	path, name string // to read; "<class>/<file>" as textfmt.PlainName has it
	class      int    // of folderList.folders
	test       bool
	look       look  // once it was probed
	err        error // why it can't be used
}

// tally counts things by a name.
type tally map[string]int

// String lists the names, the most frequent first.
func (t tally) String() string {
	var parts []string
	for name := range t {
		parts = append(parts, name)
	}
	slices.SortFunc(parts, func(a, b string) int { return cmp.Or(t[b]-t[a], strings.Compare(a, b)) })
	for i, name := range parts {
		parts[i] = fmt.Sprintf("%d × %s", t[name], name)
	}
	return strings.Join(parts, ", ")
}

// The folders of a test split, the first that is there.
var testFolders = []string{"test", "testing", "val", "valid", "validation"}

func notFolder(name, path string) error {
	return fmt.Errorf("dataset %q: %q is not a folder", name, path)
}

// listFolder lists PATH/train/<class>/* and PATH/test/<class>/*, or PATH/<class>/* where there is no
// such split. Files of a class may be in folders of its folder.
func listFolder(name, root string) (*folderList, error) {
	if !isFolder(root) {
		return nil, notFolder(name, root)
	}
	l := &folderList{junk: tally{}}
	train, test, err := l.splits(root)
	if err != nil {
		return nil, err
	}
	places := []string{train}
	if l.cut = test == ""; !l.cut {
		places = append(places, test)
	}
	byPlace := map[string][]string{}
	for _, place := range places {
		if byPlace[place], err = l.classFolders(place); err != nil {
			return nil, err
		}
	}
	if err := manyClasses(train, byPlace[train]); err != nil {
		return nil, err
	}
	l.folders = byPlace[train]
	if err := l.sameClasses(root, byPlace[test]); err != nil {
		return nil, err
	}
	return l, l.walk(root, places, byPlace)
}

// splits finds the folders of the two splits; both are "" and the root where there are none.
func (l *folderList) splits(root string) (train, test string, err error) {
	found := map[string]string{}
	entries, err := os.ReadDir(root)
	if err != nil {
		return "", "", err
	}
	for _, e := range slices.Backward(entries) { // "train" after "Train", and so before it
		if dir := filepath.Join(root, e.Name()); isFolder(dir) && hasFolders(dir) {
			found[strings.ToLower(e.Name())] = dir
		}
	}
	train = cmp.Or(found["train"], found["training"])
	for _, name := range testFolders {
		switch dir := found[name]; {
		case dir == "":
		case test == "":
			test = dir
		default:
			l.notes = append(l.notes, fmt.Sprintf("%q is not used: the test split is %q", dir, test))
		}
	}
	switch {
	case train == "" && test != "":
		return "", "", fmt.Errorf("no folder train beside %q: want train/<class>/ and test/<class>/ with the images, or one folder a class", test)
	case train == "":
		return root, "", nil
	case test != "" && !strings.HasPrefix(strings.ToLower(filepath.Base(test)), "test"):
		l.notes = append(l.notes, fmt.Sprintf("%q is taken for the test split", test))
	}
	return train, test, nil
}

// hasFolders reports whether there are folders in dir.
func hasFolders(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !hidden(e.Name()) && isFolder(filepath.Join(dir, e.Name()))
	})
}

// hidden names are those that file managers and copies between systems leave beside the images.
func hidden(name string) bool { return strings.HasPrefix(name, ".") }

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// classFolders lists the folders in dir, in byte order.
func (l *folderList) classFolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		switch {
		case hidden(e.Name()):
		case isFolder(filepath.Join(dir, e.Name())):
			names = append(names, e.Name())
		case imageEndings[ending(e.Name())]:
			l.junk["image beside the class folders"]++
		default:
			l.junk[kindOf(e.Name())]++
		}
	}
	if a, b, ok := alike(names); ok {
		return nil, fmt.Errorf("class folders %+q and %+q in %q look the same: rename one", a, b, dir)
	}
	return names, nil
}

// manyClasses refuses a number of classes that can't be learned.
func manyClasses(dir string, folders []string) error {
	if len(folders) == 1 && hasFolders(filepath.Join(dir, folders[0])) {
		return fmt.Errorf("1 class folder in %q, want 2 to %d: did you mean the folders in %q?", dir, maxClasses, filepath.Join(dir, folders[0]))
	}
	if len(folders) < 2 || len(folders) > maxClasses {
		return fmt.Errorf("%s in %q, want 2 to %d: a folder for each class, with its images", textfmt.Count(len(folders), "class folder"), dir, maxClasses)
	}
	return nil
}

// sameClasses refuses a test split with a class that can't be learned.
func (l *folderList) sameClasses(root string, tested []string) error {
	for _, name := range tested {
		if _, ok := slices.BinarySearch(l.folders, name); !ok {
			return fmt.Errorf("%q: the class folders of the training and the test split differ, first %s: want the same in both",
				root, firstDifference(l.folders, tested))
		}
	}
	return nil
}

// firstDifference quotes the first name that only one of two sorted lists has. Where the other has
// one that looks the same, it quotes both.
func firstDifference(a, b []string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	rest := slices.Concat(a[n:], b[n:])
	first := slices.Min(rest)
	for _, other := range rest {
		if other != first && shown(other) == shown(first) {
			return fmt.Sprintf("%+q and %+q, which look the same", first, other)
		}
	}
	return fmt.Sprintf("%q", first)
}

// shown is what two names share that look the same: the same letters in two forms of Unicode, as
// two systems write them, or a byte and its escape.
func shown(name string) string { return norm.NFC.String(textfmt.PlainName(name)) }

// alike returns two names that look the same.
func alike(names []string) (a, b string, ok bool) {
	seen := map[string]string{}
	for _, name := range names {
		if other, twice := seen[shown(name)]; twice {
			return other, name, true
		}
		seen[shown(name)] = name
	}
	return "", "", false
}

// walk lists the files of all classes in both places.
func (l *folderList) walk(root string, places []string, byPlace map[string][]string) error {
	// A link into a folder that is walked anyway would repeat its images, or never end.
	known := map[string]bool{real(root): true}
	for place, folders := range byPlace {
		known[real(place)] = true
		for _, folder := range folders {
			known[real(filepath.Join(place, folder))] = true
		}
	}
	for i, place := range places {
		for class, folder := range l.folders {
			if _, ok := slices.BinarySearch(byPlace[place], folder); !ok {
				continue
			}
			w := walker{known: known, junk: l.junk}
			if err := w.enter(filepath.Join(place, folder), ""); err != nil {
				return err
			}
			slices.Sort(w.names)
			if a, b, ok := alike(w.names); ok {
				return fmt.Errorf("images %+q and %+q in %q look the same: rename one", a, b, filepath.Join(place, folder))
			}
			for _, name := range w.names {
				l.files = append(l.files, folderFile{
					path: filepath.Join(place, folder, filepath.FromSlash(name)), class: class, test: i == 1,
					name: textfmt.PlainName(folder) + "/" + textfmt.PlainName(name),
				})
			}
		}
	}
	return nil
}

// real is a folder's path without links.
func real(dir string) string {
	if path, err := filepath.EvalSymlinks(dir); err == nil {
		return path
	}
	return filepath.Clean(dir)
}

// A walker lists the files of one class.
type walker struct {
	known map[string]bool // real paths of folders that are not entered again
	junk  tally
	names []string // below the class's folder, with forward slashes
}

// enter lists the files in dir, whose path below the class's folder is rel.
func (w *walker) enter(dir, rel string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if hidden(e.Name()) {
			continue
		}
		below, name := filepath.Join(dir, e.Name()), path.Join(rel, e.Name())
		info, err := os.Stat(below)
		switch {
		case errors.Is(err, fs.ErrPermission):
			return err
		case err != nil:
			w.junk["dead link"]++
		case info.IsDir():
			if err := w.enterOnce(below, name); err != nil {
				return err
			}
		case !info.Mode().IsRegular():
			w.junk["special file"]++
		default:
			w.names = append(w.names, name)
		}
	}
	return nil
}

func (w *walker) enterOnce(dir, rel string) error {
	at := real(dir)
	if w.known[at] {
		w.junk["link to a folder that is read already"]++
		return nil
	}
	w.known[at] = true
	return w.enter(dir, rel)
}

// imageEndings are those of files that are meant to be images, read or not.
var imageEndings = map[string]bool{
	".png": true, ".jpg": true, ".jpeg": true, ".jpe": true, ".jfif": true, ".webp": true, ".gif": true, ".bmp": true, ".dib": true,
	".tif": true, ".tiff": true, ".heic": true, ".heif": true, ".avif": true, ".jp2": true, ".jxl": true,
}

// ending is the lower-case ending of a file's name, with its point.
func ending(name string) string { return strings.ToLower(filepath.Ext(name)) }

// kindOf names what a file is that is no image.
func kindOf(name string) string {
	switch end := ending(name); {
	case end == "":
		return "no ending"
	case end == ".db" || end == ".ini": // Thumbs.db, desktop.ini: known by their names
		return textfmt.PlainName(filepath.Base(name))
	default:
		return textfmt.PlainName(end)
	}
}
