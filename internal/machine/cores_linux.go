package machine

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

func fastCores(root fs.FS, cores []int) int { return fastOf(capacities(root, cores)) }

// usable are the numbers of the cores that this process may run on.
func usable() []int {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return nil
	}
	var list []int
	for i := range len(set) * 64 {
		if set.IsSet(i) {
			list = append(list, i)
		}
	}
	return list
}
