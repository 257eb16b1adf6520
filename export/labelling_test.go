package export

import (
	"encoding/json"
	"encoding/xml"
	"errors"
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

// Images of a folder that is still there stay where they are, in the folder of the split; one that is
// missing makes those of the run be written; without them there is nothing to show.
func TestOwnFilesForLabelling(t *testing.T) {
	for name, c := range map[string]struct {
		folder string // of the split, below the dataset's
		lacks  bool
		images bool
	}{
		"test split": {folder: "test"}, "validation": {folder: "Val"}, "drawn": {folder: "."},
		"missing": {folder: "test", lacks: true, images: true}, "nothing": {folder: "test", lacks: true},
	} {
		root := filepath.Join(t.TempDir(), "my images + more")
		dir := folderRun(t, root, c.folder, c.images)
		if c.lacks {
			if err := os.Remove(filepath.Join(root, c.folder, "a", "1.png")); err != nil {
				t.Fatal(err)
			}
		}
		out := filepath.Join(t.TempDir(), "out")
		files, err := Write(t.Context(), dir, Options{Format: FiftyOne, Out: out})
		switch {
		case c.lacks && !c.images:
			if !errors.Is(err, ErrNoPictures) {
				t.Errorf("%s: error %v, want ErrNoPictures", name, err)
			}
			continue
		case err != nil:
			t.Errorf("%s: %v", name, err)
			continue
		case c.lacks:
			if !slices.Equal(files, []string{filepath.Join(out, "data"), filepath.Join(out, "labels.json")}) {
				t.Errorf("%s: wrote %q", name, files)
			}
			continue
		}
		var paths map[string]string
		readJSON(t, filepath.Join(out, "data.json"), &paths)
		want := filepath.Join(root, c.folder, "a", "1.png")
		if len(paths) != 1 || paths["000001-example-1"] != want {
			t.Errorf("%s: paths %q, want %q", name, paths, want)
		}
		studio := filepath.Join(t.TempDir(), "studio")
		if _, err := Write(t.Context(), dir, Options{Format: LabelStudio, Out: studio}); err != nil {
			t.Fatal(err)
		}
		var tasks []studioTask
		readJSON(t, filepath.Join(studio, "tasks.json"), &tasks)
		if got := tasks[0].Data.Image; !strings.HasSuffix(got, "my%20images%20%2B%20more/"+strings.TrimPrefix(c.folder+"/a/1.png", "./")) {
			t.Errorf("%s: image at %q", name, got)
		}
	}
}

// folderRun makes a folder of images and a run on it, whose example 1 is a suspect.
func folderRun(t *testing.T, root, folder string, images bool) string {
	t.Helper()
	e := runlog.Examples{Labels: []uint16{0, 0, 1, 1}, Names: []string{"a/0.png", "a/1.png", "b/0.png", "b/1.png"}}
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
	m := runlog.Meta{Study: "s", Dataset: "folder:elsewhere", Network: "n", Classes: []string{"a", "b"}, StudyTOML: "[data]\nabsolute = '" + root + "'\n"}
	dir := filepath.Join(t.TempDir(), "run")
	run, err := runlog.Create(dir, m, e)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	ref := runlog.Reference{Reference: dynamics.Reference{Name: "svm", Predictions: []uint16{0, 1, 1, 1}}, Kind: "svm", ParamsJSON: "{}"}
	if _, err := run.AddReference(ref); err != nil {
		t.Fatal(err)
	}
	for step := range 3 {
		if _, err := run.AppendEvaluation(runlog.Evaluation{Step: step, Predictions: []uint16{0, 1, 1, 1}}); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
