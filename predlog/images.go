package predlog

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"shoal/internal/atomicfile"
)

// Images is the folder, beside the logs of a run, of what clients write of images.
const Images = "images"

// maxPaths is how many bytes a list of paths may have.
const maxPaths = 1 << 30

// PathsEnding is that of a list of image files: RUN/images/SPLIT.paths.json.
const PathsEnding = ".paths.json"

// ReadPaths reads a list of image files: n paths, one an example.
func ReadPaths(path string, n int) ([]string, error) {
	text, err := atomicfile.ReadSmall(path, maxPaths)
	if err != nil {
		return nil, err
	}
	var list struct {
		Version int      `json:"shoal_images"`
		Paths   []string `json:"paths"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("not a list of images: %w", err)
	}
	if list.Version != 1 || len(list.Paths) != n {
		return nil, fmt.Errorf("a list of version %d with %d images, want version 1 with %d, one an example", list.Version, len(list.Paths), n)
	}
	return list.Paths, nil
}

// ImagePaths are the image files of the n examples of a split, as the client that attached the run in dir
// was given them; nil where it was given none.
func ImagePaths(dir, split string, n int) ([]string, error) {
	path := filepath.Join(dir, Images, split+PathsEnding)
	if _, err := os.Stat(path); err != nil {
		return nil, nil
	}
	paths, err := ReadPaths(path, n)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	return paths, nil
}
