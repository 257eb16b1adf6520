package dataset

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// jpegKinds are the frames of a JPEG that image/jpeg doesn't read, by their marker's second byte.
// Baseline (C0), extended (C1) and progressive (C2) frames are read.
var jpegKinds = map[byte]string{
	0xc3: "lossless compression",
	0xc5: "hierarchical frames", 0xc6: "hierarchical frames", 0xc7: "hierarchical frames",
	0xc9: "arithmetic coding", 0xca: "arithmetic coding", 0xcb: "lossless compression with arithmetic coding",
	0xcd: "hierarchical frames", 0xce: "hierarchical frames", 0xcf: "hierarchical frames",
	0xde: "hierarchical frames", 0xf7: "lossless compression (JPEG-LS)",
}

// jpegFeature names what a JPEG has that image/jpeg doesn't support, as it has said of this one. It
// is "" for files that end before their frame.
func jpegFeature(r io.Reader) string {
	b := bufio.NewReader(r)
	var head [2]byte
	if _, err := io.ReadFull(b, head[:]); err != nil || head != [2]byte{0xff, 0xd8} {
		return ""
	}
	for {
		marker, size, err := nextSegment(b)
		if err != nil {
			return ""
		}
		if kind := jpegKinds[marker]; kind != "" {
			return kind
		}
		if marker >= 0xc0 && marker <= 0xc2 {
			return frameFeature(io.LimitReader(b, int64(size)))
		}
		if _, err := b.Discard(size); err != nil || marker == 0xda || marker == 0xd9 {
			return ""
		}
	}
}

// nextSegment reads up to the next marker that has a length, and that length.
func nextSegment(b *bufio.Reader) (marker byte, size int, err error) {
	for marker == 0 || marker == 0xff || marker >= 0xd0 && marker <= 0xd8 {
		if marker != 0xff {
			if _, err := b.ReadSlice(0xff); err == bufio.ErrBufferFull {
				continue
			} else if err != nil {
				return 0, 0, err
			}
		}
		if marker, err = b.ReadByte(); err != nil {
			return 0, 0, err
		}
	}
	var length [2]byte
	if _, err := io.ReadFull(b, length[:]); err != nil {
		return 0, 0, err
	}
	return marker, max(0, int(binary.BigEndian.Uint16(length[:]))-2), nil
}

// frameFeature names what is unusual in the header of a frame (precision, height, width and number
// of components, then three bytes for each), the sampling factors if it is nothing else.
func frameFeature(r io.Reader) string {
	header, err := io.ReadAll(r)
	if err != nil || len(header) < 6 || len(header) < 6+3*int(header[5]) {
		return ""
	}
	components := int(header[5])
	switch {
	case header[0] != 8:
		return fmt.Sprintf("%d bits a sample", header[0])
	case components == 4:
		return "CMYK colours"
	case components != 1 && components != 3:
		return fmt.Sprintf("%d components", components)
	case components == 1:
		return ""
	}
	return fmt.Sprintf("the sampling factors %dx%d, %dx%d, %dx%d", header[7]>>4, header[7]&15, header[10]>>4, header[10]&15, header[13]>>4, header[13]&15)
}
