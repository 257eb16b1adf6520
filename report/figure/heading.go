package figure

import (
	"strings"

	"gonum.org/v1/plot/vg"
)

// A heading is what stands above a figure: its finding, and beneath it what is drawn. Each is a line
// on most sheets, and more on narrow ones: the sheet is made higher then.
type heading struct{ title, subtitle string }

const (
	lineHeight = 13.0 // of a heading's lines
	mostLines  = 3    // of a title, and of a subtitle; what is longer is cut
	headMargin = 12.0
)

var (
	titleLetters    = lettering{size: titleSize, bold: true, col: ink}
	subtitleLetters = lettering{size: textSize, col: soft}
)

// newHeading is a heading; note, which may be empty, ends the subtitle.
func newHeading(title, subtitle, note string) heading {
	if note != "" {
		subtitle += " · " + note
	}
	return heading{title, subtitle}
}

// broken is a heading with the lines of title and subtitle, at least one each.
type broken struct{ title, subtitle []string }

// breakFor breaks the heading into lines for a sheet of the width.
func (h heading) breakFor(width vg.Length) broken {
	s := newSheet(nil, width, 0)
	room := s.w - 2*headMargin
	return broken{s.lines(h.title, room, titleLetters), s.lines(h.subtitle, room, subtitleLetters)}
}

// more is how much higher a sheet has to be than with one line each, in points.
func (b broken) more() vg.Length {
	return vg.Length(lineHeight * float64(len(b.title)+len(b.subtitle)-2))
}

// draw sets the heading; all but one line each are above the sheet's upper edge.
func (b broken) draw(s *sheet) {
	s.group("heading", "", func() {
		y := s.h + float64(b.more()) - 17
		for _, line := range b.title {
			s.text(headMargin, y, left, line, titleLetters)
			y -= lineHeight
		}
		for _, line := range b.subtitle {
			s.text(headMargin, y, left, line, subtitleLetters)
			y -= lineHeight
		}
	})
}

// lines breaks txt between words into lines that are at most width points wide, at least one. The last
// of mostLines is cut where there would be more, and a line with a single word where that is wider.
func (s *sheet) lines(txt string, width float64, l lettering) []string {
	var out []string
	line := ""
	words := strings.Split(txt, " ") // not Fields: spaces that don't break are in words
	for k, word := range words {
		if line != "" && s.textWidth(line+" "+word, l) > width {
			if len(out) == mostLines-1 {
				line += " " + strings.Join(words[k:], " ")
				break
			}
			out, line = append(out, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	out = append(out, line)
	for k := range out {
		out[k] = s.fit(out[k], width, l)
	}
	return out
}
