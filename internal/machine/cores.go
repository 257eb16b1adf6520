package machine

import (
	"fmt"
	"io/fs"
	"os"
)

// FastCores is how many of the cores that this process may use are at least half as fast as the
// fastest; 0 where the system doesn't say, as where they are all alike. Work that is split into few
// parts is done when the last part is: a slow core that takes one makes all others wait.
func FastCores() int { return fastCores(os.DirFS("/"), usable()) }

// fastOf counts the cores of at least half the greatest speed, in any unit.
func fastOf(speeds []int64) int {
	var most int64
	for _, s := range speeds {
		most = max(most, s)
	}
	n := 0
	for _, s := range speeds {
		if 2*s >= most {
			n++
		}
	}
	return n
}

// capacities are the speeds of the given cores by Linux's files, which arm64 has; nil where one is
// not known.
func capacities(root fs.FS, cores []int) []int64 {
	var speeds []int64
	for _, c := range cores {
		n := number(root, fmt.Sprintf("sys/devices/system/cpu/cpu%d/cpu_capacity", c))
		if n <= 0 {
			return nil
		}
		speeds = append(speeds, n)
	}
	return speeds
}
