package report

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

// blobs collects the binary data of a page: each is an inert script element with base64 text,
// deflated where that pays. The page's code finds them by id and inflates them with the browser's
// DecompressionStream.
type blobs struct{ b strings.Builder }

// raw adds bytes that are compressed already.
func (p *blobs) raw(id string, data []byte) {
	fmt.Fprintf(&p.b, `<script type="application/octet-stream" id="%s">`, id)
	p.b.WriteString(base64.StdEncoding.EncodeToString(data))
	p.b.WriteString("</script>\n")
}

// deflated adds v, a slice of fixed-size numbers, as little-endian bytes.
func (p *blobs) deflated(id string, v any) error {
	var raw, packed bytes.Buffer
	if err := binary.Write(&raw, binary.LittleEndian, v); err != nil {
		return fmt.Errorf("page data %q: %w", id, err)
	}
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return fmt.Errorf("page data %q: %w", id, err)
	}
	if _, err := w.Write(raw.Bytes()); err != nil {
		return fmt.Errorf("page data %q: %w", id, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("page data %q: %w", id, err)
	}
	p.raw(id, packed.Bytes())
	return nil
}
