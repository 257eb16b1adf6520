package runlog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Identity is what tells whether two runs score the same examples, in one order. Labels alone don't:
// they agree as well where examples of one class are in another order.
type Identity struct {
	Labels  []uint16
	Classes []string // names
	Names   []string // of the examples; nil where they have none
}

// Identity is that of the run's split, by its own labels.
func (h *History) Identity() Identity {
	return Identity{Labels: h.Log.Labels, Classes: h.Classes, Names: h.Names}
}

// Differs says, in words, where others are other examples; "" where nothing tells. Classes may be called
// otherwise, but not the one as another is.
func (x Identity) Differs(other Identity) string {
	if len(x.Labels) != len(other.Labels) {
		return fmt.Sprintf("they have %d and %d examples", len(x.Labels), len(other.Labels))
	}
	for i, l := range x.Labels {
		if l != other.Labels[i] {
			return fmt.Sprintf("the labels differ first at index %d: %d and %d", i, l, other.Labels[i])
		}
	}
	if k := Permuted(x.Classes, other.Classes); k >= 0 {
		return fmt.Sprintf("class %d is %q and %q", k, x.Classes[k], other.Classes[k])
	}
	if x.Names == nil || other.Names == nil {
		return ""
	}
	for i, name := range x.Names {
		if !sameName(name, other.Names[i]) {
			return fmt.Sprintf("the names of the examples differ first at index %d: %.80q and %.80q", i, name, other.Names[i])
		}
	}
	return ""
}

// sameName reports whether two names can be of one example: one may have more folders before it.
func sameName(a, b string) bool {
	return a == b || strings.HasSuffix(a, "/"+b) || strings.HasSuffix(b, "/"+a)
}

// Permuted is the first class whose name differs where both have the same names in another order, and -1
// otherwise: people have other names for classes, too, but not the same for others.
func Permuted(a, b []string) int {
	if len(a) != len(b) || slices.Equal(a, b) || !slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))) {
		return -1
	}
	for k := range a {
		if a[k] != b[k] {
			return k
		}
	}
	return -1
}

// ErrOtherExamples is wrapped for runs that can't be compared because they score different examples.
var ErrOtherExamples = errors.New("are scored on other examples")

// SameExamples refuses two runs, in these folders, that were scored on different examples. It reads no
// evaluation.
func SameExamples(a, b string) error {
	var of [2]Identity
	for k, dir := range []string{a, b} {
		r, err := OpenReadOnly(dir)
		if err != nil {
			return err
		}
		of[k] = Identity{Labels: r.labels, Classes: r.classes, Names: r.names}
		if err := r.Close(); err != nil {
			return err
		}
	}
	if what := of[0].Differs(of[1]); what != "" {
		return fmt.Errorf("%q and %q %w: %s", a, b, ErrOtherExamples, what)
	}
	return nil
}
