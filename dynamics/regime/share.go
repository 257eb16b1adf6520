package regime

import "math"

// A Slot counts the examples that are learned between two shares, and how many of them a reference
// gets right. The slot of the never learned has From and To 1.
type Slot struct {
	From, To float64 // share learned
	N, Right int
}

// ShallowShare counts a reference's right answers in slots of equal width by the order of learning;
// the last slot is that of the never learned. Slots without an example are left out.
func (l *Learning) ShallowShare(right []bool, slots int) []Slot {
	out := make([]Slot, slots+1)
	for k := range out {
		out[k].From, out[k].To = float64(k)/float64(slots), math.Min(1, float64(k+1)/float64(slots))
	}
	for i, a := range l.BySpeed {
		k := slots
		switch {
		case l.Never(i):
		case math.IsNaN(a): // of a class that is left out
			continue
		default:
			k = min(int(a*float64(slots)), slots-1)
		}
		out[k].N++
		if right[i] {
			out[k].Right++
		}
	}
	kept := out[:0]
	for _, s := range out {
		if s.N > 0 {
			kept = append(kept, s)
		}
	}
	return kept
}
