package sweep

import (
	"maps"
	"slices"
	"strings"

	"shoal/internal/usage"
	"shoal/track"
)

// Spec is what a plan is made of: every combination of its parts.
type Spec struct {
	Studies  []Source
	Settings []Setting // the values of the first change slowest
	Seeds    []uint64  // none: each study's own
	// Apply changes a study by settings, given by their keys.
	Apply func(s track.Study, set map[string]string) (track.Study, error)
}

// Source is a study and how it was named.
type Source struct {
	Name  string
	Study track.Study
}

// Setting is a key and the values that it takes.
type Setting struct {
	Key    string
	Values []string
}

// maxItems is more than any cluster runs.
const maxItems = 100_000

// New makes the items of all combinations, without checksums: studies, in each the settings, in each
// the seeds.
func New(spec Spec) ([]Item, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	var items []Item
	for _, source := range spec.Studies {
		for set := range combinations(spec.Settings) {
			study, err := spec.Apply(source.Study, set)
			if err != nil {
				return nil, err
			}
			seeds := spec.Seeds
			if len(seeds) == 0 {
				seeds = []uint64{study.Seed}
			}
			for _, seed := range seeds {
				it, err := newItem(source.Name, study, set, seed)
				if err != nil {
					return nil, err
				}
				it.Item = len(items)
				items = append(items, it)
			}
		}
	}
	return items, distinct(items)
}

// check refuses what makes no plan.
func (s Spec) check() error {
	if len(s.Studies) == 0 {
		return usage.Errorf("no study to plan")
	}
	count := len(s.Studies) * max(1, len(s.Seeds))
	seen := map[string]bool{}
	for _, set := range s.Settings {
		if seen[set.Key] {
			return usage.Errorf("setting %q is given twice: give all its values at once", set.Key)
		}
		seen[set.Key] = true
		if count *= len(set.Values); count > maxItems {
			break
		}
	}
	if count > maxItems {
		return usage.Errorf("more than %d items: plan fewer seeds or settings", maxItems)
	}
	return nil
}

// combinations yields one value of each setting, in all ways.
func combinations(settings []Setting) func(func(map[string]string) bool) {
	return func(yield func(map[string]string) bool) {
		at := make([]int, len(settings))
		for {
			set := map[string]string{}
			for k, s := range settings {
				set[s.Key] = s.Values[at[k]]
			}
			if !yield(set) {
				return
			}
			k := len(settings) - 1
			for ; k >= 0; k-- {
				if at[k]++; at[k] < len(settings[k].Values) {
					break
				}
				at[k] = 0
			}
			if k < 0 {
				return
			}
		}
	}
}

func newItem(source string, study track.Study, set map[string]string, seed uint64) (Item, error) {
	study.Seed = seed
	if err := study.Check(); err != nil {
		return Item{}, err
	}
	text, err := study.Placed().Encode(nil)
	if err != nil {
		return Item{}, err
	}
	study, err = track.ParseStudy(string(text)) // with the name that it gets where it has none
	if err != nil {
		return Item{}, err
	}
	return Item{Folder: folderOf(study.Name, set, seed), Study: source, Name: study.Name, Set: maps.Clone(set), Seed: seed, Resolved: string(text)}, nil
}

// distinct refuses two items of one folder, and two that are one and the same run.
func distinct(items []Item) error {
	folders, studies := map[string]Item{}, map[string]Item{}
	for _, it := range items {
		if same, ok := folders[it.Folder]; ok {
			if same.Study != it.Study {
				return usage.Errorf("the studies %q and %q have one name, %q: give each its own", same.Study, it.Study, it.Name)
			}
			return usage.Errorf("%s is planned twice", it.Folder)
		}
		folders[it.Folder] = it
		if same, ok := studies[it.Resolved]; ok {
			return usage.Errorf("%s and %s are one and the same run: drop one of the settings", same.Folder, it.Folder)
		}
		studies[it.Resolved] = it
	}
	return nil
}

// ParseSeeds reads seeds and ranges of seeds: 1..10, or 1,3,5..7. Each may be named once.
func ParseSeeds(text string) ([]uint64, error) {
	var seeds []uint64
	seen := map[uint64]bool{}
	for _, part := range strings.Split(text, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "..")
		if !isRange {
			to = from
		}
		first, err1 := parseSeed(from)
		last, err2 := parseSeed(to)
		if err1 != nil || err2 != nil || first > last {
			return nil, usage.Errorf("seeds are %q: want numbers and ranges, such as 1..10 or 1,3,5..7", text)
		}
		if last-first >= maxItems {
			return nil, usage.Errorf("seeds are %q: want at most %d", text, maxItems)
		}
		for seed := first; seed <= last; seed++ {
			if seen[seed] {
				return nil, usage.Errorf("seeds are %q: %d is there twice", text, seed)
			}
			seen[seed] = true
			seeds = append(seeds, seed)
		}
	}
	return seeds, nil
}

// ParseSetting reads key=a,b. A comma within quotes or brackets is part of a value; quotes around a
// whole value are removed.
func ParseSetting(text string) (Setting, error) {
	key, list, ok := strings.Cut(text, "=")
	key = strings.TrimSpace(key)
	if !ok || key == "" || list == "" {
		return Setting{}, usage.Errorf("setting %q: want key=value, or key=a,b", text)
	}
	values, err := splitValues(list)
	if err != nil {
		return Setting{}, usage.Errorf("setting %q: %v", text, err)
	}
	for k, v := range values {
		if v == "" {
			return Setting{}, usage.Errorf("setting %q has an empty value: want key=a,b", text)
		}
		if slices.Contains(values[:k], v) {
			return Setting{}, usage.Errorf("setting %q has %q twice", text, v)
		}
	}
	return Setting{key, values}, nil
}
