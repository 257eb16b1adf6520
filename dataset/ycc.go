package dataset

import (
	"image"
	"runtime"
)

// JPEGDecoder names what decodes the JPEG images of a folder. Decoders round differently, so the
// same files have another Split.Hash where this is another.
func JPEGDecoder() string {
	return "image/jpeg of " + runtime.Version() + ", colours as libjpeg's"
}

// A chroma is one of an image's two chroma planes: width × height samples, which may be half as many
// as the image has pixels in either direction, or a quarter as many in a row.
type chroma struct {
	pix                   []byte
	stride, width, height int
}

// row returns row y of the plane, and beyond its edges the row at the edge.
func (c chroma) row(y int) []byte {
	y = min(max(y, 0), c.height-1)
	return c.pix[y*c.stride:][:c.width]
}

// planesToRGB converts a decoded JPEG to red, green, blue as libjpeg does by default, which is what
// Pillow, torchvision, OpenCV and browsers show: between the samples of a chroma plane of half the
// width or height it interpolates (libjpeg calls it fancy upsampling), where image.YCbCr would repeat
// them. Its own arithmetic is followed bit for bit; what precedes it, the inverse cosine transform,
// rounds a little differently. The planes of a WebP have other ranges: see appendStudio.
func planesToRGB(img *image.YCbCr, kind string) []byte {
	convert := appendRGB
	if kind == "webp" {
		convert = appendStudio
	}
	width, height := img.Rect.Dx(), img.Rect.Dy()
	perRow, perColumn := 1, 1 // pixels of a chroma sample
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		perRow = 2
	case image.YCbCrSubsampleRatio420:
		perRow, perColumn = 2, 2
	case image.YCbCrSubsampleRatio440:
		perColumn = 2
	case image.YCbCrSubsampleRatio411:
		perRow = 4
	case image.YCbCrSubsampleRatio410:
		perRow, perColumn = 4, 2
	}
	plane := func(pix []byte) chroma {
		from := img.COffset(img.Rect.Min.X, img.Rect.Min.Y)
		return chroma{pix[from:], img.CStride, (width + perRow - 1) / perRow, (height + perColumn - 1) / perColumn}
	}
	cb, cr := plane(img.Cb), plane(img.Cr)
	pixels := make([]byte, 0, 3*width*height)
	var u upsampler
	blue, red := make([]byte, width), make([]byte, width)
	for y := range height {
		u.row(blue, cb, y, perRow, perColumn)
		u.row(red, cr, y, perRow, perColumn)
		luma := img.Y[img.YOffset(img.Rect.Min.X, img.Rect.Min.Y+y):][:width]
		for x, v := range luma {
			pixels = convert(pixels, int32(v), int32(blue[x])-128, int32(red[x])-128)
		}
	}
	return pixels
}

// appendRGB is libjpeg's conversion (jdcolor.c): the coefficients of JFIF times 2^16, rounded.
func appendRGB(pixels []byte, y, cb, cr int32) []byte {
	const half = 1 << 15
	return append(pixels,
		clamp(y+(91881*cr+half)>>16),
		clamp(y+(-22554*cb-46802*cr+half)>>16),
		clamp(y+(116130*cb+half)>>16))
}

// appendStudio is the conversion of WebP's planes, where black is 16 and white 235 (ITU-R BT.601), with
// the coefficients of libwebp (dsp/yuv.h) times 2^14. image.YCbCr would take them for JFIF's, and give
// pale colours.
func appendStudio(pixels []byte, y, cb, cr int32) []byte {
	const half = 1 << 13
	y = 19077 * (y - 16)
	return append(pixels,
		clamp((y+26149*cr+half)>>14),
		clamp((y-6419*cb-13320*cr+half)>>14),
		clamp((y+33050*cb+half)>>14))
}

func clamp(v int32) byte { return byte(min(max(v, 0), 255)) }

// upsampler makes rows of chroma as wide as the image.
type upsampler struct{ sums []int32 }

// row fills out with the chroma of row y of the image (jdsample.c): a sample counts ¾ and the
// nearest other one ¼ in each direction that is halved. Rounding alternates, so that no shade drifts.
// As in libjpeg, planes at most 2 samples wide whose width is halved, and those of a quarter of the
// width, repeat their samples.
func (u *upsampler) row(out []byte, c chroma, y, perRow, perColumn int) {
	if perRow == 4 || perRow == 2 && c.width <= 2 {
		in := c.row(y / perColumn)
		for x := range out {
			out[x] = in[x/perRow]
		}
		return
	}
	if perColumn == 1 && perRow == 1 {
		copy(out, c.row(y))
		return
	}
	// Down the column: 3 of the row that y is in and 1 of its neighbour, if the height is halved.
	near := c.row(y / perColumn)
	u.sums = u.sums[:0]
	if perColumn == 1 {
		for _, v := range near {
			u.sums = append(u.sums, int32(v))
		}
		spread(out, u.sums, 1, 2, 2)
		return
	}
	far, bias := c.row(y/2-1), int32(1)
	if y%2 == 1 {
		far, bias = c.row(y/2+1), 2
	}
	if perRow == 1 {
		for x := range out {
			out[x] = byte((3*int32(near[x]) + int32(far[x]) + bias) >> 2)
		}
		return
	}
	for x, v := range near {
		u.sums = append(u.sums, 3*int32(v)+int32(far[x]))
	}
	spread(out, u.sums, 8, 7, 4)
}

// spread doubles a row: 3 of a sum and 1 of its neighbour to the left, then to the right, with a bias
// for each, divided by 2^shift; both ends take the sum itself four times.
func spread(out []byte, sums []int32, left, right int32, shift uint) {
	last := len(sums) - 1
	for x := range out {
		i := x / 2
		if x%2 == 0 {
			out[x] = byte((3*sums[i] + sums[max(i-1, 0)] + left) >> shift)
		} else {
			out[x] = byte((3*sums[i] + sums[min(i+1, last)] + right) >> shift)
		}
	}
}
