package table

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Labels are texts, each kept once.
type Labels struct {
	Names []string // the different ones, in the order in which they first come
	Index []int32  // of each row: which
	Text  bool     // they are from an array of texts: of names rather than of numbers
	place map[string]int32
}

// Add appends a label, without the spaces around it. It is an error if it is missing, or if there are
// too many different ones.
func (l *Labels) Add(text string) error {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return errors.New("it is empty: want a label")
	case strings.EqualFold(text, "nan"), text == "<NA>":
		return missingLabel(text)
	}
	k, ok := l.place[text]
	if !ok {
		if len(l.Names) == MaxClasses {
			return fmt.Errorf("more than %d different labels: is it a column of numbers to be predicted, or of ids?", MaxClasses)
		}
		if l.place == nil {
			l.place = map[string]int32{}
		}
		k = int32(len(l.Names))
		text = strings.Clone(text)
		l.Names, l.place[text] = append(l.Names, text), k
	}
	l.Index = append(l.Index, k)
	return nil
}

func missingLabel(text string) error { return fmt.Errorf("%q is a missing value: want a label", text) }

// missings are texts that stand for a missing value, in lower case. Some of them can be the name of a
// class as well.
var missings = []string{"", "na", "n/a", "null", "none", "nil", "?", "<na>", "#n/a", "nat", "nan", "-nan", "-", "."}

// Missing reports whether a text stands for a missing value.
func Missing(text string) bool { return slices.Contains(missings, strings.ToLower(text)) }

// exactTo is up to where a float of some bytes has every whole number.
func exactTo(bytes int) float64 {
	return map[int]float64{2: 1 << 11, 4: 1 << 24, 8: 1 << 53}[bytes]
}

// floatLabel is a label that was kept as a float of some bytes.
func floatLabel(v float64, bytes int) (string, error) {
	most := exactTo(bytes)
	switch {
	case v > most || v < -most: // infinity, too
		return "", fmt.Errorf("a label is %v, and floats of %d bytes don't have every whole number beyond %.0f: want labels that are kept as whole numbers or texts", v, bytes, most)
	case v != float64(int64(v)): // NaN, too
		return "", fmt.Errorf("a label is %v: want whole numbers or texts", v)
	}
	return strconv.FormatInt(int64(v), 10), nil
}
