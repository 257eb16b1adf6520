package usage

import (
	"fmt"
	"strings"
)

// DidYouMean is a hint for a word that isn't among the names, as an error can end: `; did you mean
// "mnist"?`. It is "" where none of them is near: a letter or two away, or begun by the word.
func DidYouMean(got string, names []string) string {
	best, least := "", 1+max(1, min(3, len(got)/3))
	for _, name := range names {
		d := distance(strings.ToLower(got), strings.ToLower(name))
		if len(got) > 2 && strings.HasPrefix(strings.ToLower(name), strings.ToLower(got)) {
			d = min(d, 1)
		}
		if d < least && d < len(got) {
			best, least = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance is how many letters have to be put in, taken out, replaced, or swapped with their
// neighbour to make one word of the other (optimal string alignment), in bytes.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := range len(a) {
		before, above, row := rows[0], rows[1], rows[2]
		row[0] = i + 1
		for j := range len(b) {
			change := above[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		rows = [3][]int{above, row, before}
	}
	return rows[1][len(b)]
}
