package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// factKeys are the keys of study.toml that "what was run" shows, in this order, with their names for readers. Keys whose
// value says "not used" (0, false, empty) are left out.
var factKeys = []struct{ key, name string }{
	{"data.dataset", "dataset"}, {"data.limit_train", "training examples, the first"}, {"data.limit_test", "test examples, the first"},
	{"subset.order", "order of training"}, {"subset.passes", "passes over its first part"},
	{"network.name", "network"}, {"network.init", "started from"}, {"seed", "seed"},
	{"training.epochs", "epochs"}, {"training.batch", "batch"}, {"training.learning_rate", "learning rate"},
	{"training.schedule", "learning rate schedule"}, {"training.momentum", "momentum"}, {"training.nesterov", "Nesterov momentum"},
	{"training.weight_decay", "weight decay"}, {"training.label_smoothing", "label smoothing"}, {"training.crop", "random crop, padding"},
	{"training.flip", "random flip"}, {"training.rotate", "random rotation, degrees"}, {"evaluation.schedule", "scored"},
	{"made.shoal", "shoal"}, {"made.go", "Go"}, {"made.platform", "platform"}, {"made.simd", "SIMD"}, {"made.workers", "workers"},
}

// studyFacts lists what study.toml defines; nothing when there is no such file or it cannot be read, since the database
// alone makes a report.
func studyFacts(dir string) []Fact {
	text, err := os.ReadFile(filepath.Join(dir, "study.toml"))
	if err != nil {
		return nil
	}
	var study map[string]any
	if _, err := toml.Decode(string(text), &study); err != nil {
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

// metaFacts lists what the database knows besides: the identity of the labels, and how long the parts took.
func metaFacts(meta map[string]string) []Fact {
	var out []Fact
	if h := meta["labels_sha256"]; h != "" {
		out = append(out, Fact{"labels, SHA-256", h[:min(12, len(h))] + "…"})
	}
	var spent map[string]float64
	if json.Unmarshal([]byte(meta["seconds_json"]), &spent) == nil {
		for _, part := range []struct{ key, name string }{{"references", "time for the references"}, {"training", "time for training"}} {
			if s := spent[part.key]; s > 0 {
				out = append(out, Fact{part.name, seconds(s)})
			}
		}
	}
	return out
}
