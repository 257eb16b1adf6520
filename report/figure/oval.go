package figure

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"shoal/internal/textfmt"
)

// Oval is the paper's infographic: one mark an example, + where the reference is right and − where
// it is wrong, inside an oval; a mark turns gold when the network gets the example right.
//
// The + fill the inner oval and the − a ring around it. Within each the examples stand from the
// centre outwards in the order of Rank, so that what is learned early is near the centre, and what
// is never learned at the rim.
type Oval struct {
	Dataset, Network, Reference string
	ReferenceRight              []bool    // per example
	Rank                        []float64 // per example: smaller is learned earlier
	Frames                      []Frame   // in step order
}

// Frame is the state of the network at one evaluation.
type Frame struct {
	Step    int
	Epoch   float64
	Right   []bool // per example: the network is right
	Caption string // numbers beneath the oval: "R± 2.31 · accuracy 61.0 %"
}

// Mark is the place of an example in an oval that fills the square [-1,1]²; scale x and y as the
// oval's axes want.
type Mark struct {
	X, Y    float64
	Plus    bool
	Example int
}

// OvalMarks places at most limit of the examples (0: all of them), sampled evenly along Rank so
// that both kinds keep their share. The same input gives the same places.
func OvalMarks(referenceRight []bool, rank []float64, limit int) []Mark {
	var kinds [2][]int // 0: plus
	for i, r := range referenceRight {
		k := 1
		if r {
			k = 0
		}
		kinds[k] = append(kinds[k], i)
	}
	n := len(referenceRight)
	if limit <= 0 || limit > n {
		limit = n
	}
	share := int(math.Round(float64(limit) * float64(len(kinds[0])) / float64(max(n, 1))))
	for k, count := range [2]int{share, limit - share} {
		of := kinds[k]
		slices.SortStableFunc(of, func(a, b int) int { return cmp.Compare(rank[a], rank[b]) })
		kinds[k] = sample(of, count)
	}
	order := slices.Concat(kinds[0], kinds[1])
	plus, total := len(kinds[0]), len(order)
	marks := make([]Mark, 0, total)
	// A gap of an area of 4 % of the oval sets the ring apart from the inner oval.
	spare := .04 * float64(total)
	if plus == 0 || plus == total {
		spare = 0
	}
	for j, example := range order {
		place := float64(j) + .5
		if j >= plus {
			place += spare
		}
		r := math.Sqrt(place / (float64(total) + spare))
		angle := float64(j) * math.Pi * (3 - math.Sqrt(5)) // the golden angle: no two marks collide, no spokes show
		marks = append(marks, Mark{X: r * math.Cos(angle), Y: r * math.Sin(angle), Plus: j < plus, Example: example})
	}
	return marks
}

// HalfMark is half the length of each of n marks in an oval with half axes rx and ry, in their
// unit.
func HalfMark(rx, ry float64, n int) float64 {
	return float64(.68 * math.Sqrt(rx*ry/float64(max(n, 1))))
}

// sample takes k items at even distances.
func sample(items []int, k int) []int {
	if k >= len(items) {
		return items
	}
	out := make([]int, k)
	for i := range out {
		out[i] = items[(2*i+1)*len(items)/(2*k)]
	}
	return out
}

// ovalBox draws the marks of one frame into area.
func (s *sheet) ovalBox(area box, marks []Mark, right []bool) {
	cx, cy := (area.x0+area.x1)/2, (area.y0+area.y1)/2
	rx, ry := area.width()/2, area.height()/2
	half := HalfMark(rx, ry, len(marks))
	var kinds [4]signs // plus and minus, not right and right
	for k := range kinds {
		kinds[k] = signs{plus: k%2 == 0, half: vg.Length(half), width: vg.Length([4]float64{.34, .42, .72, .8}[k] * half),
			col: [4]color.NRGBA{faint, faint, gold, gold}[k]}
	}
	for _, m := range marks {
		k := 0
		if right[m.Example] {
			k = 2
		}
		if !m.Plus {
			k++
		}
		kinds[k].at = append(kinds[k].at, at(cx+m.X*rx, cy+m.Y*ry))
	}
	names := [4]string{"+ wrong", "− wrong", "+ right", "− right"}
	for k := range kinds {
		if len(kinds[k].at) > 0 {
			s.series(names[k], func() { s.sign(&kinds[k]) })
		}
	}
}

func (o *Oval) title() string {
	return fmt.Sprintf("%s · %s · reference %s", o.Dataset, o.Network, o.Reference)
}

// Still draws the frames side by side: two or three moments of a run, or one.
func (o *Oval) Still(limit int) *Figure {
	marks := OvalMarks(o.ReferenceRight, o.Rank, limit)
	const w, h = 206.0, 150.0
	columns := min(len(o.Frames), 3)
	rows := (len(o.Frames) + columns - 1) / columns
	return &Figure{
		Name: "infographic-" + textfmt.Slug(o.Reference), Title: o.title() + ": what is learned when",
		Description: "One mark an example: plus where the reference is right, minus where it is wrong; gold once the network is right.",
		Width:       vg.Length(float64(columns)*w + 24), Height: vg.Length(float64(rows)*(h+40) + 54),
		head: newHeading(o.finding(), o.key(len(marks)), ""),
		draw: func(s *sheet) {
			for k, f := range o.Frames {
				x, top := 12+float64(k%columns)*w, s.h-44-float64(k/columns)*(h+40)
				s.ovalBox(box{x + 6, top - h + 4, x + w - 6, top - 4}, marks, f.Right)
				s.text(x+w/2, top-h-12, centre, f.when(), lettering{size: textSize, bold: true, col: ink})
				s.text(x+w/2, top-h-24, centre, f.Caption, lettering{size: tickSize, col: soft})
			}
		},
	}
}

func (o *Oval) key(marks int) string {
	what := "one mark an example"
	if n := len(o.ReferenceRight); marks < n {
		what = fmt.Sprintf("%s of %s examples", textfmt.Thousands(marks), textfmt.Thousands(n))
	}
	return "+ reference right, − wrong; gold: network right; " + what
}

func (f *Frame) when() string {
	if f.Step == 0 {
		return "step 0 (untrained)"
	}
	return textfmt.Moment(f.Step, f.Epoch)
}

// GIF writes the frames as an endless animation, the last one held for two seconds. dpi 96 gives
// 480 × 400 pixels.
func (o *Oval) GIF(w io.Writer, limit, dpi int) error {
	marks := OvalMarks(o.ReferenceRight, o.Rank, limit)
	g := &gif.GIF{}
	table := ovalPalette()
	const width, height = 360, 300
	c := newRaster(width, height, dpi)
	s := newSheet(c, width, height)
	newHeading(o.title(), o.key(len(marks)), "").breakFor(width).draw(s)
	ground := slices.Clone(c.pixels().Pix)
	for k, f := range o.Frames {
		copy(c.pixels().Pix, ground)
		s.ovalBox(box{14, 44, width - 14, height - 42}, marks, f.Right)
		s.text(14, 26, left, f.when(), lettering{size: titleSize, bold: true, col: ink})
		s.text(14, 12, left, f.Caption, lettering{size: textSize, col: soft})
		g.Image = append(g.Image, table.convert(c.pixels()))
		delay := 12
		if k == len(o.Frames)-1 {
			delay = 200
		}
		g.Delay = append(g.Delay, delay)
	}
	if err := gif.EncodeAll(w, g); err != nil {
		return fmt.Errorf("write animation of %q: %w", o.title(), err)
	}
	return nil
}

// colourTable finds the nearest of a few colours fast: every colour of a frame lies between paper
// and one of four inks, and most pixels equal their neighbour.
type colourTable struct {
	colours color.Palette
	cache   [1 << 12]struct { // of the colours asked last, by a hash of theirs
		hex   uint32
		index uint8
		known bool
	}
}

func ovalPalette() *colourTable {
	t := &colourTable{colours: color.Palette{paper}}
	for _, c := range []color.NRGBA{ink, soft, faint, gold} {
		for k := 1; k <= 7; k++ {
			t.colours = append(t.colours, mix(paper, c, float64(k)/7))
		}
	}
	return t
}

func (t *colourTable) convert(src *image.RGBA) *image.Paletted {
	b := src.Bounds()
	out := image.NewPaletted(b, t.colours)
	last, index := uint32(0), t.nearest(0)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		row := src.Pix[src.PixOffset(b.Min.X, y):]
		to := out.Pix[out.PixOffset(b.Min.X, y):]
		for x := range b.Dx() {
			if c := uint32(row[4*x])<<16 | uint32(row[4*x+1])<<8 | uint32(row[4*x+2]); c != last {
				last, index = c, t.nearest(c)
			}
			to[x] = index
		}
	}
	return out
}

// nearest finds the index of a colour 0xrrggbb.
func (t *colourTable) nearest(hex uint32) uint8 {
	c := &t.cache[hex*0x9e3779b1>>20]
	if !c.known || c.hex != hex {
		c.hex, c.index, c.known = hex, uint8(t.colours.Index(rgb(hex))), true
	}
	return c.index
}
