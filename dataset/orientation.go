package dataset

import (
	"bufio"
	"encoding/binary"
	"io"
)

// orientation is the orientation that the EXIF data of a JPEG name, from 1 to 8 (CIPA DC-008, tag
// 0x0112): how its rows and columns have to be turned to be upright. It is 1 where there is none, or
// none that can be read.
func orientation(r io.Reader) int {
	b := bufio.NewReader(r)
	var head [2]byte
	if _, err := io.ReadFull(b, head[:]); err != nil || head != [2]byte{0xff, 0xd8} {
		return 1
	}
	for {
		marker, size, err := nextSegment(b)
		if err != nil || marker == 0xda || marker == 0xd9 {
			return 1
		}
		if marker != 0xe1 {
			if _, err := b.Discard(size); err != nil {
				return 1
			}
			continue
		}
		data := make([]byte, size) // 64 KB at most
		if _, err := io.ReadFull(b, data); err != nil {
			return 1
		}
		if len(data) > 6 && string(data[:6]) == "Exif\x00\x00" {
			return exifOrientation(data[6:])
		}
	}
}

// exifOrientation looks the tag up in the first directory of a TIFF structure.
func exifOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	const entry = 12 // tag, type, count, value
	for i := range int64(order.Uint16(tiff[at:])) {
		from := at + 2 + i*entry
		if from+entry > int64(len(tiff)) {
			return 1
		}
		const orientationTag, short = 0x0112, 3
		e := tiff[from:][:entry]
		if order.Uint16(e) == orientationTag && order.Uint16(e[2:]) == short {
			if v := int(order.Uint16(e[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}

// turnUpright turns and mirrors the pixels as the image's orientation says.
func (p *picture) turnUpright() {
	if p.turn == 1 {
		return
	}
	c, wide := p.channels, p.storedWidth()
	high := len(p.pixels) / c / wide
	out := make([]byte, len(p.pixels))
	for y := range p.height {
		for x := range p.width {
			sx, sy := source(p.turn, x, y, wide, high)
			copy(out[(y*p.width+x)*c:][:c], p.pixels[(sy*wide+sx)*c:])
		}
	}
	p.pixels = out
}

// source is where pixel (x, y) of the upright image is stored, in rows of so many columns.
func source(turn, x, y, wide, high int) (sx, sy int) {
	switch turn {
	case 2: // mirrored
		return wide - 1 - x, y
	case 3: // upside down
		return wide - 1 - x, high - 1 - y
	case 4: // upside down and mirrored
		return x, high - 1 - y
	case 5: // transposed
		return y, x
	case 6: // to be turned right
		return y, high - 1 - x
	case 7: // transposed and upside down
		return wide - 1 - y, high - 1 - x
	case 8: // to be turned left
		return wide - 1 - y, x
	}
	return x, y
}
