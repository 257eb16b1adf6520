package answers

import (
	"encoding/json"
	"errors"
	"fmt"
)

// fiftyone is what is read of JSON that FiftyOne exports: samples.json of a FiftyOneDataset.
type fiftyone struct {
	Samples []struct {
		Truth *struct {
			Label   *string `json:"label"`
			Example *int    `json:"example"`
			Name    *string `json:"example_name"`
			Given   *string `json:"given_label"`
		} `json:"ground_truth"`
	} `json:"samples"`
	Labels json.RawMessage `json:"labels"` // of other exports
}

// readFiftyOne reads an export of FiftyOne, of a dataset that was made by shoal export. Samples without a
// label are left out.
//
// Other JSON of FiftyOne has one label for each name of a file, without its folder: of images in two folders
// that have one name, one is lost.
func (c *corrections) readFiftyOne(text []byte) error {
	var f fiftyone
	if err := json.Unmarshal(text, &f); err != nil {
		return fmt.Errorf("not an export of FiftyOne, as JSON (%w): want samples.json of a FiftyOneDataset, or a CSV file", err)
	}
	switch {
	case f.Labels != nil:
		return errors.New("labels.json of FiftyOne, which has one label where files of several folders have one name: export a FiftyOneDataset, and take its samples.json, or a CSV file")
	case f.Samples == nil:
		return errors.New("no export of FiftyOne (samples.json of a FiftyOneDataset) or Label Studio (a list of tasks): want one of them, or a CSV file")
	}
	for k, sample := range f.Samples {
		l, where := sample.Truth, fmt.Sprintf("sample %d of %d", k+1, len(f.Samples))
		switch {
		case l == nil || l.Label == nil:
			continue
		case l.Example == nil || l.Given == nil:
			return fmt.Errorf("%s: its ground_truth doesn't say which example it is of (example, given_label): want a dataset that shoal export wrote", where)
		}
		if err := c.addNamed(taskData{l.Example, l.Name, l.Given}, []string{*l.Label}, where); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
	}
	return nil
}
