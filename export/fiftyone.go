package export

import (
	"path/filepath"

	"shoal/internal/atomicfile"
)

// fiftyoneLabels is labels.json of a FiftyOneImageClassificationDataset.
type fiftyoneLabels struct {
	Classes []string                 `json:"classes"`
	Labels  map[string]fiftyoneLabel `json:"labels"` // by the key of the example
}

// fiftyoneLabel is the label that the run has, with what the models say in its attributes.
type fiftyoneLabel struct {
	Label      string         `json:"label"`
	Attributes map[string]any `json:"attributes"`
}

// writeFiftyOne writes labels.json, and data.json with the paths of the images by key: absolute ones, and
// those of the export from its folder on. FiftyOne reads the keys in their order, which is that of the
// ranking. Package answers reads example, example_name and given_label back.
func (t *toLabel) writeFiftyOne(out string) error {
	labels := fiftyoneLabels{Labels: map[string]fiftyoneLabel{}}
	for class := range t.Classes {
		labels.Classes = append(labels.Classes, t.class(uint16(class)))
	}
	paths, known := map[string]string{}, t.KnownErrors()
	for k, s := range t.suspects {
		attributes := map[string]any{
			"example": s.Example, "given_label": t.class(t.Log.Labels[s.Example]), "rank": k + 1, "suggested_label": t.class(s.Answer), "score": s.Score(),
			"models": s.Models, "of_models": len(t.Compared()) + 1, "never_learned": s.Never,
		}
		if t.Names != nil {
			attributes["example_name"] = t.Names[s.Example]
		}
		if known != nil {
			attributes["label_error"] = known.Has(s.Example)
		}
		labels.Labels[t.keys[k]] = fiftyoneLabel{t.class(t.Log.Labels[s.Example]), attributes}
		paths[t.keys[k]] = filepath.ToSlash(t.paths[k])
	}
	if err := atomicfile.WriteJSON(filepath.Join(out, "data.json"), paths); err != nil {
		return err
	}
	return atomicfile.WriteJSON(filepath.Join(out, "labels.json"), labels)
}
