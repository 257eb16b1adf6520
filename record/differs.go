package record

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/runlog"
)

// ReferenceDiffers says what differs between the references of one name that two runs have, "" where they are
// one M but for the seed of its fit: a name alone doesn't make them that. inA and inB name the runs. Rungs of a
// ladder and starved controls are fitted to be as accurate as something of their own run, so that their
// parameters differ by design.
func ReferenceDiffers(a, b runlog.Reference, inA, inB string) string {
	both := func(what string, x, y any) string {
		return fmt.Sprintf("%s is %v in %s and %v in %s", what, x, inA, y, inB)
	}
	switch {
	case a.Control() && b.Control():
		return ""
	case a.Kind != b.Kind:
		return both("its kind", a.Kind, b.Kind)
	case a.Kind == KindFile: // what is in a file counts, not its name
		if n := otherAnswers(a, b); n > 0 {
			return fmt.Sprintf("the file has other predictions for %s in %s than in %s", textfmt.Number(n, "example"), inB, inA)
		}
		return ""
	}
	x, y := parametersOf(a), parametersOf(b)
	if a.Kind == KindNetwork { // other seeds are other folders, and what is equally accurate may be at another step
		for _, p := range []map[string]json.RawMessage{x, y} {
			delete(p, "run")
			if dynamics.SameAccuracy(a.Accuracy, b.Accuracy) {
				delete(p, "step")
			}
		}
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(joined(x, y))) {
		if !bytes.Equal(x[key], y[key]) {
			out = append(out, both(key, cmp.Or(string(x[key]), "not given"), cmp.Or(string(y[key]), "not given")))
		}
	}
	return strings.Join(out, ", ")
}

// joined has the keys of both.
func joined(x, y map[string]json.RawMessage) map[string]json.RawMessage {
	out := maps.Clone(x)
	maps.Copy(out, y)
	return out
}

// parametersOf are what defined a reference, which is valid JSON, by their names.
func parametersOf(ref runlog.Reference) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	if json.Unmarshal([]byte(ref.ParamsJSON), &out) != nil || out == nil { // another writer's, of another form
		return map[string]json.RawMessage{"parameters": json.RawMessage(ref.ParamsJSON)}
	}
	return out
}

// otherAnswers counts the examples that two references answer otherwise, or of which one alone is right by its
// own account.
func otherAnswers(a, b runlog.Reference) int {
	n := 0
	for i, p := range a.Predictions {
		right := a.Right != nil && b.Right != nil && a.Right[i] != b.Right[i]
		if i >= len(b.Predictions) || p != b.Predictions[i] || right {
			n++
		}
	}
	return n + max(0, len(b.Predictions)-len(a.Predictions))
}
