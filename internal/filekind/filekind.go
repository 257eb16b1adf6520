// Package filekind recognises files that are not what they were taken for: a pointer of git-lfs
// instead of the file, a page of HTML instead of a download, a checkpoint of another format. What a
// reader would call damaged has a name then, and a way to what was meant.
package filekind

import (
	"bytes"
	"strings"
)

// HeadLen is how many bytes of a file Of looks at, at most.
const HeadLen = 4096

// Of says what a file that begins with head is, and what to do about it, as an error can: "a
// git-lfs pointer, not the file itself: ...". It is "" for anything that it doesn't know.
func Of(head []byte) string {
	head = head[:min(len(head), HeadLen)]
	for _, k := range kinds {
		if k.is(head) {
			return k.says
		}
	}
	return ""
}

const otherImage = ": save it again as PNG or JPEG"

// kinds are tried in their order.
var kinds = []struct {
	says string
	is   func(head []byte) bool
}{
	{"a git-lfs pointer, not the file itself: run \"git lfs pull\" in the repository that it is from", begins("version https://git-lfs")},
	{"an HTML page, not the file that was meant: download it again, and look at the page if it says why not", page},
	{"the index of a checkpoint in several files, not the weights: load the files that it lists and save them as one", shards},
	{"a pickle of torch.save: save it with safetensors.torch.save_file(model.state_dict(), path)", pickle},
	{"an HDF5 file, as Keras and TensorFlow write them: convert its weights to safetensors", begins("\x89HDF\r\n\x1a\n")},
	{"a gzip file: unpack it", begins("\x1f\x8b")},
	{"a workbook of Excel, or another document of Office: save it as CSV or text", office},
	{"a zip file: unpack it", begins("PK\x03\x04")},
	{"text in UTF-16: save it in UTF-8", begins("\xff\xfe", "\xfe\xff")},
	{"a WebP image" + otherImage, at(8, "WEBP")},
	{"a HEIC or AVIF image" + otherImage, at(4, "ftyp")},
	{"a GIF image" + otherImage, begins("GIF8")},
	{"a TIFF image" + otherImage, begins("II*\x00", "MM\x00*")},
	{"a JPEG 2000 image" + otherImage, begins("\x00\x00\x00\x0cjP  ", "\xff\x4f\xff\x51")},
	{"a JPEG XL image" + otherImage, begins("\xff\x0a", "\x00\x00\x00\x0cJXL ")},
	{"a BMP image" + otherImage, begins("BM")},
	{"a PDF file", begins("%PDF-")},
}

func begins(with ...string) func([]byte) bool {
	return func(head []byte) bool {
		for _, w := range with {
			if bytes.HasPrefix(head, []byte(w)) {
				return true
			}
		}
		return false
	}
}

func at(from int, text string) func([]byte) bool {
	return func(head []byte) bool { return len(head) > from && bytes.HasPrefix(head[from:], []byte(text)) }
}

// office knows .xlsx and its like by their first entry.
func office(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) && bytes.Contains(head[:min(len(head), 512)], []byte("[Content_Types].xml"))
}

func page(head []byte) bool {
	text := strings.ToLower(string(bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n")))
	return strings.HasPrefix(text, "<!doctype html") || strings.HasPrefix(text, "<html")
}

// shards knows *.index.json of safetensors and of PyTorch.
func shards(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) &&
		(bytes.Contains(head, []byte(`"weight_map"`)) || bytes.Contains(head, []byte(`"total_size"`)))
}

// pickle knows torch.save's zip, whose first entry is NAME/data.pkl, and the bare pickle of old
// releases.
func pickle(head []byte) bool {
	zip := bytes.HasPrefix(head, []byte("PK\x03\x04"))
	return zip && bytes.Contains(head[:min(len(head), 512)], []byte("data.pkl")) ||
		len(head) > 1 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5
}
