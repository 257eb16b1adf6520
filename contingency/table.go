package contingency

import "fmt"

// Table counts the examples of an evaluation split by who gets them right: both, the reference
// alone (ShallowOnly), the network alone (DeepOnly), or neither.
type Table struct {
	Both        int `json:"both"`
	ShallowOnly int `json:"shallow_only"`
	DeepOnly    int `json:"deep_only"`
	Neither     int `json:"neither"`
}

// Count compares the predicted classes of a reference and of a network with the labels, example by
// example. The three must be of one length, which must not be 0.
func Count(labels, reference, network []uint16) (Table, error) {
	n := len(labels)
	if n == 0 {
		return Table{}, fmt.Errorf("count table: no examples")
	}
	if len(reference) != n {
		return Table{}, fmt.Errorf("count table: reference has %d predictions, want %d, one a label", len(reference), n)
	}
	if len(network) != n {
		return Table{}, fmt.Errorf("count table: network has %d predictions, want %d, one a label", len(network), n)
	}
	var t Table
	for i, label := range labels {
		t.Add(reference[i] == label, network[i] == label)
	}
	return t, nil
}

// Add counts one example, by who gets it right.
func (t *Table) Add(shallow, deep bool) {
	switch {
	case shallow && deep:
		t.Both++
	case shallow:
		t.ShallowOnly++
	case deep:
		t.DeepOnly++
	default:
		t.Neither++
	}
}

// CountRight is Count of what the two get right, for tasks in which that is not "the predicted class
// is the label". Both have one entry an example, at least one.
func CountRight(reference, network []bool) (Table, error) {
	if len(reference) != len(network) || len(network) == 0 {
		return Table{}, fmt.Errorf("count table: right answers of %d examples of the reference and %d of the network, want as many, and at least 1", len(reference), len(network))
	}
	var t Table
	for i, deep := range network {
		t.Add(reference[i], deep)
	}
	return t, nil
}

// Correct says of every prediction whether it is the label. The two must be of one length.
func Correct(labels, predictions []uint16) []bool {
	out := make([]bool, len(labels))
	for i, label := range labels {
		out[i] = predictions[i] == label
	}
	return out
}

// RightShare is the share of true entries, 0 to 1; NaN of none.
func RightShare(right []bool) float64 {
	count := 0
	for _, r := range right {
		if r {
			count++
		}
	}
	return float64(count) / float64(len(right))
}

// Accuracy is the share of predictions that are the label, 0 to 1; NaN without labels. The two must
// be of one length.
func Accuracy(labels, predictions []uint16) float64 {
	return float64(Right(labels, predictions)) / float64(len(labels))
}

// Right is the number of predictions that are the label. The two must be of one length.
func Right(labels, predictions []uint16) int {
	right, predictions := uint64(0), predictions[:len(labels)]
	for i, label := range labels {
		x := uint64(label ^ predictions[i]) // 0 where they are equal, and then x-1 borrows into bit 63: no branch
		right += (x - 1) >> 63
	}
	return int(right)
}

// Check returns an error when a count is negative or all are 0, as a damaged or foreign file may
// have them.
func (t Table) Check() error {
	if min(t.Both, t.ShallowOnly, t.DeepOnly, t.Neither) < 0 {
		return fmt.Errorf("table %+v: negative count", t)
	}
	if t.N() == 0 {
		return fmt.Errorf("table %+v: no examples", t)
	}
	return nil
}

// N is the number of examples.
func (t Table) N() int { return t.Both + t.ShallowOnly + t.DeepOnly + t.Neither }

// ShallowRight is the number of examples the reference gets right.
func (t Table) ShallowRight() int { return t.Both + t.ShallowOnly }

// DeepRight is the number of examples the network gets right.
func (t Table) DeepRight() int { return t.Both + t.DeepOnly }

// ShallowAccuracy is m, the accuracy of the reference.
func (t Table) ShallowAccuracy() Proportion { return Wilson(t.ShallowRight(), t.N()) }

// DeepAccuracy is d, the accuracy of the network.
func (t Table) DeepAccuracy() Proportion { return Wilson(t.DeepRight(), t.N()) }

// RPlus is R+, the network's accuracy on what the reference gets right. Undefined when the
// reference gets nothing right.
func (t Table) RPlus() Proportion { return Wilson(t.Both, t.ShallowRight()) }

// RMinus is R-, the network's accuracy on what the reference gets wrong. Undefined when the
// reference gets everything right.
func (t Table) RMinus() Proportion { return Wilson(t.DeepOnly, t.DeepOnly+t.Neither) }

// Ratio is R± = R+/R- with its 95 % interval; see [RiskRatio].
func (t Table) Ratio() Ratio {
	return RiskRatio(t.Both, t.ShallowRight(), t.DeepOnly, t.DeepOnly+t.Neither)
}

// Independence is the R± that these accuracies would give if the network were right independently
// of the reference: 1, or undefined where R± has no meaning (m is 0 or 1, or d is 0).
func (t Table) Independence() Number {
	if t.Check() != nil || t.ShallowRight() == 0 || t.ShallowRight() == t.N() || t.DeepRight() == 0 {
		return Number{}
	}
	return Number{Value: 1, Defined: true}
}

// MostNested is the table with these margins in which Both is as large as it can be: the network's
// right answers lie within the reference's or contain them.
func (t Table) MostNested() Table { return t.withBoth(min(t.ShallowRight(), t.DeepRight())) }

// withBoth returns the table with the margins of t and the given Both.
func (t Table) withBoth(both int) Table {
	shallow, deep := t.ShallowRight()-both, t.DeepRight()-both
	return Table{Both: both, ShallowOnly: shallow, DeepOnly: deep, Neither: t.N() - both - shallow - deep}
}

// AttainableMax is the largest R± that the margins allow, counted in whole examples. With d > m it
// equals (1-m)/(d-m). With 0 < d <= m the network could be wrong on all that the reference gets
// wrong, so it is infinite. It is undefined where R± has no meaning (m is 0 or 1, or d is 0).
func (t Table) AttainableMax() Number {
	if t.Check() != nil {
		return Number{}
	}
	return t.MostNested().Ratio().Number()
}

// Nestedness is (both/n - m·d)/(min(m, d) - m·d), the share that was realised of the agreement
// beyond chance that the margins allow: 0 for independence, 1 for the most nested table, negative
// when the two avoid each other (without a lower bound common to all margins). It is symmetric in
// the two models. Undefined when either is right on all or on nothing.
func (t Table) Nestedness() Number {
	if t.Check() != nil {
		return Number{}
	}
	n, s, d := int64(t.N()), int64(t.ShallowRight()), int64(t.DeepRight())
	return quotient(int64(t.Both)*n-s*d, min(s, d)*n-s*d)
}

// Kappa is Cohen's kappa of the two right/wrong vectors, also called error consistency: (po -
// pe)/(1 - pe) with po = (both + neither)/n and pe = m·d + (1-m)(1-d). In [-1, 1] and symmetric in
// the two models. Undefined when pe is 1: both right on all or both right on nothing.
func (t Table) Kappa() Number {
	if t.Check() != nil {
		return Number{}
	}
	n, s, d := int64(t.N()), int64(t.ShallowRight()), int64(t.DeepRight())
	chance := s*d + (n-s)*(n-d)
	return quotient(int64(t.Both+t.Neither)*n-chance, n*n-chance)
}

// Agreement is the share of examples on which both are right or both wrong.
func (t Table) Agreement() Proportion { return Wilson(t.Both+t.Neither, t.N()) }
