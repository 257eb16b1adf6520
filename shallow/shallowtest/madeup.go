package shallowtest

import "shoal/shallow/model"

// MadeUp repeats the recurrence of the scripts beside the references in testdata: n rows of d bytes
// around c centres, with labels in turn.
func MadeUp(n, d, c int) model.Examples {
	state := uint64(7)
	draw := func(below uint64) int {
		state = state*6364136223846793005 + 1442695040888963407
		return int(state >> 33 % below)
	}
	centre := make([]int, c*d)
	for i := range centre {
		centre[i] = draw(256)
	}
	e := model.Examples{Pixels: make([]byte, n*d), Labels: make([]uint16, n), Features: d, Classes: c}
	for i := range n {
		e.Labels[i] = uint16(i % c)
		for j := range d {
			e.Pixels[i*d+j] = byte(min(255, max(0, centre[i%c*d+j]+draw(241)-120)))
		}
	}
	return e
}
