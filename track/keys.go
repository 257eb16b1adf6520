package track

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"shoal/internal/usage"
)

// unknownKey is the error for a key of a study file that isn't one: the table that it belongs in, or
// the key that was meant.
func unknownKey(key toml.Key) error {
	word := key[len(key)-1]
	var elsewhere, all []string
	for _, known := range studyKeys(reflect.TypeFor[Study](), "") {
		table, name := known[:max(0, strings.LastIndex(known, "."))], known[strings.LastIndex(known, ".")+1:]
		if name == word && !slices.Contains(elsewhere, table) {
			elsewhere = append(elsewhere, table)
		}
		all = append(all, name)
	}
	for i, table := range elsewhere {
		switch table {
		case "":
			elsewhere[i] = "to the beginning of the file, before any table"
		case "reference":
			elsewhere[i] = "in a table [[reference]]"
		default:
			elsewhere[i] = "in the table [" + table + "]"
		}
	}
	if len(elsewhere) > 0 {
		return fmt.Errorf("unknown key %.100q: it belongs %s", key.String(), strings.Join(elsewhere, " or "))
	}
	return fmt.Errorf("unknown key %.100q%s", key.String(), usage.DidYouMean(word, all))
}

// studyKeys lists the keys of a study file, with their tables: "training.epochs".
func studyKeys(t reflect.Type, table string) (keys []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("toml"), ",")
		if name == "" {
			continue
		}
		inner := f.Type
		if inner.Kind() == reflect.Slice && inner.Elem().Kind() == reflect.Struct {
			inner = inner.Elem()
		}
		keys = append(keys, strings.TrimPrefix(table+"."+name, "."))
		if inner.Kind() == reflect.Struct {
			keys = append(keys, studyKeys(inner, strings.TrimPrefix(table+"."+name, "."))...)
		}
	}
	return keys
}
