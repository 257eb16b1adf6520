package augment

import (
	"fmt"
	"math"
	"math/bits"

	"shoal/internal/elementary"
)

// A Policy says what is varied. The zero Policy changes nothing.
type Policy struct {
	Crop   int     // padding of the crop in pixels: shifts by -Crop to Crop both ways
	Flip   bool    // mirror left and right, every other time on average
	Rotate float64 // largest angle in degrees, 0 to 180, either way, about the centre
}

// An Augmenter applies a Policy to images of one shape.
type Augmenter struct {
	policy                  Policy
	height, width, channels int
	seed                    uint64
}

// New returns an Augmenter for images of height × width × channels bytes.
func New(p Policy, height, width, channels int, seed uint64) (*Augmenter, error) {
	switch {
	case height <= 0 || width <= 0 || channels <= 0:
		return nil, fmt.Errorf("augmentation of images of shape %d×%d×%d: want positive numbers", height, width, channels)
	case p.Crop < 0 || p.Crop > max(height, width):
		return nil, fmt.Errorf("crop padding %d, want 0 to the image's size (%d×%d)", p.Crop, height, width)
	case !(p.Rotate >= 0 && p.Rotate <= 180):
		return nil, fmt.Errorf("rotation by up to %v degrees, want 0 to 180", p.Rotate)
	}
	return &Augmenter{p, height, width, channels, seed}, nil
}

// Batch writes the chosen examples of a split's pixels into dst, one after another, as they look in
// this epoch. It allocates nothing and may be called from several goroutines at once.
func (a *Augmenter) Batch(dst, pixels []byte, examples []int, epoch int) error {
	size := a.height * a.width * a.channels
	if len(dst) != len(examples)*size {
		return fmt.Errorf("batch buffer of %d bytes for %d examples of %d", len(dst), len(examples), size)
	}
	for i, e := range examples {
		if e < 0 || e >= len(pixels)/size {
			return fmt.Errorf("example %d of a split of %d", e, len(pixels)/size)
		}
		a.image(dst[i*size:(i+1)*size], pixels[e*size:(e+1)*size], a.draw(epoch, e))
	}
	return nil
}

// A change is how one image is varied. Its cosine and sine count in 1/one, so where a pixel comes
// from is integer arithmetic: the same on every processor.
type change struct {
	down, right int // where the crop begins, relative to the image
	flip        bool
	cos, sin    int
}

// shift and one are the fixed point of a change.
const (
	shift = 16
	one   = 1 << shift
)

// draw returns the change of one example in one epoch.
func (a *Augmenter) draw(epoch, example int) change {
	// Hashing the three numbers one after another, and not a sum of them, keeps neighbouring epochs
	// and examples from sharing draws.
	state := mix(mix(mix(a.seed)^uint64(epoch)) ^ uint64(example))
	next := func() uint64 {
		state += golden
		return mix(state)
	}
	c := change{cos: one}
	span := uint64(2*a.policy.Crop + 1)
	c.down = below(next(), span) - a.policy.Crop
	c.right = below(next(), span) - a.policy.Crop
	c.flip = next()>>63 == 1 && a.policy.Flip
	uniform := float64(float64(next()>>11) / (1 << 53))
	if a.policy.Rotate > 0 {
		sin, cos := elementary.Sincos((2*uniform - 1) * a.policy.Rotate * math.Pi / 180)
		c.cos, c.sin = int(math.Round(cos*one)), int(math.Round(sin*one))
	}
	return c
}

// below maps 64 random bits to [0, n).
func below(random, n uint64) int {
	high, _ := bits.Mul64(random, n)
	return int(high)
}

const golden = 0x9e3779b97f4a7c15

// mix is the output function of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(x uint64) uint64 {
	x += golden
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// image writes one changed image.
func (a *Augmenter) image(dst, src []byte, c change) {
	if c.sin == 0 && c.cos == one {
		a.shifted(dst, src, c)
		return
	}
	a.rotated(dst, src, c)
}

// shifted crops and flips row by row.
func (a *Augmenter) shifted(dst, src []byte, c change) {
	pitch := a.width * a.channels
	first := max(0, -c.right) // columns of the crop that lie on the image
	last := min(a.width, a.width-c.right)
	for row := range a.height {
		line := dst[row*pitch : (row+1)*pitch]
		from := row + c.down
		if from < 0 || from >= a.height || first >= last {
			clear(line)
			continue
		}
		clear(line[:first*a.channels])
		start := from*pitch + (first+c.right)*a.channels
		n := copy(line[first*a.channels:last*a.channels], src[start:])
		clear(line[first*a.channels+n:])
		if c.flip {
			mirror(line, a.channels)
		}
	}
}

// mirror reverses the pixels of a row.
func mirror(line []byte, channels int) {
	for l, r := 0, len(line)-channels; l < r; l, r = l+channels, r-channels {
		for k := range channels {
			line[l+k], line[r+k] = line[r+k], line[l+k]
		}
	}
}

// rotated looks every pixel's centre up where it was before the rotation, the flip and the crop.
// The nearest pixel is the one whose square it falls into. A positive angle turns the picture
// counter-clockwise.
func (a *Augmenter) rotated(dst, src []byte, c change) {
	at := 0
	for row := range a.height {
		// Twice the distance from the centre, so that it is a whole number.
		dy := 2*row + 1 - a.height
		for col := range a.width {
			dx := 2*col + 1 - a.width
			x := (c.cos*dx - c.sin*dy + a.width<<shift) >> (shift + 1)
			y := (c.sin*dx + c.cos*dy + a.height<<shift) >> (shift + 1)
			pixel := dst[at : at+a.channels : at+a.channels]
			at += a.channels
			cropped := a.contains(x, y)
			if c.flip {
				x = a.width - 1 - x
			}
			x, y = x+c.right, y+c.down
			if cropped && a.contains(x, y) {
				copy(pixel, src[(y*a.width+x)*a.channels:])
			} else {
				clear(pixel)
			}
		}
	}
}

func (a *Augmenter) contains(x, y int) bool {
	return x >= 0 && x < a.width && y >= 0 && y < a.height
}
