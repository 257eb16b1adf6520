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
// else in byte order, which is that of numpy.unique and of scikit-learn. A number is one class however
// it is written: 1, +1, 01, 1.0 and 1e0. out has the classes of each split's rows.
func Classes(splits ...*Labels) (names []string, out [][]uint16, err error) {
	if err := numbers(splits); err != nil {
		return nil, nil, err
	}
	numeric := true
	for _, l := range splits {
		numeric = numeric && !slices.ContainsFunc(l.Names, func(name string) bool { _, ok := Whole(name); return !ok })
	}
	seen := map[string]bool{}
	for _, l := range splits {
		for _, name := range l.Names {
			if v, ok := Whole(name); ok && numeric {
				name = strconv.FormatInt(v, 10)
			}
			if !seen[name] {
				seen[name], names = true, append(names, name)
			}
		}
	}
	if names = ordered(names, numeric); len(names) > MaxClasses {
		return nil, nil, fmt.Errorf("%d different labels, want at most %d", len(names), MaxClasses)
	}
	x := lookupOf(names)
	for _, l := range splits {
		classes, err := l.classes(x.named)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, classes)
	}
	return names, out, nil
}

// ordered are names of classes in their order: of whole numbers from 0 on all up to the largest.
func ordered(names []string, numeric bool) []string {
	if !numeric {
		slices.Sort(names)
		return names
	}
	value := func(name string) int64 { v, _ := Whole(name); return v }
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(value(a), value(b)) })
	if len(names) == 0 || value(names[0]) != 0 || value(names[len(names)-1]) >= MaxClasses {
		return names
	}
	most := value(names[len(names)-1])
	names = nil
	for k := range most + 1 {
		names = append(names, strconv.FormatInt(k, 10))
	}
	return names
}

// Whole reads a whole number, in any way in which decimal numbers are written.
func Whole(text string) (int64, bool) {
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		return v, true
	}
	if strings.Trim(text, "+-.0123456789eE") != "" { // infinity, hexadecimal numbers
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v != math.Trunc(v) || math.Abs(v) > exactTo(8) {
		return 0, false
	}
	return int64(v), true
}

// numbers refuses labels that are all numbers, some of them with a fraction or missing: those are no
// classes.
func numbers(splits []*Labels) error {
	broken, missing, any := "", "", false
	for _, l := range splits {
		for _, name := range l.Names {
			v, err := strconv.ParseFloat(name, 64)
			switch {
			case err != nil && Missing(name):
				missing = cmp.Or(missing, name)
			case err != nil:
				return nil
			case v != math.Trunc(v):
				broken = cmp.Or(broken, name)
			default:
				any = true
			}
		}
	}
	switch {
	case broken != "":
		return fmt.Errorf("a label is %s: want whole numbers or texts", broken)
	case missing != "" && any:
		return missingLabel(missing)
	}
	return nil
}

// In returns the classes of the rows: labels are names of classes or, where those don't say otherwise,
// their numbers. If names are numbers, too, all labels are the one or the other: with the classes 1, 2
// and 3, labels of 0 to 2 are numbers of classes. Where both fit and differ, as with names 0 to 11 that
// are sorted as text, the classes that are given tell, nil for none; without them labels that were kept
// as text are names, and others an error: a guess would exchange classes without a word.
func (l *Labels) In(names []string, given []uint16) ([]uint16, error) {
	x := lookupOf(names)
	if len(x.number) == 0 {
		return l.classes(x.either)
	}
	named, err := l.classes(x.named)
	numbered, errNumbers := l.classes(x.numbered)
	switch {
	case err != nil && errNumbers == nil:
		return numbered, nil
	case err != nil || errNumbers != nil || slices.Equal(named, numbered):
		return named, err
	case slices.Equal(numbered, given):
		return numbered, nil
	case l.Text || slices.Equal(named, given):
		return named, nil
	}
	i := 0
	for named[i] == numbered[i] {
		i++
	}
	return nil, fmt.Errorf("label %q of row %d can be the class of this name or class number %d, which is %q: save names as text, numpy.array(names)[labels], in an .npy or .npz file",
		l.Names[l.Index[i]], i, numbered[i], names[numbered[i]])
}

// classes are those of the rows by a reading of labels.
func (l *Labels) classes(read func(label string) (int, error)) ([]uint16, error) {
	class := make([]uint16, len(l.Names))
	for i, label := range l.Names {
		k, err := read(label)
		if err != nil {
			return nil, err
		}
		class[i] = uint16(k)
	}
	out := make([]uint16, len(l.Index))
	for i, k := range l.Index {
		out[i] = class[k]
	}
	return out, nil
}

// A lookup finds classes by what they are called.
type lookup struct {
	names  []string
	place  map[string]int
	number map[int64]int // of names that are whole numbers
}

func lookupOf(names []string) *lookup {
	x := &lookup{names, map[string]int{}, map[int64]int{}}
	for k, name := range names {
		x.place[name] = k
		if v, ok := Whole(name); ok {
			x.number[v] = k
		}
	}
	return x
}

// named reads a label as the name of a class.
func (x *lookup) named(label string) (int, error) {
	k, ok := x.place[label]
	if v, isWhole := Whole(label); !ok && isWhole {
		k, ok = x.number[v]
	}
	if !ok {
		return 0, fmt.Errorf("label %q is no class: want %s, or 0 to %d", label, list(x.names), len(x.names)-1)
	}
	return k, nil
}

// numbered reads a label as the number of a class.
func (x *lookup) numbered(label string) (int, error) {
	v, ok := Whole(label)
	if !ok || v < 0 || v >= int64(len(x.names)) {
		return 0, fmt.Errorf("label %q is no class number: want 0 to %d", label, len(x.names)-1)
	}
	return int(v), nil
}

// either reads a label as a name or, where it is none, as a number.
func (x *lookup) either(label string) (int, error) {
	k, err := x.named(label)
	if err == nil {
		return k, nil
	}
	if k, second := x.numbered(label); second == nil {
		return k, nil
	}
	return 0, err
}
