package deep

import "encoding/binary"

// laneInput spreads the images' bytes over the lanes, normalised.
type laneInput struct {
	out   *laneBuffer
	bytes [inputBlock * lanes]byte // values of images, the images innermost
}

// inputBlock is how many values of each image are spread at once: they stay in the first-level
// cache, and so does what becomes of them.
const inputBlock = 64

func (l *laneInput) label() string    { return "input" }
func (l *laneInput) kind() string     { return "input" }
func (l *laneInput) backward(*run)    {}
func (l *laneInput) finite(*run) bool { return l.out.finite() }

func (l *laneInput) forward(r *run) {
	size := l.out.h * l.out.w * l.out.c
	for from := 0; from < size; from += inputBlock {
		n := min(inputBlock, size-from)
		l.spread(r, from, n)
		l.normalise(r, from, n)
	}
	if r.n == lanes {
		return
	}
	for at := 0; at < len(l.out.value); at += lanes {
		clear(l.out.value[at+r.n : at+lanes])
	}
}

// spread takes n values of each image to the block of bytes, from value from on.
func (l *laneInput) spread(r *run, from, n int) {
	size := l.out.h * l.out.w * l.out.c
	for i := 0; i < r.n; i += 8 {
		var at [8]int // of value from of eight images; the last one stands in for those of lanes that are cleared
		for j := range at {
			at[j] = min(i+j, r.n-1)*size + from
		}
		to := l.bytes[i:]
		q := 0
		for ; q+8 <= n; q += 8 {
			var x [8]uint64
			for j := range x {
				x[j] = binary.LittleEndian.Uint64(r.pixels[at[j]+q:])
			}
			turn(&x)
			for j := range x {
				binary.LittleEndian.PutUint64(to[(q+j)*lanes:], x[j])
			}
		}
		for ; q < n; q++ {
			for j, a := range at {
				to[q*lanes+j] = r.pixels[a+q]
			}
		}
	}
}

// turn transposes 8×8 bytes: byte j of word i becomes byte i of word j. Without loops, so that all
// words stay in registers.
func turn(x *[8]uint64) {
	const bytes, pairs, halves = 0x00ff00ff00ff00ff, 0x0000ffff0000ffff, 0x00000000ffffffff
	a, b := exchange(x[0], x[1], 8, bytes)
	c, d := exchange(x[2], x[3], 8, bytes)
	e, f := exchange(x[4], x[5], 8, bytes)
	g, h := exchange(x[6], x[7], 8, bytes)
	a, c = exchange(a, c, 16, pairs)
	b, d = exchange(b, d, 16, pairs)
	e, g = exchange(e, g, 16, pairs)
	f, h = exchange(f, h, 16, pairs)
	x[0], x[4] = exchange(a, e, 32, halves)
	x[1], x[5] = exchange(b, f, 32, halves)
	x[2], x[6] = exchange(c, g, 32, halves)
	x[3], x[7] = exchange(d, h, 32, halves)
}

// exchange swaps the bits of b under the mask with those of a that are so many places higher.
func exchange(a, b uint64, places int, mask uint64) (uint64, uint64) {
	t := (a>>places ^ b) & mask
	return a ^ t<<places, b ^ t
}

// normalise makes n values of each image numbers, from value from on.
func (l *laneInput) normalise(r *run, from, n int) {
	c := l.out.c
	if c == 1 {
		r.k.FromBytes(l.out.value[from*lanes:], l.bytes[:n*lanes], r.inScale, r.inShift)
		return
	}
	for q := range n {
		pixel, ch := (from+q)/c, (from+q)%c
		to := l.out.value[ch*l.out.plane()+pixel*lanes:]
		r.k.FromBytes(to, l.bytes[q*lanes:][:lanes], r.inScale[ch:ch+1], r.inShift[ch:ch+1])
	}
}
