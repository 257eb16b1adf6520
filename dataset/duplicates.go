package dataset

import "math/bits"

// A thumbnail is what near duplicates are found by: 16×16 pixels in grey, and the difference hash of
// 9×8 (a bit for each pair of neighbours in a row, set where the right one is lighter), which the same
// picture in another size or quality shares but for a few bits.
type thumbnail struct {
	grey [256]byte
	hash uint64
}

func thumbnailOf(p *picture) (t thumbnail) {
	copy(t.grey[:], scaled(p.as(1), p.height, p.width, 1, 16, 16))
	small := scaled(t.grey[:], 16, 16, 1, 8, 9)
	for y := range 8 {
		for x := range 8 {
			t.hash <<= 1
			if small[9*y+x] < small[9*y+x+1] {
				t.hash |= 1
			}
		}
	}
	return t
}

// What may differ between near duplicates: bits of the hash, and levels of the small images in the
// root mean square.
const (
	hashBits   = 5
	greyLevels = 8
)

// near reports whether two images look nearly alike.
func (t *thumbnail) near(o *thumbnail) bool {
	if bits.OnesCount64(t.hash^o.hash) > hashBits {
		return false
	}
	sum := 0
	for i, v := range t.grey {
		d := int(v) - int(o.grey[i])
		sum += d * d
	}
	return sum <= greyLevels*greyLevels*len(t.grey)
}

// duplicates groups images that look nearly alike, also by way of others. It returns the groups of
// two or more, by the indexes of the thumbnails, ascending.
func duplicates(thumbs []thumbnail) [][]int {
	parent := make([]int, len(thumbs))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	// Of hashBits+1 parts of two hashes that are near, one is the same.
	const width = (64 + hashBits) / (hashBits + 1)
	for part := 0; part < 64; part += width {
		same := map[uint64][]int{}
		for i := range thumbs {
			key := thumbs[i].hash >> part & (1<<width - 1)
			for _, j := range same[key] {
				a, b := find(i), find(j)
				if a != b && thumbs[i].near(&thumbs[j]) {
					parent[max(a, b)] = min(a, b)
				}
			}
			same[key] = append(same[key], i)
		}
	}
	members := map[int][]int{}
	for i := range thumbs {
		members[find(i)] = append(members[find(i)], i)
	}
	var groups [][]int
	for i := range thumbs {
		if len(members[i]) > 1 {
			groups = append(groups, members[i])
		}
	}
	return groups
}
