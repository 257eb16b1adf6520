package machine

import (
	"runtime/debug"
	"testing"
)

func TestResidentFollowsTheCollector(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	const live = 1 << 30
	for percent, want := range map[int]int64{50: live*3/2 + programBytes, 100: 2*live + programBytes, 0: live + programBytes, -1: 5*live + programBytes} {
		debug.SetGCPercent(percent)
		if got := Resident(live); got != want {
			t.Errorf("GOGC %d: %d bytes, want %d", percent, got, want)
		}
	}
}
