package export

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/runlog"
)

// readJSON reads a file of an export.
func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// FiftyOne's and Label Studio's files have the suspects of the table, in its order, with their images.
func TestSuspectsForLabelling(t *testing.T) {
	f := newFixture(t, 2)
	suspects := rows(t, filepath.Join(f.export(t, CSV), "suspects.csv"))
	one, studio := f.export(t, FiftyOne), f.export(t, LabelStudio)
	var labels fiftyoneLabels
	readJSON(t, filepath.Join(one, "labels.json"), &labels)
	var tasks []studioTask
	readJSON(t, filepath.Join(studio, "tasks.json"), &tasks)
	if len(suspects) == 0 || len(labels.Labels) != len(suspects) || len(tasks) != len(suspects) || !slices.Equal(labels.Classes, []string{"bar", "dot, or", "NA"}) {
		t.Fatalf("%d suspects, %d labels of %q, %d tasks", len(suspects), len(labels.Labels), labels.Classes, len(tasks))
	}
	keys := []string{}
	for key := range labels.Labels {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for k, row := range suspects {
		label, task := labels.Labels[keys[k]], tasks[k]
		if label.Label != row["class"] || label.Attributes["suggested_label"] != row["answer_class"] || label.Attributes["example_name"] != row["name"] || label.Attributes["rank"] != float64(k+1) {
			t.Errorf("label %d is %+v, want that of %v", k, label, row)
		}
		result := task.Predictions[0].Result[0]
		if task.Data.Given != row["class"] || task.Data.Suggested != row["answer_class"] || task.Data.Name != row["name"] || result.Value.Choices[0] != row["answer_class"] {
			t.Errorf("task %d is %+v, want that of %v", k, task, row)
		}
		if label.Attributes["given_label"] != row["class"] {
			t.Errorf("label %d was given %v, want %q", k, label.Attributes["given_label"], row["class"])
		}
		want := "\x89PNG " + row["id"]
		place := "/" + strings.TrimPrefix(task.Data.Image, "/data/local-files/?d=")
		for _, path := range []string{filepath.Join(one, "data", keys[k]+".png"), filepath.Join(studio, "images", filepath.Base(place))} {
			if picture, err := os.ReadFile(path); err != nil || string(picture) != want {
				t.Errorf("%q holds %q, %v", path, picture, err)
			}
		}
		if _, err := os.Stat(place); err != nil {
			t.Errorf("task %d: %v", k, err)
		}
	}
	checkConfig(t, filepath.Join(studio, "config.xml"))
}

func TestHiddenFiles(t *testing.T) {
	for path, want := range map[string]bool{"/a/b.png": false, "/a/b.TIF": true, "/a.tiff/b.jpg": false, "/a/b.tiff": true, `/a/b\c.png`: filepath.Separator == '/'} {
		if hidden(path) != want {
			t.Errorf("hidden(%q) is %v", path, !want)
		}
	}
}

// checkConfig: tags have the names that predictions are for, and one choice a class.
func checkConfig(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var view struct {
		Image struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		}
		Choices struct {
			Name   string `xml:"name,attr"`
			To     string `xml:"toName,attr"`
			Choice []struct {
				Value string `xml:"value,attr"`
			}
		}
	}
	if err := xml.Unmarshal(text, &view); err != nil {
		t.Fatal(err)
	}
	c := view.Choices
	if view.Image.Name != studioImage || view.Image.Value != "$image" || c.Name != studioChoice || c.To != studioImage || len(c.Choice) != 3 || c.Choice[1].Value != "dot, or" {
		t.Errorf("config %+v of %s", view, text)
	}
}

// A class whose name Label Studio would take for a field of the task is shown by another text that looks
// alike, and means its name.
func TestDollarsOfLabelStudio(t *testing.T) {
	out := filepath.Join(t.TempDir(), "studio")
	if _, err := Write(t.Context(), folderRun(t, t.TempDir(), "test", false, "$5 note", "b"), Options{Format: LabelStudio, Out: out}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "config.xml"))
	if err != nil || !strings.Contains(string(text), "<Choice value=\"$\u200b5 note\" alias=\"$5 note\">") || !strings.Contains(string(text), `<Choice value="b"></Choice>`) {
		t.Errorf("%s, %v", text, err)
	}
}

// Images of a folder that is still there stay where they are, in the folder of the split. Of one that is
// missing, or that no browser shows, the run's own is written; without that there is nothing to show.
func TestOwnFilesForLabelling(t *testing.T) {
	for name, c := range map[string]struct {
		folder string // of the split, below the dataset's
		lacks  string // the file that isn't there any more
		images bool
		paths  []string // in data.json, of the examples 1 and 3; ROOT is the folder of the split
	}{
		"test split":        {folder: "test", paths: []string{"ROOT/a/1.png", "ROOT/b/1.tif"}},
		"validation":        {folder: "Val", images: true, paths: []string{"ROOT/a/1.png", "data/000002-example-3.jpg"}},
		"drawn":             {folder: ".", paths: []string{"ROOT/a/1.png", "ROOT/b/1.tif"}},
		"one missing":       {folder: "test", lacks: "a/1.png", images: true, paths: []string{"data/000001-example-1.jpg", "data/000002-example-3.jpg"}},
		"other missing":     {folder: "test", lacks: "b/1.tif", images: true, paths: []string{"ROOT/a/1.png", "data/000002-example-3.jpg"}},
		"missing, no image": {folder: "test", lacks: "a/1.png"},
	} {
		root := filepath.Join(t.TempDir(), "my images + more")
		dir := folderRun(t, root, c.folder, c.images, "a", "b")
		if c.lacks != "" {
			if err := os.Remove(filepath.Join(root, c.folder, c.lacks)); err != nil {
				t.Fatal(err)
			}
		}
		out, warned := filepath.Join(t.TempDir(), "out"), 0
		o := Options{Format: FiftyOne, Out: out, Warn: func(text string) {
			if strings.Contains(text, "the files of 1 of 2 examples") {
				warned++
			}
		}}
		_, err := Write(t.Context(), dir, o)
		if c.paths == nil {
			if !errors.Is(err, ErrNoPictures) {
				t.Errorf("%s: error %v, want ErrNoPictures", name, err)
			}
			continue
		}
		if err != nil || (warned > 0) != (c.lacks != "") {
			t.Errorf("%s: error %v, %d warnings", name, err, warned)
			continue
		}
		var paths map[string]string
		readJSON(t, filepath.Join(out, "data.json"), &paths)
		studio := filepath.Join(t.TempDir(), "studio")
		if _, err := Write(t.Context(), dir, Options{Format: LabelStudio, Out: studio}); err != nil {
			t.Fatal(err)
		}
		var tasks []studioTask
		readJSON(t, filepath.Join(studio, "tasks.json"), &tasks)
		for k, want := range c.paths {
			own := filepath.Join(root, c.folder)
			want, isOwn := strings.CutPrefix(want, "ROOT")
			address, place := want, filepath.Join(out, want)
			if isOwn {
				place = own + want
				want = place
				address = "my%20images%20%2B%20more/" + strings.TrimPrefix(c.folder+address, "./")
			} else {
				address = strings.Replace(address, "data/", "images/", 1)
			}
			if got := paths[[]string{"000001-example-1", "000002-example-3"}[k]]; got != want {
				t.Errorf("%s: path %q, want %q", name, got, want)
			}
			if _, err := os.Stat(place); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got := tasks[k].Data.Image; !strings.HasSuffix(got, address) {
				t.Errorf("%s: image at %q, want %q", name, got, address)
			}
		}
	}
}

// A run that was attached with paths of images has them beside its log.
func TestListedFilesForLabelling(t *testing.T) {
	root := t.TempDir()
	dir := folderRun(t, filepath.Join(root, "elsewhere"), "test", true, "a", "b")
	own := filepath.Join(root, "own.png")
	list := fmt.Sprintf(`{"shoal_images": 1, "split": "test", "n": 4, "paths": ["/no", %q, "/no", "/no/3.png"]}`, own)
	place := filepath.Join(dir, "images", "test.paths.json")
	err := errors.Join(os.Mkdir(filepath.Dir(place), 0o777), os.WriteFile(place, []byte(list), 0o666), os.WriteFile(own, nil, 0o666))
	out := filepath.Join(root, "out")
	if err == nil {
		_, err = Write(t.Context(), dir, Options{Format: FiftyOne, Out: out})
	}
	if err != nil {
		t.Fatal(err)
	}
	var paths map[string]string
	readJSON(t, filepath.Join(out, "data.json"), &paths)
	if paths["000001-example-1"] != own || paths["000002-example-3"] != "data/000002-example-3.jpg" {
		t.Errorf("paths %q", paths)
	}
	if err := os.WriteFile(place, []byte(strings.Replace(list, `"/no", `, "", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), dir, Options{Format: FiftyOne, Out: out, Force: true}); err == nil || !strings.Contains(err.Error(), "with 3 images, want version 1 with 4") {
		t.Errorf("error %v", err)
	}
}

// folderRun makes a folder of images and a run on it, whose examples 1 and 3 are suspects.
func folderRun(t *testing.T, root, folder string, images bool, classes ...string) string {
	t.Helper()
	e := runlog.Examples{Labels: []uint16{0, 0, 1, 1}, Names: []string{"a/0.png", "a/1.png", "b/0.png", "b/1.tif"}}
	for _, name := range e.Names {
		path := filepath.Join(root, folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if images {
		e.Image = func(int) ([]byte, error) { return []byte("\xff\xd8"), nil }
	}
	m := runlog.Meta{Study: "s", Dataset: "folder:elsewhere", Network: "n", Classes: classes, StudyTOML: "[data]\nabsolute = '" + root + "'\n"}
	dir := filepath.Join(t.TempDir(), "run")
	run, err := runlog.Create(dir, m, e)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	ref := runlog.Reference{Reference: dynamics.Reference{Name: "svm", Predictions: []uint16{0, 1, 1, 0}}, Kind: "svm", ParamsJSON: "{}"}
	if _, err := run.AddReference(ref); err != nil {
		t.Fatal(err)
	}
	for step := range 3 {
		if _, err := run.AppendEvaluation(runlog.Evaluation{Step: step, Predictions: []uint16{0, 1, 1, 0}}); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A run that another one replaces while it is exported is not exported with the images of that one.
func TestRunIsReplacedWhileItIsExported(t *testing.T) {
	f := newFixture(t, 2)
	d, err := read(t.Context(), f.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(f.dir); err != nil {
		t.Fatal(err)
	}
	other, err := runlog.Create(f.dir, runlog.Meta{Study: "s", Network: "n", Classes: []string{"a"}},
		runlog.Examples{Labels: []uint16{0}, Image: func(int) ([]byte, error) { return []byte("\x89PNG"), nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := d.labelling(t.Context(), "images", nil); !errors.Is(err, runlog.ErrReplaced) {
		t.Errorf("it gives %v, want ErrReplaced", err)
	}
}
