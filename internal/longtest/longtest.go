// Package longtest divides the tests into a quick suite, which runs in under 90 seconds on two cores, and
// a long part, which runs where SHOAL_LONG is set, as in .ci/run. In the long part is what needs more
// than a few seconds of a core, or data from the network, and of several tests of one kind all but
// those that find most faults.
package longtest

import (
	"os"
	"testing"
)

const name = "SHOAL_LONG"

// On says whether the long part is run, too.
func On() bool { return os.Getenv(name) != "" }

// Only skips a test that belongs to the long part, unless that is run. why says what is left out then.
func Only(t testing.TB, why string) {
	t.Helper()
	if !On() {
		t.Skip("in the long part only (set " + name + "=1): " + why)
	}
}
