package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shoal/dataset/table"
)

// A FeatureForm is a form of features that are no images: "npz", "csv" or "parquet".
type FeatureForm string

// FeatureForms lists them.
func FeatureForms() []FeatureForm { return []FeatureForm{"npz", "csv", "parquet"} }

// OfFeatures takes the name of a dataset of features apart: form:PATH.
func OfFeatures(name string) (path string, form FeatureForm, ok bool) {
	before, path, ok := strings.Cut(name, ":")
	form = FeatureForm(before)
	return path, form, ok && path != "" && slices.Contains(FeatureForms(), form)
}

// load reads both splits.
func (f FeatureForm) load(name, path, label string) (*Set, error) {
	if f == "npz" {
		return loadArrays(name, path)
	}
	train, test, err := f.tables(path, label)
	if err != nil {
		return nil, err
	}
	set, err := featureSet(name, train, test, train.Labels, test.Labels)
	if err != nil {
		return nil, fmt.Errorf("dataset %q: %w", name, err)
	}
	return set, set.Validate()
}

// tables reads the training and the test rows from a folder, two files or one.
func (f FeatureForm) tables(path, label string) (train, test *table.Table, err error) {
	o := table.Options{Label: label}
	files, err := f.files(path)
	if err != nil {
		return nil, nil, err
	}
	if len(files) == 1 {
		o.Parts = true
		all, err := table.Read(files[0], o)
		if err != nil {
			return nil, nil, err
		}
		if train, test, err = all.Halves(); err != nil {
			return nil, nil, fmt.Errorf("%q: %w", files[0], err)
		}
		return train, test, nil
	}
	if train, err = table.Read(files[0], o); err == nil {
		test, err = table.Read(files[1], o)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := test.Arrange(train.Columns); err != nil {
		return nil, nil, fmt.Errorf("%q has other columns than %q: %w", files[1], files[0], err)
	}
	return train, test, nil
}

// files are the one or two files that a path stands for.
func (f FeatureForm) files(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.IsDir():
		return []string{path}, nil
	case err == nil:
		return f.inFolder(path)
	}
	if train, test, two := strings.Cut(path, ","); two && errors.Is(err, fs.ErrNotExist) {
		return []string{train, test}, nil
	}
	return nil, fmt.Errorf("features %q: %w", path, plain(err))
}

// inFolder finds train and test in a folder.
func (f FeatureForm) inFolder(path string) (files []string, err error) {
	endings := []string{"." + string(f)}
	if f == "csv" {
		endings = append(endings, ".tsv")
	}
	for _, part := range []string{"train", "test"} {
		at := slices.IndexFunc(endings, func(ending string) bool {
			_, err := os.Stat(filepath.Join(path, part+ending))
			return err == nil
		})
		if at < 0 {
			return nil, fmt.Errorf("folder %q has no file %s%s: want train%[3]s and test%[3]s in it", path, part, endings[0])
		}
		files = append(files, filepath.Join(path, part+endings[at]))
	}
	return files, nil
}

// loadArrays reads an .npz of four arrays.
func loadArrays(name, path string) (*Set, error) {
	a, err := table.OpenArchive(path, table.Options{})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	for _, want := range []string{"x_train", "y_train", "x_test", "y_test"} {
		if a.First(want) == "" {
			return nil, fmt.Errorf("%q has no array %s: want x_train, y_train, x_test and y_test, it has %s", path, want, strings.Join(a.Names(), ", "))
		}
	}
	var x [2]*table.Table
	var y [2]*table.Labels
	var shapes [2][]int
	var kinds [2]string
	for k, part := range []string{"train", "test"} {
		if kinds[k], shapes[k], err = a.Shape("x_" + part); err != nil {
			return nil, err
		}
		if y[k], err = a.Labels("y_" + part); err != nil {
			return nil, err
		}
		if x[k], err = a.Features("x_" + part); err != nil {
			return nil, err
		}
	}
	set, err := featureSet(name, x[0], x[1], y[0], y[1])
	if err == nil && kinds[0] == "u1" && kinds[1] == "u1" && len(shapes[0]) > 2 {
		err = set.images(shapes[0], shapes[1])
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	return set, set.Validate()
}

// featureSet makes a set of two tables and their labels.
func featureSet(name string, train, test *table.Table, trainLabels, testLabels *table.Labels) (*Set, error) {
	classes, labels, err := table.Classes(trainLabels, testLabels)
	if err != nil {
		return nil, err
	}
	for k, part := range []struct {
		name string
		t    *table.Table
	}{{"training", train}, {"test", test}} {
		if part.t.Len() != len(labels[k]) {
			return nil, fmt.Errorf("%d labels for %d %s examples", len(labels[k]), part.t.Len(), part.name)
		}
	}
	if err := table.Comparable(train, test); err != nil {
		return nil, err
	}
	path, _, _ := OfFeatures(name)
	set := &Set{
		Name: name, Classes: classes, Height: 1, Width: train.Features, Channels: 1, Columns: train.Columns, Origin: "features in " + path,
		Train: Split{Values: train.Values, Labels: labels[0]}, Test: Split{Values: test.Values, Labels: labels[1]},
	}
	set.Notes = FeatureNotes(set, train)
	for _, name := range classes {
		if table.Missing(name) {
			set.Notes = append(set.Notes, fmt.Sprintf("%q is a class, too: leave its examples out if it stands for a missing label", name))
		}
	}
	return set, nil
}

// FeatureNotes says what a user should know of the features of a set, which are those of a table of its
// training examples.
func FeatureNotes(set *Set, train *table.Table) (notes []string) {
	if constant := set.constant(); constant != nil {
		notes = append(notes, "constant among the training examples, so nothing can be learnt from it: feature "+set.features(constant))
	}
	if blurred := train.Blurred(); blurred != nil {
		notes = append(notes, "numbers are kept to seven digits, which tells few of its values apart: feature "+set.features(blurred)+": subtract what they have in common")
	}
	return notes
}

// constant are features that are the same in all training examples.
func (set *Set) constant() (constant []int) {
	d := set.Width
	for f := range d {
		varies := false
		for at := f; at < len(set.Train.Values) && !varies; at += d {
			varies = set.Train.Values[at] != set.Train.Values[f]
		}
		if !varies {
			constant = append(constant, f)
		}
	}
	return constant
}

// features lists some by name, or by number if they have none.
func (set *Set) features(list []int) string {
	const most = 5
	var out []string
	for _, f := range list[:min(most, len(list))] {
		if set.Columns != nil {
			out = append(out, fmt.Sprintf("%q", set.Columns[f]))
		} else {
			out = append(out, fmt.Sprint(f))
		}
	}
	if more := len(list) - most; more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, ", ")
}

// images makes bytes of the numbers, of the shapes of their arrays.
func (s *Set) images(train, test []int) error {
	channels := 1
	if len(train) == 4 {
		channels = train[3]
	}
	if !slices.Equal(train[1:], test[1:]) || len(train) > 4 || channels != 1 && channels != 3 {
		return fmt.Errorf("images of shapes %v and %v, want n × height × width, or those × 1 or 3 channels, the same in both", train, test)
	}
	s.Height, s.Width, s.Channels, s.Notes = train[1], train[2], channels, nil
	for _, split := range []*Split{&s.Train, &s.Test} {
		split.Pixels = make([]byte, len(split.Values))
		for i, v := range split.Values {
			split.Pixels[i] = byte(v)
		}
		split.Values = nil
	}
	return nil
}
