package table

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Classes numbers the labels of several splits in one way. Whole numbers of which the least is 0 are
// the classes' own; any others are names of classes, in the order of the numbers if all are numbers,
// else in byte order, which is that of numpy.unique and of scikit-learn. out has the classes of each
// split's rows.
func Classes(splits ...*Labels) (names []string, out [][]uint16, err error) {
	if err := whole(splits); err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	var all []string
	numeric, least, most := true, int64(1), int64(0)
	for _, l := range splits {
		for _, name := range l.Names {
			name = plain(name)
			if seen[name] {
				continue
			}
			seen[name] = true
			all = append(all, name)
			v, err := strconv.ParseInt(name, 10, 64)
			numeric = numeric && err == nil
			if len(all) == 1 {
				least, most = v, v
			}
			least, most = min(least, v), max(most, v)
		}
	}
	if numeric && least == 0 && most < MaxClasses {
		all = nil
		for k := range most + 1 {
			all = append(all, strconv.FormatInt(k, 10))
		}
	}
	if len(all) > MaxClasses {
		return nil, nil, fmt.Errorf("%d different labels, want at most %d", len(all), MaxClasses)
	}
	slices.SortFunc(all, func(a, b string) int {
		if numeric {
			x, _ := strconv.ParseInt(a, 10, 64)
			y, _ := strconv.ParseInt(b, 10, 64)
			return cmp.Compare(x, y)
		}
		return strings.Compare(a, b)
	})
	for _, l := range splits {
		classes, err := l.In(all)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, classes)
	}
	return all, out, nil
}

// whole refuses labels that are all numbers, some with a fraction: those are no classes.
func whole(splits []*Labels) error {
	broken := ""
	for _, l := range splits {
		for _, name := range l.Names {
			v, err := strconv.ParseFloat(name, 64)
			if err != nil {
				return nil
			}
			if broken == "" && v != math.Trunc(v) {
				broken = name
			}
		}
	}
	if broken != "" {
		return fmt.Errorf("a label is %s: want whole numbers or texts", broken)
	}
	return nil
}

// In returns the classes of the rows: labels are names of classes, or their numbers where the names
// don't say otherwise.
func (l *Labels) In(names []string) ([]uint16, error) {
	place := map[string]int{}
	for k, name := range names {
		place[name] = k
	}
	class := make([]uint16, len(l.Names))
	for i, name := range l.Names {
		k, ok := place[plain(name)]
		if !ok {
			k, ok = place[name]
		}
		if !ok {
			v, err := strconv.Atoi(plain(name))
			if err != nil || v < 0 || v >= len(names) {
				return nil, fmt.Errorf("label %q is no class: want %s, or 0 to %d", name, list(names), len(names)-1)
			}
			k = v
		}
		class[i] = uint16(k)
	}
	out := make([]uint16, len(l.Index))
	for i, k := range l.Index {
		out[i] = class[k]
	}
	return out, nil
}

// plain is a label without the .0 that a column of numbers gets when a value of it is missing.
func plain(name string) string {
	whole, zeros, ok := strings.Cut(name, ".")
	if _, err := strconv.ParseInt(whole, 10, 64); ok && err == nil && strings.Trim(zeros, "0") == "" {
		return whole
	}
	return name
}
