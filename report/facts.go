package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"shoal/internal/atomicfile"
	"shoal/internal/smalltoml"
	"shoal/internal/textfmt"
	"shoal/runlog"
)

// factKeys are the keys of study.toml that "what was run" shows, in this order, with their names
// for readers. Keys whose value says "not used" (0, false, empty) are left out.
var factKeys = []struct{ key, name string }{
	{"data.dataset", "dataset"}, {"data.limit_train", "training examples, the first"}, {"data.limit_test", "test examples, the first"},
	{"subset.order", "order of training"}, {"subset.passes", "passes over its first part"},
	{"network.name", "network"}, {"network.init", "started from"}, {"seed", "seed"},
	{"training.epochs", "epochs"}, {"training.batch", "batch"}, {"training.learning_rate", "learning rate"},
	{"training.schedule", "learning rate schedule"}, {"training.momentum", "momentum"}, {"training.nesterov", "Nesterov momentum"},
	{"training.weight_decay", "weight decay"}, {"training.label_smoothing", "label smoothing"},
	{"training.precision", "precision"}, {"training.crop", "random crop, padding"},
	{"training.flip", "random flip"}, {"training.rotate", "random rotation, degrees"}, {"evaluation.schedule", "scored"},
	{"made.shoal", "shoal"}, {"made.go", "Go"}, {"made.platform", "platform"}, {"made.simd", "SIMD"}, {"made.tier", "bfloat16 tier"}, {"made.workers", "workers"},
}

// studyFacts lists what a study defines, and what ran it where the folder's study.toml says so;
// nothing for a run without a study, since the log alone makes a report.
func studyFacts(text, dir string) []Fact {
	if onDisk, err := atomicfile.ReadSmall(filepath.Join(dir, "study.toml"), smalltoml.MaxBytes); err == nil {
		text = string(onDisk)
	}
	var study map[string]any
	if _, err := smalltoml.Decode(text, &study); err != nil {
		return nil
	}
	var out []Fact
	for _, k := range factKeys {
		if v := fmt.Sprint(lookup(study, k.key)); !unused(v) {
			out = append(out, Fact{k.name, v})
		}
	}
	return out
}

// logFacts lists what the log of an imported run says of it, in the log's own words.
func logFacts(text string) []Fact {
	var said struct {
		Framework string         `json:"framework"`
		Seed      json.Number    `json:"seed"`
		Ranks     int            `json:"ranks"`
		More      map[string]any `json:"more"`
	}
	if text == "" || json.Unmarshal([]byte(text), &said) != nil {
		return nil
	}
	out := []Fact{{"trained with", said.Framework}, {"seed", said.Seed.String()}}
	if said.Ranks > 1 {
		out = append(out, Fact{"processes", strconv.Itoa(said.Ranks)})
	}
	for _, name := range slices.Sorted(maps.Keys(said.More)) {
		out = append(out, Fact{name, fmt.Sprint(said.More[name])})
	}
	return slices.DeleteFunc(out, func(f Fact) bool { return f.Value == "" })
}

// lookup finds "table.key" in decoded TOML; "" when it is not there.
func lookup(m map[string]any, path string) any {
	table, key, nested := strings.Cut(path, ".")
	v, ok := m[table]
	if nested {
		inner, _ := v.(map[string]any)
		v, ok = inner[key]
	}
	if !ok {
		return ""
	}
	return v
}

// unused reports values that would only lengthen the list.
func unused(v string) bool { return v == "" || v == "0" || v == "false" || v == "[]" }

// historyFacts lists what the run also knows: the identity of the labels, and how long the parts
// took.
func historyFacts(h *runlog.History) []Fact {
	var out []Fact
	if l := h.LabelsHash; l != "" {
		out = append(out, Fact{"labels, SHA-256", l[:min(12, len(l))] + "…"})
	}
	scoring := 0.0
	for _, s := range h.Scoring {
		if !math.IsNaN(s) {
			scoring += s
		}
	}
	for _, part := range []struct {
		name    string
		seconds float64
	}{{"time for the references", h.Seconds.References}, {"time for training", h.Seconds.Training}, {"time for scoring", scoring}} {
		if part.seconds > 0 {
			out = append(out, Fact{part.name, textfmt.Duration(part.seconds)})
		}
	}
	return out
}
