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
		var images [8][]byte
		for j := range min(8, r.n-i) {
			images[j] = r.pixels[(i+j)*size+from:][:n]
		}
		for j := r.n - i; j < 8; j++ {
			images[j] = images[0] // of lanes that are cleared
		}
		q := 0
		for ; q+8 <= n; q += 8 {
			var x [8]uint64
			for j := range x {
				x[j] = binary.LittleEndian.Uint64(images[j][q:])
			}
			turn(&x)
			for j, v := range x {
				binary.LittleEndian.PutUint64(l.bytes[(q+j)*lanes+i:], v)
			}
		}
		for ; q < n; q++ {
			for j := range images {
				l.bytes[q*lanes+i+j] = images[j][q]
			}
		}
	}
}

// turn transposes 8×8 bytes: byte j of word i becomes byte i of word j.
func turn(x *[8]uint64) {
	for i := 0; i < 8; i += 2 {
		x[i], x[i+1] = exchange(x[i], x[i+1], 8, 0x00ff00ff00ff00ff)
	}
	for _, i := range [4]int{0, 1, 4, 5} {
		x[i], x[i+2] = exchange(x[i], x[i+2], 16, 0x0000ffff0000ffff)
	}
	for i := range 4 {
		x[i], x[i+4] = exchange(x[i], x[i+4], 32, 0x00000000ffffffff)
	}
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
