package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// cutTest marks the files that are tested on, of a folder without a test split: of each class the
// wanted share, rounded, at least one image and not all. Which ones is decided by a hash of seed and
// name, so that another image in the folder moves few others. groups are the files that stay
// together, by their indexes; a group is tested on where it has room in each of its classes.
// It returns what a person has to know.
func cutTest(files []folderFile, share float64, seed uint64, groups [][]int) (notes []string) {
	count, want, got := map[int]int{}, map[int]int{}, map[int]int{}
	for i := range files {
		count[files[i].class]++
		files[i].test = false
	}
	for class, n := range count {
		if n > 1 {
			want[class] = min(n-1, max(1, int(math.Round(share*float64(n)))))
		}
	}
	for _, unit := range units(files, seed, groups) {
		of, fits := map[int]int{}, true
		for _, i := range unit {
			of[files[i].class]++
		}
		for class, n := range of {
			fits = fits && got[class]+n <= want[class]
		}
		if !fits {
			continue
		}
		for _, i := range unit {
			files[i].test = true
			got[files[i].class]++
		}
	}
	tested, least := 0, len(files)
	for _, n := range got {
		tested += n
	}
	for class := range count {
		least = min(least, got[class])
	}
	notes = append(notes, fmt.Sprintf("no test split: %.3g %% of each class are held out, %d of %d images (seed %d)", 100*share, tested, len(files), seed))
	if least > 0 && least < 5 {
		notes = append(notes, "some classes have fewer than 5 test images: what is said of those is rough")
	}
	return notes
}

// units lists the groups and the files outside of any, in the order of their hashes.
func units(files []folderFile, seed uint64, groups [][]int) [][]int {
	hashes := make([][]byte, len(files))
	for i, f := range files {
		sum := sha256.Sum256(append(binary.LittleEndian.AppendUint64(nil, seed), f.name...))
		hashes[i] = sum[:]
	}
	all, grouped := [][]int{}, map[int]bool{}
	for _, g := range groups {
		all = append(all, slices.SortedFunc(slices.Values(g), func(a, b int) int { return bytes.Compare(hashes[a], hashes[b]) }))
		for _, i := range g {
			grouped[i] = true
		}
	}
	for i := range files {
		if !grouped[i] {
			all = append(all, []int{i})
		}
	}
	slices.SortFunc(all, func(a, b []int) int { return bytes.Compare(hashes[a[0]], hashes[b[0]]) })
	return all
}

// inTurns is the order of one split: the first file of every class, then the second of every class,
// each in byte order of the names, so that the first N examples are of all classes. files are in
// order of their classes and names.
func inTurns(files []folderFile, classes int, test bool) []int {
	byClass, longest := make([][]int, classes), 0
	for i, f := range files {
		if f.test == test {
			byClass[f.class] = append(byClass[f.class], i)
			longest = max(longest, len(byClass[f.class]))
		}
	}
	var order []int
	for turn := range longest {
		for _, list := range byClass {
			if turn < len(list) {
				order = append(order, list[turn])
			}
		}
	}
	return order
}
