package track

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"shoal/internal/smalltoml"
	"shoal/internal/usage"
)

// Keys lists the dotted keys of study.toml that With can set, sorted: those of its tables.
func (s Study) Keys() ([]string, error) {
	tree, err := s.tree()
	if err != nil {
		return nil, err
	}
	var keys []string
	for name, value := range tree {
		table, ok := value.(map[string]any)
		if !ok {
			continue
		}
		for key := range table {
			if !noted(key) {
				keys = append(keys, name+"."+key)
			}
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// noted reports whether a key is what a run notes of its files, which nobody sets.
func noted(key string) bool {
	return strings.HasSuffix(key, "absolute") || strings.HasSuffix(key, "sha256")
}

// nearKey is a hint for a key that isn't there: one that is near, or of that name in another table.
func nearKey(key string, keys []string) string {
	if near := usage.DidYouMean(key, keys); near != "" {
		return near
	}
	_, name, _ := strings.Cut(key, ".")
	var same []string
	for _, k := range keys {
		if _, last, _ := strings.Cut(k, "."); last == name {
			same = append(same, fmt.Sprintf("%q", k))
		}
	}
	if same == nil {
		return ""
	}
	return "; did you mean " + strings.Join(same, " or ") + "?"
}

// With is the study with another value of a dotted key of study.toml, such as training.crop. The text
// is a TOML value; a text value needs no quotes. Unknown keys and values of another type are errors of
// usage.
func (s Study) With(key, text string) (Study, error) {
	keys, err := s.Keys()
	if err != nil {
		return s, err
	}
	if !slices.Contains(keys, key) {
		return s, usage.Errorf("unknown key %q: want one of %s%s", key, strings.Join(keys, ", "), nearKey(key, keys))
	}
	tree, err := s.tree()
	if err != nil {
		return s, err
	}
	table, name, _ := strings.Cut(key, ".")
	into := tree[table].(map[string]any)
	value, err := valueLike(into[name], text)
	if err != nil {
		return s, usage.Errorf("%s is %q: %v", key, text, err)
	}
	tree[table] = maps.Clone(into)
	tree[table].(map[string]any)[name] = value
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(tree); err != nil {
		return s, err
	}
	changed, err := ParseStudy(b.String())
	if err != nil {
		return s, usage.Errorf("%s is %q: %v", key, text, err)
	}
	return changed, nil
}

// valueLike reads a value that is to stand where another does: a text as it is, unless it is quoted.
func valueLike(old any, text string) (any, error) {
	if _, isText := old.(string); isText && !strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, "'") {
		return text, nil
	}
	var read struct{ X any }
	meta, err := smalltoml.Decode("x = "+text, &read)
	if err != nil {
		return nil, oneLine(err)
	}
	if more := meta.Undecoded(); len(more) > 0 {
		return nil, fmt.Errorf("want one value, got %s as well", more[0])
	}
	return read.X, nil
}

// tree is the study as decoded TOML.
func (s Study) tree() (map[string]any, error) {
	text, err := s.Encode(nil)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	_, err = smalltoml.Decode(string(text), &tree)
	return tree, err
}
