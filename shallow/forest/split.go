package forest

import "math/bits"

// A candidate split sends the examples whose byte is at most a threshold to the left. Its quality
// is
//
//	q = S_l/W_l + S_r/W_r,   S = sum over classes of (weight of the class)²
//
// with W the total weight of a side: the larger q, the lower the weighted Gini impurity of the two
// sides. q is computed as one fraction of exact integers (below 2^53 up to 390,000 examples), so
// equal splits compare as equal. Among equals the feature drawn first wins, then the lowest
// threshold.
//
// Three ways lead to the same best threshold of a feature; the size of the node decides which one
// is taken:
//
//	small   insertion sort of the examples by their byte
//	middle  counting sort by the byte
//	large   a histogram of classes for each of the 256 bytes
type split struct {
	quality   float64 // 0: none
	feature   uint32
	threshold uint8
}

const (
	// insertionLimit and histogramFactor were found by timing CIFAR-10.
	insertionLimit = 10
	// histogramFactor·c examples are enough to pay for reading 256·c counts.
	histogramFactor = 256
	// countingLimit is what one byte can count.
	countingLimit = 255
)

// totals is what every candidate of a node shares. In table, the high half of entry c is the weight
// of class c in the node, the low half its weight on one side of the candidate: zero between two
// features. Its length lets a class index it unchecked; only the first c entries are ever touched.
type totals struct {
	table   *[1 << 16]uint64
	classes int
	weight  uint64 // W: of all classes
	squares uint64 // sum of the classes' squares
	minLeaf int    // fewest examples on a side
}

// reset zeroes the weights on the left.
func (t *totals) reset() {
	for c := range t.table[:t.classes] {
		t.table[c] &^= 1<<32 - 1
	}
}

// resetOf does the same where items have been moved.
func (t *totals) resetOf(items []item) {
	if len(items) >= t.classes {
		t.reset()
		return
	}
	for _, k := range items {
		t.table[uint16(k)] &^= 1<<32 - 1
	}
}

// item is an example inside a node: its byte in bits 32-39, its weight in bits 16-31, its class in
// bits 0-15. Sorting items sorts by byte.
type item uint64

func (k item) value() uint8   { return uint8(k >> 32) }
func (k item) weight() uint64 { return uint64(k >> 16 & 0xffff) }

// sortSmall sorts the items of a small node.
func sortSmall(items []item) {
	for i := 1; i < len(items); i++ {
		k := items[i]
		j := i
		for j > 0 && items[j-1] > k {
			items[j] = items[j-1]
			j--
		}
		items[j] = k
	}
}

// sortCounting copies the items into out in the order of their bytes. At most countingLimit items.
func sortCounting(items, out []item, counts *[32]uint64) {
	*counts = [32]uint64{}
	for _, k := range items {
		v := k.value()
		counts[v>>3&31] += 1 << (v & 7 * 8 & 63)
	}
	// One multiplication sums the eight counts of a word from below; shifted by a byte they are the
	// first places of the eight values.
	const ones = 0x0101010101010101
	before := uint64(0)
	for i, word := range counts {
		sums := word * ones
		counts[i] = sums<<8 + before*ones
		before += sums >> 56
	}
	for _, k := range items {
		v := k.value()
		shift := v & 7 * 8 & 63
		place := counts[v>>3&31] >> shift & 0xff
		counts[v>>3&31] += 1 << shift
		out[place] = k
	}
}

// sortCountingLarge does the same for any number of items.
func sortCountingLarge(items, out []item, counts *[256]uint32) {
	*counts = [256]uint32{}
	for _, k := range items {
		counts[k.value()]++
	}
	before := uint32(0)
	for i, n := range counts {
		counts[i] = before
		before += n
	}
	for _, k := range items {
		v := k.value()
		place := counts[v]
		counts[v] = place + 1
		out[place] = k
	}
}

// slack is how far float64(num) > q·float64(den) may be wrong, relatively.
const slack = 1 - 1e-12

// scanSorted returns the best threshold of a feature if it beats best, else best. sorted[1:] is the
// node's examples whose byte is not 0, sorted; beside them there are zeros examples with byte 0,
// for which sorted[0] stands.
//
// It moves examples from the left to the right side, beginning with the highest byte: those with
// byte 0, the most on MNIST, are never touched.
func scanSorted(sorted []item, zeros int, t *totals, best split, feature uint32) split {
	// rest = sum of squares of the node - 2·right·node, so that the squares of the left side are
	// rest + sr and the numerator of q is sr·W + rest·wr.
	var wr, sr uint64
	rest := t.squares
	n := len(sorted) - 1 + zeros
	end := 0 // the side left of it must not be empty
	if zeros == 0 {
		end = 1
	}
	table, weight := t.table, t.weight
	bar := best.quality * slack
	for i := len(sorted) - 1; i > end; i-- {
		k := sorted[i]
		c, w := uint16(k), k.weight()
		entry := table[c]
		table[c] = entry + w
		sr += w * (2*(entry&(1<<32-1)) + w)
		rest -= 2 * w * (entry >> 32)
		wr += w
		num, den := sr*weight+rest*wr, wr*(weight-wr)
		// Whether the byte changes here is checked last: better splits are rare.
		if !(float64(int64(num)) > bar*float64(int64(den))) || k.value() == sorted[i-1].value() {
			continue
		}
		q := float64(int64(num)) / float64(int64(den))
		better := q > best.quality || q == best.quality && best.feature == feature
		if right := len(sorted) - i; better && right >= t.minLeaf && n-right >= t.minLeaf {
			best = split{q, feature, middle(sorted[i-1].value(), k.value())}
			bar = q * slack
		}
	}
	t.resetOf(sorted[1:])
	return best
}

// middle is the threshold between two neighbouring bytes a < b: an unseen byte goes to the nearer
// one's side, the lower at equal distance.
func middle(a, b uint8) uint8 { return uint8((int(a) + int(b)) / 2) }

// histogram counts weights by byte and class. Its rows have a power of two of entries. Neighbouring
// examples count in different halves, so that runs of one byte and class don't wait for each other.
type histogram struct {
	shift  uint
	weight [2][]uint32 // 256 << shift
	count  [256]uint32
}

// shiftOf returns the logarithm of the next power of two.
func shiftOf(classes int) uint { return uint(bits.Len(uint(classes - 1))) }

func newHistogram(classes int) *histogram {
	h := &histogram{shift: shiftOf(classes)}
	h.weight[0] = make([]uint32, 256<<h.shift)
	h.weight[1] = make([]uint32, 256<<h.shift)
	return h
}

// fill counts the examples of a column. count, the number of examples, is only needed where leaves
// have a least size.
func (h *histogram) fill(column []byte, bag, packed []uint32, minLeaf int) {
	clear(h.weight[0])
	clear(h.weight[1])
	shift := h.shift & 31
	even, odd := h.weight[0], h.weight[1][:len(h.weight[0])]
	packed = packed[:len(bag)]
	i := 0
	for ; i+1 < len(bag); i += 2 {
		p, q := packed[i], packed[i+1]
		even[uint(column[bag[i]])<<shift|uint(p&0xffff)] += p >> 16
		odd[uint(column[bag[i+1]])<<shift|uint(q&0xffff)] += q >> 16
	}
	if i < len(bag) {
		even[uint(column[bag[i]])<<shift|uint(packed[i]&0xffff)] += packed[i] >> 16
	}
	if minLeaf > 1 {
		h.count = [256]uint32{}
		for _, example := range bag {
			h.count[column[example]]++
		}
	}
}

// scan returns the best threshold of the histogram of n examples if it beats best, and whether the
// feature varies.
func (h *histogram) scan(n int, t *totals, best split, feature uint32) (split, bool) {
	var wl, sl, num, den uint64
	rest := t.squares
	seen, previous := 0, -1
	for v := range 256 {
		row := h.weight[0][v<<h.shift:][:t.classes]
		row2 := h.weight[1][v<<h.shift:][:len(row)]
		before := wl
		if previous >= 0 {
			num, den = sl*t.weight+rest*wl, wl*(t.weight-wl)
		}
		for c, w32 := range row {
			w := uint64(w32 + row2[c])
			entry := t.table[uint16(c)]
			t.table[uint16(c)] = entry + w
			sl += w * (2*(entry&(1<<32-1)) + w)
			rest -= 2 * w * (entry >> 32)
			wl += w
		}
		if wl == before {
			continue
		}
		if previous >= 0 {
			q := float64(int64(num)) / float64(int64(den))
			if q > best.quality && (t.minLeaf == 1 || seen >= t.minLeaf && n-seen >= t.minLeaf) {
				best = split{q, feature, middle(uint8(previous), uint8(v))}
			}
		}
		seen += int(h.count[v])
		if previous < 0 && wl == t.weight {
			t.reset()
			return best, false
		}
		previous = v
	}
	t.reset()
	return best, true
}
