package shallow

import "fmt"

// New makes an unfitted model. kind is one of Kinds, preset one of Presets;
// overrides are parameters by the name of their flag ("trees": "50").
func New(kind, preset, dataset string, overrides map[string]string) (Model, error) {
	return nil, fmt.Errorf("shallow model: got %q, want one of (none is written yet)", kind)
}
