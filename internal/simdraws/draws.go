// Package simdraws says to simulations in tests how often to draw, and from which seed on.
package simdraws

import (
	"os"
	"strconv"
	"testing"
)

// Of is how often a simulation draws a world: a few times, or as often as SHOAL_DRAWS says, for
// the rates that are printed in records/.
func Of(t testing.TB, few int) int {
	t.Helper()
	return int(number(t, "SHOAL_DRAWS", uint64(few)))
}

// Seed is the seed of a draw, which are numbered from 0. The first draw has 1, or what
// SHOAL_FIRST_SEED says: rates that confirm a rule need draws that the rule wasn't chosen on.
func Seed(t testing.TB, draw int) uint64 {
	t.Helper()
	return number(t, "SHOAL_FIRST_SEED", 1) + uint64(draw)
}

func number(t testing.TB, name string, standard uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return standard
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, want a whole number from 1 to 2147483647", name, text)
	}
	return n
}
