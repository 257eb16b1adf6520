package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"
)

// Okabe and Ito's palette, and the neutrals that go with it. In all figures of a run blue is where the
// reference is right, vermilion where it is wrong, purple how the two agree, green what one constant
// association gives, gold the network, and ink its accuracy. Where lines are settings or groups, a
// legend names their colours.
var (
	blue      = rgb(0x0072b2)
	vermilion = rgb(0xd55e00)
	green     = rgb(0x009e73)
	purple    = rgb(0xa06184) // Okabe and Ito's reddish purple, dark enough for letters on white (4.5:1)
	gold      = rgb(0xc08300) // Okabe and Ito's orange, dark enough for marks on white (3:1)
	sky       = rgb(0x3a8fc0) // Okabe and Ito's sky blue, dark enough for lines on white
	ink       = rgb(0x1a1a1a) // text
	soft      = rgb(0x5f6368) // secondary text, guides
	rule      = rgb(0xd9dce0) // grid
	faint     = rgb(0x868e97) // marks that are not (yet) right
	paper     = rgb(0xffffff)

	// On a coloured ground letters must not follow the page's theme: shades of their own that it
	// does not change.
	fixedInk   = rgb(0x111111)
	fixedPaper = rgb(0xfefefe)
)

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 255}
}

func fade(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// mix returns a + (b-a)·t for t in [0,1].
func mix(a, b color.NRGBA, t float64) color.NRGBA {
	f := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*t + .5) }
	return color.NRGBA{R: f(a.R, b.R), G: f(a.G, b.G), B: f(a.B, b.B), A: 255}
}

// stroke is how a line looks: no two series of one panel share the dash pattern.
type stroke struct {
	col   color.NRGBA
	width vg.Length
	dash  []vg.Length
	plain bool // no ribbon of the range where evaluations crowd
}

var (
	dashed  = []vg.Length{5, 2.5}
	dotted  = []vg.Length{1.2, 2}
	dashdot = []vg.Length{6, 2, 1.2, 2}
	long    = []vg.Length{9, 3}
)

// Sizes in points.
const (
	titleSize = 10.5
	textSize  = 9
	tickSize  = 8.5
	smallSize = 7.5 // in a layout of several panels
)

// readable darkens the colours that are too light for letters on white (contrast below 4.5).
func readable(c color.NRGBA) color.NRGBA {
	switch c {
	case gold, sky, green, vermilion, faint:
		return mix(c, ink, .25)
	}
	c.A = 255
	return c
}

// Strokes of the named curves.
var (
	ratioStroke       = stroke{col: purple, width: 1.6}
	constantStroke    = stroke{col: green, width: .9, dash: dashdot, plain: true}
	smoothedStroke    = stroke{col: ink, width: 1.1, plain: true}
	independentStroke = stroke{col: soft, width: 1, dash: dashed}
	attainableStroke  = stroke{col: ink, width: 1.1, dash: dotted, plain: true}
	guideStroke       = stroke{col: soft, width: .7, dash: long}
	accuracyStroke    = stroke{col: ink, width: 1.1, dash: dotted}
	aloneStroke       = stroke{col: ink, width: 1.6} // accuracy without another line
	rPlusStroke       = stroke{col: blue, width: 1.6}
	rMinusStroke      = stroke{col: vermilion, width: 1.5, dash: dashed}
	nestedStroke      = stroke{col: purple, width: 1.6}
	kappaStroke       = stroke{col: purple, width: 1.4, dash: dashdot}
	tetrachoricStroke = stroke{col: purple, width: 1.4, dash: dotted}
)
