package machine

import (
	"fmt"
	"runtime"
	"testing"
	"testing/fstest"
)

func TestFastCores(t *testing.T) {
	if n := FastCores(); n < 0 || n > runtime.NumCPU() {
		t.Errorf("got %d fast cores of %d", n, runtime.NumCPU())
	}
	for name, c := range map[string]struct {
		capacities []int
		usable     []int
		want       int
	}{
		"alike":           {[]int{1024, 1024}, []int{0, 1}, 2},
		"two kinds":       {[]int{446, 446, 446, 446, 1024, 1024}, []int{0, 1, 2, 3, 4, 5}, 2},
		"three kinds":     {[]int{250, 250, 820, 820, 820, 1024}, []int{0, 1, 2, 3, 4, 5}, 4},
		"half as fast":    {[]int{512, 1024}, []int{0, 1}, 2},
		"bound to slow":   {[]int{446, 446, 446, 446, 1024, 1024}, []int{1, 2}, 2},
		"bound to both":   {[]int{446, 446, 446, 446, 1024, 1024}, []int{3, 4}, 1},
		"no such files":   {nil, []int{0, 1}, 0},
		"one file lacks":  {[]int{1024}, []int{0, 1}, 0},
		"not a number":    {[]int{-1, -1}, []int{0, 1}, 0},
		"nothing usable?": {[]int{1024, 1024}, nil, 0},
	} {
		root := fstest.MapFS{}
		for i, n := range c.capacities {
			root[fmt.Sprintf("sys/devices/system/cpu/cpu%d/cpu_capacity", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "%d\n", n)}
		}
		if got := fastOf(capacities(root, c.usable)); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}
