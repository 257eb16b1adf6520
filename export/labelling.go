package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shoal/dynamics"
	"shoal/internal/atomicfile"
	"shoal/internal/smalltoml"
	"shoal/predlog"
)

// toLabel are the suspects of a run as tools for labelling take them.
type toLabel struct {
	*data
	suspects []dynamics.Suspect
	keys     []string // names of the suspects that sort as they are ranked
	paths    []string // of their images: absolute where it is the dataset's own file, else within the export
	written  [][]byte // their images; nil where it is the dataset's own file
	out      string   // the absolute path of the export, once it is in its place
}

// ErrNoSuspect is wrapped where there is nothing to label.
var ErrNoSuspect = errors.New("no label of it looks wrong")

// ErrNoPictures is wrapped where neither the run nor the dataset's folder has the images.
var ErrNoPictures = errors.New("it keeps no images of its examples")

// labelling finds the suspects and their images. Those that are not the dataset's own files would be
// written to a folder of that name within the export; warn is told where such files are missing.
func (d *data) labelling(ctx context.Context, folder string, warn func(string)) (*toLabel, error) {
	t := &toLabel{data: d}
	var err error
	if t.suspects, err = d.Suspects(); err != nil {
		return nil, err
	}
	if len(t.suspects) == 0 {
		return nil, fmt.Errorf("run %q: %w, by its network and %d references", d.Dir, ErrNoSuspect, len(d.Compared()))
	}
	for k, s := range t.suspects {
		t.keys = append(t.keys, fmt.Sprintf("%06d-example-%d", k+1, s.Example))
	}
	return t, t.findPictures(ctx, folder, warn)
}

// findPictures finds the images: the dataset's own files where they are, else those of the run.
func (t *toLabel) findPictures(ctx context.Context, folder string, warn func(string)) error {
	known, err := t.ownFiles()
	if err != nil {
		return err
	}
	t.written = make([][]byte, len(t.suspects))
	missing := 0
	for _, path := range t.paths {
		if path == "" {
			missing++
		}
	}
	if missing == 0 && !slices.ContainsFunc(t.paths, hidden) {
		return nil
	}
	all, err := t.Images(ctx)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("the files of %d of %d examples are not where the dataset was", missing, len(t.suspects))
	switch {
	case all == nil && missing > 0 && known:
		return fmt.Errorf("run %q: %w, and %s", t.Dir, ErrNoPictures, what)
	case all == nil && missing > 0:
		return fmt.Errorf("run %q: %w", t.Dir, ErrNoPictures)
	case missing > 0 && known && warn != nil:
		warn(what + ": the small images that the run keeps are written instead")
	}
	for k, s := range t.suspects {
		if all != nil && (t.paths[k] == "" || hidden(t.paths[k])) {
			t.written[k] = all[s.Example]
			t.paths[k] = filepath.Join(folder, t.keys[k]+pictureEnding(all[s.Example]))
		}
	}
	return nil
}

// hidden reports whether people can't be shown a file of an image: browsers, in which they label, know no
// TIFF, and FiftyOne takes a backslash in a name for a slash.
func hidden(path string) bool {
	ending := strings.ToLower(filepath.Ext(path))
	return ending == ".tif" || ending == ".tiff" || filepath.Separator != '\\' && strings.Contains(path, `\`)
}

// pictureEnding is that of a PNG or a JPEG, which are all that runs keep.
func pictureEnding(picture []byte) string {
	if bytes.HasPrefix(picture, []byte("\x89PNG")) {
		return ".png"
	}
	return ".jpg"
}

// writePictures writes the images that are not the dataset's own files into the export at out.
func (t *toLabel) writePictures(ctx context.Context, out string) error {
	for k, picture := range t.written {
		if picture == nil {
			continue
		}
		path := filepath.Join(out, t.paths[k])
		err := errors.Join(ctx.Err(), os.MkdirAll(filepath.Dir(path), 0o755))
		if err == nil {
			err = atomicfile.WriteFile(path, picture)
		}
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	return nil
}

// ownFiles finds the suspects' own files, by the list of a run that was attached with paths, or in the
// dataset's folder: in that of the folders that may hold them which has the most. A path is "" where the
// file isn't there; known says whether there should be files.
func (t *toLabel) ownFiles() (known bool, err error) {
	t.paths = make([]string, len(t.suspects))
	listed, err := predlog.ImagePaths(t.Dir, t.Split, len(t.Log.Labels))
	if err != nil || listed != nil {
		if err == nil {
			t.paths, _ = t.files(func(example int) string { return listed[example] })
		}
		return listed != nil, err
	}
	places, most := t.imageFolders(), 0
	for _, place := range places {
		for _, folder := range splitFolders(place, t.Split) {
			paths, found := t.files(func(example int) string { return filepath.Join(folder, filepath.FromSlash(t.Names[example])) })
			if found > most {
				t.paths, most = paths, found
			}
		}
	}
	return places != nil, nil
}

// imageFolders are the places where the dataset's folder of images may be; nil where it is none.
func (d *data) imageFolders() []string {
	var study struct {
		Data struct{ Dataset, Absolute string }
	}
	path, isFolder := strings.CutPrefix(d.Dataset, "folder:")
	if _, err := smalltoml.Decode(d.StudyTOML, &study); err != nil || !isFolder || d.Names == nil {
		return nil
	}
	places := []string{study.Data.Absolute}
	if from := d.DatasetFolder(); from != "" && !filepath.IsAbs(path) {
		places = append(places, filepath.Join(from, path))
	}
	return append(places, path)
}

// splitFolders are the folders that may hold the images of a split: those of its name, as package dataset
// takes them, and the folder itself, where the split was drawn from it.
func splitFolders(place, split string) []string {
	if place == "" {
		return nil
	}
	names := []string{"test", "testing", "val", "valid", "validation"}
	if split == dynamics.TrainSplit {
		names = []string{"train", "training"}
	}
	var out []string
	entries, err := os.ReadDir(place)
	if err != nil {
		return nil
	}
	for _, name := range names {
		for _, e := range entries {
			if strings.EqualFold(e.Name(), name) {
				out = append(out, filepath.Join(place, e.Name()))
			}
		}
	}
	return append(out, place)
}

// files are the absolute paths of the suspects' files, "" for one that isn't there, and how many are.
func (t *toLabel) files(of func(example int) string) (paths []string, found int) {
	paths = make([]string, len(t.suspects))
	for k, s := range t.suspects {
		path, err := filepath.Abs(of(s.Example))
		if err != nil {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			paths[k] = path
			found++
		}
	}
	return paths, found
}

// labelled is an export for labelling: what is written where, beside a folder of images.
type labelled struct {
	images string // the folder
	files  []string
	write  func(t *toLabel, out string) error // all but the images
}

// labelledFormats are the exports for labelling by their formats.
var labelledFormats = map[string]labelled{
	FiftyOne:    {"data", []string{"labels.json", "data.json"}, (*toLabel).writeFiftyOne},
	LabelStudio: {"images", []string{"tasks.json", "config.xml"}, (*toLabel).writeLabelStudio},
}

// ours reports whether a file, by its path in the folder, is one that the export writes.
func (l labelled) ours(file string) bool {
	ending := filepath.Ext(file)
	return slices.Contains(l.files, file) || filepath.Dir(file) == l.images && (ending == ".png" || ending == ".jpg")
}

// export writes the suspects of a run for a tool, and lists its files, of the images only the folder.
func (l labelled) export(ctx context.Context, d *data, o Options) ([]string, error) {
	t, err := d.labelling(ctx, l.images, o.Warn)
	if err != nil {
		return nil, err
	}
	t.out, err = filepath.Abs(o.Out)
	if err != nil {
		return nil, err
	}
	files, err := o.folder(func(path string) error {
		if err := t.writePictures(ctx, path); err != nil {
			return err
		}
		return l.write(t, path)
	})
	images := filepath.Join(filepath.Clean(o.Out), l.images)
	for i, file := range files {
		if filepath.Dir(file) == images {
			files[i] = images
		}
	}
	return slices.Compact(files), err
}
