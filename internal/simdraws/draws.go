// Package simdraws says to simulations in tests how often to draw.
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
	text := os.Getenv("SHOAL_DRAWS")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("SHOAL_DRAWS is %q, want a number of draws", text)
	}
	return n
}
