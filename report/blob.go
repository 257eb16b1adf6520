package report

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/klauspost/compress/flate"
)

// blobs collects the binary data of a page: each is an inert script element with base64 text,
// deflated where that pays. The page's code finds them by id and inflates them with the browser's
// DecompressionStream.
type blobs struct {
	b   strings.Builder
	err error // of what could not be added
}

// raw adds bytes that are compressed already.
func (p *blobs) raw(id string, data []byte) {
	fmt.Fprintf(&p.b, `<script type="application/octet-stream" id="%s">`, id)
	p.b.WriteString(base64.StdEncoding.EncodeToString(data))
	p.b.WriteString("</script>\n")
}

// deflated adds v, a slice of fixed-size numbers, as little-endian bytes. An error is kept in p.
func (p *blobs) deflated(id string, v any) {
	packed, err := deflate(v)
	if err != nil {
		p.err = errors.Join(p.err, fmt.Errorf("page data %q: %w", id, err))
	}
	p.raw(id, packed)
}

// deflate packs v, a slice of fixed-size numbers, as little-endian bytes.
func deflate(v any) ([]byte, error) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err == nil {
		err = errors.Join(binary.Write(w, binary.LittleEndian, v), w.Close())
	}
	return packed.Bytes(), err
}
