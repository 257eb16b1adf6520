package dynamics

import (
	"fmt"
	"math"

	"shoal/contingency"
)

// Pair is the agreement of two vectors of predictions. Its Table has A as the reference (shallow)
// and B as the network (deep).
type Pair struct {
	A          string                 `json:"a"`
	B          string                 `json:"b"`
	Table      contingency.Table      `json:"table"`
	Kappa      contingency.Number     `json:"kappa"`      // of right/wrong
	Nestedness contingency.Number     `json:"nestedness"` // of right/wrong
	Agreement  contingency.Proportion `json:"agreement"`  // both right or both wrong
	SameClass  contingency.Proportion `json:"same_class"` // the same predicted class
}

// Agree compares all pairs of references (a network at some evaluation is one, by Log.Final or
// Log.At), in the order (0,1), (0,2), ..., (1,2), ...
func Agree(labels []uint16, references []Reference) ([]Pair, error) {
	if err := checkAll(labels, references); err != nil {
		return nil, err
	}
	var out []Pair
	for i, a := range references {
		for _, b := range references[i+1:] {
			out = append(out, pairOf(labels, a, b))
		}
	}
	return out, nil
}

// KappaMatrix is the kappa of right/wrong between every two of R references, R × R and symmetric.
// On the diagonal it is 1, or undefined for a reference that is right on all or on nothing.
func KappaMatrix(labels []uint16, references []Reference) ([][]contingency.Number, error) {
	if err := checkAll(labels, references); err != nil {
		return nil, err
	}
	right := make([]mask, len(references))
	for k, r := range references {
		right[k] = r.right(labels)
	}
	out := make([][]contingency.Number, len(references))
	for a := range out {
		out[a] = make([]contingency.Number, len(references))
		for b := range out[a] {
			out[a][b] = tableOf(len(labels), right[a], right[b]).Kappa()
		}
	}
	return out, nil
}

// checkAll checks references for the same examples, of which there must be one.
func checkAll(labels []uint16, references []Reference) error {
	if len(labels) == 0 {
		return fmt.Errorf("agreement: no examples")
	}
	for _, r := range references {
		if err := r.check(len(labels)); err != nil {
			return err
		}
	}
	return nil
}

func pairOf(labels []uint16, a, b Reference) Pair {
	t := tableOf(len(labels), a.right(labels), b.right(labels))
	same := rightMask(a.Predictions, b.Predictions).count()
	return Pair{A: a.Name, B: b.Name, Table: t, Kappa: t.Kappa(), Nestedness: t.Nestedness(),
		Agreement: t.Agreement(), SameClass: contingency.Wilson(same, len(labels))}
}

// EqualAccuracy is the agreement of two runs where they are equally accurate.
type EqualAccuracy struct {
	StepA     int     `json:"step_a"`
	StepB     int     `json:"step_b"`
	AccuracyA float64 `json:"accuracy_a"`
	AccuracyB float64 `json:"accuracy_b"`
	// Table has run A as the reference and run B as the network.
	Table contingency.Table `json:"table"`
}

// AtEqualAccuracy pairs every evaluation of a with the evaluation of b (the earliest of equals)
// whose accuracy is nearest, and keeps the pairs that are within tolerance: two runs are compared
// at equal accuracy instead of at equal times (Hacohen et al. 2020). Both logs must have the same
// labels.
func AtEqualAccuracy(a, b *Log, tolerance float64) ([]EqualAccuracy, error) {
	if err := sameSplit(a, b); err != nil {
		return nil, err
	}
	rightA, rightB := rightMasks(a), rightMasks(b)
	n := len(a.Labels)
	countB := make([]int, len(rightB))
	for t, m := range rightB {
		countB[t] = m.count()
	}
	var out []EqualAccuracy
	for t, m := range rightA {
		c := m.count()
		best := 0
		for u := range countB {
			if abs(countB[u]-c) < abs(countB[best]-c) {
				best = u
			}
		}
		if !(float64(abs(countB[best]-c)) <= tolerance*float64(n)) {
			continue
		}
		out = append(out, EqualAccuracy{StepA: a.Steps[t], StepB: b.Steps[best],
			AccuracyA: float64(c) / float64(n), AccuracyB: float64(countB[best]) / float64(n),
			Table: tableOf(n, m, rightB[best])})
	}
	return out, nil
}

func abs(x int) int { return max(x, -x) }

// sameSplit checks that logs are sound and score the same examples.
func sameSplit(logs ...*Log) error {
	for k, l := range logs {
		if err := l.Check(); err != nil {
			return fmt.Errorf("run %d: %w", k+1, err)
		}
		if len(l.Labels) != len(logs[0].Labels) || rightMask(l.Labels, logs[0].Labels).count() != len(l.Labels) {
			return fmt.Errorf("run %d scores other examples than run 1: their labels differ", k+1)
		}
	}
	return nil
}

// Mutual is mu = I(F;Y) - I(F;Y|L) in bits (Nakkiran et al. 2019): how much of the information
// about the labels Y in the predictions F of a network is in the predictions L of a reference as
// well. For binary tasks: all three take at most the classes 0 and 1, else it is an error.
// Informations are those of the observed frequencies.
func Mutual(labels, reference, network []uint16) (mu float64, err error) {
	n := len(labels)
	if n == 0 || len(reference) != n || len(network) != n {
		return 0, fmt.Errorf("mutual information: %d labels, %d and %d predictions, want as many of each, and one at least", n, len(reference), len(network))
	}
	if c := classes(labels, reference, network); c > 2 {
		return 0, fmt.Errorf("mutual information: class %d, want a binary task with classes 0 and 1", c-1)
	}
	var joint [2][2][2]float64 // by L, F, Y
	for i := range labels {
		joint[reference[i]][network[i]][labels[i]] += 1 / float64(n)
	}
	var all [2][2]float64
	conditional := 0.0
	for _, fy := range joint {
		p := fy[0][0] + fy[0][1] + fy[1][0] + fy[1][1]
		conditional += float64(p * information(fy))
		for f := range fy {
			for y := range fy[f] {
				all[f][y] += fy[f][y]
			}
		}
	}
	return information(all) - conditional, nil
}

// information is the mutual information in bits of a 2×2 table of weights.
func information(w [2][2]float64) float64 {
	total := w[0][0] + w[0][1] + w[1][0] + w[1][1]
	sum := 0.0
	for f := range w {
		for y := range w[f] {
			if w[f][y] > 0 {
				row, column := w[f][0]+w[f][1], w[0][y]+w[1][y]
				sum += float64(w[f][y] / total * math.Log2(w[f][y]*total/(row*column)))
			}
		}
	}
	return sum
}
