package answers

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// fiftyone is what is read of JSON that FiftyOne exports: labels.json of a FiftyOneImageClassificationDataset,
// with attributes, or samples.json of a FiftyOneDataset.
type fiftyone struct {
	Classes []string                     `json:"classes"` // what labels count, where they are numbers
	Labels  map[string]*fiftyoneLabelled `json:"labels"`  // null without a label
	Samples []struct {
		Truth *fiftyoneLabel `json:"ground_truth"`
	} `json:"samples"`
}

// fiftyoneLabelled is a label with its attributes, or the label alone.
type fiftyoneLabelled struct {
	Label      json.RawMessage `json:"label"`
	Attributes fiftyoneData    `json:"attributes"`
}

func (l *fiftyoneLabelled) UnmarshalJSON(text []byte) error {
	type object fiftyoneLabelled
	if text[0] == '{' {
		return json.Unmarshal(text, (*object)(l))
	}
	l.Label = slices.Clone(text)
	return nil
}

// fiftyoneLabel is a label as a sample has it.
type fiftyoneLabel struct {
	Label json.RawMessage `json:"label"`
	fiftyoneData
}

// fiftyoneData is what package export writes beside a label.
type fiftyoneData struct {
	Example *int    `json:"example"`
	Name    *string `json:"example_name"`
	Given   *string `json:"given_label"`
}

// readFiftyOne reads an export of FiftyOne, of a dataset that was made by shoal export. Samples without a
// label are left out.
func (c *corrections) readFiftyOne(text []byte) error {
	var f fiftyone
	if err := json.Unmarshal(text, &f); err != nil {
		return fmt.Errorf("not an export of FiftyOne, as JSON (%w): want labels.json or samples.json, or a CSV file", err)
	}
	if f.Labels == nil && f.Samples == nil {
		return errors.New("an object that is no export of FiftyOne (labels or samples), and Label Studio exports a list of tasks: want one of them, or a CSV file")
	}
	for _, key := range slices.Sorted(maps.Keys(f.Labels)) {
		if l := f.Labels[key]; l != nil {
			if err := c.readSample(&f, l.Label, l.Attributes, fmt.Sprintf("label %.80q", key)); err != nil {
				return err
			}
		}
	}
	for k, sample := range f.Samples {
		if l := sample.Truth; l != nil {
			if err := c.readSample(&f, l.Label, l.fiftyoneData, fmt.Sprintf("sample %d of %d", k+1, len(f.Samples))); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *corrections) readSample(f *fiftyone, label json.RawMessage, data fiftyoneData, where string) error {
	name, err := f.class(label)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", where, err)
	case name == nil:
		return nil
	case data.Example == nil || data.Given == nil:
		return fmt.Errorf("%s doesn't say which example it is of (example, given_label): export with include_attributes=True a dataset that shoal export wrote", where)
	}
	if err := c.addNamed(taskData(data), []string{*name}, where); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	return nil
}

// class is the name of a class that a label is, or counts; nil for none.
func (f *fiftyone) class(label json.RawMessage) (*string, error) {
	var name *string
	if len(label) == 0 || json.Unmarshal(label, &name) == nil {
		return name, nil
	}
	var number int
	if err := json.Unmarshal(label, &number); err != nil || number < 0 || number >= len(f.Classes) {
		return nil, fmt.Errorf("its label is %.80s, want the name of a class, or its place among the file's %d classes", label, len(f.Classes))
	}
	return &f.Classes[number], nil
}
