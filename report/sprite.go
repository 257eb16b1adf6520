package report

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"slices"

	"shoal/internal/parallel"
	"shoal/internal/pngpool"
)

// sprites are the images of the examples on a few sheets, in rows of Columns cells. Grey images
// become PNG with 16 shades, without visible loss; coloured ones JPEG, whose 16-pixel blocks do not
// cross the cells.
type sprites struct {
	Type         string `json:"type"`   // "image/png" or "image/jpeg"
	Width        int    `json:"width"`  // of an image, in pixels
	Height       int    `json:"height"` // of an image
	CellWidth    int    `json:"cell_width"`
	CellHeight   int    `json:"cell_height"`
	Columns      int    `json:"columns"`
	PerSheet     int    `json:"per_sheet"`
	SheetCount   int    `json:"sheets"`
	SheetsHeight []int  `json:"sheet_rows"` // rows of cells on each sheet
	sheets       [][]byte
	ids          []uint32 // example of each cell, sheet after sheet
}

// maximal side of an image on the page; larger ones are shrunk.
const maxSide = 64

// makeSprites draws the images of ids (at most so many that the sheets stay within budget bytes;
// the first ids are the most wanted). It returns nil when there are no images.
func makeSprites(load func(i int) (image.Image, error), ids []uint32, budget int) (*sprites, error) {
	if load == nil || len(ids) == 0 || budget <= 0 {
		return nil, nil
	}
	for _, quality := range []int{88, 75, 60} {
		s, err := sheetsOf(load, ids, quality)
		if err != nil || s == nil {
			return nil, err
		}
		if s.bytes() <= budget {
			return s, nil
		}
		if s.Type == "image/png" || quality == 60 { // fewer images are all that is left to save
			ids = ids[:int(float64(len(ids))*.95*float64(budget)/float64(s.bytes()))]
			if len(ids) == 0 {
				return nil, nil
			}
			return sheetsOf(load, ids, quality)
		}
	}
	return nil, nil
}

func (s *sprites) bytes() (n int) {
	for _, b := range s.sheets {
		n += len(b)
	}
	return n
}

// sheetsOf draws and encodes all sheets.
func sheetsOf(load func(i int) (image.Image, error), ids []uint32, quality int) (*sprites, error) {
	probe, err := load(int(ids[0]))
	if err != nil {
		return nil, fmt.Errorf("image of example %d: %w", ids[0], err)
	}
	if probe == nil {
		return nil, nil
	}
	s := &sprites{Columns: 50, PerSheet: 2500, Type: "image/jpeg", ids: ids}
	shrink := (max(probe.Bounds().Dx(), probe.Bounds().Dy()) + maxSide - 1) / maxSide
	s.Width, s.Height = probe.Bounds().Dx()/shrink, probe.Bounds().Dy()/shrink
	s.CellWidth, s.CellHeight = (s.Width+15)/16*16, (s.Height+15)/16*16
	grey := isGrey(probe)
	if grey {
		s.Type, s.CellWidth, s.CellHeight = "image/png", s.Width, s.Height
	}
	parts := slices.Collect(slices.Chunk(ids, s.PerSheet))
	s.sheets = make([][]byte, len(parts))
	errs := make([]error, len(parts))
	parallel.For(parallel.Workers(0), len(parts), func(_, k int) {
		s.sheets[k], errs[k] = s.sheet(load, parts[k], grey, shrink, quality)
	})
	for k, part := range parts {
		if errs[k] != nil {
			return nil, errs[k]
		}
		s.SheetsHeight = append(s.SheetsHeight, (len(part)+s.Columns-1)/s.Columns)
	}
	s.SheetCount = len(s.sheets)
	return s, nil
}

func (s *sprites) sheet(load func(i int) (image.Image, error), part []uint32, grey bool, shrink, quality int) ([]byte, error) {
	rows := (len(part) + s.Columns - 1) / s.Columns
	bounds := image.Rect(0, 0, s.Columns*s.CellWidth, rows*s.CellHeight)
	var dst draw.Image = image.NewRGBA(bounds)
	if grey {
		dst = image.NewPaletted(bounds, sixteenGreys())
	}
	for k, id := range part {
		img, err := load(int(id))
		if err != nil {
			return nil, fmt.Errorf("image of example %d: %w", id, err)
		}
		b := img.Bounds()
		if b.Dx()/shrink != s.Width || b.Dy()/shrink != s.Height {
			return nil, fmt.Errorf("image of example %d is %d × %d pixels, want %d × %d as the first", id, b.Dx(), b.Dy(), s.Width*shrink, s.Height*shrink)
		}
		s.cell(dst, image.Pt(k%s.Columns*s.CellWidth, k/s.Columns*s.CellHeight), img, shrink)
	}
	var out bytes.Buffer
	var err error
	if grey {
		err = greySheets.Encode(&out, dst)
	} else {
		err = jpeg.Encode(&out, dst, &jpeg.Options{Quality: quality})
	}
	return out.Bytes(), err
}

// greySheets are compressed as well as takes little time: the best takes eight times as long and saves
// 2 %.
var greySheets = pngpool.New(png.DefaultCompression)

// cell draws an image into its cell. Outside the image its last row and column are repeated, against
// ringing at the edge.
func (s *sprites) cell(dst draw.Image, at image.Point, img image.Image, shrink int) {
	b := img.Bounds()
	grey, isGrey := img.(*image.Gray)
	shades, isShades := dst.(*image.Paletted)
	colour, isColour := img.(*image.RGBA)
	colours, isColours := dst.(*image.RGBA)
	for y := range s.CellHeight {
		for x := range s.CellWidth {
			from := b.Min.Add(image.Pt(min(x, s.Width-1)*shrink, min(y, s.Height-1)*shrink))
			if isGrey && isShades {
				shades.SetColorIndex(at.X+x, at.Y+y, shadeOf(grey.GrayAt(from.X, from.Y).Y))
				continue
			}
			if isColour && isColours { // as below, without a colour for each of ten million pixels
				copy(colours.Pix[colours.PixOffset(at.X+x, at.Y+y):][:4], colour.Pix[colour.PixOffset(from.X, from.Y):][:4])
				continue
			}
			dst.Set(at.X+x, at.Y+y, img.At(from.X, from.Y))
		}
	}
}

// shadeOf is the nearest of sixteenGreys.
func shadeOf(y uint8) uint8 { return uint8((int(y) + 8) / 17) }

func isGrey(img image.Image) bool {
	switch img.(type) {
	case *image.Gray, *image.Gray16:
		return true
	}
	return false
}

func sixteenGreys() color.Palette {
	p := make(color.Palette, 16)
	for k := range p {
		p[k] = color.Gray{Y: uint8(k * 17)}
	}
	return p
}
