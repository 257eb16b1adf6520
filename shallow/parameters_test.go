package shallow

import (
	"strings"
	"testing"
)

// Every parameter says whose it is, what it does and its default.
func TestParameterHelp(t *testing.T) {
	known := map[string]bool{}
	for _, kind := range Kinds() {
		for _, name := range Parameters(kind) {
			known[name] = true
			text := ParameterHelp(name)
			if !strings.Contains(text, kind) && !strings.HasPrefix(text, "all models") || !strings.Contains(text, "(default ") || strings.Contains(text, "default )") {
				t.Errorf("%s of %s: %q", name, kind, text)
			}
		}
	}
	for name := range parameterHelp {
		if !known[name] {
			t.Errorf("%q is explained and no model has it", name)
		}
	}
	for name, want := range map[string]string{"trees": "(default 500)", "tolerance": "(default 0.001, 0.0001)", "k": "knn: neighbours that vote (default 5)", "nothing": "", "iterations": "(default 0, 100, 1000)"} {
		if got := ParameterHelp(name); !strings.HasSuffix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
