package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"shoal/internal/textfmt"
)

// A folderList is what an image folder holds, before any image is decoded.
type folderList struct {
	classes     []string // as textfmt.PlainName has them
	train, test fileList
}

// A fileList is one split of an image folder, in order.
type fileList struct {
	paths  []string // to read
	names  []string // "<class>/<file>", as textfmt.PlainName has them: all different
	labels []uint16
}

// listFolder lists path/train/<class>/* and path/test/<class>/*. The classes are the folders' names
// in byte order. The examples take turns: the first file of every class, then the second of every
// class, each in byte order of the names, so that the first N examples are of all classes. Without
// a problem both splits have examples of every class.
func listFolder(name, path string) (*folderList, []error) {
	if !isFolder(path) {
		return nil, []error{fmt.Errorf("dataset %q: %q is not a folder", name, path)}
	}
	folders, err := classFolders(filepath.Join(path, "train"))
	if err != nil {
		return nil, []error{err}
	}
	tested, err := classFolders(filepath.Join(path, "test"))
	if err != nil {
		return nil, []error{err}
	}
	if !slices.Equal(folders, tested) {
		return nil, []error{fmt.Errorf("%q: the class folders below train and test differ, first %s: want the same in both",
			path, firstDifference(folders, tested))}
	}
	list := &folderList{}
	for _, folder := range folders {
		list.classes = append(list.classes, textfmt.PlainName(folder))
	}
	train, problems := listFiles(filepath.Join(path, "train"), folders)
	test, more := listFiles(filepath.Join(path, "test"), folders)
	list.train, list.test = train, test
	return list, append(problems, more...)
}

// classFolders lists the folders in dir, in byte order.
func classFolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no folder %q: want train/<class>/ and test/<class>/ with the images", dir)
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		switch {
		case strings.HasPrefix(entry.Name(), "."):
		case isFolder(filepath.Join(dir, entry.Name())):
			names = append(names, entry.Name())
		default:
			return nil, fmt.Errorf("%q is not a folder: want one folder a class in %q", filepath.Join(dir, entry.Name()), dir)
		}
	}
	if len(names) < 2 || len(names) > maxClasses {
		return nil, fmt.Errorf("%d class folders in %q, want 2 to %d", len(names), dir, maxClasses)
	}
	if a, b, ok := alike(names); ok {
		return nil, fmt.Errorf("class folders %+q and %+q in %q look the same: rename one", a, b, dir)
	}
	return names, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
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

// listFiles lists the files of all classes, taking turns, and what keeps them from being a split.
func listFiles(dir string, folders []string) (list fileList, problems []error) {
	byClass := make([][]string, len(folders))
	longest := 0
	for i, class := range folders {
		names, found := imagesIn(filepath.Join(dir, class))
		problems = append(problems, found...)
		byClass[i], longest = names, max(longest, len(names))
	}
	for turn := range longest {
		for label, files := range byClass {
			if turn < len(files) {
				list.paths = append(list.paths, filepath.Join(dir, folders[label], files[turn]))
				list.names = append(list.names, textfmt.PlainName(folders[label])+"/"+textfmt.PlainName(files[turn]))
				list.labels = append(list.labels, uint16(label))
			}
		}
	}
	return list, problems
}

// imagesIn lists the names of a class folder's images, in byte order. Hidden files are skipped: file
// managers and copies between systems leave them beside the images.
func imagesIn(folder string) (names []string, problems []error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, []error{err}
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		switch strings.ToLower(filepath.Ext(entry.Name())) {
		case ".png", ".jpg", ".jpeg":
			names = append(names, entry.Name())
		default:
			problems = append(problems, fmt.Errorf("%q is not a .png, .jpg or .jpeg: move it away", filepath.Join(folder, entry.Name())))
		}
	}
	if len(names) == 0 && len(problems) == 0 {
		problems = append(problems, fmt.Errorf("no image in the class folder %q: add some, or remove the class from train and test", folder))
	}
	if a, b, ok := alike(names); ok {
		problems = append(problems, fmt.Errorf("images %+q and %+q in %q look the same: rename one", a, b, folder))
	}
	return names, problems
}
