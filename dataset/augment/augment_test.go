package augment

import (
	"bytes"
	"fmt"
	"math"
	"testing"
)

// pattern returns n images in which no two pixels of one image are alike, and none is black.
func pattern(n, height, width, channels int) []byte {
	pixels := make([]byte, n*height*width*channels)
	for i := range pixels {
		pixels[i] = byte(1 + (i*37+i/255)%255)
	}
	return pixels
}

// plain applies a change in the three steps of the recipe, each with an image of its own and in
// floating point: the twin that Batch must equal.
func plain(src []byte, height, width, channels int, c change) []byte {
	at := func(img []byte, row, col, k int) byte {
		if row < 0 || row >= height || col < 0 || col >= width {
			return 0
		}
		return img[(row*width+col)*channels+k]
	}
	step := func(img []byte, from func(row, col int) (int, int)) []byte {
		out := make([]byte, 0, len(img))
		for row := range height {
			for col := range width {
				r, c := from(row, col)
				for k := range channels {
					out = append(out, at(img, r, c, k))
				}
			}
		}
		return out
	}
	img := step(src, func(row, col int) (int, int) { return row + c.down, col + c.right })
	if c.flip {
		img = step(img, func(row, col int) (int, int) { return row, width - 1 - col })
	}
	cos, sin := float64(c.cos)/one, float64(c.sin)/one
	return step(img, func(row, col int) (int, int) {
		dx, dy := float64(col)+0.5-float64(width)/2, float64(row)+0.5-float64(height)/2
		return int(math.Floor(sin*dx + cos*dy + float64(height)/2)), int(math.Floor(cos*dx - sin*dy + float64(width)/2))
	})
}

func TestBatchEqualsThePlainTwin(t *testing.T) {
	shapes := [][3]int{{32, 32, 3}, {28, 28, 1}, {5, 9, 2}, {1, 1, 1}, {6, 3, 3}}
	policies := []Policy{
		{}, {Crop: 1}, {Flip: true}, {Rotate: 15}, {Crop: 1, Flip: true},
		{Crop: 1, Flip: true, Rotate: 15}, {Flip: true, Rotate: 180},
	}
	for _, shape := range shapes {
		for _, p := range policies {
			h, w, ch := shape[0], shape[1], shape[2]
			a, err := New(p, h, w, ch, 7)
			if err != nil {
				t.Fatal(err)
			}
			const n = 40
			pixels := pattern(n, h, w, ch)
			examples := make([]int, n)
			for i := range examples {
				examples[i] = (i*11 + 3) % n
			}
			size := h * w * ch
			got := bytes.Repeat([]byte{99}, n*size) // every byte must be overwritten
			if err := a.Batch(got, pixels, examples, 5); err != nil {
				t.Fatal(err)
			}
			for i, e := range examples {
				want := plain(pixels[e*size:(e+1)*size], h, w, ch, a.draw(5, e))
				if !bytes.Equal(got[i*size:(i+1)*size], want) {
					t.Fatalf("shape %v policy %+v: example %d differs from the plain twin", shape, p, e)
				}
			}
		}
	}
}

func TestTheZeroPolicyCopies(t *testing.T) {
	a, err := New(Policy{}, 4, 4, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	pixels := pattern(3, 4, 4, 3)
	got := make([]byte, 48)
	if err := a.Batch(got, pixels, []int{2}, 9); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, pixels[96:]) {
		t.Error("the zero policy changed an image")
	}
}

func TestAnExampleDependsOnSeedEpochAndIndexOnly(t *testing.T) {
	full := Policy{Crop: 4, Flip: true, Rotate: 15}
	a, _ := New(full, 32, 32, 3, 3)
	pixels := pattern(6, 32, 32, 3)
	const size = 32 * 32 * 3
	whole, single := make([]byte, 3*size), make([]byte, size)
	if err := a.Batch(whole, pixels, []int{4, 0, 5}, 2); err != nil {
		t.Fatal(err)
	}
	if err := a.Batch(single, pixels, []int{5}, 2); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(whole[2*size:], single) {
		t.Error("example 5 looks different alone and as the third of a batch")
	}
	other, _ := New(full, 32, 32, 3, 4)
	seen := map[change]string{}
	for _, a := range []*Augmenter{a, other} {
		for epoch := range 8 {
			for example := range 50 {
				name := fmt.Sprintf("seed %d epoch %d example %d", a.seed, epoch, example)
				c := a.draw(epoch, example)
				if before, ok := seen[c]; ok {
					t.Errorf("%s and %s share a change", before, name)
				}
				seen[c] = name
			}
		}
	}
}

// TestDraws checks every draw's distribution over 20,000 examples: each bound is five standard
// deviations wide, so a right generator fails once in a million seeds, and the seed is fixed.
func TestDraws(t *testing.T) {
	const n = 20000
	a, _ := New(Policy{Crop: 4, Flip: true, Rotate: 15}, 32, 32, 3, 1)
	var down, right [9]int
	var both [9][9]int
	flips, flipsRepeated := 0, 0
	var sum, square, largest float64
	for i := range n {
		c := a.draw(0, i)
		down[c.down+4]++
		right[c.right+4]++
		both[c.down+4][c.right+4]++
		if c.flip {
			flips++
		}
		if c.flip == a.draw(1, i).flip {
			flipsRepeated++
		}
		angle := math.Atan2(float64(c.sin), float64(c.cos)) * 180 / math.Pi
		sum += angle
		square += angle * angle
		largest = max(largest, math.Abs(angle))
	}
	near := func(what string, got, want, sd float64) {
		t.Helper()
		if !(math.Abs(got-want) < 5*sd) {
			t.Errorf("%s: %v, want %v ± %v", what, got, want, 5*sd)
		}
	}
	binomial := func(p float64) float64 { return math.Sqrt(n * p * (1 - p)) }
	for k := range 9 {
		near(fmt.Sprintf("shifts down by %d", k-4), float64(down[k]), n/9.0, binomial(1/9.0))
		near(fmt.Sprintf("shifts right by %d", k-4), float64(right[k]), n/9.0, binomial(1/9.0))
		for l := range 9 {
			near(fmt.Sprintf("shifts by %d and %d", k-4, l-4), float64(both[k][l]), n/81.0, binomial(1/81.0))
		}
	}
	near("flips", float64(flips), n/2, binomial(0.5))
	near("flips alike in two epochs", float64(flipsRepeated), n/2, binomial(0.5))
	// A uniform angle in ±15 has variance 75 and fourth moment 15⁴/5.
	near("mean angle", sum/n, 0, math.Sqrt(75.0/n))
	near("mean squared angle", square/n, 75, math.Sqrt((math.Pow(15, 4)/5-75*75)/n))
	if !(largest > 14.9 && largest < 15.001) {
		t.Errorf("largest angle %v, want just below 15", largest)
	}
}

func TestRotationTurnsCounterClockwise(t *testing.T) {
	a, _ := New(Policy{Rotate: 90}, 3, 3, 1, 0)
	got := make([]byte, 9)
	a.image(got, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, change{cos: 0, sin: one})
	if want := []byte{3, 6, 9, 2, 5, 8, 1, 4, 7}; !bytes.Equal(got, want) {
		t.Errorf("a quarter turn gives %v, want %v", got, want)
	}
}

func TestBadInput(t *testing.T) {
	for _, p := range []Policy{{Crop: -1}, {Crop: 33}, {Rotate: -1}, {Rotate: 181}, {Rotate: math.NaN()}} {
		if _, err := New(p, 32, 32, 3, 0); err == nil {
			t.Errorf("policy %+v was accepted", p)
		}
	}
	if _, err := New(Policy{}, 0, 32, 3, 0); err == nil {
		t.Error("height 0 was accepted")
	}
	a, _ := New(Policy{}, 2, 2, 1, 0)
	for _, try := range []struct {
		dst      int
		examples []int
	}{{4, []int{3}}, {4, []int{-1}}, {5, []int{0}}, {4, []int{0, 1}}} {
		if err := a.Batch(make([]byte, try.dst), make([]byte, 12), try.examples, 0); err == nil {
			t.Errorf("batch %+v was accepted", try)
		}
	}
}

func TestBatchDoesNotAllocate(t *testing.T) {
	a, _ := New(Policy{Crop: 4, Flip: true, Rotate: 15}, 32, 32, 3, 0)
	pixels := pattern(4, 32, 32, 3)
	dst, examples := make([]byte, 4*3072), []int{3, 1, 2, 0}
	if n := testing.AllocsPerRun(20, func() {
		if err := a.Batch(dst, pixels, examples, 1); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a batch, want none", n)
	}
}

func BenchmarkBatch(b *testing.B) {
	for _, p := range []Policy{{Crop: 4, Flip: true}, {Crop: 4, Flip: true, Rotate: 15}} {
		b.Run(fmt.Sprintf("%+v", p), func(b *testing.B) {
			a, _ := New(p, 32, 32, 3, 0)
			pixels := pattern(128, 32, 32, 3)
			dst, examples := make([]byte, len(pixels)), make([]int, 128)
			for i := range examples {
				examples[i] = i
			}
			b.SetBytes(int64(len(pixels)))
			for b.Loop() {
				if err := a.Batch(dst, pixels, examples, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
