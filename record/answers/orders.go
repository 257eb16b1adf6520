package answers

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// An order is one in which other programs would list the examples.
type order struct {
	name    string
	labels  []uint16 // of the examples at the places of the scored ones
	classes []uint16 // the class that each number stands for; nil when they are as here
}

// fits counts the predictions that are right in this order.
func (o *order) fits(predictions []uint16) int {
	n := 0
	for i, p := range predictions {
		if o.classes != nil {
			p = o.classes[p]
		}
		if p == o.labels[i] {
			n++
		}
	}
	return n
}

// otherOrders lists the orders of usual loaders that have labels at other places than the split, or
// number its classes otherwise.
func (s *Split) otherOrders() []order {
	all := []order{{name: "that of the dataset", labels: s.Labels[:s.scored()]}}
	keep := func(name string, compare func(a, b int) int) {
		o := order{name: name, labels: s.inOrder(compare)}
		if !slices.ContainsFunc(all, func(other order) bool { return slices.Equal(o.labels, other.labels) }) {
			all = append(all, o)
		}
	}
	byLabel := func(a, b int) int { return cmp.Compare(s.Labels[a], s.Labels[b]) }
	if s.Names == nil {
		keep("class by class", byLabel)
		keep("indexes sorted as text", func(a, b int) int { return cmp.Compare(strconv.Itoa(a), strconv.Itoa(b)) })
	} else {
		name := func(i int) string { return s.Names[i] }
		keep("class by class, as torchvision's ImageFolder and Keras's image_dataset_from_directory have it", byLabel)
		keep("paths sorted", func(a, b int) int { return cmp.Compare(name(a), name(b)) })
		keep("paths sorted with numbers as numbers", func(a, b int) int { return natural(name(a), name(b)) })
		keep("paths sorted without regard to case", func(a, b int) int { return cmp.Compare(strings.ToLower(name(a)), strings.ToLower(name(b))) })
		keep("names of files sorted", func(a, b int) int { return cmp.Compare(path.Base(name(a)), path.Base(name(b))) })
	}
	for _, numbering := range []struct {
		name    string
		compare func(a, b string) int
	}{
		{"sorted with numbers as numbers", natural},
		{"sorted without regard to case", func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) }},
	} {
		classes := s.renumbered(numbering.compare)
		if classes == nil {
			continue
		}
		for _, o := range all[:len(all):len(all)] {
			if o.classes == nil {
				all = append(all, order{o.name + ", with the numbers of the classes " + numbering.name, o.labels, classes})
			}
		}
	}
	return all[1:]
}

// inOrder returns the labels at the places of the scored examples when all are sorted.
func (s *Split) inOrder(compare func(a, b int) int) []uint16 {
	at := make([]int, len(s.Labels))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, compare)
	out := make([]uint16, s.scored())
	for i := range out {
		out[i] = s.Labels[at[i]]
	}
	return out
}

// renumbered returns the class that each number stands for when the classes' names are sorted, nil
// when they are in that order.
func (s *Split) renumbered(compare func(a, b string) int) []uint16 {
	classes := make([]uint16, len(s.Classes))
	for i := range classes {
		classes[i] = uint16(i)
	}
	before := slices.Clone(classes)
	slices.SortStableFunc(classes, func(a, b uint16) int { return compare(s.Classes[a], s.Classes[b]) })
	if s.Names == nil || slices.Equal(classes, before) {
		return nil
	}
	return classes
}

// natural compares texts, with the digits in them as numbers: 2 before 10.
func natural(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x > 0 && y > 0 {
			p, q := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0")
			if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
				return c
			}
			a, b = a[x:], b[y:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits counts those at the beginning of a text.
func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}

// Bounds of the guess at an order, in standard deviations of what a vector gets right that knows
// nothing.
const (
	clearly = 3 // above guessing, and above the dataset's own order, to be refused
	hardly  = 2 // within which it is no better than guessing
)

// checkOrder refuses predictions in the order of the split that are much better right in another one,
// and returns a note on those that are no better than guessing.
func (s *Split) checkOrder(predictions []uint16) (note string, err error) {
	n := len(predictions)
	ours := (&order{labels: s.Labels[:n]}).fits(predictions)
	var best *order
	most := ours
	for _, o := range s.otherOrders() {
		if fit := o.fits(predictions); fit > most {
			best, most = &o, fit
		}
	}
	guessed, deviation := s.guessing(predictions)
	percent := func(right int) string { return fmt.Sprintf("%.2f %%", 100*float64(right)/float64(n)) }
	far := func(right int, from float64) bool { return float64(right)-from >= clearly*deviation }
	if best != nil && (most == n || far(most, guessed) && far(most, float64(ours))) {
		return "", fmt.Errorf("in the order of this dataset %s of its predictions are right, in another order (%s) %s: add ids, or labels if the order is right",
			percent(ours), best.name, percent(most))
	}
	if n >= 30 && deviation > 0 && math.Abs(float64(ours)-guessed) < hardly*deviation {
		return fmt.Sprintf("%s of its predictions are right, no more than guessing gets: are they in the order of the dataset?", percent(ours)), nil
	}
	return "", nil
}

// guessing is the mean and the standard deviation of how many of the predictions are right when they
// are put in a random order.
func (s *Split) guessing(predictions []uint16) (mean, deviation float64) {
	labels, classes := map[uint16]float64{}, map[uint16]float64{}
	for i, p := range predictions {
		labels[s.Labels[i]]++
		classes[p]++
	}
	n, share := float64(len(predictions)), 0.0
	for c, count := range classes {
		share += count / n * labels[c] / n
	}
	if len(classes) == 1 || len(labels) == 1 {
		return n * share, 0 // the same in any order
	}
	return n * share, math.Sqrt(n * share * (1 - share))
}

// fewest is the number of examples below which the numbers of classes can't be guessed at.
const fewest = 20

// checkNumbers refuses predictions by number that are much better right when each number stands for
// another class: those of a program that numbers the classes otherwise.
func (s *Split) checkNumbers(c *column, predictions []uint16) error {
	n := len(predictions)
	if c.texts != nil && !s.numeric(c) || n < fewest {
		return nil
	}
	counts := map[[2]uint16]int{}
	for i, p := range predictions {
		counts[[2]uint16{p, s.Labels[i]}]++
	}
	meant := map[uint16]uint16{} // the label that most examples have of which a class is predicted
	for pair, count := range counts {
		best, seen := meant[pair[0]]
		if most := counts[[2]uint16{pair[0], best}]; !seen || count > most || count == most && pair[1] < best {
			meant[pair[0]] = pair[1]
		}
	}
	ours, most, taken := 0, 0, map[uint16]bool{}
	for p, label := range meant {
		if taken[label] {
			return nil // no numbering of the classes
		}
		taken[label] = true
		ours, most = ours+counts[[2]uint16{p, p}], most+counts[[2]uint16{p, label}]
	}
	_, deviation := s.guessing(predictions)
	if 2*most < n || len(meant) < 2 || float64(most-ours) < clearly*deviation {
		return nil
	}
	for p := range uint16(len(s.Classes)) {
		if label, ok := meant[p]; ok && label != p {
			return fmt.Errorf("%.2f %% of its predictions are right, and %.2f %% if its classes have other numbers, such as %d for %q instead of %q: write the names of classes, or add labels",
				100*float64(ours)/float64(n), 100*float64(most)/float64(n), p, s.Classes[label], s.Classes[p])
		}
	}
	return nil
}

// numeric reports whether a column of text has the numbers of classes, and not their names.
func (s *Split) numeric(c *column) bool {
	_, ok := c.integer(0)
	return ok && !slices.Contains(s.Classes, strings.TrimSpace(c.text(0)))
}
