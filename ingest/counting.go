package ingest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// span is the least and the largest class that occurs.
type span struct{ least, most int }

// spanOf is the span of classes, of which there is one or more.
func spanOf[T ~int | ~uint16](classes []T) span {
	return span{int(slices.Min(classes)), int(slices.Max(classes))}
}

// with is the span that has the classes of both.
func (s span) with(other span) span {
	return span{min(s.least, other.least), max(s.most, other.most)}
}

// checkCounting refuses labels and predictions of which the ones count classes from 0 and the others
// from 1: both ends are one apart. Nobody said how many classes there are, so that all of them would
// be classes, and next to nothing right.
func checkCounting(labels, predictions span) error {
	shift := labels.least - predictions.least
	if labels.most-predictions.most != shift || labels.least == labels.most || min(labels.least, predictions.least) != 0 || shift*shift != 1 {
		return nil
	}
	return fmt.Errorf("labels are %d to %d and predictions %d to %d: one of them counts classes from 1: want both from 0",
		labels.least, labels.most, predictions.least, predictions.most)
}

// checkShared refuses labels and predictions, texts of several classes each, that have no class in
// common: they are written in two ways, and nothing would be right. class are the classes of the texts.
func checkShared(labels, predictions map[string]bool, class map[string]int) error {
	predicted := map[int]bool{}
	for text := range predictions {
		predicted[class[text]] = true
	}
	several := map[int]bool{}
	for text := range labels {
		if predicted[class[text]] {
			return nil
		}
		several[class[text]] = true
	}
	if len(predicted) < 2 || len(several) < 2 {
		return nil
	}
	return fmt.Errorf("no prediction is ever one of the labels: predictions are %s, labels %s: write both in the same way", some(predictions), some(labels))
}

// some are the first of some texts.
func some(texts map[string]bool) string {
	var sorted []string
	for text := range texts {
		sorted = append(sorted, text)
	}
	slices.Sort(sorted)
	var quoted []string
	for _, text := range sorted[:min(3, len(sorted))] {
		quoted = append(quoted, fmt.Sprintf("%.40q", text))
	}
	if len(sorted) > len(quoted) {
		quoted = append(quoted, "...")
	}
	return strings.Join(quoted, ", ")
}

// checkTexts is checkShared and, where all texts are numbers, checkCounting.
func checkTexts(labels, predictions map[string]bool, class map[string]int) error {
	numbered := true
	spans := [2]span{}
	for k, texts := range []map[string]bool{labels, predictions} {
		first := true
		for text := range texts {
			c := class[text]
			numbered = numbered && strconv.Itoa(c) == strings.TrimSuffix(text, ".0")
			if first {
				spans[k], first = span{c, c}, false
			}
			spans[k] = spans[k].with(span{c, c})
		}
	}
	if numbered {
		if err := checkCounting(spans[0], spans[1]); err != nil {
			return err
		}
	}
	return checkShared(labels, predictions, class)
}
