package machine

import (
	"runtime"
	"testing"
)

func TestPeakRSSCountsWhatWasTouched(t *testing.T) {
	before := PeakRSS()
	if before < 1<<20 {
		t.Fatalf("peak RSS is %d bytes, want at least a megabyte", before)
	}
	const size = 64 << 20
	page := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		page[i] = 1
	}
	full := PeakRSS()
	if full < size {
		t.Errorf("peak RSS is %d bytes after touching %d", full, size)
	}
	_ = page[size-1]
	page = nil
	ForgetPeak()
	if after := PeakRSS(); runtime.GOOS == "linux" && after > full-size/2 { // the race detector keeps what it knows of them
		t.Errorf("peak RSS is still %d of %d bytes when %d of them are free", after, full, size)
	}
}

func TestHighWater(t *testing.T) {
	for text, want := range map[string]int64{
		"Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t    1234 kB\n": 1234 << 10,
		"Name:\tx\nVmHWM: many kB\n":                      0,
		"Name:\tVmHWM: 9 kB\nVmPeak: 9 kB\n":              0,
		"":                                                0,
	} {
		if got := highWater([]byte(text)); got != want {
			t.Errorf("highWater(%q) = %d, want %d", text, got, want)
		}
	}
}
