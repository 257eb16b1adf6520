package answers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// corrected reads a file for a split whose labels are the dataset's.
func corrected(t *testing.T, s Split, name, text string) (*Corrections, error) {
	t.Helper()
	return ReadCorrections(write(t, name, []byte(text)), s, s.Labels)
}

// numbered is a split of examples without names, as those of MNIST.
func numbered() Split {
	s := Split{}
	for i := range 40 {
		s.Labels = append(s.Labels, uint16(i%10))
	}
	for c := range 10 {
		s.Classes = append(s.Classes, fmt.Sprint(c))
	}
	return s
}

// Examples 1 and 5 of the animals become 2 and 0, in every form that a file can have.
func TestCorrectionsInEveryForm(t *testing.T) {
	s := animals()
	for name, text := range map[string]string{
		"names":     "name,label\n" + s.Names[1] + ",cow\n" + s.Names[5] + ",ant\n",
		"folders":   "path;label\ndata\\test\\" + strings.ReplaceAll(s.Names[1], "/", "\\") + ";2\n" + s.Names[5] + ";0\n",
		"numbers":   "\ufeffid,label\n5,0\n1,2.0\n",
		"mixed":     "id,label\n1,cow\n5,0\n",
		"the same":  "index,label\n5,0\n1,2\n5,0\n",
		"blank":     "id,corrected_label,label\n1,cow,bee\n2,,cow\n5,ant,cow\n",
		"new class": "id,new_class\n1,cow\n5,ant\n",
		"export":    "rank,id,name,label,class,answer,answer_class\n1,1," + s.Names[1] + ",2,bee,2,cow\n2,5," + s.Names[5] + ",2,ant,0,ant\n3,0," + s.Names[0] + ",0,ant,1,bee\n",
		"both":      "id,label,class\n1,2,cow\n5,0,ant\n",
		"studio": `[{"id": 7, "data": {"example": 1, "name": "` + s.Names[1] + `", "given_label": "bee"}, "annotations": [{"was_cancelled": false, "result": [
			{"from_name": "corrected_label", "value": {"choices": ["cow"]}}, {"from_name": "note", "value": {"text": ["?"]}}]}]},
			{"id": 8, "data": {"example": 5, "given_label": "cow"}, "annotations": [{"result": [{"from_name": "corrected_label", "value": {"choices": ["ant"]}}]}]},
			{"id": 9, "data": {"example": 6, "given_label": "ant"}, "annotations": [{"was_cancelled": true, "result": [{"from_name": "corrected_label", "value": {"choices": ["bee"]}}]}]},
			{"id": 10, "data": {"example": 7, "given_label": "bee"}, "annotations": []}]`,
		"empty lines": "id,label,note\n1,cow,\n,,\n5,ant,x\n , ,\n",
		"given":       "id,given_label,class\n1,bee,cow\n5,cow,ant\n6,ant,\n",
		"studio, CSV": `"annotation_id","annotator","corrected_label","example","given_label","id","name"
			3,"1","cow",1,"bee",7,"` + s.Names[1] + `"` + "\n" + `4,"1","ant",5,"cow",8,"` + s.Names[5] + `"` + "\n" + `5,"1","",6,"ant",9,"` + s.Names[6] + `"` + "\n",
		"fiftyone": `{"samples": [{"filepath": "x.png", "ground_truth": {"_cls": "Classification", "label": "cow", "example": 1, "example_name": "` + s.Names[1] + `", "given_label": "bee"}},
			{"ground_truth": {"label": "ant", "example": 5, "given_label": "cow"}}, {"ground_truth": {"label": null, "example": 6, "given_label": "ant"}}, {"filepath": "y.png"}]}`,
		"studio, short": ` [{"id": 7, "example": 1, "name": "` + s.Names[1] + `", "given_label": "bee", "corrected_label": "cow"}, {"example": 5, "given_label": "cow", "corrected_label": "ant"}, {"example": 4, "given_label": "bee"}]`,
	} {
		got, err := corrected(t, s, "labels.csv", text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := slices.Clone(s.Labels)
		want[1], want[5] = 2, 0
		if !slices.Equal(got.Labels, want) || got.Changed != 2 {
			t.Errorf("%s: %d changed, labels %v", name, got.Changed, got.Labels)
		}
	}
	if s.Labels[1] != 1 {
		t.Error("the split's own labels were changed")
	}
}

// What doesn't fit is one clear line.
func TestCorrectionsThatDoNotFit(t *testing.T) {
	s, digits := animals(), numbered()
	var turned, inOrder, shifted strings.Builder
	for i := range 36 {
		fmt.Fprintf(&turned, "%d,%d\n", i, s.Labels[(i+1)%36])
		fmt.Fprintf(&inOrder, "%d,%d\n", i, i/12) // class by class
	}
	for i := range 40 {
		fmt.Fprintf(&shifted, "%d,%d\n", i, max(0, i%10-1))
	}
	studio := func(data, choice string) string {
		return `[{"id": 7, "data": {` + data + `}, "annotations": [{"result": [{"from_name": "corrected_label", "value": {"choices": [` + choice + `]}}]}]}]`
	}
	for _, c := range []struct {
		split      Split
		text, want string
	}{
		{s, "id,label\n36,0\n", `line 2: id 36: want the index of an example, 0 to 35`},
		{s, "id,label\n-1,0\n", `want the index of an example`},
		{s, "name,label\nant/99.png,bee\n", `id "ant/99.png" is no example of the evaluation split`},
		{s, "name,label\ntrain/ant/1.png,bee\n", `below a folder "train"`},
		{s, "id,label\n1,dog\n", `class "dog" in line 2: want a number, 0 to 2, or a name such as "ant"`},
		{s, "id,label\n1,3\n", `class 3 in line 2, want 0 to 2`},
		{s, "id,label\n1,0\n1,2\n", `example 1 ("bee/1.png") has two labels: 0 ("ant") in line 2, 2 ("cow") in line 3`},
		{s, "id,name,label\n1," + s.Names[2] + ",0\n", `its id is of example 1 ("bee/1.png"), its name of example 2`},
		{s, "id,label,class\n1,2,ant\n", `its label is 2 ("cow") and its class 0 ("ant")`},
		{s, "id,corrected_label,label\n1,0,cow\n", `the label of example 1 ("bee/1.png") before is 2 ("cow") in line 2, and 1 ("bee") in the run`},
		{s, "id,label\n0,0\n1,1\n", `it changes no label: the run has all of them already (2 in the file)`},
		{s, "id,label\n1,\n", `no label in it`},
		{s, "id,class,corrected_label\n1,bee,\n", `it changes no label`},
		{s, "label\n1\n", `no column says which example`},
		{s, "id,prediction\n1,2\n", `no label in it`},
		{s, "id,label\n", `no line but the header`},
		{s, "", `empty`},
		{s, "id,label\n" + turned.String(), `labels in another order`},
		{s, "id,label\n" + inOrder.String(), `labels in another order: 24 of 36 would change`},
		{digits, "id,label\n" + shifted.String(), `36 of 40 labels would change`},
		{digits, "annotation_id,id,label\n3,7,1\n", `no column says which example`},
		{s, "annotation_id,id,example,given_label,corrected_label\n3,7,1,cow,ant\n", `the label of example 1 ("bee/1.png") before is 2 ("cow")`},
		{s, "id,given_label,class\n1,ant,cow\n", `the label of example 1 ("bee/1.png") before is 0 ("ant")`},
		{s, "id,given_label,class\n99,ant,cow\n,,\n", `line 2: id 99`},
		{s, `{"classes": null, "labels": {"0012": "cow"}}`, `labels.json of FiftyOne, which has one label where files of several folders have one name: export a FiftyOneDataset`},
		{s, `{"samples": [{"ground_truth": null}, {"ground_truth": {"label": "cow"}}]}`, `sample 2 of 2: its ground_truth doesn't say which example it is of`},
		{s, `{"samples": [{"ground_truth": {"label": "cow", "example": 1, "given_label": "ant"}}]}`, `the label of example 1 ("bee/1.png") before is 0 ("ant")`},
		{s, `{"samples": [{"ground_truth": {"label": "dog", "example": 1, "given_label": "bee"}}]}`, `sample 1 of 1: "dog" is no class of the run`},
		{s, `{"samples": [{"ground_truth": "cow"}]}`, `not an export of FiftyOne`},
		{s, `{"a": 1}`, `no export of FiftyOne`},
		{s, studio(`"name": "x"`, `"cow"`), `task 7: its data don't say which example it is of`},
		{s, studio(`"example": 99, "given_label": "bee"`, `"cow"`), `it is of example 99, want 0 to 35`},
		{s, studio(`"example": 1, "name": "other.png", "given_label": "bee"`, `"cow"`), `it is of example 1, "other.png", which is "bee/1.png" in the run`},
		{s, studio(`"example": 1, "given_label": "cow"`, `"ant"`), `the label of example 1 ("bee/1.png") before is 2 ("cow")`},
		{s, studio(`"example": 1, "given_label": "bee"`, `"dog"`), `"dog" is no class of the run`},
		{s, studio(`"example": 1, "given_label": "bee"`, `"cow", "ant"`), `it has 2 choices, want one`},
		{s, `{"samples": []}`, `no example in it has a corrected label`},
		{s, `[{"example": 1, "given_label": "bee", "corrected_label": 3}]`, `want the name of a class`},
		{s, `[`, `not an export of Label Studio`},
		{s, `[]`, `no example in it has a corrected label`},
	} {
		_, err := corrected(t, c.split, "labels.csv", c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60q: error %v, want one line with %q", c.text, err, c.want)
		}
	}
	if _, err := corrected(t, s, "labels.csv", "id,label\n0,0\n"); !errors.Is(err, ErrNothingChanged) {
		t.Errorf("error %v, want ErrNothingChanged", err)
	}
}

// Classes whose names are numbers, but not their own: the column has to say what it means.
func TestCorrectionsOfNumberedClasses(t *testing.T) {
	s := Split{Classes: []string{"1", "2", "3"}, Labels: []uint16{0, 1, 2, 0, 1, 2}}
	if _, err := corrected(t, s, "a.csv", "id,label\n0,1\n"); err == nil || !strings.Contains(err.Error(), "can be numbers or names of classes") {
		t.Errorf("error %v", err)
	}
	if _, err := corrected(t, Split{Classes: []string{"1", "a", "b"}, Labels: s.Labels}, "a.csv", "id,label\n0,a\n1,1\n2,0\n"); err == nil || !strings.Contains(err.Error(), `class "1" in line 3 can be a number or a name`) {
		t.Errorf("error %v", err)
	}
	for text, want := range map[string]uint16{"id,label_number\n0,1\n": 1, "id,class\n0,2\n": 1, "id,label,class\n0,2,1\n": 2, "id,label\n0,3\n": 2} {
		if got, err := corrected(t, s, "a.csv", text); err != nil || got.Labels[0] != want {
			t.Errorf("%q: %+v, %v, want %d", text, got, err, want)
		}
	}
}

// A file may say the dataset's label or the run's of the time before, and nothing else.
func TestCorrectionsOfCorrectedLabels(t *testing.T) {
	s := animals()
	given := slices.Clone(s.Labels)
	s.Labels[1] = 2
	for text, ok := range map[string]bool{"id,label,corrected_label\n1,bee,ant\n": true, "id,label,corrected_label\n1,cow,ant\n": true, "id,label,corrected_label\n2,bee,ant\n": false} {
		if _, err := ReadCorrections(write(t, "c.csv", []byte(text)), s, given); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzCorrections: no file makes the reader panic, and what it accepts are labels in range.
func FuzzCorrections(f *testing.F) {
	s := animals()
	for _, text := range []string{"id,label\n1,cow\n", "name;corrected_label;class\nant/1.png;2;ant\n", `[{"example": 1, "given_label": "bee", "corrected_label": "cow"}]`,
		`[{"id": 1, "data": {"example": 1, "given_label": "bee"}, "annotations": [{"result": [{"value": {"choices": ["cow"]}}]}]}]`,
		`{"samples": [{"ground_truth": {"label": "ant", "example": 5, "given_label": "cow"}}]}`,
		"annotation_id,id,example,given_label,corrected_label\n3,7,1,bee,ant\n,,,,\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := ReadCorrections(write(t, "c.csv", data), s, s.Labels)
		if err != nil {
			return
		}
		if got.Changed == 0 || len(got.Labels) != len(s.Labels) {
			t.Fatalf("accepted %+v", got)
		}
		for _, label := range got.Labels {
			if int(label) >= len(s.Classes) {
				t.Fatalf("accepted class %d", label)
			}
		}
	})
}
